import type { Failure } from '../domain/failure.js';
import type { Policy } from '../domain/policy.js';
import type { RecordedRun, RunKey, RunTrigger } from '../domain/run.js';
import type { InterventionReason } from '../domain/intervention.js';

/** Asks for one side of one look. */
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
}

export type JudgeAnswer =
  | { kind: 'recorded'; run: RecordedRun }
  | { kind: 'look_again'; inSeconds: number; waitingFor: number }
  /** Only where `explain` was false: a confirmed missing order must be explained first. */
  | { kind: 'needs_explanation' };

/** Something that the ledger must learn, in order, from the workflow's outbox. */
export type RecordRequest =
  | { kind: 'register'; account: string; exchange: string; policy: Policy }
  | { kind: 'deactivate'; account: string }
  | { kind: 'pause'; account: string; paused: boolean; by: string; reason: string | null; requestId: string }
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
      consecutiveFailures: number;
      threshold: number;
      thresholdReached: boolean;
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
}

/** What happened in an intervention's life. */
export type InterventionFact =
  | { kind: 'opened'; interventionId: string; reasons: InterventionReason[] }
  | { kind: 'reason'; interventionId: string; requestId: string; reason: InterventionReason }
  | { kind: 'notified'; interventionId: string; requestId: string }
  | { kind: 'snoozed'; interventionId: string; by: string; until: string; note: string }
  | { kind: 'acknowledged'; interventionId: string; by: string; note: string };

/** What the ledger learns of it. Only a request that an older version of the workflow sent names no account. */
export type InterventionRecord = InterventionFact & { account?: string };
