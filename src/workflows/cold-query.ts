import type { ActivateInput, WorkflowInterceptors } from '@temporalio/workflow';

type Activation = ActivateInput['activation'];

/** The id of a query that comes in its own task, not with a workflow task. */
const DIRECT_QUERY = 'legacy_query';

/** Part of the message of a query that was refused because it came with newer events. The caller asks again. */
export const QUERY_TOO_EARLY = 'events came that no workflow task has handled yet: ask again';

/**
 * Prevents a query from changing what a workflow does.
 *
 * A query may wait at the server while no worker polls. Events that come meanwhile (a signal, a timer, an activity's result)
 * are in the history that the worker gets, and the SDK's core delivers them to the workflow before the query. Core keeps the
 * workflow's commands for the next workflow task, which brings its own events and updates. So the workflow handles in two
 * steps, with an old clock, what every later replay handles in one step. If the two differ in their commands, no worker can
 * ever replay the history.
 *
 * Events that are delivered early have the time of the last task. If that task had no commands, core joins both, and they
 * look like a separate task. So the first task after a replay counts as well; a query directly after it is refused once
 * without need.
 *
 * This interceptor fails such a query. Core then drops the workflow from its cache, and the next task replays it from the
 * history. It changes nothing else.
 */
export function interceptors(): WorkflowInterceptors {
  let before: Activation | null = null;
  let ranAhead = false;
  /** Whether this is the first activation after a replay. */
  let isFirst = false;
  return {
    internals: [
      {
        activate(input, next) {
          const { activation, batchIndex } = input;
          if (batchIndex === 0) {
            if (isQuery(activation)) {
              if (ranAhead && isDirectQuery(activation)) throw new Error(QUERY_TOO_EARLY);
            } else {
              const isSame = before !== null && isSameTask(before, activation);
              if (!isSame) isFirst = before?.isReplaying === true && activation.isReplaying !== true;
              ranAhead = isFirst || (before !== null && isSame && (ranAhead || isLater(before, activation)));
              before = activation;
            }
          }
          next(input);
        },
      },
    ],
  };
}

function isQuery({ jobs }: Activation): boolean {
  return jobs?.some(({ queryWorkflow }) => queryWorkflow !== null && queryWorkflow !== undefined) ?? false;
}

function isDirectQuery({ jobs }: Activation): boolean {
  return jobs?.some(({ queryWorkflow }) => queryWorkflow?.queryId === DIRECT_QUERY) ?? false;
}

/** All activations of one workflow task have the time at which the task started. */
function isSameTask(a: Activation, b: Activation): boolean {
  return String(a.timestamp?.seconds) === String(b.timestamp?.seconds) && a.timestamp?.nanos === b.timestamp?.nanos;
}

/** Whether the activation has events from after the start of the last task. They belong to a future task. */
function isLater(before: Activation, { historyLength }: Activation): boolean {
  return (historyLength ?? 0) > (before.historyLength ?? 0);
}
