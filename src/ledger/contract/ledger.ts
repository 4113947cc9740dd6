import type { Difference, DiscrepancyType } from '../../domain/difference/difference.js';
import type { Failure } from '../../domain/failure/failure.js';
import type { Finding, Inspection } from '../../domain/account/inspection.js';
import type { ActRequest, ActWay, Way } from '../../domain/lifecycle/way.js';
import type { GateLedger } from './gate.js';
import type { PushLedger } from './pushed-state.js';
import type { WorkerLedger } from './workers.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { KnownAccount, OpenIntervention, Streak } from '../../domain/lifecycle/known-account.js';
import type { KeyedDifference, NotCompared, UnconfirmedKey } from '../../domain/compare/observation.js';
import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { RefusedRequests } from '../../domain/lifecycle/refused-requests.js';
import type { Outcome, RecordedRun, RunKey, RunTrigger, SnapshotReceipt } from '../../domain/lifecycle/run.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { NotComparedReason, Side, Snapshot } from '../../domain/snapshot/snapshot.js';
import type { DifferentModes } from '../../domain/compare/position-modes.js';
import type { CauseKind } from '../../domain/explain/cause.js';
import type { NotificationLedger, NotificationRow } from './notifications.js';

/** A stored pair of snapshots. */
export interface StoredObservation {
  number: number;
  exchange: Snapshot;
  internal: Snapshot;
}

/** The input of a verdict. */
export interface RunSoFar {
  /** The first answer, if the run is already recorded; observations and open discrepancies are then empty. */
  recorded: RecordedRun | null;
  /** The complete observations, in order. */
  observations: StoredObservation[];
  /** Open discrepancies of the account. */
  open: OpenDiscrepancy[];
}

export interface OpenDiscrepancy {
  id: string;
  identity: string;
  type: DiscrepancyType;
  symbol: string;
  description: string;
  remedy: string;
  difference: Difference;
  openedAt: Date;
  lastSeenAt: Date;
  timesSeen: number;
  /** What the drift policy decided on it; null if `interveneOn` decides. */
  decision: DecidedDrift | null;
}

/** One cause and all its effects; see `relate`. */
export interface ReportedCause {
  kind: CauseKind;
  /** One line for people, symbol first. */
  text: string;
  /** Identities of the confirmed differences that it explains. */
  identities: string[];
}

export interface PositionCounts {
  exchange: number;
  internal: number;
  modes?: DifferentModes;
}

/** Everything that one verdict records, in one transaction. */
export interface VerdictRecord {
  key: RunKey;
  trigger: RunTrigger;
  startedAt: Date;
  looks: number;
  compared: Scope[];
  notCompared: NotCompared[];
  ignored: Record<string, number>;
  /** Counts of the last observation, and the position modes of both sides where they differ. */
  positions: PositionCounts;
  orders: { exchange: number; internal: number };
  confirmed: (KeyedDifference & { description: string; remedy: string })[];
  /**
   * The confirmed differences grouped by cause. Each is in exactly one group; one without a known cause forms its own
   * group.
   */
  causes: ReportedCause[];
  unconfirmed: UnconfirmedKey[];
  /** What the drift rules need; absent if the policy has none. */
  drift?: DriftFacts;
  /**
   * Identities of open discrepancies on whose key both sides agreed in the last, complete observation: they are
   * resolved.
   */
  agreed: string[];
  /** Who requested the run; empty for a scheduled one. */
  requestedBy?: string[];
  /** How they asked, at the same places. */
  requestedVia?: (Way | 'unknown')[];
  /** When the next run is due; null while the account is paused; absent if unknown. */
  nextRunAt?: Date | null;
}

export interface DriftFacts {
  /** By symbol or currency, the prices that the last observation shows. */
  prices: Record<string, DecimalText>;
  /** The differences of the last observation that a rule left out: identity and number of the rule. */
  dismissed: Record<string, number>;
}

