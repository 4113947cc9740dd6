import type { Failure } from '../domain/failure/failure.js';
import type { NotificationBatch } from '../ledger/contract/notifications.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RefusedRequests } from '../domain/lifecycle/refused-requests.js';
import type { RecordedRun, RunKey, RunTrigger } from '../domain/lifecycle/run.js';
import type { ActRequest, ActWay, Way } from '../domain/lifecycle/way.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { KnownAccount, OpenIntervention, Streak } from '../domain/lifecycle/known-account.js';

/** A request for one side of one observation; for runs that have records to deliver before their verdict. */
export interface FetchRequest {
  key: RunKey;
  look: number;
  /** Milliseconds after the first attempt within which a failed read is retried. */
  retryBudgetMs: number;
  /** Whether prices are read, too, because the policy values drifts; absent if not. */
  prices?: true;
}

export interface FetchExchangeRequest extends FetchRequest {
  /** Whether the wallets of derivatives are read, too. */
  balances: boolean | 'auto';
}

export interface FetchInternalRequest extends FetchRequest {
  maxInternalAgeSeconds: number;
  /** Symbols and currencies that the policy ignores; absent in requests of older versions, and if there are none. */
  ignoredSymbols?: string[];
}

export interface JudgeRequest {
  key: RunKey;
  look: number;
  trigger: RunTrigger;
  /** ISO 8601. */
  startedAt: string;
  policy: Policy;
  /** Whether `judge` may query the exchange about missing orders. If false, it does no exchange I/O. */
  explain: boolean;
  retryBudgetMs: number;
  /** Who asked for the run; empty or absent for a scheduled one. */
  requestedBy?: string[];
  /** How they asked, at the same places; absent in requests of older versions. */
  requestedVia?: (Way | 'unknown')[];
  /** When the next run is due after this one, ISO 8601; null while the account is paused. */
  nextRunAt?: string | null;
}

/** A request for one observation of both sides and for the verdict that it allows. */
export type ObserveRequest = Omit<JudgeRequest, 'explain'>;

/** What an account's workflow needs to know to show itself in Temporal's Web UI. */
export interface Display {
  /**
   * Whether the namespace has the search attributes of the account's state. A workflow that writes one that the namespace does
   * not have cannot go on.
   */
  indexed: boolean;
  /** The account's page, for people; null if none is configured. */
  statusUrl: string | null;
}

export type JudgeAnswer =
  | {
      kind: 'recorded';
      run: RecordedRun;
      /** An intervention that is open in the ledger and has no workflow: it must be restarted. */
      lostIntervention?: OpenIntervention | null;
      /** Absent in answers of older versions. */
      display?: Display;
    }
  | { kind: 'look_again'; inSeconds: number; waitingFor: number }
  /** Only if `explain` was false: a confirmed missing order must be explained first. */
  | { kind: 'needs_explanation' };

/** A record from the workflow's outbox, delivered in order. `by` is absent in items of older versions. */
export type RecordRequest =
  | ({
      kind: 'register';
      account: string;
      exchange: string;
      policy: Policy;
      by?: string;
      nextRunAt?: string | null;
    } & ActWay)
  | ({ kind: 'deactivate'; account: string; by?: string } & ActWay)
  /** The workflow was cancelled in Temporal. The account stays active, so that its silence raises an alarm. */
  | { kind: 'cancelled'; account: string; requestId: string }
  | ({
      kind: 'pause';
      account: string;
      paused: boolean;
      by: string;
      reason: string | null;
      requestId: string;
      nextRunAt?: string | null;
    } & ActWay)
  | ({ kind: 'refused' } & RefusedRequests)
  | {
      kind: 'failure';
      key: RunKey;
      trigger: RunTrigger;
      /** ISO 8601. */
      startedAt: string;
      /** ISO 8601. The ledger may receive the record much later. */
      endedAt: string;
      looks: number;
      failure: Failure;
      /** The workflow's count. The ledger has its own count, which takes precedence. */
      consecutiveFailures: number;
      threshold: number;
      /** Whether the workflow requests an intervention for this streak while the ledger is unavailable. */
      thresholdReached: boolean;
      requestedBy?: string[];
      requestedVia?: (Way | 'unknown')[];
      nextRunAt?: string | null;
    };

export interface NotifyRequest {
  account: string;
  exchange: string;
  interventionId: string;
  /** Which notification this is, from 1. */
  count: number;
  reasons: InterventionReason[];
}

/** The result of a delivery. */
export type DeliverAnswer =
  | {
      kind: 'delivered';
      /** Set if the ledger did not record the receipt. The workflow records it later. */
      unrecorded?: DeliveredBatch;
    }
  /** Nothing was sent, because quiet hours last until this time (ISO 8601). */
  | { kind: 'quiet'; until: string }
  /** Somebody acknowledged meanwhile, so nobody was called. */
  | { kind: 'acknowledged'; by: string }
  /** The channel refuses the message permanently, or did not accept it in the time allowed. */
  | { kind: 'failed'; reason: string };

/** What was delivered, and its receipt. */
export interface DeliveredBatch {
  batch: NotificationBatch;
  receipt: { id: string | null; thread: string | null };
}

/** The ledger's answer to a record. */
export interface RecordAnswer {
  /** For a failed run: the recorded run. */
  run: RecordedRun | null;
  /** For a registration: the account's last run in the ledger. A restarted workflow continues from this number. */
  lastRunNumber: number | null;
  /** For a registration: what the ledger knows about the account. */
  known?: KnownAccount | null;
  /** For a failed run: the account's streak after this record. */
  streak?: Streak;
  /** As in `JudgeAnswer`. */
  lostIntervention?: OpenIntervention | null;
  /** The server's time of the request, milliseconds; absent in answers of older versions. */
  askedAtMs?: number;
  display?: Display;
}

/** The ledger's answer to a record of an intervention. */
export interface InterventionAnswer {
  /** Set after a human has acknowledged the intervention, even without its workflow. Then the workflow ends. */
  acknowledgedBy: string | null;
}

/** The result of a notification. */
export interface NotifyAnswer {
  /** As in `InterventionAnswer`. If set, nobody was notified. */
  acknowledgedBy: string | null;
}

/** A step in the life of an intervention, for the ledger. `account` is absent in records of older versions. */
export type InterventionRecord =
  | { kind: 'opened'; account: string; interventionId: string; reasons: InterventionReason[] }
  | { kind: 'reason'; account?: string; interventionId: string; requestId: string; reason: InterventionReason }
  | ({ kind: 'receipt'; account: string; interventionId: string } & DeliveredBatch)
  | { kind: 'notified'; account?: string; interventionId: string; requestId: string }
  | ({
      kind: 'snoozed';
      account?: string;
      interventionId: string;
      by: string;
      until: string;
      note: string;
    } & ActRequest)
  | ({ kind: 'acknowledged'; account?: string; interventionId: string; by: string; note: string } & ActRequest);
