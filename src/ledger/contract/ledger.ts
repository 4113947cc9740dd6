import type { Difference, DiscrepancyType } from '../../domain/difference/difference.js';
import type { Failure } from '../../domain/failure/failure.js';
import type { Finding, Inspection } from '../../domain/account/inspection.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { KnownAccount, OpenIntervention, Streak } from '../../domain/lifecycle/known-account.js';
import type { KeyedDifference, NotCompared, UnconfirmedKey } from '../../domain/compare/observation.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { RefusedRequests } from '../../domain/lifecycle/refused-requests.js';
import type { Outcome, RecordedRun, RunKey, RunTrigger, SnapshotReceipt } from '../../domain/lifecycle/run.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { Snapshot } from '../../domain/snapshot/snapshot.js';
import type { CauseKind } from '../../domain/explain/cause.js';

/** A stored pair of snapshots. */
export interface StoredObservation {
  number: number;
  exchange: Snapshot;
  internal: Snapshot;
}

/** What a verdict starts from. */
export interface RunSoFar {
  /** The first answer, where the run is recorded already; observations and open discrepancies are empty then. */
  recorded: RecordedRun | null;
  /** The complete ones, in order. */
  observations: StoredObservation[];
  /** Of the account. */
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
}

/** All that one verdict records, in one transaction. */
/** One cause and all its effects; see `relate`. */
export interface ReportedCause {
  kind: CauseKind;
  /** One line for people, symbol first. */
  text: string;
  /** Of the confirmed differences that it reports. */
  identities: string[];
}

export interface VerdictRecord {
  key: RunKey;
  trigger: RunTrigger;
  startedAt: Date;
  looks: number;
  compared: Scope[];
  notCompared: NotCompared[];
  ignored: Record<string, number>;
  /** Counts of the last observation. */
  positions: { exchange: number; internal: number };
  orders: { exchange: number; internal: number };
  confirmed: (KeyedDifference & { description: string; remedy: string })[];
  /**
   * The confirmed differences as causes with their effects. Each is in exactly one; one without any is reported by
   * itself.
   */
  causes: ReportedCause[];
  unconfirmed: UnconfirmedKey[];
  /** Identities of open discrepancies on whose key the last, complete observation agreed: they are resolved. */
  agreed: string[];
  /** Who asked for the run; empty for a scheduled one. */
  requestedBy?: string[];
  /** When the next run is due; null while the account is paused; absent where it is not known. */
  nextRunAt?: Date | null;
}

export interface FailureRecord {
  key: RunKey;
  trigger: RunTrigger;
  startedAt: Date;
  looks: number;
  failure: Failure;
  /** As the caller counts; the ledger counts for itself, and its count is recorded. */
  consecutiveFailures: number;
  threshold: number;
  /**
   * Whether the caller has called a human for this streak already because the ledger was away. The ledger records the
   * MANUAL_INTERVENTION event then too; otherwise it decides by its own count, once per streak.
   */
  thresholdReached: boolean;
  requestedBy?: string[];
  nextRunAt?: Date | null;
  /** When the run ended; absent where it ends with being recorded, and not long before, while the ledger was away. */
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
  | 'ACCEPTANCE_ENDED';

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
  failure: Failure | null;
}

export type InterventionState = 'open' | 'snoozed' | 'acknowledged';

export type InterventionReasonRow = InterventionReason;

export interface InterventionRow {
  id: string;
  account: string;
  state: InterventionState;
  openedAt: Date;
  reasons: InterventionReasonRow[];
  notifiedTimes: number;
  snoozedUntil: Date | null;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  note: string | null;
}

/** A row per account for status, metrics and gate: kept as totals in the transaction that records a run. */
export interface AccountTotals {
  account: string;
  exchange: string;
  policy: Policy;
  paused: boolean;
  /** False once the account's workflow was stopped. */
  active: boolean;
  registeredAt: Date;
  successTotal: number;
  failureTotal: number;
  discrepancyTotal: Record<DiscrepancyType, number>;
  openDiscrepancies: Record<DiscrepancyType, number>;
  consecutiveFailures: number;
  lastSuccessAt: Date | null;
  lastRunAt: Date | null;
  /** Number of the last recorded run; 0 before the first. A workflow that is started anew counts on from it. */
  lastRunNumber: number;
  lastOutcome: Outcome | null;
  openInterventions: number;
  /**
   * Since when (the database's clock) a human is to be called and no intervention reports it yet; null where none is.
   */
  callDueSince: Date | null;
  /** What is known of its key and its profile; null before a worker found it out. */
  inspection: Inspection | null;
  /** Whether the present streak has called a human. */
  streakCalled: boolean;
  /**
   * Open discrepancies of the types that call a human which nobody has accepted for now: they close the trading gate.
   */
  blockingDiscrepancies: number;
  /** Open discrepancies that somebody accepted and whose acceptance has not ended. */
  acceptedDiscrepancies: number;
  /** By when the account's workflow is to show its next sign of life; null while it is paused, stopped or never ran. */
  expectedAt: Date | null;
  /** The database's clock when this was read: all ages are counted from it. */
  readAt: Date;
}