export interface FailureRecord {
  key: RunKey;
  trigger: RunTrigger;
  startedAt: Date;
  looks: number;
  failure: Failure;
  /** The caller's count. The ledger also counts, and records its own count. */
  consecutiveFailures: number;
  threshold: number;
  /**
   * Whether the caller has already called a human for this streak, because the ledger was unreachable. The ledger then
   * records the MANUAL_INTERVENTION event too; otherwise it decides by its own count, once per streak.
   */
  thresholdReached: boolean;
  requestedBy?: string[];
  requestedVia?: (Way | 'unknown')[];
  nextRunAt?: Date | null;
  /**
   * When the run ended. Absent if it ends with being recorded; set if it ended earlier, while the ledger was
   * unreachable.
   */
  endedAt?: Date;
}

export type EventType =
  | 'RECONCILIATION_COMPLETED'
  | 'RECONCILIATION_FAILED'
  | 'RECONCILIATION_PAUSED'
  | 'RECONCILIATION_RESUMED'
  | 'MANUAL_INTERVENTION'
  | 'DISCREPANCY_RESOLVED'
  | 'MANUAL_REVIEW_ACKNOWLEDGED'
  | 'KEY_PERMISSIONS_CHANGED'
  | 'ACCOUNT_REGISTERED'
  | 'POLICY_CHANGED'
  | 'RECONCILIATION_STOPPED'
  | 'RECONCILIATION_CANCELLED'
  | 'REQUEST_REFUSED'
  | 'ACCOUNT_REPAIRED'
  | 'INTERVENTION_SNOOZED'
  | 'DISCREPANCY_ACCEPTED'
  | 'ACCEPTANCE_ENDED'
  | 'NOTIFICATION_DELIVERED'
  | 'NOTIFICATION_FAILED';

export interface LedgerEvent {
  id: string;
  account: string;
  /** Gapless per account, from 1. */
  sequence: number;
  type: EventType;
  at: Date;
  workflowRunId: string | null;
  runNumber: number | null;
  payload: Record<string, unknown>;
  previousHash: string;
  hash: string;
}

export interface RunRow {
  account: string;
  runNumber: number;
  workflowRunId: string;
  trigger: RunTrigger;
  outcome: Outcome;
  startedAt: Date;
  endedAt: Date;
  looks: number;
  discrepancies: number;
  unsettled: UnconfirmedKey[];
  compared: Scope[];
  notCompared: NotCompared[];
  ignored: Record<string, number>;
  /** Null of a failed run. */
  positions: PositionCounts | null;
  failure: Failure | null;
}

export type InterventionState = 'open' | 'snoozed' | 'acknowledged';

export type InterventionReasonRow = InterventionReason;

export interface InterventionRow {
  id: string;
  account: string;
  state: InterventionState;
  openedAt: Date;
  /** As they were when they were added. */
  reasons: InterventionReasonRow[];
  /** The account's open discrepancies as the last run saw them, the oldest first, at most 20; empty once acknowledged. */
  now: string[];
  notifiedTimes: number;
  /** The newest, at most 20, newest first. */
  notifications: NotificationRow[];
  snoozedUntil: Date | null;
  /** Who snoozed it last, and why. */
  snoozedBy: string | null;
  snoozeNote: string | null;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  note: string | null;
}

