import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { JudgeAnswer, JudgeRequest } from '../activities/activity-messages.js';
import type { RunKey } from '../domain/run.js';
import { isCancelled } from './activity-failure.js';
import { fetching, judging, judgingAtOnce } from './proxies.js';

/**
 * Reads both sides at the same time and waits for both. When one fails for good the other is cancelled, for half a look
 * says nothing. Throws the error of the side that failed, not that of the cancelled one.
 */
export async function lookAtBothSides(
  key: RunKey,
  look: number,
  retryBudgetMs: number,
  maxInternalAgeSeconds: number,
): Promise<void> {
  const request = { key, look, retryBudgetMs };
  const both = new CancellationScope();
  const settled = await both.run(async () => {
    const reads = [
      fetching.fetchExchangeState.executeWithOptions({ summary: `exchange, look ${look}` }, [request]),
      fetching.fetchInternalState.executeWithOptions({ summary: `internal, look ${look}` }, [
        { ...request, maxInternalAgeSeconds },
      ]),
    ];
    for (const read of reads) read.catch(() => both.cancel());
    return Promise.allSettled(reads);
  });
  const errors = settled.flatMap((read) => (read.status === 'rejected' ? [read.reason as unknown] : []));
  if (errors.length > 0) throw errors.find((error) => !isCancelled(error)) ?? errors[0];
}

/** `needs_explanation` never leaves `judge`: the durable way explains. */
type FinalAnswer = Exclude<JudgeAnswer, { kind: 'needs_explanation' }>;

/** Asks for the verdict: at once where that is possible, else by the way that survives anything. */
export async function judge(request: Omit<JudgeRequest, 'explain'>): Promise<FinalAnswer> {
  const summary = `judge look ${request.look}`;
  try {
    const answer = await judgingAtOnce.judge.executeWithOptions({ summary }, [{ ...request, explain: false }]);
    if (answer.kind !== 'needs_explanation') return answer;
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
  const answer = await judging.judge.executeWithOptions({ summary: `${summary}, asking the exchange` }, [
    { ...request, explain: true },
  ]);
  if (answer.kind === 'needs_explanation') throw new Error('judge asked to explain although it may explain itself');
  return answer;
}
