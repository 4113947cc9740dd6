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

/** Scopes that the same calls answered, the rows found in them, and the cost of the calls. */
export interface ScopeCost {
  /** Empty for calls that read no part of the account: clock, account mode. */
  scopes: Scope[];
  found: number;
  calls: number;
  weight: number;
}

/**
 * The share of an exchange's limit that one observation uses. A run in which both sides agree takes one observation.
 */
export interface ReadCost {
  parts: ScopeCost[];
  calls: number;
  weight: number;
  /** Weight per minute that Plumbline allows itself. */
  budgetPerMinute: number;
}

/** The exchange's clock minus this machine's, and the possible error, because an answer takes time to arrive. */
export interface ClockDifference {
  differenceMs: number;
  uncertaintyMs: number;
}

/** Counts each call once: with the scopes that it answered, or with none. */
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
 * Measured with the first answer of a read, from which profiles learn the exchange's time. That time lies between
 * request and answer. A time in whole seconds may be one second old. Null if no call was made.
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

/** Latency of the calls that were answered; null if none was. */
export function latencyOf(calls: readonly ExchangeCall[]): Latency | null {
  const times = calls
    .flatMap(({ startedAt, endedAt, failure }) => (failure === null ? [Math.round(endedAt - startedAt)] : []))
    .toSorted((a, b) => a - b);
  const [medianMs, slowestMs] = [times[Math.floor(times.length / 2)], times.at(-1)];
  return medianMs === undefined || slowestMs === undefined ? null : { calls: times.length, medianMs, slowestMs };
}
