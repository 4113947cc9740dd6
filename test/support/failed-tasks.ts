import proto, { type temporal } from '@temporalio/proto';

const { WorkflowTaskFailedCause: CAUSE } = proto.temporal.api.enums.v1;

/**
 * Causes that are not the workflow's fault: a new event arrived with a command, a task moved to another queue, a person
 * reset the execution.
 */
const HARMLESS = new Set([
  CAUSE.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  // The workflow was terminated while a task ran.
  CAUSE.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
  CAUSE.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
  CAUSE.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
]);

/** The failures of workflow tasks in a history, as text. A task that keeps failing appears once. */
export function failedTasks(events: readonly temporal.api.history.v1.IHistoryEvent[]): string[] {
  return events.flatMap(({ workflowTaskFailedEventAttributes: failed }) => {
    if (failed === null || failed === undefined) return [];
    const cause = failed.cause ?? CAUSE.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED;
    return HARMLESS.has(cause) ? [] : [`${CAUSE[cause]}: ${failed.failure?.message ?? 'no message'}`];
  });
}
