import { FailureError, type Failure } from '../domain/failure/failure.js';
import { marketPath } from '../domain/snapshot/scope.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';
import { baseOf } from '../domain/snapshot/unit.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import type { AccountSource } from '../internal/account-source.js';
import { checkFreshness } from '../internal/freshness.js';
import { sumOfSources } from '../internal/sum-sources.js';
import { NO_SPANS, type Spans } from '../runtime/spans.js';
import type { AccountSides } from './account-sides.js';
import { unifiedState, type SourceAnswer } from './unified-state.js';

export interface InternalReadOptions extends ReadOptions {
  now: () => number;
  maxInternalAgeSeconds: number;
  /** Symbols and currencies that the policy ignores. Default: none. */
  ignoredSymbols?: readonly string[];
  /** Receives the read of each source. Default: nothing is traced. */
  spans?: Spans;
}

/**
 * Reads the bot's state from all sources of the account, checks the freshness of each, and converts it to one snapshot with
 * unified symbols (`unifiedState`). Adds the amount steps of the exchange's markets, which the tolerance of positions that only
 * the bot has needs.
 *
 * Throws FailureError, which names the source if there are several: without one of them the sum is not known.
 */
export async function readInternal(sides: AccountSides, options: InternalReadOptions): Promise<Snapshot> {
  const answers = await readSources(sides.internal, options);
  const hasNames = answers.some(
    ({ snapshot: { positions, orders, balances } }) => positions.length + orders.length + balances.length > 0,
  );
  // Without names the exchange is not needed, so a fault there does not fail this read as well.
  if (!hasNames && answers.length > 1) return sumOfSources(answers.map(named));
  if (!hasNames && answers[0] !== undefined) return answers[0].snapshot;
  const { aliases } = sides;
  const reader = await sides.exchange();
  const { snapshot } = await unifiedState(answers, reader, { ignoredSymbols: [], ...options, aliases });
  const facts = await reader.holdingFacts(currenciesOf(snapshot), options);
  return { ...snapshot, markets: { ...facts, ...snapshot.markets } };
}

/** The currencies that the bot holds: those of its balances, and the base currencies of its spot positions. */
function currenciesOf({ balances, positions }: Snapshot): string[] {
  const spot = positions.filter(({ symbol }) => marketPath(symbol) === 'spot');
  return [...new Set([...balances.map(({ currency }) => currency), ...spot.map(({ symbol }) => baseOf(symbol))])];
}

/** Reads all sources at the same time. Throws the first failure, in the order of the configuration. */
async function readSources(sources: readonly AccountSource[], options: InternalReadOptions): Promise<SourceAnswer[]> {
  const reads = await Promise.allSettled(sources.map(async (source) => readSource(source, options)));
  return reads.map((read) => {
    if (read.status === 'rejected') throw read.reason;
    return read.value;
  });
}

type SourceReadOptions = Pick<InternalReadOptions, 'signal' | 'now' | 'maxInternalAgeSeconds' | 'spans'>;

/** Reads one source and checks its freshness. Throws FailureError, which names the source if it has a name. */
export async function readSource(
  source: AccountSource,
  { signal, now, maxInternalAgeSeconds, spans = NO_SPANS }: SourceReadOptions,
): Promise<SourceAnswer> {
  try {
    // The description begins with the kind; the rest may be an address.
    const kind = source.source.description.split(' ', 1).join('');
    const name = source.name === null ? `bot (${kind})` : `bot (${kind}) ${source.name}`;
    const snapshot = await spans.within(name, {}, async () =>
      source.source.readState(signal === undefined ? {} : { signal }),
    );
    const stale = staleness(source, snapshot, { now, maxInternalAgeSeconds });
    if (stale !== null) throw new FailureError(stale);
    return { source, snapshot };
  } catch (error) {
    if (!(error instanceof FailureError) || source.name === null) throw error;
    const message = `source "${source.name}": ${error.failure.message}`;
    throw new FailureError({ ...error.failure, message }, { cause: error });
  }
}

/** Why the state of a source is too old, or from the future; null if it is fresh. */
export function staleness(
  { maxAgeSeconds }: AccountSource,
  snapshot: Snapshot,
  { now, maxInternalAgeSeconds }: Pick<InternalReadOptions, 'now' | 'maxInternalAgeSeconds'>,
): Failure | null {
  return checkFreshness(snapshot, now(), Math.min(maxAgeSeconds ?? maxInternalAgeSeconds, maxInternalAgeSeconds));
}

function named({ source, snapshot }: SourceAnswer): { name: string; snapshot: Snapshot } {
  return { name: source.name ?? '', snapshot };
}
