import { isCancellation } from '@temporalio/workflow';
import type { JudgeAnswer, JudgeRequest } from '../activities/activity-messages.js';
import { needsPrices } from '../domain/policy/drift-rules.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RunKey } from '../domain/lifecycle/run.js';
import { fetching, judging, JUDGE_TIMEOUT_MS, judgingAtOnce, observing, READ_TIMEOUT_MS } from './proxies.js';

/** Reads both sides and asks for a verdict on the observations of the run, in one activity. */
export async function observeAndJudge(run: Omit<Request, 'retryBudgetMs'>): Promise<FinalAnswer> {
  const request = { ...run, retryBudgetMs: retryBudgetMs(run.policy) };
  const summary = `observation ${run.look}`;
  const scheduleToCloseTimeout = READ_TIMEOUT_MS + 2 * JUDGE_TIMEOUT_MS + request.retryBudgetMs;
  return final(await observing.observe.executeWithOptions({ summary, scheduleToCloseTimeout }, [request]));
}

/**
 * Reads both sides at the same time and waits for both, because half an observation is useless. If one side fails, the
 * other read still completes. If both fail, the run fails with the exchange's failure.
 */
export async function observeBothSides(key: RunKey, observation: number, policy: Policy): Promise<void> {
  const { compareBalances: balances, maxInternalAgeSeconds, ignore } = policy;
  const request = {
    key,
    look: observation,
    retryBudgetMs: retryBudgetMs(policy),
    ...(needsPrices(policy) ? { prices: true as const } : {}),
  };
  // A read that exceeds the time of one attempt has failed. It is retried only within the run's budget.
  const scheduleToCloseTimeout = READ_TIMEOUT_MS + request.retryBudgetMs;
  const reads = await Promise.allSettled([
    fetching.fetchExchangeState.executeWithOptions(
      { summary: `exchange, observation ${observation}`, scheduleToCloseTimeout },
      [{ ...request, balances }],
    ),
    fetching.fetchInternalState.executeWithOptions(
      { summary: `internal, observation ${observation}`, scheduleToCloseTimeout },
      [
        {
          ...request,
          maxInternalAgeSeconds,
          ...(ignore.symbols.length === 0 ? {} : { ignoredSymbols: ignore.symbols }),
        },
      ],
    ),
  ]);
  for (const read of reads) if (read.status === 'rejected') throw read.reason;
}

type Request = Omit<JudgeRequest, 'explain'>;
type FinalAnswer = Exclude<JudgeAnswer, { kind: 'needs_explanation' }>;

/** Asks the judge for a verdict on the observations of a run. */
export async function judge(run: Omit<Request, 'retryBudgetMs'>, current: boolean): Promise<FinalAnswer> {
  const request = { ...run, retryBudgetMs: retryBudgetMs(run.policy) };
  if (!current) {
    const answer = await judgeAtOnce(request);
    if (answer !== null) return answer;
  }
  const summary = current ? `judge observation ${run.look}` : `judge observation ${run.look}, asking the exchange`;
  const scheduleToCloseTimeout = 2 * JUDGE_TIMEOUT_MS + request.retryBudgetMs;
  const answer = await judging.judge.executeWithOptions({ summary, scheduleToCloseTimeout }, [
    { ...request, explain: true },
  ]);
  return final(answer);
}

function final(answer: JudgeAnswer): FinalAnswer {
  if (answer.kind === 'needs_explanation') throw new Error('judge asked to explain although it may explain itself');
  return answer;
}

/** The first attempt of executions of earlier versions, for replay. Null: ask again with a regular activity. */
async function judgeAtOnce(request: Request): Promise<FinalAnswer | null> {
  try {
    const options = { summary: `judge observation ${request.look}` };
    const answer = await judgingAtOnce.judge.executeWithOptions(options, [{ ...request, explain: false }]);
    return answer.kind === 'needs_explanation' ? null : answer;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return null;
  }
}

function retryBudgetMs({ retrySeconds }: Policy): number {
  return retrySeconds * 1000;
}
