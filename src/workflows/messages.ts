import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { Pause } from '../domain/lifecycle/known-account.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';

/** What an account's workflow is started with. */
export interface StartRequest {
  account: string;
  exchange: string;
  policy: Policy;
}

/** The workflow `reconciliation` as a client starts it. Not its own type, which would bring the activities along. */
export type StartReconciliation = (request: StartRequest) => Promise<void>;

/** `by` is the name of the person or program that sends a message. */
export interface PauseRequest {
  by: string;
  reason: string;
}
export interface ResumeRequest {
  by: string;
}
export interface ForceRunRequest {
  by: string;
}
export interface StopRequest {
  by: string;
}

export interface ReconfigureRequest {
  by: string;
  exchange: string;
  policy: Policy;
}

/** The type of the failure that refuses an update temporarily. The caller asks again after some seconds. */
export const BUSY = 'Busy';

export type Phase = 'waiting' | 'paused' | 'looking' | 'settling' | 'judging' | 'recording' | 'stopped';

/** The answer of the `status` query. Times are ISO 8601, UTC. */
export interface ReconciliationStatus {
  account: string;
  exchange: string;
  phase: Phase;
  paused: Pause | null;
  policy: Policy;
  runNumber: number;
  consecutiveFailures: number;
  nextRunAt: string | null;
  lastRun: (RecordedRun & { startedAt: string; endedAt: string }) | null;
  lastSuccessAt: string | null;
  interventionOpen: boolean;
  /** Runs that wait to be recorded because the ledger could not be reached. */
  unrecordedRuns: number;
  /** Records that the ledger refused permanently; `plumbline repair` offers them again. */
  setAside: number;
  /** The newest request that was refused. */
  refused: RefusedMessage | null;
}

/** A message that was refused, with the reason. `at` is ISO 8601, UTC. */
export interface RefusedMessage {
  message: string;
  by: string;
  reason: string;
  at: string;
}

/** Whether a pause or resume changed anything, and the current pause. */
export interface PauseAnswer {
  changed: boolean;
  paused: Pause | null;
}

export const pauseSignal = defineSignal<[PauseRequest]>('pause');
export const resumeSignal = defineSignal<[ResumeRequest]>('resume');
export const forceRunSignal = defineSignal<[ForceRunRequest]>('forceRun');
/** The same messages as updates, for a caller that needs to know whether anything changed. */
export const pauseUpdate = defineUpdate<PauseAnswer, [PauseRequest]>('pause');
export const resumeUpdate = defineUpdate<PauseAnswer, [ResumeRequest]>('resume');
/** An update, not a signal: the caller waits for the run's result. */
export const runNowUpdate = defineUpdate<RecordedRun, [ForceRunRequest]>('runNow');
/** An update, not a signal: a refused policy must reach the caller. */
export const reconfigureUpdate = defineUpdate<void, [ReconfigureRequest]>('reconfigure');
export const stopUpdate = defineUpdate<void, [StopRequest]>('stop');
/** Offers the ledger again the records that it refused permanently. Returns how many are still set aside. */
export const retrySetAsideUpdate = defineUpdate<number, [ForceRunRequest]>('retrySetAside');
export const statusQuery = defineQuery<ReconciliationStatus>('status');

/**
 * Sent by the child to the account's workflow: it has opened an intervention on its own, or its intervention was
 * acknowledged.
 */
export const interventionOpenedSignal = defineSignal<[{ interventionId: string }]>('interventionOpened');
export const interventionClosedSignal = defineSignal<[{ interventionId: string }]>('interventionClosed');

export interface AcknowledgeRequest {
  by: string;
  note: string;
}
export interface SnoozeRequest {
  by: string;
  /** ISO 8601, in the future. */
  until: string;
  note: string;
}
export interface InterventionStatus {
  account: string;
  interventionId: string;
  state: 'open' | 'snoozed' | 'acknowledged';
  openedAt: string;
  reasons: InterventionReason[];
  notifiedTimes: number;
  snoozedUntil: string | null;
  acknowledgedBy: string | null;
}

export const addReasonSignal = defineSignal<[InterventionReason]>('addReason');
/** An update, not a signal: a person must learn whether it was accepted, and if not, why. */
export const acknowledgeUpdate = defineUpdate<InterventionStatus, [AcknowledgeRequest]>('acknowledge');
export const snoozeUpdate = defineUpdate<InterventionStatus, [SnoozeRequest]>('snooze');
export const interventionStatusQuery = defineQuery<InterventionStatus>('interventionStatus');

export { interventionWorkflowId, reconciliationWorkflowId } from '../domain/account/workflow-ids.js';
