import type { PlumblineClient } from '../../client.js';
import { reconciliationWorkflowId } from '../../domain/account/workflow-ids.js';
import type { PendingWork } from '../../watch/execution.js';
import type { ReconciliationStatus } from '../../workflows/messages.js';
import type { Progress } from '../context/progress.js';
import { pause } from '../terminal/io.js';
import { duration } from '../terminal/time.js';

/** How often the workflow is asked, and how long each answer may take. */
const POLL_MS = 1_000;
const ANSWER_MS = 3_000;

/** What one request shows of a run. */
export interface RunSight {
  status: Pick<ReconciliationStatus, 'phase' | 'run' | 'policy'>;
  work: readonly PendingWork[];
  at: Date;
}

/** Follows a run until the signal. */
export interface RunFollower {
  /** The number of the last run that was seen; null if none was. */
  seen(): number | null;
  ended: Promise<void>;
}

/** Shows what the account's run does. A failed request is ignored, because the run does not depend on it. */
export function followRun(parts: {
  ask: () => Promise<RunSight>;
  progress: Progress;
  signal: AbortSignal;
  pollMs?: number;
}): RunFollower {
  const { ask, progress, signal, pollMs = POLL_MS } = parts;
  let seen: number | null = null;
  let shown = '';
  const poll = async (): Promise<void> => {
    for (;;) {
      await pause(pollMs, signal);
      if (signal.aborted) return;
      const sight = await ask().catch(() => null);
      if (sight === null || signal.aborted) continue;
      seen = sight.status.run?.runNumber ?? seen;
      const text = runProgressText(sight, progress.isDrawn);
      if (text !== shown) progress.on(text);
      shown = text;
    }
  };
  return { seen: () => seen, ended: poll() };
}

/** Asks the workflow and Temporal's description of it, with a time limit. The signal cancels the request. */
export async function runSight(client: PlumblineClient, account: string, signal: AbortSignal): Promise<RunSight> {
  const { pendingWork } = await import('../../watch/execution.js');
  const ask = async () =>
    Promise.all([client.status(account), pendingWork(client.temporal, reconciliationWorkflowId(account))]);
  // Each request gets a signal of its own, because the client's listeners stay until the signal is garbage-collected.
  const [status, work] = await client.temporal.connection.withAbortSignal(AbortSignal.any([signal]), async () =>
    client.within(ANSWER_MS, ask),
  );
  return { status, work, at: new Date() };
}

/**
 * "run 12: reading the exchange and the bot, observation 2 of at most 6".
 *
 * @param isDrawn whether the line is redrawn; if not, it leaves out what changes every second
 */
export function runProgressText({ status, work, at }: RunSight, isDrawn: boolean): string {
  const { run, phase, policy } = status;
  if (run === undefined || run === null) return phase === 'recording' ? 'recording' : 'queued';
  const head = `run ${run.runNumber}:`;
  const observation = (number: number): string => `observation ${number} of at most ${policy.maxLooks}`;
  if (phase === 'recording') return `${head} recording`;
  if (phase !== 'settling') {
    const what = phase === 'judging' ? 'comparing' : readingText(work, isDrawn);
    return `${head} ${what}${retryText(work)}, ${observation(run.observation)}`;
  }
  const inMs = run.observesAt === null ? null : new Date(run.observesAt).getTime() - at.getTime();
  const when = !isDrawn || inMs === null ? '' : ` in ${duration(inMs)}`;
  return `${head} confirming, ${observation(run.observation + 1)} follows${when}`;
}

function readingText(work: readonly PendingWork[], isDrawn: boolean): string {
  const names = new Set(work.map(({ name }) => name));
  // In earlier versions each side is an activity of its own.
  const [exchange, bot] = [names.has('fetchExchangeState'), names.has('fetchInternalState')];
  const sides = exchange === bot ? 'the exchange and the bot' : exchange ? 'the exchange' : 'the bot';
  const step = isDrawn ? work.find((each) => each.step !== null && each.step !== 'started')?.step : undefined;
  return `reading ${sides}${step === undefined || step === null ? '' : ` (${step})`}`;
}

/** ", attempt 3 (rate_limited: ...)" */
function retryText(work: readonly PendingWork[]): string {
  const retried = work.find(({ attempt, failure }) => attempt > 1 && failure !== null);
  return retried === undefined ? '' : `, attempt ${retried.attempt} (${retried.failure})`;
}
