import type { FailureRecord } from './ledger.js';
import { clockAndAnswer, lockAccount, totalOf, updateAccount } from './account-row.js';
import type { RecordedRun } from '../domain/run.js';
import type { Session } from './database.js';
import { appendEvents, type NewEvent } from './event-chain.js';
import { insertRun, longestUnsettled } from './record-run.js';

/** See `Ledger.recordFailure`. */
export async function recordFailure(session: Session, record: FailureRecord): Promise<RecordedRun> {
  const { key, failure } = record;
  const account = await lockAccount(session, key.account);
  const { now, answer: recorded } = await clockAndAnswer(session, key);
  if (recorded !== null) return recorded;

  const answer: RecordedRun = {
    outcome: 'failed',
    runNumber: key.runNumber,
    looks: record.looks,
    discrepancies: 0,
    byType: {},
    opened: [],
    resolved: 0,
    openDiscrepancies: totalOf(account.openDiscrepancies),
    unsettled: 0,
    unsettledRunsInARow: await longestUnsettled(session, key.account),
    compared: 0,
    notCompared: [],
    failure,
  };
  const endedAt = record.endedAt ?? now;
  const { evidence, digest } = await insertRun(session, {
    account: key.account,
    workflowRunId: key.workflowRunId,
    runNumber: key.runNumber,
    trigger: record.trigger,
    outcome: 'failed',
    startedAt: record.startedAt,
    endedAt,
    looks: record.looks,
    discrepancies: 0,
    unsettled: [],
    compared: [],
    notCompared: [],
    ignored: {},
    positions: null,
    orders: null,
    failure,
    consecutiveFailures: record.consecutiveFailures,
    answer,
  });
  const streak = { consecutive_failures: record.consecutiveFailures, threshold: record.threshold };
  const events: NewEvent[] = [
    {
      type: 'RECONCILIATION_FAILED',
      run: key,
      payload: {
        kind: failure.kind,
        reason: failure.message,
        side: failure.side,
        where: failure.where,
        remedy: failure.remedy,
        ...streak,
        trigger: record.trigger,
        started_at: record.startedAt,
        looks: record.looks,
        evidence,
        run_digest: digest,
      },
    },
  ];
  if (record.thresholdReached) {
    events.push({
      type: 'MANUAL_INTERVENTION',
      run: key,
      payload: {
        action: 'RECONCILIATION_FAILURE_THRESHOLD',
        ...streak,
        kind: failure.kind,
        reason: failure.message,
        remedy: failure.remedy,
        intervene: true,
      },
    });
  }
  const head = await appendEvents(session, account, now, events);
  await updateAccount(session, key.account, {
    ...head,
    failureTotal: account.failureTotal + 1,
    consecutiveFailures: record.consecutiveFailures,
    lastRunNumber: key.runNumber,
    lastRunAt: endedAt,
    lastOutcome: 'failed',
  });
  return answer;
}
