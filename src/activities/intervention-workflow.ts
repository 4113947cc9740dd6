import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { interventionWorkflowId } from '../domain/account/workflow-ids.js';

/** After this many failed attempts of a workflow task the workflow counts as stuck. */
const STUCK_AFTER_ATTEMPTS = 5;

/**
 * Whether a workflow serves the account's intervention. If its workflow task keeps failing, terminates it, so that it can
 * be restarted. Asks only the server, never a worker.
 */
export async function servesIntervention(client: Client, account: string): Promise<boolean> {
  const handle = client.workflow.getHandle(interventionWorkflowId(account));
  try {
    const { status, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return false;
    if ((raw.pendingWorkflowTask?.attempt ?? 0) < STUCK_AFTER_ATTEMPTS) return true;
    await handle.terminate('plumbline: its workflow task keeps failing; it is started again from the ledger');
    return false;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
