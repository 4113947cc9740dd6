import type { Failure } from '../../domain/failure/failure.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { Severity } from '../../domain/policy/severity.js';
import type { InterventionOccasion } from '../../domain/lifecycle/occasion.js';

/** One message that one intervention wants to send on one channel. */
export interface WantedNotification {
  /** Idempotency key: the same for each attempt. At most 200 characters. */
  id: string;
  account: string;
  exchange: string;
  interventionId: string;
  channel: string;
  occasion: InterventionOccasion;
  severity: Severity;
  /** ISO 8601. */
  openedAt: string;
  /** The reasons that this message is about. The ledger keeps at most 20. */
  reasons: InterventionReason[];
  /** Notifications of one channel with the same value, wanted within seconds, are sent as one message. Null: alone. */
  group: string | null;
}

/** Notifications that are sent as one message. Once formed, a batch never changes, so that each attempt sends the same. */
export interface NotificationBatch {
  /** The message's key: `messageKeyOf` the ids of all members. */
  key: string;
  members: WantedNotification[];
  /** `Receipt.thread` of the first message of these interventions on this channel; null if there is none. */
  previousThread: string | null;
  /** Which attempt this is, from 1, so that its failure counts once. Absent: it was sent without the ledger. */
  attempt?: number;
}

export type NotificationState = 'waiting' | 'delivered' | 'failed';

/** A notification as people see it. `failed`: the last attempt failed; it is tried again unless the call was answered. */
export interface NotificationRow {
  id: string;
  account: string;
  interventionId: string;
  channel: string;
  occasion: InterventionOccasion;
  severity: Severity;
  state: NotificationState;
  wantedAt: Date;
  deliveredAt: Date | null;
  attempts: number;
  /** The service's own id of the message. */
  receipt: string | null;
  /** The last failure; null once delivered. */
  failure: Pick<Failure, 'kind' | 'message' | 'remedy'> | null;
}

/** An intervention that a delivered message names. */
export interface NamedCall {
  account: string;
  interventionId: string;
  /** The key of the message. */
  key: string;
  /** The reasons that the message shows. */
  reasons: Pick<InterventionReason, 'action' | 'at'>[];
}

/** Totals for the metrics, by channel: a message that names forty notifications counts as forty. */
export interface ChannelTotals {
  channel: string;
  deliveredTotal: number;
  failureTotal: number;
  lastSuccessAt: Date | null;
  /** The database's clock when this was read. */
  readAt: Date;
}

export type WantedAnswer =
  | { kind: 'send'; batch: NotificationBatch }
  | { kind: 'delivered' }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'wait'; waitMs: number };

/** The outbox of notifications and their receipts. Every write is idempotent. */
export interface NotificationLedger {
  /**
   * Records, once, that the notification is wanted, and returns its state: a batch to send now; that it was delivered
   * already, or failed moments ago, in a batch that somebody else sent; or that it waits `waitMs` for others of its group.
   */
  wantNotification(wanted: WantedNotification): Promise<WantedAnswer>;
  /** Records the receipt of a batch: one NOTIFICATION_DELIVERED event for each member's account, once. */
  recordDelivery(batch: NotificationBatch, receipt: { id: string | null; thread: string | null }): Promise<void>;
  /** Records a failed attempt: counts it, and one NOTIFICATION_FAILED event for the first failure of each notification. */
  recordDeliveryFailure(batch: NotificationBatch, failure: Failure): Promise<void>;
  /** The newest notifications of an account. */
  notifications(account: string, limit: number): Promise<NotificationRow[]>;
  /**
   * The interventions that one delivered message names. `receipt` is the service's own id of the message. At most 1,000, of the
   * last 30 days.
   */
  namedIn(channel: string, receipt: string): Promise<NamedCall[]>;
  channelTotals(): Promise<ChannelTotals[]>;
}
