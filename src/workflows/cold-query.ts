import type { ActivateInput, WorkflowInterceptors } from '@temporalio/workflow';

type Activation = ActivateInput['activation'];

/** The id of a query that came in a task of its own, not with a workflow task. */
const DIRECT_QUERY = 'legacy_query';

/** Part of the message of a query that was refused because it came together with newer events. Ask again. */
export const QUERY_TOO_EARLY = 'events came that no workflow task has handled yet: ask again';

/**
 * Keeps a query from changing what a workflow does.
 *
 * A query may wait at the server while no worker polls. Events that come meanwhile (a signal, a timer, an activity's result)
 * are in the history that its worker gets, and the SDK's core feeds them to the workflow before it asks the query. The
 * workflow's commands are kept for the workflow task that follows, which brings its own events and updates: so the workflow
 * handles in two steps, with an old clock, what every later replay handles in one. The two can lead to other commands, and
 * then no worker can ever replay the history.
 *
 * The events that came ahead have the time of the last task. If that task had no commands, core joins both, and they look like
 * a task of their own: so the first task after a replay counts too. A query right after it is then refused for nothing, once.
 *
 * Such a query is failed here. Core then drops the workflow from its cache, and the task that follows replays it from the
 * history. Nothing else is changed.
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

/** A workflow task has the time at which it started, and all that is handled within it has that time too. */
function isSameTask(a: Activation, b: Activation): boolean {
  return String(a.timestamp?.seconds) === String(b.timestamp?.seconds) && a.timestamp?.nanos === b.timestamp?.nanos;
}

/** Events that came after the start of the last task: they belong to a task that has not come yet. */
function isLater(before: Activation, { historyLength }: Activation): boolean {
  return (historyLength ?? 0) > (before.historyLength ?? 0);
}
