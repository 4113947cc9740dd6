import { ApplicationFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import { ladderOf } from '../domain/lifecycle/ladder-state.js';
import { callByLadder } from './call-by-ladder.js';
import { callByLog } from './call-by-log.js';
import { Intervention } from './intervention.js';
import { setInterventionHandlers } from './intervention-handlers.js';
import type { InterventionInput } from './intervention-input.js';
import { interventionWorkflowId } from './messages.js';
import { isCurrent } from './release.js';
import * as validate from './validate.js';

export type { InterventionInput } from './intervention-input.js';

/**
 * One open intervention. It stays open, and sends reminders, until a named human acknowledges it with a note. A cancellation
 * does not end it. If a human acknowledged it in the ledger while this workflow did not answer, the answer to the next
 * record says so.
 *
 * @throws ApplicationFailure (Refused) for invalid arguments, and for a workflow id that is not the account's
 */
export async function manualIntervention(input: InterventionInput): Promise<void> {
  if (workflowInfo().continuedFromExecutionRunId === undefined && isCurrent()) refuseWrongStart(input);
  await CancellationScope.nonCancellable(async () => intervene(input));
}

async function intervene(input: InterventionInput): Promise<void> {
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const intervention = new Intervention(input);
  const { account, id: interventionId, records } = intervention;
  if (!isContinued || input.carried === undefined) {
    // Before the handlers are set: an acknowledgement may have arrived already, and the ledger must have the intervention
    // that it acknowledges. For a restarted intervention the ledger keeps what it has.
    void records.add({ kind: 'opened', account, interventionId, reasons: input.reasons });
  }
  for (const record of input.carried?.unrecorded ?? []) void records.addQuietly(record);
  setInterventionHandlers(intervention);
  intervention.publish();
  if (input.again?.late === true) await intervention.reportToParent('opened');

  const ladder = input.rules === undefined ? null : ladderOf(input.rules);
  if (ladder !== null) {
    await callByLadder(intervention, ladder);
    return;
  }
  await callByLog(intervention);
  intervention.keepOverflow();
  if (intervention.fresh.length > 0) await intervention.openAnew(false);
  await intervention.reportToParent('closed');
  // The same for a reason that came during that signal. Nothing may be awaited between this check and the end.
  intervention.keepOverflow();
  if (isCurrent() && intervention.fresh.length > 0) await intervention.openAnew(true);
}

/** Anybody may start this workflow with any arguments. It ends with the reason instead of failing its workflow task. */
function refuseWrongStart(input: InterventionInput): void {
  const problem = startProblem(input);
  if (problem !== null) throw ApplicationFailure.nonRetryable(`No intervention was opened: ${problem}`, 'Refused');
}

function startProblem(input: unknown): string | null {
  const checked = validate.checkInterventionStart(input);
  if (!checked.ok) return checked.problem;
  const id = interventionWorkflowId(checked.value.account);
  const { workflowId } = workflowInfo();
  if (workflowId !== id)
    return `${checked.value.account} has its interventions under the workflow id ${id}, not ${workflowId}`;
  const { again, carried } = input as InterventionInput;
  if (again !== undefined) return 'again is set by continue-as-new only';
  if (carried === undefined) return null;
  const checkedCarried = validate.checkCarriedIntervention(carried);
  return checkedCarried.ok ? null : checkedCarried.problem;
}