/** One row per account for status, metrics and gate. The totals are updated in the transaction that records a run. */
export interface AccountTotals {
  account: string;
  exchange: string;
  policy: Policy;
  paused: boolean;
  /** False after the account's workflow was stopped. */
  active: boolean;
  registeredAt: Date;
  successTotal: number;
  failureTotal: number;
  discrepancyTotal: Record<DiscrepancyType, number>;
  openDiscrepancies: Record<DiscrepancyType, number>;
  consecutiveFailures: number;
  lastSuccessAt: Date | null;
  lastRunAt: Date | null;
  /** Number of the last recorded run; 0 before the first. A restarted workflow continues from it. */
  lastRunNumber: number;
  lastOutcome: Outcome | null;
  /** Open interventions with a reason that closes the trading gate. */
  openInterventions: number;
  /** All open interventions, for people. */
  interventionsOpen: number;
  /**
   * Since when the oldest call of severity `page` of an open intervention is undelivered while no message of that severity and
   * intervention was delivered on any channel. The log counts as no channel. Null if none is.
   */
  undeliveredSince: Date | null;
  /**
   * The time (database's clock) since which an intervention that closes the trading gate is due and no intervention
   * contains it yet; null if none is due.
   */
  callDueSince: Date | null;
  /** What is known about its key and profile; null until a worker has found out. */
  inspection: Inspection | null;
  /** Whether the present streak has already called a human. */
  streakCalled: boolean;
  /** Open discrepancies that close the trading gate by their decision, except accepted ones. */
  blockingDiscrepancies: number;
  /** By reason, the scopes and symbols that the last run did not compare. */
  notCompared: Record<NotComparedReason, number>;
  /** Open discrepancies with an acceptance that has not ended. */
  acceptedDiscrepancies: number;
  /**
   * When the account's workflow must show its next sign of life; null while it is paused or stopped, or before its
   * first run.
   */
  expectedAt: Date | null;
  /** The database's clock when this was read: all ages are relative to it. */
  readAt: Date;
}

/** Everything that `status` shows of one account. */
export interface AccountOverview {
  totals: AccountTotals;
  lastRun: RunRow | null;
  /** Who paused it; null if it is not paused, or if the author is unknown. */
  pause: { by: string; reason: string; since: Date } | null;
  /** The newest intervention that is not acknowledged. */
  intervention: InterventionRow | null;
  /** The newest open ones, up to a limit. */
  discrepancies: DiscrepancyRow[];
}

/** An act of a person, as it was recorded. */
export interface RecordedAct {
  type: EventType;
  at: Date;
  by: string;
}

/** Who accepts a discrepancy as it is, until when and why. */
export interface Acceptance {
  by: string;
  note: string;
  until: Date;
  at: Date;
}

/** How far ahead an acceptance may end. Without a limit it could hide a difference forever. */
export const MAX_ACCEPTANCE_DAYS = 366;

/** Spans begin at `from`. Runs that ended before it are left out. */
export interface TimelineRequest {
  from: Date;
  spanSeconds: number;
  /** How many of the newest runs are read at most. */
  maxRuns: number;
}

/** The runs that ended in one span. */
export interface TimelineSpan {
  /** Counts from 0. */
  index: number;
  matched: number;
  /** Runs that matched and did not compare everything. */
  matchedWithGaps: number;
  drifted: number;
  failed: number;
  /** The newest run with the most serious outcome: drifted before failed before matched. */
  worstRun: number;
}

export interface Timeline {
  /** Spans with at least one run, in order. */
  spans: TimelineSpan[];
  /** The end of the oldest run that was read, if there are more than `maxRuns` since `from`; otherwise null. */
  cutAt: Date | null;
}

export type DiscrepancyState = 'open' | 'resolved';
export interface DiscrepancyRow extends OpenDiscrepancy {
  state: DiscrepancyState;
  resolvedAt: Date | null;
  /**
   * The ignore rule of the account's present policy that now hides an open discrepancy ("symbol DOGE/USDT:USDT"). It
   * stays open: a key that is not compared is not resolved.
   */
  ignoredBy: string | null;
  /** Null if nobody accepts it. Its time may be over: compare `until`. */
  accepted: Acceptance | null;
}

/** The last event of an account at some time. It is kept where nobody who can write to the ledger can change it. */
export interface LedgerHead {
  account: string;
  /** 0 before the first event. */
  sequence: number;
  hash: string;
}

/** One fault that `verify` found. */
export interface LedgerFault {
  account: string;
  /** Null if it does not concern a single event. */
  sequence: number | null;
  fault: string;
}

export interface VerifyReport {
  accounts: {
    account: string;
    events: number;
    runs: number;
    /** The last stored event, to keep elsewhere or to compare with a head that was kept. Null without events. */
    lastEvent: { sequence: number; hash: string } | null;
    faults: LedgerFault[];
  }[];
  /** Faults of the roster of accounts, the triggers, the functions and the rights; absent if there are none. */
  database?: string[];
}

