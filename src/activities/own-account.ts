import { activityInfo } from '@temporalio/activity';
import { FailureError } from '../domain/failure/failure.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../domain/account/workflow-ids.js';

/**
 * Refuses a request for an account that is not its workflow's. Such a request can only come from a fault: its history
 * mixes two accounts, and whatever was read or recorded for it would count for the wrong one.
 *
 * @throws FailureError (bug), which is not retried
 */
export function requireOwnAccount(account: string): void {
  const workflowId = ownWorkflowId();
  if ([reconciliationWorkflowId(account), interventionWorkflowId(account)].includes(workflowId)) return;
  throw new FailureError({
    kind: 'bug',
    side: 'plumbline',
    message: `workflow "${workflowId}" sent a request for account "${account}"; nothing was done`,
    where: null,
    remedy:
      "This is a fault in Plumbline, or a workflow started by hand: report it with the workflow's history. " +
      'Terminate that workflow and run `plumbline apply`.',
    retryAfterMs: null,
  });
}

/** The account of the workflow that sent the request, for a request that names none. */
export function ownAccount(): string {
  const workflowId = ownWorkflowId();
  return workflowId.slice(workflowId.indexOf('/') + 1);
}

function ownWorkflowId(): string {
  return activityInfo().workflowExecution?.workflowId ?? '';
}