/** All that the ledger has to show of one account at a glance. */
export interface AccountOverview {
  totals: AccountTotals;
  lastRun: RunRow | null;
  /** Who paused it; null where it is not paused, or nothing says who did. */
  pause: { by: string; reason: string; since: Date } | null;
  /** The newest that nobody has acknowledged. */
  intervention: InterventionRow | null;
  /** The newest open ones; not all where there are many. */
  discrepancies: DiscrepancyRow[];
}

/** Who accepts a discrepancy as it is, until when and why. */
export interface Acceptance {
  by: string;
  note: string;
  until: Date;
  at: Date;
}

/** How far ahead an acceptance may end. One without an end would hide a difference for good. */
export const MAX_ACCEPTANCE_DAYS = 366;

export type DiscrepancyState = 'open' | 'resolved';
export interface DiscrepancyRow extends OpenDiscrepancy {
  state: DiscrepancyState;
  resolvedAt: Date | null;
  /**
   * The ignore rule of the account's present policy that hides an open one by now ("symbol DOGE/USDT:USDT"). It stays open
   * all the same: what is not looked for is not resolved.
   */
  ignoredBy: string | null;
  /** Null where nobody accepts it as it is. It may have ended by time: compare `until`. */
  accepted: Acceptance | null;
}

/** The last event of an account as it was at some time: to keep where nobody who can write the ledger can write. */
export interface LedgerHead {
  account: string;
  /** 0 before the first event. */
  sequence: number;
  hash: string;
}

/** One thing that `verify` found wrong. */
export interface LedgerFault {
  account: string;
  /** Null where it is not about one event. */
  sequence: number | null;
  fault: string;
}

export interface VerifyReport {
  accounts: {
    account: string;
    events: number;
    runs: number;
    /** The last event as it is stored: what to note elsewhere, or to compare with what was noted. Null without events. */
    lastEvent: { sequence: number; hash: string } | null;
    faults: LedgerFault[];
  }[];
  /** What is wrong with the roster of accounts, the triggers, the functions and the rights; absent where nothing is. */
  database?: string[];
}

export interface VerifyOptions {
  /** Heads that were kept elsewhere: each must be on its account's chain. */
  against?: readonly LedgerHead[];
  /** Called often. */
  onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  /** The one that is being proven. */
  account: string;
  accountsDone: number;
  accounts: number;
  /** Events that were proven so far, of all accounts. */
  events: number;
}

/**
 * The append-only record. Every write is idempotent by the key it names; database trouble throws FailureError of kind
 * `ledger`.
 */
export interface Ledger {
  /**
   * Makes the account known (metrics show it with zeros from then on), or updates its exchange and policy. A first
   * registration and each change are an event with its author; a repetition records nothing.
   *
   * @returns what the ledger knows of the account
   */
  registerAccount(request: {
    account: string;
    exchange: string;
    policy: Policy;
    /** Default "unknown". */
    by?: string;
    /** As in `VerdictRecord`. */
    nextRunAt?: Date | null;
  }): Promise<KnownAccount>;
  /** Marks a stopped account, with an event. Its history stays. A repetition records nothing. */
  deactivateAccount(account: string, by?: string): Promise<void>;
  /** Records that the workflow was cancelled from outside. The account stays active. */
  recordCancellation(request: { account: string; requestId: string }): Promise<void>;
  /** Records that a workflow was started anew from the ledger's state. */
  recordRepair(request: {
    account: string;
    by: string;
    requestId: string;
    found: string;
    actions: string[];
  }): Promise<void>;
  /** Records requests that a workflow refused. */
  recordRefusal(request: RefusedRequests): Promise<void>;
  /**
   * Says that the account's workflow is alive and when it is to show its next sign of life: in so many seconds by the
   * database's clock. Cheap; an account that is not registered is passed over.
   */
  expectSign(account: string, withinSeconds: number): Promise<void>;
  /** The account's streak. Throws for an account that was never registered. */
  streak(account: string): Promise<Streak>;

