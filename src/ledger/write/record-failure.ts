import { sharedCauseOf } from '../../domain/failure/shared-cause.js';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { RecordedRun } from '../../domain/lifecycle/run.js';
import { lastEventOf, lockForRun, totalOf, updateAccount } from '../store/account-row.js';
import { afterRun, callsToMake } from './intervention-due.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents, type NewEvent } from '../store/event-chain.js';
import { bindExecution } from './execution.js';
import { expectedAfter } from './expected-sign.js';
import type { FailureRecord } from '../contract/ledger.js';
import { evidenceFields, insertRun, longestUnconfirmed, requestedBy } from './record-run.js';
import { digestInterventionDue } from '../store/row-digests.js';
import type { StoredAnswer } from '../store/schema.js';
import { trailOf } from '../store/trail.js';

/**
 * Marks the events of a streak that the ledger counted. Earlier versions recorded the count of the account's workflow,
 * which could be wrong after the ledger had been unreachable.
 */
export const COUNTED_BY_LEDGER = 'ledger';

/** See `Ledger.recordFailure`. */
export async function recordFailure(session: DatabaseSession, record: FailureRecord): Promise<RecordedRun> {
  const { key, startedAt, failure } = record;
  const { account, now, answer: recorded, boundTo } = await lockForRun(session, key);
  if (recorded !== null) return recorded;
  await bindExecution(session, key, boundTo);

  const failures = account.consecutiveFailures + 1;
  const isReached = failures >= record.threshold || record.thresholdReached;
  const isCalling = isReached && !account.streakCalled;
  const calls = isCalling ? [thresholdCall(failures, record, account.exchange)] : [];
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
    unsettledRunsInARow: await longestUnconfirmed(session, key.account),
    compared: 0,
    notCompared: [],
    failure,
    calls: callsToMake(account.callDue, calls, now),
  };
  const endedAt = record.endedAt ?? now;
  const { id, evidence, digest } = await insertRun(session, {
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
    consecutiveFailures: failures,
    answer,
  });
  const streak = { consecutive_failures: failures, threshold: record.threshold, counted_by: COUNTED_BY_LEDGER };
  const callState = afterRun(account, { startedAt, calls }, now);
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
        ...requestedBy(record),
        started_at: startedAt,
        looks: record.looks,
        ...evidenceFields(evidence),
        run_digest: digest,
        run_row: id,
        ...(isCalling ? { call_due: digestInterventionDue(callState.callDue) } : {}),
        ...trailOf(account),
      },
    },
  ];
  if (isCalling) {
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
    ...callState,
    ...expectedAfter(account.expectedAt, record.nextRunAt, now),
    failureTotal: account.failureTotal + 1,
    consecutiveFailures: failures,
    streakCalled: account.streakCalled || isCalling,
    lastRunNumber: key.runNumber,
    lastRunAt: endedAt,
    lastOutcome: 'failed',
  });
  return { ...answer, lastEvent: lastEventOf(head) };
}

function thresholdCall(failures: number, { threshold, failure }: FailureRecord, exchange: string): InterventionCall {
  const sharedCause = sharedCauseOf(failure, exchange);
  return {
    action: 'RECONCILIATION_FAILURE_THRESHOLD',
    text: `${failures} runs in a row failed (threshold ${threshold}): ${failure.message}`,
    ...(sharedCause !== undefined && { sharedCause }),
  };
}
