import { severityOf, type InterventionCall, type InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { AccountRow, InterventionDue } from '../store/schema.js';

/*
 * An intervention is due if a run recorded reasons for it and no intervention contains them yet. While one is due, the
 * trading gate is closed, because the bot must not trade between a verdict and the intervention that follows from it.
 *
 * Whether an intervention is due depends on two times of the account's workflow. Each only ever grows:
 *
 *     due  <=>  start of the newest run that calls a human  >  time of the newest reason in any intervention
 *
 * The workflow calls a human for a run after that run began and before the next one begins. So a reason that is not
 * older than the start of a run belongs to that run's call or to a later one, and an older reason does not. Both times
 * are maxima, so the state does not depend on the order, delay or number of deliveries: if the ledger learns of a
 * failed run after its intervention was acknowledged, the state is "not due".
 */

/**
 * The columns of an account's row about interventions. `calledAt`: time of the newest reason, by the workflow's clock.
 */
export type CallState = Pick<AccountRow, 'callDue' | 'calledAt'>;

/** Maximum number of intervention calls in an answer, because they pass through workflow history. */
const MAX_CALLS = 20;

/**
 * How long an intervention may be due before the next run calls again, by the database's clock. This is far longer than
 * an intervention takes to record itself once the ledger is reachable, so only lost calls are repeated (the workflow
 * was terminated, or the database restored).
 */
const MAKE_AGAIN_AFTER_MS = 5 * 60_000;

/** The state after a run with these calls. It is unchanged if there are none, or if the call is already recorded. */
export function afterRun(
  state: CallState,
  run: { startedAt: Date; calls: readonly InterventionCall[] },
  now: Date,
): CallState {
  const { callDue, calledAt } = state;
  if (run.calls.length === 0) return { callDue, calledAt };
  if (calledAt !== null && calledAt >= run.startedAt) return { callDue, calledAt };
  const runStartedAt =
    newest([run.startedAt, callDue === null ? null : new Date(callDue.runStartedAt)]) ?? run.startedAt;
  return {
    callDue: {
      runStartedAt: runStartedAt.toISOString(),
      since: callDue?.since ?? now.toISOString(),
      calls: describable([...(callDue?.calls ?? []), ...run.calls]),
    },
    calledAt,
  };
}

/** The state after these reasons were recorded in an intervention. */
export function afterReasons({ callDue, calledAt }: CallState, reasons: readonly InterventionReason[]): CallState {
  const called = newest([calledAt, ...reasons.map(({ at }) => new Date(at))]);
  const reported = callDue !== null && called !== null && called >= new Date(callDue.runStartedAt);
  return { callDue: reported ? null : callDue, calledAt: called };
}

/** The calls that an answer makes: the run's own calls, preceded by those of earlier runs that seem to be lost. */
export function callsToMake(
  callDue: InterventionDue | null,
  ofRun: readonly InterventionCall[],
  now: Date,
): InterventionCall[] {
  const lost = callDue !== null && now.getTime() - new Date(callDue.since).getTime() >= MAKE_AGAIN_AFTER_MS;
  return describable([...(lost ? callDue.calls : []), ...ofRun]);
}

/** Shortened to fit every place that the calls pass through. */
function describable(calls: readonly InterventionCall[]): InterventionCall[] {
  const last = calls[MAX_CALLS - 1];
  if (calls.length <= MAX_CALLS || last === undefined) return [...calls];
  const rest = calls.slice(MAX_CALLS - 1);
  const more: InterventionCall = {
    action: last.action,
    text: `${last.text}; and more: \`plumbline discrepancies\` lists all of them`,
    ...(severityOf(rest) === 'notify' && { severity: 'notify' }),
    ...(rest.every(({ closesGate }) => closesGate === false) && { closesGate: false }),
  };
  return [...calls.slice(0, MAX_CALLS - 1), more];
}

function newest(times: readonly (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null).map((time) => time.getTime());
  return known.length === 0 ? null : new Date(Math.max(...known));
}
