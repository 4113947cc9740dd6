import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { Policy } from '../../domain/policy/policy.js';
import { callOfEnd, callsForEnd, type EndedAcceptance } from './acceptance-ends.js';
import type { NewEvent } from '../store/event-chain.js';
import type { CallState } from './intervention-due.js';
import { columnsOf, isNew, isReworded, storedChange, type DiscrepancyChanges, type Sighted } from './lifecycle.js';
import { digestInterventionDue, digestSightings, digestWords } from '../store/row-digests.js';
import { trailOf, type TrailHead } from '../store/trail.js';
import type { ReportedCause, VerdictRecord } from '../contract/ledger.js';
import { storable } from '../store/stored-text.js';
import { evidenceFields, requestedBy, type Evidence } from './record-run.js';
import type { StoredAnswer, UnconfirmedRun } from '../store/schema.js';

interface Verdict {
  record: VerdictRecord;
  answer: StoredAnswer;
  run: { id: number; digest: string; evidence: Evidence };
  changes: DiscrepancyChanges;
  unconfirmedRuns: UnconfirmedRun[];
  ended: EndedAcceptance[];
  policy: Policy;
  /** Whether an intervention is open or due: then a known discrepancy that only changes adds nothing to it. */
  isCalled: boolean;
}

/** What the account's row holds after the verdict, and the run's event covers. */
interface AccountAfter {
  trail: TrailHead;
  /** Null if the verdict calls nobody, which leaves it unchanged. */
  callState: CallState | null;
}

/**
 * The events of one verdict. Pure. In this order: the run's completion; one call for each discrepancy that opened or
 * changed and for each key that has been unconfirmed for too many runs; the resolved discrepancies; the acceptances
 * that ended.
 */
export function verdictEvents(verdict: Verdict, after: AccountAfter): NewEvent[] {
  const { record, changes, unconfirmedRuns, ended, policy } = verdict;
  const calling = new Set(callingOf(verdict));
  const causes = causesByIdentity(record.causes);
  const run = record.key;
  const moved = changes.sighted.filter(({ change }) => change !== 'seen');
  const stuck = stuckKeys(unconfirmedRuns, policy);
  return [
    { type: 'RECONCILIATION_COMPLETED', run, payload: { ...completed(verdict), ...covered(verdict, after) } },
    ...moved.map((sighted): NewEvent => ({
      type: 'MANUAL_INTERVENTION',
      run,
      payload: payloadOf(sighted, causes, calling.has(sighted)),
    })),
    ...stuck.map(({ identity, type, symbol, reason, runsInARow }): NewEvent => ({
      type: 'MANUAL_INTERVENTION',
      run,
      payload: {
        action: 'UNSETTLED',
        identity,
        type,
        symbol,
        reason,
        runs_in_a_row: runsInARow,
        threshold: policy.unsettledThreshold,
        intervene: true,
      },
    })),
    ...changes.resolved.map((row): NewEvent => ({
      type: 'DISCREPANCY_RESOLVED',
      run,
      payload: {
        discrepancy_id: row.id,
        identity: row.identity,
        type: row.type,
        symbol: row.symbol,
        description: row.description,
        opened_at: row.openedAt,
        times_seen: row.timesSeen,
      },
    })),
    ...ended.map((end): NewEvent => ({
      type: 'ACCEPTANCE_ENDED',
      run,
      payload: {
        discrepancy_id: end.row.id,
        identity: end.row.identity,
        type: end.row.type,
        symbol: end.row.symbol,
        description: end.description,
        why: end.why,
        by: end.row.acceptedBy,
        until: end.row.acceptedUntil,
        intervene: callsForEnd(end, policy),
      },
    })),
  ];
}

function completed({ record, answer, run, changes, unconfirmedRuns }: Verdict): Record<string, unknown> {
  return {
    outcome: answer.outcome,
    trigger: record.trigger,
    ...requestedBy(record),
    started_at: record.startedAt,
    looks: record.looks,
    discrepancies: answer.discrepancies,
    by_type: answer.byType,
    opened: changes.sighted.filter(isNew).length,
    changed: changes.sighted.filter(({ change }) => change === 'changed').length,
    resolved: answer.resolved,
    open_discrepancies: answer.openDiscrepancies,
    coverage: { compared: record.compared, not_compared: record.notCompared },
    positions: record.positions,
    orders: record.orders,
    ignored: record.ignored,
    unsettled: unconfirmedRuns.map(({ identity, type, symbol, reason, runsInARow }) => ({
      identity,
      type,
      symbol,
      reason,
      runs_in_a_row: runsInARow,
    })),
    ...evidenceFields(run.evidence),
    run_digest: run.digest,
  };
}

/**
 * What the event covers in addition to its own content: the run's row, the sightings, the words of discrepancies that
 * have no event of their own, the intervention that is now due, and the trail.
 */
