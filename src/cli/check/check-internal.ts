import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { AccountSource } from '../../internal/account-source.js';
import type { SourceWarning } from '../../internal/internal-source.js';
import { staleness } from '../../observe/read-internal.js';
import { reportOf } from '../context/errors.js';
import type { AccountCheck } from './check-answer.js';

/** The surroundings of a check. */
export interface CheckOptions {
  signal: AbortSignal;
  now: () => number;
  /** Replaces an error before it is reported, such as the deadline that ended the check. */
  explain: (error: unknown) => unknown;
}

/** What `check` found out about one source of internal state. */
export interface SourceRead {
  source: AccountSource;
  /** Null if the source could not be read. */
  snapshot: Snapshot | null;
  /** One line for the report; names the source if it has a name. */
  text: string;
  /** Null if the source was read and its state is fresh. */
  failure: { remedy: string } | null;
  /** What a person should look at although the read succeeded. */
  warnings: readonly SourceWarning[];
}

/** Reads one source of internal state and checks its freshness. Never throws: a failure is a part of the result. */
export async function readSource(
  source: AccountSource,
  maxInternalAgeSeconds: number,
  { now, signal, explain }: CheckOptions,
): Promise<SourceRead> {
  const name = source.name === null ? '' : `source "${source.name}": `;
  try {
    const snapshot = await source.source.readState({ signal });
    const stale = staleness(source, snapshot, { now, maxInternalAgeSeconds });
    const readMs = snapshot.readEndedAt - snapshot.readStartedAt;
    const ageSeconds = Math.round((now() - snapshot.asOf) / 1000);
    const scopes = snapshot.scopes.join(', ') || 'nothing';
    const text =
      stale === null
        ? `${source.source.description}: read in ${readMs} ms, ${ageSeconds} s old; it reports ${scopes}`
        : `${stale.kind}: ${stale.message}`;
    const warnings = (source.source.warnings?.() ?? []).map((warning) => ({
      ...warning,
      text: `${name}${warning.text}`,
    }));
    return { source, snapshot, text: `${name}${text}`, failure: stale, warnings };
  } catch (error) {
    const failure = reportOf(explain(error));
    return { source, snapshot: null, text: `${name}${failure.kind}: ${failure.message}`, failure, warnings: [] };
  }
}

/**
 * Sums what several sources hold. The age is that of the oldest source.
 *
 * @param nowMs milliseconds since the epoch
 */
export function foundIn(snapshots: readonly Snapshot[], nowMs: number): NonNullable<AccountCheck['internal']> {
  const sum = (count: (snapshot: Snapshot) => number): number =>
    snapshots.reduce((total, snapshot) => total + count(snapshot), 0);
  const oldest = Math.min(...snapshots.map(({ asOf }) => asOf));
  return {
    ageSeconds: Math.round((nowMs - oldest) / 1000),
    scopes: [...new Set(snapshots.flatMap(({ scopes }) => scopes))],
    found: {
      positions: sum(({ positions }) => positions.length),
      orders: sum(({ orders }) => orders.length),
      balances: sum(({ balances }) => balances.length),
    },
    unknownSymbols: [],
  };
}
