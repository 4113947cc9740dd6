import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { summary } from '../domain/lifecycle/bounded.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { OpenIntervention } from '../domain/lifecycle/known-account.js';
import type { Account } from './account.js';
import type { InterventionInput } from './intervention-input.js';
import { manualIntervention } from './manual-intervention.js';
import { addReasonSignal, interventionWorkflowId } from './messages.js';
import { looking } from './proxies.js';
import { boundedReason } from './validate.js';

const RETRY_MS = 1_000;
/** After this many attempts the runs go on. The ledger keeps the call and returns it with a later run. */
const MAX_ATTEMPTS = 10;

/**
 * Opens the account's intervention, or adds the reasons to the open one. The child's workflow id ensures that an account
 * has at most one at a time, whatever the state of this workflow. The server is asked first which of the two applies, so that
 * neither a failed start nor a failed signal gets into the history. Without an answer, the state of this workflow decides.
 */
export async function requestIntervention(account: Account, reasons: readonly InterventionReason[]): Promise<void> {
  const bounded = reasons.map(boundedReason);
  let mayBeOpen = account.tells ? await isOpen(account) : account.current && account.state.interventionOpen;
  for (let attempt = 1; ; attempt++) {
    if (!mayBeOpen && (await started(account, bounded))) break;
    if (await added(account, bounded)) break;
    if (attempt === MAX_ATTEMPTS) {
      log.error('No intervention takes the call; the ledger makes it again with a later run', {
        account: account.name,
      });
      return;
    }
    // It was acknowledged between the two steps; the next attempt opens a new one.
    if (!mayBeOpen) await sleep(RETRY_MS);
    mayBeOpen = false;
  }
  account.opened();
}

async function isOpen({ name, state }: Account): Promise<boolean> {
  try {
    return await looking.servesIntervention.executeWithOptions({ summary: 'is a call open?' }, [{ account: name }]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return state.interventionOpen;
  }
}

/** Restarts an intervention that is open in the ledger and has no workflow. */
export async function restoreIntervention(account: Account, lost: OpenIntervention): Promise<void> {
  const { reasons, ...carried } = lost;
  await started(account, reasons.map(boundedReason), carried);
  account.opened();
}

/** Starts the intervention; returns false if one is already open. */
async function started(
  account: Account,
  reasons: InterventionReason[],
  carried?: NonNullable<InterventionInput['carried']>,
): Promise<boolean> {
  const { name, exchange, policy } = account;
  const input = { account: name, exchange, reminderMinutes: policy.reminderMinutes, reasons, rules: account.rules() };
  try {
    await startChild(manualIntervention, {
      workflowId: interventionWorkflowId(name),
      args: [carried === undefined ? input : { ...input, carried }],
      // It must outlive this execution of the parent: an intervention stays open until a human acknowledges it.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summary(`A human is called for ${name}`),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Adds the reasons to the open intervention. Returns false if none is open. */
async function added({ name }: Account, reasons: readonly InterventionReason[]): Promise<boolean> {
  try {
    const open = getExternalWorkflowHandle(interventionWorkflowId(name));
    for (const reason of reasons) await open.signal(addReasonSignal, reason);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('The account has no open intervention that takes a reason', { account: name });
    return false;
  }
}
