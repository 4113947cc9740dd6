import type { InterventionRecord, RecordRequest } from '../../activities/activity-messages.js';
import type { OpenIntervention } from '../../domain/lifecycle/known-account.js';
import type { AccountTotals } from '../../ledger/contract/ledger.js';
import { endOf } from '../../watch/diagnose.js';
import { isFailing, type Execution } from '../../watch/execution.js';
import { checkBy, checkPause } from '../../workflows/validate.js';
import { count } from '../terminal/count.js';
import type { PendingSignal } from './unrecorded.js';

/** What the investigation found about one account. */
export interface Found {
  account: string;
  /** Null if the ledger does not know the account. */
  totals: AccountTotals | null;
  workflow: Execution;
  taskFailure: string | null;
  /** Records that a healthy workflow could not bring into the ledger. */
  setAside: number;
  records: RecordRequest[];
  signals: PendingSignal[];
  /** The open intervention according to the ledger. */
  open: OpenIntervention | null;
  intervention: Execution;
  interventionRecords: InterventionRecord[];
  interventionSignals: PendingSignal[];
}

/** What a repair does, in this order; if all are false or empty, nothing. */
export interface RepairPlan {
  found: string[];
  record: RecordRequest[];
  recordIntervention: InterventionRecord[];
  /** Sends the records that the ledger refused to it again. */
  retrySetAside: boolean;
  terminate: boolean;
  start: boolean;
  resend: PendingSignal[];
  terminateIntervention: boolean;
  /**
   * When everything is recorded, starts the workflow of the intervention that the ledger has as open, if there is one.
   */
  startIntervention: boolean;
  resendIntervention: PendingSignal[];
}

/** Decides what to do from what was found. Pure. */
export function planOf(found: Found): RepairPlan {
  const { account, workflow, intervention } = found;
  const isGone = workflow.kind !== 'running';
  const isStuck = isFailing(workflow);
  const wanted = found.totals === null ? !isGone : found.totals.active;
  const stopped = isGone && found.records.some(({ kind }) => kind === 'deactivate');
  const lines: string[] = [];
  if (isStuck && workflow.kind === 'running') {
    lines.push(`its workflow task fails (attempt ${workflow.taskAttempt}): ${found.taskFailure ?? 'see the worker'}`);
  } else if (isGone && stopped) lines.push('it was stopped, and the ledger has not recorded that');
  else if (isGone && wanted) lines.push(`its workflow ${endOf(workflow)}`);
  if (found.setAside > 0)
    lines.push(`${count(found.setAside, 'record')} set aside: the ledger refused them permanently`);
  const broken = isStuck || (isGone && wanted);
  // A healthy workflow records its pending items itself. A stop requested of a stuck workflow is requested again by
  // `apply`.
  const record = broken
    ? found.records.filter(({ kind }) => stopped || (kind !== 'deactivate' && kind !== 'cancelled'))
    : [];

  if (broken && !stopped) record.push(...pausesIn(found, record));

  const interventionStuck = isFailing(intervention);
  const interventionGone = intervention.kind !== 'running';
  const opens = found.open !== null || found.interventionRecords.some(({ kind }) => kind === 'opened');
  const callDue = broken && (found.totals?.callDueSince ?? null) !== null;
  const restart = interventionStuck || (interventionGone && (opens || callDue));
  if (interventionStuck) lines.push(`the workflow of its intervention fails its tasks`);
  else if (interventionGone && found.open !== null) {
    lines.push(`its intervention is open, and the intervention's workflow ${endOf(intervention)}`);
  }
  return {
    found: lines.map((line) => `${account}: ${line}`),
    record,
    recordIntervention: restart ? found.interventionRecords : [],
    retrySetAside: found.setAside > 0,
    terminate: isStuck,
    start: broken && !stopped,
    // The new workflow takes pauses over from the ledger; of all other requests it can only use one for a run.
    resend: broken && !stopped ? found.signals.filter(({ name }) => name === 'forceRun').slice(-1) : [],
    terminateIntervention: interventionStuck,
    startIntervention: restart,
    resendIntervention: restart ? found.interventionSignals : [],
  };
}

/**
 * The pauses and resumes that the workflow never handled, as records: the ledger takes them, and the new workflow
 * starts from there. Those that would change nothing, or that the workflow would refuse, are left out.
 */
function pausesIn({ account, totals, signals, workflow }: Found, before: readonly RecordRequest[]): RecordRequest[] {
  const last = before.findLast((item) => item.kind === 'pause');
  let isPaused = last === undefined ? (totals?.paused ?? false) : last.paused;
  const runId = workflow.kind === 'not_found' ? '' : workflow.runId;
  const records: RecordRequest[] = [];
  for (const [index, { name, args }] of signals.entries()) {
    const requestId = `${runId}/repaired/${index}`;
    if (name === 'pause' && !isPaused) {
      const checked = checkPause(args[0]);
      if (!checked.ok) continue;
      isPaused = true;
      records.push({ kind: 'pause', account, paused: true, ...checked.value, requestId });
    } else if (name === 'resume' && isPaused) {
      const checked = checkBy(args[0]);
      if (!checked.ok) continue;
      isPaused = false;
      records.push({ kind: 'pause', account, paused: false, ...checked.value, reason: null, requestId });
    }
  }
  return records;
}

export function isNothing(plan: RepairPlan): boolean {
  return stepsOf(plan, null).length === 0;
}

/** The plan for people, one line per step. */
export function stepsOf(plan: RepairPlan, totals: AccountTotals | null): string[] {
  const steps: string[] = [];
  if (plan.record.length > 0) {
    steps.push(
      `record what the workflow had not recorded in the ledger: ${tally(plan.record.map(({ kind }) => kind))}`,
    );
  }
  if (plan.recordIntervention.length > 0) {
    const kinds = tally(plan.recordIntervention.map(({ kind }) => kind));
    steps.push(`record what the intervention had not recorded in the ledger: ${kinds}`);
  }
  if (plan.retrySetAside) steps.push('send the refused records to the ledger again');
  if (plan.terminate) steps.push('terminate the workflow');
  if (plan.start) steps.push(`start the workflow again with the ledger's state${stateOf(totals)}`);
  if (plan.resend.length > 0) {
    steps.push(`send again what it had not handled: ${tally(plan.resend.map(({ name }) => name))}`);
  }
  if (plan.terminateIntervention) steps.push('terminate the workflow of the intervention');
  if (plan.startIntervention) steps.push('start the workflow of the intervention again, if the ledger has it as open');
  return steps;
}

function stateOf(totals: AccountTotals | null): string {
  if (totals === null) return '';
  const { lastRunNumber, consecutiveFailures, policy, paused, interventionsOpen } = totals;
  return (
    `: ${totals.exchange}, run ${lastRunNumber + 1} next, streak ${consecutiveFailures}/${policy.failureThreshold}` +
    `${paused ? ', paused' : ''}, ${count(interventionsOpen, 'open intervention')}`
  );
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => (times === 1 ? name : `${times} × ${name}`)).join(', ');
}
