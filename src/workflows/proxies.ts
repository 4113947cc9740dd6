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
