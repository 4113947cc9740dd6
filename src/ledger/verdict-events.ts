import type { Policy } from '../domain/policy.js';
import type { RecordedRun } from '../domain/run.js';
import type { NewEvent } from './event-chain.js';
import type { Incidents, Sighted } from './incidents.js';
import type { VerdictRecord } from './ledger.js';
import type { EvidenceDigests } from './record-run.js';
import type { UnsettledRun } from './schema.js';

interface Verdict {
  record: VerdictRecord;
  answer: RecordedRun;
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
  const calls = incidents.sighted.filter(({ change }) => change !== 'seen');
  const stuck = unsettledRuns.filter(({ runsInARow }) => runsInARow === policy.unsettledThreshold);
  return [
    { type: 'RECONCILIATION_COMPLETED', run, payload: completed(verdict) },
    ...calls.map((sighted): NewEvent => ({ type: 'MANUAL_INTERVENTION', run, payload: call(sighted, policy) })),
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

function call({ id, change, confirmed, before }: Sighted, policy: Policy): Record<string, unknown> {
  const { type } = confirmed.difference;
  return {
    action: type,
    discrepancy_id: id,
    identity: confirmed.identity,
    symbol: confirmed.difference.symbol,
    description: confirmed.description,
    remedy: confirmed.remedy,
    difference: confirmed.difference,
    change: change === 'changed',
    previous: before === null ? null : { type: before.type, description: before.description },
    intervene: policy.interveneOn.includes(type),
  };
}
