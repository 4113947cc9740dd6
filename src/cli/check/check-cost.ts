import {
  coveredBy,
  overlaps,
  scopeOfBalance,
  scopeOfOrder,
  scopeOfPosition,
  type Scope,
} from '../../domain/snapshot/scope.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ExchangeCall } from '../../exchange/exchange-reader.js';

/** Scopes that the same questions answered, what was found in them, and what that took. */
export interface ScopeCost {
  /** Empty for questions that are no part of the account: clock, account mode. */
  scopes: Scope[];
  found: number;
  calls: number;
  weight: number;
}

/** What one observation costs of an exchange's limit. A run in which both sides agree takes one observation. */
export interface ReadCost {
  parts: ScopeCost[];
  calls: number;
  weight: number;
  /** Weight that Plumbline allows itself in a minute. */
  budgetPerMinute: number;
}

/** The exchange's clock minus ours, and by how much that may be wrong, since an answer takes its time. */
export interface ClockDifference {
  differenceMs: number;
  uncertaintyMs: number;
}

/** Each call counted once: with the scopes it answered, or with none. */
export function costOf(snapshot: Snapshot, calls: readonly ExchangeCall[], budgetPerMinute: number): ReadCost {
  const parts = new Map<string, ScopeCost>();
  const partOf = (scopes: Scope[]): ScopeCost => {
    const name = scopes.join(' ');
    const part = parts.get(name) ?? { scopes, found: countRows(snapshot, scopes), calls: 0, weight: 0 };
    parts.set(name, part);
    return part;
  };
  for (const { scope, weight } of calls) {
    const part = partOf(scope === null ? [] : snapshot.scopes.filter((claimed) => overlaps(claimed, scope)));
    part.calls += 1;
    part.weight += weight;
  }
  const counted = [...parts.values()].flatMap(({ scopes }) => scopes);
  for (const scope of snapshot.scopes) if (!counted.includes(scope)) partOf([scope]);
  const ordered = [...parts.values()].toSorted((a, b) => a.scopes.join(' ').localeCompare(b.scopes.join(' ')));
  return {
    parts: ordered,
    calls: calls.length,
    weight: ordered.reduce((sum, { weight }) => sum + weight, 0),
    budgetPerMinute,
  };
}

function countRows(snapshot: Snapshot, scopes: readonly Scope[]): number {
  const rows = [
    ...snapshot.positions.map(scopeOfPosition),
    ...snapshot.orders.map(scopeOfOrder),
    ...snapshot.balances.map(scopeOfBalance),
  ];
  return rows.filter((scope) => coveredBy(scopes, scope)).length;
}

/**
 * From the first answer of a read, by which profiles learn the exchange's time: it is of a moment between question and
 * answer. A time in whole seconds may be a second old. Null where nothing was asked.
 */
export function clockOf({ asOf }: Snapshot, [first]: readonly ExchangeCall[]): ClockDifference | null {
  if (first === undefined) return null;
  const tookMs = first.endedAt - first.startedAt;
  const wholeSecondMs = asOf % 1000 === 0 ? 1000 : 0;
  return {
    differenceMs: Math.round(asOf - first.startedAt - tookMs / 2),
    uncertaintyMs: Math.ceil(tookMs / 2) + wholeSecondMs,
  };
}

export interface Latency {
  calls: number;
  medianMs: number;
  slowestMs: number;
}

/** Of the calls that were answered; null where none was. */
export function latencyOf(calls: readonly ExchangeCall[]): Latency | null {
  const times = calls
    .flatMap(({ startedAt, endedAt, failure }) => (failure === null ? [Math.round(endedAt - startedAt)] : []))
    .toSorted((a, b) => a - b);
  const [medianMs, slowestMs] = [times[Math.floor(times.length / 2)], times.at(-1)];
  return medianMs === undefined || slowestMs === undefined ? null : { calls: times.length, medianMs, slowestMs };
}