export interface VerifyOptions {
  /** Heads that were kept elsewhere: each must be in its account's chain. */
  against?: readonly LedgerHead[];
  /** Called frequently. */
  onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  /** The account that is being verified. */
  account: string;
  accountsDone: number;
  accounts: number;
  /** Number of events verified so far, of all accounts. */
  events: number;
}

/**
 * The append-only record. Every write is idempotent by the key that it names. Database errors are thrown as
 * FailureError of kind `ledger`.
 */
export interface Ledger extends NotificationLedger, GateLedger, PushLedger, WorkerLedger {
  /**
   * Registers the account (metrics then show it with zeros), or updates its exchange and policy. The first registration
   * and each change are recorded as an event with its author; a repetition records nothing.
   *
   * @returns what the ledger knows about the account
   */
  registerAccount(request: {
    account: string;
    exchange: string;
    policy: Policy;
    /** Default "unknown". */
    by?: string;
    /** Absent in registrations that earlier versions recorded, and in those that Plumbline makes itself. */
    via?: Way;
    /** As in `VerdictRecord`. */
    nextRunAt?: Date | null;
  }): Promise<KnownAccount>;
  /** Marks the account as stopped, with an event. Its history stays. A repetition records nothing. */
  deactivateAccount(account: string, by?: string, via?: Way): Promise<void>;
  /** Records that the workflow was cancelled from outside. The account stays active. */
  recordCancellation(request: { account: string; requestId: string }): Promise<void>;
  /** Records that a workflow was restarted from the ledger's state. */
  recordRepair(request: {
    account: string;
    by: string;
    /** Absent in repairs that earlier versions recorded. */
    via?: Way;
    requestId: string;
    found: string;
    actions: string[];
  }): Promise<void>;
  /** Records requests that a workflow refused. */
  recordRefusal(request: RefusedRequests): Promise<void>;
  /**
   * Records that the account's workflow is alive and must show its next sign of life within so many seconds, by the
   * database's clock. Cheap. Ignores an account that is not registered.
   */
  expectSign(account: string, withinSeconds: number): Promise<void>;
  /** The account's streak. Throws if the account was never registered. */
  streak(account: string): Promise<Streak>;

  /** Stores one side of one observation. A repeated delivery replaces the snapshot while the run has no verdict. */
  putSnapshot(key: RunKey, observation: number, snapshot: Snapshot): Promise<SnapshotReceipt>;
  /** `putSnapshot` for several sides of one observation: all are stored or none. */
  putSnapshots(key: RunKey, observation: number, snapshots: readonly Snapshot[]): Promise<SnapshotReceipt[]>;
  /** The sides of an observation that are stored. */
  storedSides(key: RunKey, observation: number): Promise<Side[]>;
  /** Everything that a verdict on the run needs. */
  loadRun(key: RunKey): Promise<RunSoFar>;
  /** The run's complete observations, in order. */
  loadObservations(key: RunKey): Promise<StoredObservation[]>;

  /** Records run, discrepancies, events, resolutions and totals in one transaction. */
  recordVerdict(record: VerdictRecord): Promise<RecordedRun>;
  /** Records a failed run, its events and totals in one transaction. Discrepancies stay unchanged. */
  recordFailure(record: FailureRecord): Promise<RecordedRun>;

  /** Records a pause or resume. `requestId` makes it idempotent. */
  recordPause(
    change: {
      account: string;
      paused: boolean;
      by: string;
      reason: string | null;
      requestId: string;
      nextRunAt?: Date | null;
    } & ActWay,
  ): Promise<void>;

  /**
   * Records what a worker found out about the account's key. A change records one KEY_PERMISSIONS_CHANGED event,
   * whichever worker finds it.
   */
  recordFinding(account: string, finding: Finding): Promise<void>;