function covered({ run, changes: { sighted } }: Verdict, { trail, callState }: AccountAfter): Record<string, unknown> {
  const reworded = sighted.filter((seen) => seen.change === 'seen' && isReworded(seen));
  const sightings = sighted.map(({ id, change, confirmed }) => ({
    discrepancyId: id,
    type: confirmed.difference.type,
    change: storedChange(change),
  }));
  return {
    run_row: run.id,
    ...(sightings.length === 0 ? {} : { sightings: digestSightings(sightings) }),
    ...(reworded.length === 0
      ? {}
      : { reworded: Object.fromEntries(reworded.map((seen) => [seen.id, wordsOf(seen)])) }),
    ...(callState === null ? {} : { call_due: digestInterventionDue(callState.callDue) }),
    ...trailOf(trail),
  };
}

function wordsOf({ confirmed }: Sighted): string {
  return digestWords({ identity: confirmed.identity, ...columnsOf(confirmed) });
}

function payloadOf(
  sighted: Sighted,
  causes: ReadonlyMap<string, ReportedCause>,
  intervene: boolean,
): Record<string, unknown> {
  const { id, change, confirmed, before, reopens } = sighted;
  const cause = causes.get(confirmed.identity);
  return {
    action: confirmed.difference.type,
    discrepancy_id: id,
    identity: confirmed.identity,
    symbol: confirmed.difference.symbol,
    description: confirmed.description,
    remedy: confirmed.remedy,
    difference: confirmed.difference,
    cause: cause?.kind ?? null,
    story: cause?.text ?? null,
    reopens: reopens === null ? null : { discrepancy_id: reopens.id, resolved_at: reopens.resolvedAt },
    change: change === 'changed',
    previous: before === null ? null : { type: before.type, description: before.description },
    intervene,
  };
}

/**
 * The verdict's intervention calls, in the order of its events: one for each cause with a discrepancy that calls, one
 * for each key that has been unconfirmed for too many runs, and one for each acceptance that expired.
 */
export function verdictCalls(
  verdict: Pick<Verdict, 'changes' | 'unconfirmedRuns' | 'ended' | 'policy' | 'isCalled'>,
  causes: readonly ReportedCause[],
): InterventionCall[] {
  const byIdentity = causesByIdentity(causes);
  const reported = new Set<ReportedCause>();
  const calls: InterventionCall[] = [];
  for (const seen of callingOf(verdict)) {
    const cause = byIdentity.get(seen.confirmed.identity);
    if (cause !== undefined && reported.has(cause)) continue;
    if (cause !== undefined) reported.add(cause);
    const back = seen.reopens === null ? '' : ` (it is back: resolved at ${seen.reopens.resolvedAt?.toISOString()})`;
    const was =
      seen.before === null || seen.before.acceptedBy === null
        ? ''
        : ` (${seen.before.acceptedBy} had accepted it as it was: ${seen.before.description})`;
    calls.push({
      action: seen.confirmed.difference.type,
      text: `${cause?.text ?? seen.confirmed.description}${back}${was}`,
    });
  }
  return [
    ...calls,
    ...stuckKeys(verdict.unconfirmedRuns, verdict.policy).map(
      ({ symbol, type, reason, runsInARow }): InterventionCall => ({
        action: 'UNSETTLED',
        text: `${symbol} could not be confirmed in ${runsInARow} runs in a row (it may be ${type}): ${reason}`,
      }),
    ),
    ...verdict.ended.filter((end) => callsForEnd(end, verdict.policy)).map(callOfEnd),
  ];
}

/** Causes by stored identity. If several causes name an identity, the first one counts. */
function causesByIdentity(causes: readonly ReportedCause[]): Map<string, ReportedCause> {
  const byIdentity = new Map<string, ReportedCause>();
  for (const cause of causes) {
    for (const identity of cause.identities.map(storable)) {
      if (!byIdentity.has(identity)) byIdentity.set(identity, cause);
    }
  }
  return byIdentity;
}

/**
 * The discrepancies that call a human: those of a calling type that opened, turned into such a type, or changed after
 * their call was acknowledged or after they were accepted (a person who dealt with half a coin has not seen five).
 */
function callingOf({
  changes,
  policy: { interveneOn },
  isCalled,
}: Pick<Verdict, 'changes' | 'policy' | 'isCalled'>): Sighted[] {
  return changes.sighted.filter((sighted) => {
    const { change, confirmed, before } = sighted;
    if (!interveneOn.includes(confirmed.difference.type)) return false;
    if (isNew(sighted)) return true;
    if (change !== 'changed' || before === null) return false;
    return !isCalled || !interveneOn.includes(before.type) || before.acceptedBy !== null;
  });
}

/** Once per stretch, because the count keeps growing while the key stays unconfirmed. */
function stuckKeys(unconfirmedRuns: readonly UnconfirmedRun[], { unsettledThreshold }: Policy): UnconfirmedRun[] {
  return unconfirmedRuns.filter(({ runsInARow }) => runsInARow === unsettledThreshold);
}
