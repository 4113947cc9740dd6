import { needsPrices } from '../domain/policy/drift-rules.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import type { AccountSides } from './account-sides.js';
import { answerOf, described, type ComparisonAnswer } from './answer.js';
import { explained } from './explained.js';
import { readInternal } from './read-internal.js';

export interface ObserveOptions extends ReadOptions {
  now: () => number;
}

export interface ObservationAnswer extends ComparisonAnswer {
  exchange: Snapshot;
  internal: Snapshot;
}

/** One side or both could not answer. `causes` holds each side's error, the exchange's first. */
export class ObservationFailed extends Error {
  override readonly name = 'LookFailed';
  constructor(readonly causes: readonly unknown[]) {
    super(causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join('; '));
  }
}

/**
 * One observation: reads both sides at the same time, each question once, compares them, and asks the exchange what
 * became of missing orders. Nothing is recorded.
 *
 * @throws ObservationFailed when a side cannot answer, FailureError when nothing could be compared
 */
export async function observe(
  sides: AccountSides,
  policy: Policy,
  options: ObserveOptions,
): Promise<ObservationAnswer> {
  const reader = await sides.exchange();
  const prices = needsPrices(policy);
  const [exchange, internal] = await Promise.allSettled([
    reader.readState({ ...options, balances: policy.compareBalances, prices }),
    readInternal(sides, {
      ...options,
      maxInternalAgeSeconds: policy.maxInternalAgeSeconds,
      ignoredSymbols: policy.ignore.symbols,
      prices,
    }),
  ]);
  if (exchange.status === 'rejected' || internal.status === 'rejected') {
    throw new ObservationFailed(
      [exchange, internal].flatMap((side) => (side.status === 'rejected' ? [side.reason] : [])),
    );
  }
  const answer = answerOf(exchange.value, internal.value, policy);
  const differences = answer.differences.map(({ difference }) => difference);
  const reported = await explained(differences, async (missing) => reader.explainMissingOrders(missing, options));
  return {
    ...answer,
    differences: reported.map((difference) => described(difference, policy.baseline, internal.value.bots)),
    exchange: exchange.value,
    internal: internal.value,
  };
}
