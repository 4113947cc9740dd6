import { ApplicationFailure, type Duration } from '@temporalio/common';
import { FAILURE_TYPE } from '../../../src/domain/failure/failure-type.js';
import type { Failure } from '../../../src/domain/failure/failure.js';
import type { KnownAccount } from '../../../src/domain/lifecycle/known-account.js';
import type { RecordedRun, SnapshotReceipt } from '../../../src/domain/lifecycle/run.js';

/** What scripted activities answer, as the real ones would. */

export function nothingRead(side: SnapshotReceipt['side']): SnapshotReceipt {
  return { snapshotId: side, side, digest: '0', positions: 0, orders: 0, scopes: ['positions', 'orders'], gaps: 0 };
}

export function recordedRun(runNumber: number, changes: Partial<RecordedRun> = {}): RecordedRun {
  return {
    outcome: 'matched',
    runNumber,
    looks: 1,
    discrepancies: 0,
    byType: {},
    opened: [],
    resolved: 0,
    openDiscrepancies: 0,
    unsettled: 0,
    unsettledRunsInARow: 0,
    compared: 2,
    notCompared: [],
    failure: null,
    calls: [],
    lastEvent: { sequence: runNumber, hash: 'hash' },
    ...changes,
  };
}

/** An account of which the ledger knows nothing yet. */
export function known(changes: Partial<KnownAccount> = {}): KnownAccount {
  return {
    lastRunNumber: 0,
    streak: { failures: 0, called: false },
    paused: null,
    lastSuccessAt: null,
    openIntervention: null,
    ...changes,
  };
}

export const UNREADABLE: Failure = {
  kind: 'unreadable',
  side: 'exchange',
  message: 'an empty body',
  where: null,
  remedy: 'wait',
  retryAfterMs: null,
};

const LEDGER_AWAY: Failure = { ...UNREADABLE, kind: 'ledger', side: 'ledger', message: 'connection refused' };
const NOT_REGISTERED: Failure = { ...LEDGER_AWAY, kind: 'configuration', message: 'the account is not registered' };

/** A read that failed and is not to be tried again in this run. */
export function unreadable(changes: Partial<Failure> = {}): ApplicationFailure {
  return thrown({ ...UNREADABLE, ...changes }, true);
}

/** The ledger does not answer; it may later. Later than the activity's time, so that the server gives up at once. */
export function ledgerAway(): ApplicationFailure {
  return thrown(LEDGER_AWAY, false, '1 hour');
}

/** The ledger will never take this. */
export function refusedForGood(message = 'a year 12345'): ApplicationFailure {
  return thrown({ ...LEDGER_AWAY, kind: 'bug', side: 'plumbline', message }, true);
}

export function notRegistered(): ApplicationFailure {
  return thrown(NOT_REGISTERED, true);
}

function thrown(failure: Failure, nonRetryable: boolean, nextRetryDelay?: Duration): ApplicationFailure {
  const message = `${failure.kind}: ${failure.message}`;
  const delay = nextRetryDelay === undefined ? {} : { nextRetryDelay };
  return ApplicationFailure.create({ message, type: FAILURE_TYPE, nonRetryable, details: [failure], ...delay });
}
