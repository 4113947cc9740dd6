import { callsForEnd } from './acceptance-ends.js';
import type { NewEvent } from '../store/event-chain.js';
import type { CallState } from './intervention-due.js';
import { columnsOf, isNew, isReworded, storedChange, type Redecided, type Sighted } from './lifecycle.js';
import { digestInterventionDue, digestSightings, digestWords } from '../store/row-digests.js';
import { trailOf, type TrailHead } from '../store/trail.js';
import type { ReportedCause, VerdictRecord } from '../contract/ledger.js';
import { callingOf, causesByIdentity, stuckKeys, type VerdictCauses } from './verdict-calls.js';
import { evidenceFields, requestedBy, type Evidence } from './record-run.js';
import type { StoredAnswer } from '../store/schema.js';

interface Verdict extends VerdictCauses {
  record: VerdictRecord;
  answer: StoredAnswer;
  run: { id: number; digest: string; evidence: Evidence };
}

/** What the account's row holds after the verdict, and the run's event covers. */
interface AccountAfter {
  trail: TrailHead;
  /** Null if the verdict calls nobody, which leaves it unchanged. */
  callState: CallState | null;
}

/**
 * The events of one verdict. Pure. In this order: the run's completion; one call for each discrepancy that opened or
 * changed, for each key that has been unconfirmed for too many runs and for what is no longer compared; the resolved
 * discrepancies; the acceptances that ended.
 */
export function verdictEvents(verdict: Verdict, after: AccountAfter): NewEvent[] {
  const { record, changes, unconfirmedRuns, ended, policy } = verdict;
  const calling = new Set(callingOf(verdict));
  const causes = causesByIdentity(record.causes);
  const run = record.key;
  const moved = changes.sighted.filter(hasOwnEvent);
  const stuck = stuckKeys(unconfirmedRuns, policy);
  return [
    { type: 'RECONCILIATION_COMPLETED', run, payload: { ...completed(verdict), ...covered(verdict, after) } },
    ...moved.map((sighted): NewEvent => ({
      type: 'MANUAL_INTERVENTION',
      run,
      payload: payloadOf(sighted, causes, calling.has(sighted)),
    })),
    ...changes.redecided
      .filter(({ isRaised }) => isRaised)
      .map((raised): NewEvent => ({ type: 'MANUAL_INTERVENTION', run, payload: payloadOfRaised(raised) })),
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
    ...verdict.uncompared.map((entry): NewEvent => ({
      type: 'MANUAL_INTERVENTION',
      run,
      payload: { action: 'NOT_COMPARED', ...entry, intervene: true },
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
function covered(
  { run, changes: { sighted, redecided } }: Verdict,
  { trail, callState }: AccountAfter,
): Record<string, unknown> {
  const reworded = [
    ...sighted.filter((seen) => !hasOwnEvent(seen) && isReworded(seen)).map((seen) => [seen.id, wordsOf(seen)]),
    ...redecided
      .filter(({ isRaised }) => !isRaised)
      .map(({ row, decision }) => [row.id, digestWords({ ...row, decision })]),
  ];
  const sightings = sighted.map(({ id, change, confirmed }) => ({
    discrepancyId: id,
    type: confirmed.difference.type,
    change: storedChange(change),
  }));
  return {
    run_row: run.id,
    ...(sightings.length === 0 ? {} : { sightings: digestSightings(sightings) }),
    ...(reworded.length === 0 ? {} : { reworded: Object.fromEntries(reworded) as Record<string, string> }),
    ...(callState === null ? {} : { call_due: digestInterventionDue(callState.callDue) }),
    ...trailOf(trail),
  };
}

function wordsOf({ confirmed, decision }: Sighted): string {
  return digestWords({ identity: confirmed.identity, ...columnsOf({ ...confirmed, decision }) });
}

/** Whether it gets its own event: its values are new, or a human is called although they are not. */
function hasOwnEvent({ change, isRaised }: Sighted): boolean {
  return change !== 'seen' || isRaised;
}

function payloadOf(
  sighted: Sighted,
  causes: ReadonlyMap<string, ReportedCause>,
  intervene: boolean,
): Record<string, unknown> {
  const { id, confirmed, before, reopens, decision } = sighted;
  const cause = causes.get(confirmed.identity);
  return {
    action: confirmed.difference.type,
    discrepancy_id: id,
    identity: confirmed.identity,
    symbol: confirmed.difference.symbol,
    description: confirmed.description,
    remedy: confirmed.remedy,
    difference: confirmed.difference,
    ...(decision === null ? {} : { decision }),
    cause: cause?.kind ?? null,
    story: cause?.text ?? null,
    reopens: reopens === null ? null : { discrepancy_id: reopens.id, resolved_at: reopens.resolvedAt },
    change: before !== null,
    previous: before === null ? null : { type: before.type, description: before.description },
    intervene,
  };
}

/** The event of an open discrepancy that the run did not see and that the policy now treats more strictly. */
function payloadOfRaised({ row, decision }: Redecided): Record<string, unknown> {
  return {
    action: row.type,
    discrepancy_id: row.id,
    identity: row.identity,
    symbol: row.symbol,
    description: row.description,
    remedy: row.remedy,
    difference: row.difference,
    ...(decision === null ? {} : { decision }),
    cause: null,
    story: null,
    reopens: null,
    change: true,
    previous: { type: row.type, description: row.description },
    intervene: row.acceptedBy === null,
  };
}
