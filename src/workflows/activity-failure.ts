import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { boundedFailure } from '../domain/lifecycle/bounded.js';
import { FAILURE_TYPE } from '../domain/failure/failure-type.js';
import type { Failure } from '../domain/failure/failure.js';

/** Converts the error of an activity to a Failure. */
export function failureOf(error: unknown): Failure {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPE) {
      const failure = cause.details?.[0] as Failure | undefined;
      if (failure !== undefined) return boundedFailure(failure);
    }
    if (cause instanceof TimeoutFailure) {
      return {
        kind: 'timeout',
        side: 'plumbline',
        message: `no worker finished ${activityName(error)} in time (${cause.timeoutType})`,
        where: null,
        remedy: 'Look at the worker: it may have been killed, be overloaded, or have lost its network.',
        retryAfterMs: null,
      };
    }
  }
  return boundedFailure({
    kind: 'bug',
    side: 'plumbline',
    message: `${activityName(error)} failed unexpectedly: ${rootMessage(error)}`,
    where: null,
    remedy: "This is a fault in Plumbline: report it with the worker's log of this run.",
    retryAfterMs: null,
  });
}

function activityName(error: unknown): string {
  return error instanceof ActivityFailure ? `activity ${error.activityType}` : 'the run';
}

function rootMessage(error: unknown): string {
  let root: unknown = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root instanceof Error ? root.message : String(root);
}
