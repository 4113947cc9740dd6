import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { boundedFailure, cut } from '../domain/lifecycle/bounded.js';
import { FailureError, isRetryable, type Failure } from '../domain/failure/failure.js';
import { FAILURE_TYPE } from '../domain/failure/failure-type.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { ActivityDependencies } from './dependencies.js';
import { callsAsSpans } from './call-spans.js';
import { requireOwnAccount } from './own-account.js';

/** Well under the workflow's heartbeat timeout of 15 s. */
const HEARTBEAT_MS = 4_000;
/**
 * How many heartbeats lie between two signs of life that a long read sends to the ledger. The first comes with the first
 * heartbeat: most reads end before, and an account is silent only when its sign is a minute late.
 */
const SIGN_EVERY_BEATS = 5;
/** Seconds after a sign of life within which the next one is expected. */
const SIGN_SECONDS = 30;

/** Characters of an error's text that pass through workflow history. */
const MAX_ERROR_LENGTH = LIMITS.failureMessage.value;
/** How many characters of the current step a heartbeat carries. */
const MAX_STEP = 200;

interface AttemptOptions {
  deps: Pick<ActivityDependencies, 'ledger' | 'redact' | 'observe' | 'now' | 'spans'>;
  /** The account of the request. Must be the account of the workflow that sent it. */
  account: string;
  phase: 'exchange' | 'internal' | 'judge' | null;
  /** Whether the attempt reads the exchange. While it takes long, it sends signs of life to the ledger. */
  isRead?: boolean;
  /** Milliseconds after the start of the first attempt within which a failure may be retried. */
  retryBudgetMs: number;
}

/**
 * Runs one attempt of an activity: sends heartbeats, stops on cancellation, measures the duration, and converts an error
 * into a failure that tells Temporal whether and when to retry. All texts that leave it are redacted.
 */
export async function runAttempt<T>(options: AttemptOptions, work: (progress: ReadOptions) => Promise<T>): Promise<T> {
  const { deps, account, phase, retryBudgetMs } = options;
  const context = Context.current();
  const startedAt = deps.now();
  refuseForeign(account, deps.redact);
  const isRead = options.isRead ?? phase === 'exchange';
  let step = 'started';
  // The server does not know local activities and refuses their heartbeats.
  let beats = 0;
  const beat = context.info.isLocal
    ? undefined
    : setInterval(() => {
        heartbeat(cut(deps.redact(step), MAX_STEP));
        // Not awaited, because an unavailable ledger must not delay a read.
        if (isRead && beats++ % SIGN_EVERY_BEATS === 0) void showSign(deps.ledger, account);
      }, HEARTBEAT_MS);
  try {
    return await work({
      signal: context.cancellationSignal,
      onProgress: (next) => (step = next),
      ...(deps.spans !== undefined && { onCall: callsAsSpans(deps.spans) }),
    });
  } catch (error) {
    if (context.cancellationSignal.aborted) await context.cancelled; // rejects with the cancellation itself
    const failure = toApplicationFailure(toFailure(error, deps.redact), retryBudgetMs, deps.now() - startedAt);
    if (isRead) void showSign(deps.ledger, account, Number(failure.nextRetryDelay ?? 0) / 1000);
    throw failure;
  } finally {
    clearInterval(beat);
    if (phase !== null) deps.observe(account, phase, (deps.now() - startedAt) / 1000);
  }
}

interface Guarded {
  redact: (text: string) => string;
  /** As in `AttemptOptions`. */
  account: string;
}

/**
 * Records a sign of life of the account's workflow in the ledger. Never throws, because other calls report an unavailable
 * ledger.
 *
 * @param pauseSeconds a known pause before the next sign, such as the wait before the next observation
 */
export async function showSign(ledger: Pick<Ledger, 'expectSign'>, account: string, pauseSeconds = 0): Promise<void> {
  await ledger.expectSign(account, Math.ceil(pauseSeconds) + SIGN_SECONDS).catch(() => undefined);
}

/**
 * Runs an activity that Temporal retries on every error. Only the redacted text of an error leaves, because its causes,
 * fields and stack may hold an address with a token.
 */
export async function guarded<T>({ redact, account }: Guarded, work: () => Promise<T>): Promise<T> {
  refuseForeign(account, redact);
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledFailure) throw error;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const known = error instanceof ApplicationFailure ? error : null;
    throw ApplicationFailure.create({
      message: cut(redact(text), MAX_ERROR_LENGTH),
      ...(known?.type === undefined || known.type === null ? {} : { type: known.type }),
      nonRetryable: known?.nonRetryable ?? false,
      ...(known?.nextRetryDelay === undefined ? {} : { nextRetryDelay: known.nextRetryDelay }),
    });
  }
}

/** Checks the account before anything is done or recorded for it. */
function refuseForeign(account: string, redact: (text: string) => string): void {
  try {
    requireOwnAccount(account);
  } catch (error) {
    throw toApplicationFailure(toFailure(error, redact), 0, 0);
  }
}

function toFailure(error: unknown, redact: (text: string) => string): Failure {
  if (error instanceof FailureError) {
    const { message, where, remedy } = error.failure;
    return boundedFailure({
      ...error.failure,
      message: redact(message),
      where: where === null ? null : redact(where),
      remedy: redact(remedy),
    });
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return boundedFailure({
    kind: 'bug',
    side: 'plumbline',
    message: redact(text),
    where: null,
    remedy: "This is a defect of Plumbline: report it with the worker's log of this run.",
    retryAfterMs: null,
  });
}

function toApplicationFailure(failure: Failure, retryBudgetMs: number, attemptMs: number): ApplicationFailure {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs, attempt: count } = activityInfo();
  const backoff = Math.min(1000 * 2 ** (count - 1), 30_000);
  const delay = Math.max(backoff, failure.retryAfterMs ?? 0);
  // Computed from two times of the server and a duration of this worker, so a worker with a wrong clock keeps the budget.
  const spent = currentAttemptScheduledTimestampMs - scheduledTimestampMs + attemptMs;
  // If the exchange asks for a longer wait than the budget allows, the read fails now instead of after the budget.
  const retry = isRetryable(failure.kind) && spent + delay <= retryBudgetMs;
  return ApplicationFailure.create({
    message: `${failure.kind}: ${failure.message}`,
    type: FAILURE_TYPE,
    nonRetryable: !retry,
    nextRetryDelay: delay,
    details: [failure],
  });
}
