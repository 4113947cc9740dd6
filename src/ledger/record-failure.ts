import type { Call } from '../domain/intervention.js';
import type { RecordedRun } from '../domain/run.js';
import { clockAndAnswer, lastEventOf, lockAccount, totalOf, updateAccount } from './account-row.js';
import { afterRun, callsToMake } from './call-due.js';
import type { Session } from './database.js';
import { appendEvents, type NewEvent } from './event-chain.js';
import type { FailureRecord } from './ledger.js';
import { insertRun, longestUnsettled } from './record-run.js';
import type { StoredAnswer } from './schema.js';

/** See `Ledger.recordFailure`. */
export async function recordFailure(session: Session, record: FailureRecord): Promise<RecordedRun> {
  const { key, startedAt, failure } = record;
  const account = await lockAccount(session, key.account);
  const { now, answer: recorded } = await clockAndAnswer(session, key);
  if (recorded !== null) return recorded;

  const calls = record.thresholdReached ? [thresholdCall(record)] : [];
  const answer: StoredAnswer = {
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
    calls: callsToMake(account.callDue, calls, now),
  };
  const endedAt = record.endedAt ?? now;
  const { evidence, digest } = await insertRun(session, {
    account: key.account,
    workflowRunId: key.workflowRunId,
    runNumber: key.runNumber,
    trigger: record.trigger,
    outcome: 'failed',
    startedAt,
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
        started_at: startedAt,
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
    ...afterRun(account, { startedAt, calls }, now),
    failureTotal: account.failureTotal + 1,
    consecutiveFailures: record.consecutiveFailures,
    lastRunNumber: key.runNumber,
    lastRunAt: endedAt,
    lastOutcome: 'failed',
  });
  return { ...answer, lastEvent: lastEventOf(head) };
}

function thresholdCall({ consecutiveFailures, threshold, failure }: FailureRecord): Call {
  return {
    action: 'RECONCILIATION_FAILURE_THRESHOLD',
    text: `${consecutiveFailures} runs in a row could not tell (threshold ${threshold}): ${failure.message}`,
  };
}
