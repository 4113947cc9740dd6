import { notComparedName, type NotCompared } from '../../domain/compare/observation.js';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { ReportedCause } from '../contract/ledger.js';
import type { UnconfirmedRun } from '../store/schema.js';
import { storable } from '../store/stored-text.js';
import { callOfEnd, callsForEnd, type EndedAcceptance } from './acceptance-ends.js';
import { callsHuman, marksOfCall, standingDecision } from './drift-decisions.js';
import { isNew, type DiscrepancyChanges, type Sighted } from './lifecycle.js';

/** The part of a verdict that decides whether a human is called. */
export interface VerdictCauses {
  changes: DiscrepancyChanges;
  unconfirmedRuns: UnconfirmedRun[];
  ended: EndedAcceptance[];
  /** What is not compared since this run, where the policy calls a human for it. */
  uncompared: NotCompared[];
  policy: Policy;
  /** Whether an intervention is open or due: then a known discrepancy that only changes adds nothing to it. */
  isCalled: boolean;
}

/**
 * The verdict's intervention calls, in the order of its events: one for each cause with a discrepancy that calls, one
 * for each key that has been unconfirmed for too many runs, and one for each acceptance that expired.
 */
export function verdictCalls(verdict: VerdictCauses, causes: readonly ReportedCause[]): InterventionCall[] {
  const byIdentity = causesByIdentity(causes);
  const calling = callingOf(verdict);
  const byCause = new Map<ReportedCause | Sighted, Sighted[]>();
  for (const seen of calling) {
    const cause = byIdentity.get(seen.confirmed.identity) ?? seen;
    byCause.set(cause, [...(byCause.get(cause) ?? []), seen]);
  }
  const calls = [...byCause].flatMap(([cause, differences]) => {
    const [first] = differences;
    return first === undefined ? [] : [callOf(first, 'kind' in cause ? cause : undefined, differences)];
  });
  const raised = verdict.changes.redecided.filter(({ row, isRaised }) => isRaised && row.acceptedBy === null);
  return [
    ...calls,
    ...raised.map(({ row, decision }): InterventionCall => ({
      action: row.type,
      text: `${row.description}${POLICY_CALLS}`,
      ...marksOfCall([decision]),
    })),
    ...stuckKeys(verdict.unconfirmedRuns, verdict.policy).map(
      ({ symbol, type, reason, runsInARow }): InterventionCall => ({
        action: 'UNSETTLED',
        text: `${symbol} could not be confirmed in ${runsInARow} runs in a row (it may be ${type}): ${reason}`,
      }),
    ),
    ...verdict.uncompared.map((entry): InterventionCall => ({
      action: 'NOT_COMPARED',
      text: `${notComparedName(entry)} is no longer compared: ${entry.reason}`,
    })),
    ...verdict.ended.filter((end) => callsForEnd(end, verdict.policy)).map(callOfEnd),
  ];
}

const POLICY_CALLS = ' (it was open before; the policy calls a human for it now)';

/** One call for all the differences of a cause. */
function callOf(
  { confirmed, before, reopens, change, isRaised }: Sighted,
  cause: ReportedCause | undefined,
  differences: readonly Sighted[],
): InterventionCall {
  const back = reopens === null ? '' : ` (it is back: resolved at ${reopens.resolvedAt?.toISOString()})`;
  const was =
    before === null || before.acceptedBy === null
      ? ''
      : ` (${before.acceptedBy} had accepted it as it was: ${before.description})`;
  const already = change === 'seen' && isRaised ? POLICY_CALLS : '';
  return {
    action: confirmed.difference.type,
    text: `${cause?.text ?? confirmed.description}${back}${was}${already}`,
    ...marksOfCall(differences.map(({ decision }) => decision)),
  };
}

/** Causes by stored identity. If several causes name an identity, the first one counts. */
export function causesByIdentity(causes: readonly ReportedCause[]): Map<string, ReportedCause> {
  const byIdentity = new Map<string, ReportedCause>();
  for (const cause of causes) {
    for (const identity of cause.identities.map(storable)) {
      if (!byIdentity.has(identity)) byIdentity.set(identity, cause);
    }
  }
  return byIdentity;
}

/**
 * The discrepancies that call a human: the policy must call for them, and they must be new, have a stricter decision, or have
 * changed after their call was acknowledged or after they were accepted (a person who dealt with half a coin has not seen
 * five).
 */
export function callingOf({
  changes,
  policy,
  isCalled,
}: Pick<VerdictCauses, 'changes' | 'policy' | 'isCalled'>): Sighted[] {
  return changes.sighted.filter((sighted) => {
    const { change, confirmed, before, decision, isRaised } = sighted;
    if (!callsHuman(standingDecision(decision, confirmed.difference.type, policy))) return false;
    if (isNew(sighted)) return true;
    if (before === null) return false;
    // An acceptance covers these values, whatever the policy decides.
    if (change === 'seen') return isRaised && before.acceptedBy === null;
    const wasCalledFor = callsHuman(standingDecision(before.decision, before.type, policy));
    return !isCalled || isRaised || !wasCalledFor || before.acceptedBy !== null;
  });
}

/** Once per stretch, because the count keeps growing while the key stays unconfirmed. */
export function stuckKeys(
  unconfirmedRuns: readonly UnconfirmedRun[],
  { unsettledThreshold }: Policy,
): UnconfirmedRun[] {
  return unconfirmedRuns.filter(({ runsInARow }) => runsInARow === unsettledThreshold);
}
