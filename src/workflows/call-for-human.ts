import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  sleep,
  startChild,
} from '@temporalio/workflow';
import type { InterventionReason } from '../domain/intervention.js';
import { manualIntervention } from './manual-intervention.js';
import { addReasonSignal, interventionWorkflowId } from './messages.js';

const RETRY_MS = 1_000;

/**
 * Opens the account's intervention, or adds the reasons to the one that is open. One per account at a time: the child's
 * workflow id sees to that, whatever this workflow remembers.
 */
export async function callForHuman(call: {
  account: string;
  exchange: string;
  reminderMinutes: number[];
  reasons: InterventionReason[];
}): Promise<void> {
  const { account, reasons } = call;
  const workflowId = interventionWorkflowId(account);
  // An intervention may be acknowledged between the two steps: then it is closed, and the next turn opens a new one.
  for (;;) {
    try {
      await startChild(manualIntervention, {
        workflowId,
        args: [call],
        // It must outlive this run of the parent: a call stays open until a human acknowledges it.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `A human is called for ${account}`,
      });
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    try {
      const open = getExternalWorkflowHandle(workflowId);
      for (const reason of reasons) await open.signal(addReasonSignal, reason);
      return;
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.warn('The call for a human was neither started nor open; trying again', { account });
    }
    await sleep(RETRY_MS);
  }
}
