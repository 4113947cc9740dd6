import type { Call } from '../domain/intervention.js';
import type { Policy } from '../domain/policy.js';
import type { NewEvent } from './event-chain.js';
import type { Incidents, Sighted } from './incidents.js';
import type { VerdictRecord } from './ledger.js';
import type { EvidenceDigests } from './record-run.js';
import type { StoredAnswer, UnsettledRun } from './schema.js';

interface Verdict {
  record: VerdictRecord;
  answer: StoredAnswer;
  run: { digest: string; evidence: EvidenceDigests };
  incidents: Incidents;
  unsettledRuns: UnsettledRun[];
  policy: Policy;
}

/**
 * The events of one verdict, pure: the run's completion, then one call for each discrepancy that opened or changed and for
 * each key that has now been unsettled for too many runs, then the resolved ones.
 */
export function verdictEvents(verdict: Verdict): NewEvent[] {
  const { record, incidents, unsettledRuns, policy } = verdict;
  const run = record.key;
  const moved = incidents.sighted.filter(({ change }) => change !== 'seen');
  const stuck = stuckKeys(unsettledRuns, policy);
  return [
    { type: 'RECONCILIATION_COMPLETED', run, payload: completed(verdict) },
    ...moved.map((sighted): NewEvent => ({ type: 'MANUAL_INTERVENTION', run, payload: told(sighted, policy) })),
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
    ...incidents.resolved.map((row): NewEvent => ({
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
  ];
}

function completed({ record, answer, run, incidents, unsettledRuns }: Verdict): Record<string, unknown> {
  return {
    outcome: answer.outcome,
    trigger: record.trigger,
    started_at: record.startedAt,
    looks: record.looks,
    discrepancies: answer.discrepancies,
    by_type: answer.byType,
    opened: incidents.sighted.filter(({ change }) => change === 'opened').length,
    changed: incidents.sighted.filter(({ change }) => change === 'changed').length,
    resolved: answer.resolved,
    open_discrepancies: answer.openDiscrepancies,
    coverage: { compared: record.compared, not_compared: record.notCompared },
    positions: record.positions,
    orders: record.orders,
    ignored: record.ignored,
    unsettled: unsettledRuns.map(({ identity, type, symbol, reason, runsInARow }) => ({
      identity,
      type,
      symbol,
      reason,
      runs_in_a_row: runsInARow,
    })),
    evidence: run.evidence,
    run_digest: run.digest,
  };
}

function told(sighted: Sighted, policy: Policy): Record<string, unknown> {
  const { id, change, confirmed, before } = sighted;
  return {
    action: confirmed.difference.type,
    discrepancy_id: id,
    identity: confirmed.identity,
    symbol: confirmed.difference.symbol,
    description: confirmed.description,
    remedy: confirmed.remedy,
    difference: confirmed.difference,
    change: change === 'changed',
    previous: before === null ? null : { type: before.type, description: before.description },
    intervene: callsHuman(sighted, policy),
  };
}

/**
 * What the verdict calls a human for, in the order of its events: discrepancies that opened with a type that calls one, or
 * turned into such a type, and keys that have now been unsettled for too many runs.
 */
export function verdictCalls({ sighted }: Incidents, unsettledRuns: readonly UnsettledRun[], policy: Policy): Call[] {
  return [
    ...sighted
      .filter((seen) => callsHuman(seen, policy))
      .map(({ confirmed }): Call => ({ action: confirmed.difference.type, text: confirmed.description })),
    ...stuckKeys(unsettledRuns, policy).map(({ symbol, type, runsInARow }): Call => ({
      action: 'UNSETTLED',
      text: `${symbol} kept changing in every look of ${runsInARow} runs in a row (it may be ${type})`,
    })),
  ];
}

function callsHuman({ change, confirmed, before }: Sighted, { interveneOn }: Policy): boolean {
  if (!interveneOn.includes(confirmed.difference.type)) return false;
  return change === 'opened' || (change === 'changed' && before !== null && !interveneOn.includes(before.type));
}

/** Once per stretch: the count goes on growing while the key stays unsettled. */
function stuckKeys(unsettledRuns: readonly UnsettledRun[], { unsettledThreshold }: Policy): UnsettledRun[] {
  return unsettledRuns.filter(({ runsInARow }) => runsInARow === unsettledThreshold);
}
