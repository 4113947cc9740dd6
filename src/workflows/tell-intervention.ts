import { getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import type { Account } from './account.js';
import { tellAnswered } from './answered-call.js';
import { changeRulesSignal, discrepanciesSignal, interventionWorkflowId } from './messages.js';

/**
 * Sends the open intervention what has changed: the policy, and whether discrepancies are open. If none is open any more, also
 * sends the news of acknowledged calls.
 */
export async function tellIntervention(account: Account): Promise<void> {
  const { state } = account;
  const rules = state.rulesMoved ? account.rules() : null;
  state.rulesMoved = false;
  const isOpen = state.lastRun === null ? null : isOpenAfter(state.lastRun);
  if (isOpen === false) tellAnswered(account);
  if (!state.interventionOpen) return;
  const { escalation, notifyChannels } = account.policy;
  const hasChannels = escalation !== undefined || notifyChannels !== undefined;
  const standing = hasChannels ? isOpen : null;
  const open = getExternalWorkflowHandle(interventionWorkflowId(account.name));
  try {
    if (rules !== null) await open.signal(changeRulesSignal, rules);
    if (standing === null || standing === state.toldStanding) return;
    state.toldStanding = standing;
    await open.signal(discrepanciesSignal, { standing });
  } catch (error) {
    if (isCancellation(error)) throw error;
    // The intervention was acknowledged and has ended, so it needs no signal.
  }
}

/** Whether discrepancies are open after a run; null if the run did not show it. */
function isOpenAfter({ outcome, openDiscrepancies, unsettled }: RecordedRun): boolean | null {
  if (openDiscrepancies > 0) return true;
  return outcome === 'matched' && unsettled === 0 ? false : null;
}
