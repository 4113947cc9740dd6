import type { Failure } from '../domain/failure/failure.js';
import type { Policy } from '../domain/policy/policy.js';
import type { RefusedRequests } from '../domain/lifecycle/refused-requests.js';
import type { RecordedRun, RunKey, RunTrigger } from '../domain/lifecycle/run.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { KnownAccount, OpenIntervention, Streak } from '../domain/lifecycle/known-account.js';

/** Asks for one side of one observation. */
export interface FetchRequest {
  key: RunKey;
  look: number;
  /** Milliseconds after the first attempt within which a failed read is tried again. */
  retryBudgetMs: number;
}

export interface FetchExchangeRequest extends FetchRequest {
  /** Whether the wallets of derivatives are read as well. */
  balances: boolean;
}

export interface FetchInternalRequest extends FetchRequest {
  maxInternalAgeSeconds: number;
}

export interface JudgeRequest {
  key: RunKey;
  look: number;
  trigger: RunTrigger;
  /** ISO 8601. */
  startedAt: string;
  policy: Policy;
  /** Whether the exchange may be asked what became of missing orders. Without it `judge` does no exchange I/O. */
  explain: boolean;
  retryBudgetMs: number;
  /** Who asked for the run; empty or absent for a scheduled one. */
  requestedBy?: string[];
  /** When the next run is due after this one, ISO 8601; null while the account is paused. */
  nextRunAt?: string | null;
}

export type JudgeAnswer =
  | {
      kind: 'recorded';
      run: RecordedRun;
      /** An intervention that is open in the ledger while no workflow serves it: it must be started again. */
      lostIntervention?: OpenIntervention | null;
    }
  | { kind: 'look_again'; inSeconds: number; waitingFor: number }
  /** Only where `explain` was false: a confirmed missing order must be explained first. */
  | { kind: 'needs_explanation' };

/** What the ledger must learn, in order, from the workflow's outbox. `by` is absent in items of older versions. */
export type RecordRequest =
  | {
      kind: 'register';
      account: string;
      exchange: string;
      policy: Policy;
      by?: string;
      nextRunAt?: string | null;
    }
  | { kind: 'deactivate'; account: string; by?: string }
  /** The workflow was cancelled in Temporal. The account stays active, so that its silence is an alarm. */
  | { kind: 'cancelled'; account: string; requestId: string }
  | {
      kind: 'pause';
      account: string;
      paused: boolean;
      by: string;
      reason: string | null;
      requestId: string;
      nextRunAt?: string | null;
    }
  | ({ kind: 'refused' } & RefusedRequests)
  | {
      kind: 'failure';
      key: RunKey;
      trigger: RunTrigger;
      /** ISO 8601. */
      startedAt: string;
      /** ISO 8601. The ledger may learn of it much later. */
      endedAt: string;
      looks: number;
      failure: Failure;
      /** As the workflow counts. The ledger counts for itself; its answer wins. */
      consecutiveFailures: number;
      threshold: number;
      /** Whether the workflow calls a human for this streak while it cannot ask the ledger. */
      thresholdReached: boolean;
      requestedBy?: string[];
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

/** What the ledger answers to a record. */
export interface RecordAnswer {
  /** The recorded run, for a failed one. */
  run: RecordedRun | null;
  /** The account's last run in the ledger, for a registration; a workflow that is started again counts on from it. */
  lastRunNumber: number | null;
  /** What the ledger knows of the account, for a registration. */
  known?: KnownAccount | null;
  /** The account's streak after this record, for a failed run. */
  streak?: Streak;
  /** As in `JudgeAnswer`. */
  lostIntervention?: OpenIntervention | null;
  /** The server's time at which this was asked, milliseconds; absent in answers of older versions. */
  askedAtMs?: number;
}

/** What the ledger answers to a record of an intervention. */
export interface InterventionAnswer {
  /** Set once a human acknowledged the intervention, also without its workflow: the workflow then ends. */
  acknowledgedBy: string | null;
}

/** What a notification came to. */
export interface NotifyAnswer {
  /** As in `InterventionAnswer`; nobody was notified then. */
  acknowledgedBy: string | null;
}

/** What the ledger learns of an intervention's life. `account` is absent in records of older versions. */
export type InterventionRecord =
  | { kind: 'opened'; account: string; interventionId: string; reasons: InterventionReason[] }
  | { kind: 'reason'; account?: string; interventionId: string; requestId: string; reason: InterventionReason }
  | { kind: 'notified'; account?: string; interventionId: string; requestId: string }
  | { kind: 'snoozed'; account?: string; interventionId: string; by: string; until: string; note: string }
  | { kind: 'acknowledged'; account?: string; interventionId: string; by: string; note: string };
