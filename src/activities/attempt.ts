import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FailureError, isRetryable, type Failure } from '../domain/failure.js';
import { FAILURE_TYPE } from '../domain/failure-type.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import type { ActivityDependencies } from './activities.js';
import { requireOwnAccount } from './own-account.js';

/** Well under the workflow's heartbeat timeout of 15 s. */
const HEARTBEAT_MS = 4_000;

interface Attempt {
  deps: Pick<ActivityDependencies, 'redact' | 'observe' | 'now'>;
  /** Whose request it is. Must be the account of the workflow that sent it. */
  account: string;
  phase: 'exchange' | 'internal' | 'judge' | null;
  /** Milliseconds after the first attempt began in which a failure may still be retried. */
  retryBudgetMs: number;
}

/**
 * Runs one attempt of an activity: reports that it lives, ends with its cancellation, measures it, and turns what it
 * throws into a failure that says to Temporal whether and when to try again. Nothing unredacted leaves it.
 */
export async function attempt<T>(options: Attempt, work: (progress: ReadOptions) => Promise<T>): Promise<T> {
  const { deps, account, phase, retryBudgetMs } = options;
  const context = Context.current();
  const startedAt = deps.now();
  let step = 'started';
  // The server does not know a local activity and refuses its heartbeats.
  const beat = context.info.isLocal ? undefined : setInterval(() => heartbeat(deps.redact(step)), HEARTBEAT_MS);
  try {
    requireOwnAccount(account);
    return await work({ signal: context.cancellationSignal, onProgress: (next) => (step = next) });
  } catch (error) {
    if (context.cancellationSignal.aborted) await context.cancelled; // rejects with the cancellation itself
    throw toApplicationFailure(toFailure(error, deps.redact), retryBudgetMs, deps.now() - startedAt);
  } finally {
    clearInterval(beat);
    if (phase !== null) deps.observe(account, phase, (deps.now() - startedAt) / 1000);
  }
}

interface Guarded {
  redact: (text: string) => string;
  /** As for `attempt`. */
  account: string;
}

/**
 * Runs an activity that Temporal itself is to retry, whatever it throws. Of that only the redacted text leaves: an error's
 * causes, fields and stack may hold an address with a token.
 */
export async function guarded<T>({ redact, account }: Guarded, work: () => Promise<T>): Promise<T> {
  try {
    requireOwnAccount(account);
  } catch (error) {
    throw toApplicationFailure(toFailure(error, redact), 0, 0);
  }
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledFailure) throw error;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const known = error instanceof ApplicationFailure ? error : null;
    throw ApplicationFailure.create({
      message: redact(text),
      ...(known?.type === undefined || known.type === null ? {} : { type: known.type }),
      nonRetryable: known?.nonRetryable ?? false,
      ...(known?.nextRetryDelay === undefined ? {} : { nextRetryDelay: known.nextRetryDelay }),
    });
  }
}

function toFailure(error: unknown, redact: (text: string) => string): Failure {
  if (error instanceof FailureError) {
    const { message, where, remedy } = error.failure;
    return {
      ...error.failure,
      message: redact(message),
      where: where === null ? null : redact(where),
      remedy: redact(remedy),
    };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    kind: 'bug',
    side: 'plumbline',
    message: redact(text),
    where: null,
    remedy: "This is a fault in Plumbline: report it with the worker's log of this run.",
    retryAfterMs: null,
  };
}

function toApplicationFailure(failure: Failure, retryBudgetMs: number, attemptMs: number): ApplicationFailure {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs, attempt: count } = activityInfo();
  const backoff = Math.min(1000 * 2 ** (count - 1), 30_000);
  const delay = Math.max(backoff, failure.retryAfterMs ?? 0);
  // The server's two times and this worker's duration: a worker whose clock is wrong still keeps to the budget.
  const spent = currentAttemptScheduledTimestampMs - scheduledTimestampMs + attemptMs;
  // An exchange that asks for more patience than the budget has is not asked again: the run says so at once.
  const retry = isRetryable(failure.kind) && spent + delay <= retryBudgetMs;
  return ApplicationFailure.create({
    message: `${failure.kind}: ${failure.message}`,
    type: FAILURE_TYPE,
    nonRetryable: !retry,
    nextRetryDelay: delay,
    details: [failure],
  });
}
