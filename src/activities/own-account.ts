import { activityInfo } from '@temporalio/activity';
import { FailureError } from '../domain/failure/failure.js';
import { interventionWorkflowId, reconciliationWorkflowId } from '../domain/account/workflow-ids.js';

/**
 * Refuses a request for an account that is not the account of its workflow. Such a request is always a fault: the history
 * mixes two accounts, and a read or record would count for the wrong one.
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
      "This is a defect of Plumbline, or the workflow was started by hand: report it with the workflow's history. " +
      'Terminate that workflow and run `plumbline apply`.',
    retryAfterMs: null,
  });
}

/** The account of the workflow that sent the request. For requests that name no account. */
export function ownAccount(): string {
  const workflowId = ownWorkflowId();
  return workflowId.slice(workflowId.indexOf('/') + 1);
}

function ownWorkflowId(): string {
  return activityInfo().workflowExecution?.workflowId ?? '';
}