  openIntervention(request: {
    account: string;
    /** Idempotency key: the child workflow's run id. */
    interventionId: string;
    reasons: InterventionReasonRow[];
  }): Promise<void>;
  addInterventionReason(request: {
    interventionId: string;
    requestId: string;
    reason: InterventionReasonRow;
  }): Promise<void>;
  recordNotification(request: { interventionId: string; requestId: string }): Promise<void>;
  /** Snoozes the intervention, with an event. */
  snoozeIntervention(
    request: { interventionId: string; by: string; until: Date; note: string } & ActRequest,
  ): Promise<void>;
  /** Records MANUAL_REVIEW_ACKNOWLEDGED and closes the intervention, once. */
  acknowledgeIntervention(request: { interventionId: string; by: string; note: string } & ActRequest): Promise<void>;
  /** The account's newest intervention that is not acknowledged, or null. */
  openInterventionOf(account: string): Promise<OpenIntervention | null>;
  /** Who acknowledged it; null while it is open, or if it is unknown. */
  acknowledgedBy(interventionId: string): Promise<string | null>;

  /**
   * Accepts open discrepancies as they are now, until a time: they do not close the trading gate meanwhile. An
   * acceptance ends when its time is over, when the values change, or when the discrepancy is resolved.
   *
   * @param request.discrepancyIds null: all that are open now
   * @returns those that are accepted now
   * @throws FailureError (configuration) for a discrepancy that is not open, or a time that is not in the future
   */
  acceptDiscrepancies(
    request: {
      account: string;
      discrepancyIds: string[] | null;
      by: string;
      until: Date;
      note: string;
    } & ActRequest,
  ): Promise<DiscrepancyRow[]>;
  /**
   * The act that was recorded with this request id: an acceptance, a snooze, or the acknowledgement of `interventionId`.
   * Null if none was.
   */
  actOf(account: string, requestId: string, interventionId: string | null): Promise<RecordedAct | null>;

  /**
   * Closes open discrepancies by hand that no run can close, because nobody compares their keys any more.
   *
   * @returns those that were closed
   * @throws FailureError (configuration) for a discrepancy that is not open, or that the last verdict saw
   */
  resolveDiscrepancies(request: {
    account: string;
    discrepancyIds: string[];
    by: string;
    via?: Way;
    note: string;
  }): Promise<DiscrepancyRow[]>;

  accounts(): Promise<AccountTotals[]>;
  account(account: string): Promise<AccountTotals | null>;
  /** All active accounts, or those with these names. Takes a fixed number of statements. */
  overview(account: string | readonly string[] | null): Promise<AccountOverview[]>;
  /** The outcomes of the account's runs since a time, by spans of equal length. */
  timeline(account: string, request: TimelineRequest): Promise<Timeline>;
  /** Newest first. `before`: only run numbers or sequences below it. */
  runs(account: string, options?: { limit?: number; before?: number }): Promise<RunRow[]>;
  /** Oldest first from `after` (exclusive); without `after` the newest `limit`, oldest first. */
  events(account: string, options?: { limit?: number; after?: number }): Promise<LedgerEvent[]>;
  discrepancies(account: string, options?: { state?: DiscrepancyState; limit?: number }): Promise<DiscrepancyRow[]>;
  interventions(options?: { account?: string; openOnly?: boolean; limit?: number }): Promise<InterventionRow[]>;

  /** Verifies that the ledger holds what was recorded; see verify/verify.ts. Reads only. */
  verify(account?: string, options?: VerifyOptions): Promise<VerifyReport>;
  /** The last event of each account, or of one, by name: to keep elsewhere, for `VerifyOptions.against`. */
  heads(account?: string): Promise<LedgerHead[]>;
  /**
   * Deletes evidence (snapshots) older than `keepDays` of clean runs and of runs that were never recorded. The latter
   * is kept for at least a day, because such a run may still be in progress. Evidence of drifted and failed runs stays.
   */
  pruneEvidence(keepDays: number): Promise<{ deleted: number }>;
  /**
   * Takes a request's time (milliseconds of the exchange's rate) from the budget that all workers share. Returns how
   * far ahead all of them together have taken it, in milliseconds. A negative time returns what was taken and not used.
   */
  spendBudget(exchange: string, costMs: number): Promise<number>;
  /** The id of this deployment. It is created with the schema and never changes; a restored backup keeps it. */
  deploymentId(): Promise<string>;
  /** Checks that the database answers and its schema is current; otherwise throws FailureError with the remedy. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
