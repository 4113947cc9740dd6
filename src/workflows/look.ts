import { isCancellation } from '@temporalio/workflow';
import type { JudgeAnswer, JudgeRequest } from '../activities/activity-messages.js';
import type { Policy } from '../domain/policy.js';
import type { RunKey } from '../domain/run.js';
import { fetching, judging, JUDGE_TIMEOUT_MS, judgingAtOnce, READ_TIMEOUT_MS } from './proxies.js';

/**
 * Reads both sides at the same time and waits for both, for half a look says nothing. A side that fails does not cut the
 * other short: where both fail, the exchange's failure is the run's.
 */
export async function lookAtBothSides(key: RunKey, look: number, policy: Policy): Promise<void> {
  const { compareBalances: balances, maxInternalAgeSeconds } = policy;
  const request = { key, look, retryBudgetMs: retryBudgetMs(policy) };
  // A read that outlives an attempt's time is a failed read, tried again only within the run's budget.
  const scheduleToCloseTimeout = READ_TIMEOUT_MS + request.retryBudgetMs;
  const reads = await Promise.allSettled([
    fetching.fetchExchangeState.executeWithOptions({ summary: `exchange, look ${look}`, scheduleToCloseTimeout }, [
      { ...request, balances },
    ]),
    fetching.fetchInternalState.executeWithOptions({ summary: `internal, look ${look}`, scheduleToCloseTimeout }, [
      { ...request, maxInternalAgeSeconds },
    ]),
  ]);
  for (const read of reads) if (read.status === 'rejected') throw read.reason;
}

/** `needs_explanation` never leaves `judge`: the durable way explains. */
type FinalAnswer = Exclude<JudgeAnswer, { kind: 'needs_explanation' }>;

/** Asks for the verdict: at once where that is possible, else by the way that survives anything. */
export async function judge(run: Omit<JudgeRequest, 'explain' | 'retryBudgetMs'>): Promise<FinalAnswer> {
  const request = { ...run, retryBudgetMs: retryBudgetMs(run.policy) };
  const summary = `judge look ${request.look}`;
  try {
    const answer = await judgingAtOnce.judge.executeWithOptions({ summary }, [{ ...request, explain: false }]);
    if (answer.kind !== 'needs_explanation') return answer;
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
  const scheduleToCloseTimeout = 2 * JUDGE_TIMEOUT_MS + request.retryBudgetMs;
  const answer = await judging.judge.executeWithOptions(
    { summary: `${summary}, asking the exchange`, scheduleToCloseTimeout },
    [{ ...request, explain: true }],
  );
  if (answer.kind === 'needs_explanation') throw new Error('judge asked to explain although it may explain itself');
  return answer;
}

function retryBudgetMs({ retrySeconds }: Policy): number {
  return retrySeconds * 1000;
}
