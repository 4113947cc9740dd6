import type { Failure, FailureKind } from './failure.js';

/** What fails for every account at the same time. `exchange` is set for a problem with one exchange. */
export interface SharedCause {
  problem: SharedProblem;
  /** ccxt's exchange id; null if the problem is on our side. */
  exchange: string | null;
}

export const SHARED_PROBLEMS = ['exchange_down', 'rate_limited', 'clock_skew', 'ledger_down', 'worker_down'] as const;
export type SharedProblem = (typeof SHARED_PROBLEMS)[number];

/**
 * Failure kinds of the exchange's side whose cause lies outside the account. One outage shows as several kinds: some
 * requests time out, others are refused or answered with a maintenance page.
 */
const OF_EXCHANGE: Partial<Record<FailureKind, SharedProblem>> = {
  network: 'exchange_down',
  timeout: 'exchange_down',
  maintenance: 'exchange_down',
  rate_limited: 'rate_limited',
  clock_skew: 'clock_skew',
};

/**
 * The `sharedCause` of a call for this failure: `failure:exchange:binanceusdm:exchange_down`, `failure:ledger:ledger_down`.
 * Undefined for a failure of the account itself: its key, its bot, its answer.
 */
export function sharedCauseOf({ side, kind }: Pick<Failure, 'side' | 'kind'>, exchange: string): string | undefined {
  if (side === 'exchange') {
    const problem = OF_EXCHANGE[kind];
    return problem === undefined ? undefined : `failure:exchange:${exchange}:${problem}`;
  }
  if (side === 'ledger' && kind === 'ledger') return 'failure:ledger:ledger_down';
  // No worker finished the activity in time.
  if (side === 'plumbline' && kind === 'timeout') return 'failure:worker:worker_down';
  return undefined;
}

/** Reads what `sharedCauseOf` writes; null for any other text. */
export function readSharedCause(text: string): SharedCause | null {
  const [, exchange = null, problem = ''] = /^failure:(?:exchange:([\w.-]+)|ledger|worker):(\w+)$/.exec(text) ?? [];
  const known = SHARED_PROBLEMS.find((name) => name === problem);
  return known === undefined ? null : { problem: known, exchange };
}