  /** Stores one side of one observation. A repeated delivery replaces the snapshot of a run that has no verdict yet. */
  putSnapshot(key: RunKey, observation: number, snapshot: Snapshot): Promise<SnapshotReceipt>;
  /** All that a verdict on the run starts from. */
  loadRun(key: RunKey): Promise<RunSoFar>;
  /** The run's complete observations, in order. */
  loadObservations(key: RunKey): Promise<StoredObservation[]>;

  /** Run, discrepancies, events, resolved ones and totals in one transaction. */
  recordVerdict(record: VerdictRecord): Promise<RecordedRun>;
  /** A failed run: run, event(s), totals in one transaction. Discrepancies stay as they are. */
  recordFailure(record: FailureRecord): Promise<RecordedRun>;

  /** Pause or resume. `requestId` makes it idempotent. */
  recordPause(change: {
    account: string;
    paused: boolean;
    by: string;
    reason: string | null;
    requestId: string;
    nextRunAt?: Date | null;
  }): Promise<void>;

  /** What a worker found out of the account's key. A changed key records one KEY_PERMISSIONS_CHANGED, whoever finds it. */
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
  /** With an event. */
  snoozeIntervention(request: { interventionId: string; by: string; until: Date; note: string }): Promise<void>;
  /** Records MANUAL_REVIEW_ACKNOWLEDGED and closes the intervention, once. */
  acknowledgeIntervention(request: { interventionId: string; by: string; note: string }): Promise<void>;
  /** The account's newest intervention that nobody has acknowledged, or null. */
  openInterventionOf(account: string): Promise<OpenIntervention | null>;
  /** Who acknowledged it; null while it is open or not known. */
  acknowledgedBy(interventionId: string): Promise<string | null>;

  /**
   * Accepts open discrepancies as they are now, until a time: they do not close the trading gate meanwhile. It ends by
   * time, when their values change, or when they are resolved.
   *
   * @param request.discrepancyIds null: all that are open now
   * @returns those that are accepted now
   * @throws FailureError (configuration) for a discrepancy that is not open, or a time that is not ahead
   */
  acceptDiscrepancies(request: {
    account: string;
    discrepancyIds: string[] | null;
    by: string;
    until: Date;
    note: string;
  }): Promise<DiscrepancyRow[]>;

  accounts(): Promise<AccountTotals[]>;
  account(account: string): Promise<AccountTotals | null>;
  /** Of all active accounts, or of one, by name. Takes a fixed number of statements. */
  overview(account: string | null): Promise<AccountOverview[]>;
  /** Newest first. `before`: run numbers or sequences below it. */
  runs(account: string, options?: { limit?: number; before?: number }): Promise<RunRow[]>;
  /** Oldest first from `after` (exclusive); without `after` the newest `limit`, oldest first. */
  events(account: string, options?: { limit?: number; after?: number }): Promise<LedgerEvent[]>;
  discrepancies(account: string, options?: { state?: DiscrepancyState; limit?: number }): Promise<DiscrepancyRow[]>;
  interventions(options?: { account?: string; openOnly?: boolean; limit?: number }): Promise<InterventionRow[]>;

  /** Proves that the ledger holds what was recorded; see verify/verify.ts. Reads only. */
  verify(account?: string, options?: VerifyOptions): Promise<VerifyReport>;
  /** The last event of each account, or of one, by name: to keep elsewhere, for `VerifyOptions.against`. */
  heads(account?: string): Promise<LedgerHead[]>;
  /**
   * Deletes evidence (snapshots) older than `keepDays` of clean runs, and of runs that were never recorded (these are kept
   * for a day at least: they may be under way); that of drifted and failed runs stays.
   */
  pruneEvidence(keepDays: number): Promise<{ deleted: number }>;
  /**
   * Takes a request's time (milliseconds of the exchange's rate) out of what all workers share, and answers how far ahead
   * all of them together have taken it, milliseconds. A negative time gives back what was taken and not used.
   */
  spendBudget(exchange: string, costMs: number): Promise<number>;
  /** Which deployment this ledger is. It is made with the schema and never changes; a restored backup keeps it. */
  deploymentId(): Promise<string>;
  /** Whether the database answers and its schema is current; throws FailureError with the remedy otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
