import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';

/** How long one attempt of a read may take. */
export const READ_TIMEOUT_MS = 120_000;

/**
 * Reads of one observation. How long a failed read is tried again, and which kinds are, the activity itself decides
 * from the failure (its own budget, Retry-After); what is bounded here is a worker that died: its heartbeat stops.
 */
export const fetching = proxyActivities<Activities>({
  startToCloseTimeout: READ_TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Used only to replay histories of earlier versions. A workflow must have no local activity: when a query arrives with the
 * task in which one ends, the SDK's core completes that task with the marker alone, and an update in the next task is
 * accepted before the workflow learns the result. A replay reads the marker first, orders the commands the other way
 * round, and the workflow fails its tasks from then on.
 */
export const judgingAtOnce = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
});

/** How long one attempt of a verdict may take. It may ask the exchange what became of orders. */
export const JUDGE_TIMEOUT_MS = 120_000;

export const judging = proxyActivities<Activities>({
  startToCloseTimeout: JUDGE_TIMEOUT_MS,
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

/** Bounded: while the ledger is away the account must still be observed, and a human still called. */
export const recording = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** An intervention waits for the ledger and for its channels as long as it takes. */
export const intervening = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});
