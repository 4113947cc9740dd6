import { FailureError } from '../../domain/failure/failure.js';
import { explainable, withExplanations } from '../../domain/explain/explain.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { ExchangeReader, ReadOptions } from '../../exchange/exchange-reader.js';
import { answerOf, described } from './answer.js';
import type { ComparisonAnswer } from './answer.js';

/** The two sides of one account, and the rules by which they are compared. */
export interface ObservationSubject {
  exchange: Pick<ExchangeReader, 'readState' | 'explainMissingOrders'>;
  readInternal(options: ReadOptions): Promise<Snapshot>;
  policy: Policy;
}

export interface ObservationAnswer extends ComparisonAnswer {
  exchange: Snapshot;
  internal: Snapshot;
}

/** One or both sides could not answer. Lists all failures, the exchange's first. */
export class ObservationFailed extends Error {
  override readonly name = 'LookFailed';
  constructor(readonly causes: readonly unknown[]) {
    super(causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join('; '));
  }
}

/**
 * One observation: reads both sides at the same time, with each call made once, compares them, and asks the exchange
 * about missing orders. Records nothing.
 *
 * @throws ObservationFailed if a side cannot answer, FailureError if nothing could be compared
 */
export async function observe(subject: ObservationSubject, options: ReadOptions): Promise<ObservationAnswer> {
  const [exchange, internal] = await Promise.allSettled([
    subject.exchange.readState({ ...options, balances: subject.policy.compareBalances }),
    subject.readInternal(options),
  ]);
  if (exchange.status === 'rejected' || internal.status === 'rejected') {
    throw new ObservationFailed(
      [exchange, internal].flatMap((side) => (side.status === 'rejected' ? [side.reason] : [])),
    );
  }
  const answer = answerOf(exchange.value, internal.value, subject.policy);
  const differences = answer.differences.map(({ difference }) => difference);
  const missing = explainable(differences);
  const explanations = missing.length === 0 ? [] : await subject.exchange.explainMissingOrders(missing, options);
  return {
    ...answer,
    differences: withExplanations(differences, explanations).map(described),
    exchange: exchange.value,
    internal: internal.value,
  };
}

/** A signal that aborts everything after `milliseconds`, and the failure that is then reported instead of the abort. */
export function observationDeadline(
  milliseconds: number,
  what = 'observation',
): { signal: AbortSignal; explain(error: unknown): unknown } {
  const signal = AbortSignal.timeout(milliseconds);
  return {
    signal,
    explain: (error) => {
      if (!signal.aborted || (error instanceof FailureError && error.failure.kind !== 'timeout')) return error;
      return new FailureError({
        kind: 'timeout',
        side: 'plumbline',
        message: `the ${what} did not end within ${milliseconds / 1000} s`,
        where: null,
        remedy: 'try again, with a longer --deadline if the account is large',
        retryAfterMs: null,
      });
    },
  };
}
