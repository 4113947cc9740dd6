import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';

/** How long one attempt of a read may take. */
export const READ_TIMEOUT_MS = 120_000;

/**
 * The reads of an observation. The activity decides from the failure whether and how long it retries (its own budget,
 * Retry-After). The timeouts here detect a worker that died, because its heartbeat stops.
 */
export const fetching = proxyActivities<Activities>({
  startToCloseTimeout: READ_TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Used only to replay histories of earlier versions. Workflows must not use local activities: if a query arrives with the
 * task in which a local activity ends, the SDK's core completes that task with only the marker, and an update in the next
 * task is accepted before the workflow gets the result. A replay reads the marker first and orders the commands the other
 * way round, and from then on the workflow fails its tasks.
 */
export const judgingAtOnce = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
});

/** How long one attempt of a verdict may take. It may query the exchange about missing orders. */
export const JUDGE_TIMEOUT_MS = 120_000;

export const judging = proxyActivities<Activities>({
  startToCloseTimeout: JUDGE_TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

/** An observation with its judgement. The activity bounds its reads by `READ_TIMEOUT_MS`. */
export const observing = proxyActivities<Activities>({
  startToCloseTimeout: READ_TIMEOUT_MS + JUDGE_TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** Bounded, because runs and interventions must go on while the ledger is unavailable. */
export const recording = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** Not bounded: an intervention waits for the ledger and its channels as long as necessary. */
export const intervening = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * Messages that call somebody. Not bounded: each is tried until the channel accepts or refuses it, or until somebody answers. A
 * cancellation waits for the end of the current attempt, because it may deliver the message. The activity decides by the failure
 * how long a retry waits.
 */
export const calling = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** News for channels that were called. Bounded, because the intervention is over. */
export const telling = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** Bounded: without an answer the workflow's own state decides. */
export const looking = proxyActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});
