import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { Pause } from '../domain/lifecycle/known-account.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Severity } from '../domain/policy/severity.js';
import type { RecordedRun } from '../domain/lifecycle/run.js';
import type { ActRequest, ActWay } from '../domain/lifecycle/way.js';
import type { InterventionRules } from './intervention-rules.js';

/** What an account's workflow is started with. */
export interface StartRequest {
  account: string;
  exchange: string;
  policy: Policy;
}

/** The workflow `reconciliation` as a client starts it. Not its own type, which would bring the activities along. */
export type StartReconciliation = (request: StartRequest) => Promise<void>;

/** `by` is the name of the person or program that sends a message. */
export interface PauseRequest extends ActWay {
  by: string;
  reason: string;
}
export interface ResumeRequest extends ActWay {
  by: string;
}
export interface ForceRunRequest extends ActWay {
  by: string;
}
export interface StopRequest extends ActWay {
  by: string;
}

export interface ReconfigureRequest extends ActWay {
  by: string;
  exchange: string;
  policy: Policy;
}

/** The type of the failure that refuses an update temporarily. The caller asks again after some seconds. */
export const BUSY = 'Busy';

export type Phase = 'waiting' | 'paused' | 'looking' | 'settling' | 'judging' | 'recording' | 'stopped';

/** What a run in progress does. */
export interface RunProgress {
  runNumber: number;
  /** The number of the current observation, or of the last one. */
  observation: number;
  /** When the next observation begins, ISO 8601; null during an observation. */
  observesAt: string | null;
}

/** The answer of the `status` query. Times are ISO 8601, UTC. */
export interface ReconciliationStatus {
  account: string;
  exchange: string;
  phase: Phase;
  /** Null between runs. Absent in answers of workers of earlier releases. */
  run?: RunProgress | null;
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
 * News for the people who were called, after an acknowledgement: everything is resolved. The call's own workflow has ended, so
 * the account's workflow keeps the messages until a run finds that no discrepancy is open any more.
 */
export interface AnsweredCall {
  interventionId: string;
  /** One message for each channel that was called. */
  messages: DeliverRequest[];
}

/**
 * Sent by the child to the account's workflow: it has opened an intervention on its own, or its intervention was
 * acknowledged.
 */
export const interventionOpenedSignal = defineSignal<[{ interventionId: string }]>('interventionOpened');
export const interventionClosedSignal =
  defineSignal<[{ interventionId: string; answered?: AnsweredCall }]>('interventionClosed');

export interface AcknowledgeRequest extends ActRequest {
  by: string;
  note: string;
}
export interface SnoozeRequest extends ActRequest {
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
  severity: Severity;
  reasons: InterventionReason[];
  notifiedTimes: number;
  /** The channels that were called, and the state of the newest message on each. Empty if no channel is configured. */
  channels: readonly { channel: string; state: 'waiting' | 'delivered' | 'failed' | 'held' }[];
  /** Whether discrepancies of the account are open, as far as its last runs know. */
  standing: boolean;
  snoozedUntil: string | null;
  /** Who snoozed it, and why; null if it is not snoozed, or if that is not known. */
  snoozedBy: string | null;
  snoozeNote: string | null;
  acknowledgedBy: string | null;
}

/** Sent by the account's workflow: the policy has changed. */
export const changeRulesSignal = defineSignal<[InterventionRules]>('changeRules');
/** Sent by the account's workflow after a run that changed it: whether discrepancies are open. */
export const discrepanciesSignal = defineSignal<[{ standing: boolean }]>('discrepancies');
export const addReasonSignal = defineSignal<[InterventionReason]>('addReason');
/** An update, not a signal: a person must learn whether it was accepted, and if not, why. */
export const acknowledgeUpdate = defineUpdate<InterventionStatus, [AcknowledgeRequest]>('acknowledge');
export const snoozeUpdate = defineUpdate<InterventionStatus, [SnoozeRequest]>('snooze');
export const interventionStatusQuery = defineQuery<InterventionStatus>('interventionStatus');

export { interventionWorkflowId, reconciliationWorkflowId } from '../domain/account/workflow-ids.js';
