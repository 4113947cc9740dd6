import type { InterventionCall, InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { AccountRow, InterventionDue } from '../store/schema.js';

/*
 * Reasons for an intervention that a run recorded and that no intervention holds yet. While there is one the trading
 * gate is closed: the bot must not trade in the moments between a verdict and the call that follows from it.
 *
 * Whether an intervention is due follows from two times of the account's workflow, each of which only ever grows:
 *
 *     due  <=>  start of the newest run that calls  >  time of the newest reason that any intervention holds
 *
 * The workflow makes the call for a run after that run began and before the next one begins. So a reason not older than the
 * start of a run reports that run's call, or of a later one, and an older reason does not. Being two maxima, the state
 * is the same in whatever order, however late and however often runs and reasons are recorded: that of a failed run
 * which the ledger learns of after its call was acknowledged is "not due".
 */

/** What an account's row keeps of calls. `calledAt`: time of the newest reason, by the workflow's clock. */
export type CallState = Pick<AccountRow, 'callDue' | 'calledAt'>;

/** Calls that are described; they pass through workflow history. */
const MAX_CALLS = 20;

/**
 * How long an intervention may be due before the next run makes it again, by the database's clock. Far longer than an
 * intervention takes to record itself once the ledger is there; so what is made again is a call that got lost (its workflow
 * was terminated, the database restored).
 */
const MAKE_AGAIN_AFTER_MS = 5 * 60_000;

/** The state after a run that calls for these; the same where it calls for nothing, or its call was recorded before it. */
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

/** The state after these reasons of an intervention. */
export function afterReasons({ callDue, calledAt }: CallState, reasons: readonly InterventionReason[]): CallState {
  const called = newest([calledAt, ...reasons.map(({ at }) => new Date(at))]);
  const reported = callDue !== null && called !== null && called >= new Date(callDue.runStartedAt);
  return { callDue: reported ? null : callDue, calledAt: called };
}

/**
 * What an answer reports to call for: the run's own calls, and before them those of earlier runs that seem to be lost.
 */
export function callsToMake(
  callDue: InterventionDue | null,
  ofRun: readonly InterventionCall[],
  now: Date,
): InterventionCall[] {
  const lost = callDue !== null && now.getTime() - new Date(callDue.since).getTime() >= MAKE_AGAIN_AFTER_MS;
  return describable([...(lost ? callDue.calls : []), ...ofRun]);
}

/** Short enough for every place that it passes through. */
function describable(calls: readonly InterventionCall[]): InterventionCall[] {
  const last = calls[MAX_CALLS - 1];
  if (calls.length <= MAX_CALLS || last === undefined) return [...calls];
  const more = { action: last.action, text: `${last.text}; and more: \`plumbline discrepancies\` lists what stands` };
  return [...calls.slice(0, MAX_CALLS - 1), more];
}

function newest(times: readonly (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null).map((time) => time.getTime());
  return known.length === 0 ? null : new Date(Math.max(...known));
}
