import type { Severity } from '../domain/policy/severity.js';
import type { Occasion } from '../domain/lifecycle/occasion.js';

/** The longest texts of a message, in characters. */
export const MESSAGE_LIMITS = { subject: 120, text: 3_500 };

/** A message as every channel receives it. All texts are redacted, bounded, and free of control characters. */
export interface Message {
  /**
   * The same for each attempt to deliver this message, and for no other message. At most 64 characters of A-Z, a-z, 0-9, "-"
   * and "_". Sent as the service's idempotency or de-duplication key where it has one.
   */
  key: string;
  /**
   * The same for all messages of one call: keeps them in one thread, one incident, one e-mail conversation. Same form as `key`, but
   * at most 60 characters: with "ack:" it must fit into the 64 bytes of a Telegram button.
   */
  thread: string;
  occasion: Occasion;
  severity: Severity;
  /** The accounts that it is about, at least one. */
  accounts: readonly string[];
  /** One line with only the most important numbers, and no ids; at most `MESSAGE_LIMITS.subject` characters. */
  subject: string;
  /** Plain text, several lines, at most `MESSAGE_LIMITS.text` characters. Complete except for the link, which the channel adds. */
  text: string;
  /** The page where a person sees the present state and can act; null if no link is configured. */
  link: { url: string; label: string } | null;
  /** When the first reason of the call was given, ISO 8601, UTC. */
  since: string;
  /** Whether the receiver can acknowledge, because the call is still open. */
  canAcknowledge: boolean;
}

/** What the service answered to a delivered message. No secrets: it is recorded in the ledger. */
export interface Receipt {
  /** The service's own id of the message, if it gave one; at most 200 characters. */
  id: string | null;
  /** Whatever the channel needs to continue the thread, such as Slack's `ts`; at most 1,000 characters. Null if nothing. */
  thread: string | null;
}

export interface DeliverOptions {
  signal: AbortSignal;
  /** The `thread` of the first receipt of this call on this channel; null if there is none. */
  previousThread: string | null;
}

/** One configured way to reach people. Each kind has a file in `channels`. */
export interface Channel {
  /** Its name in the configuration. */
  readonly name: string;
  readonly kind: string;
  /**
   * Makes one attempt to deliver the message. The caller decides about retries by the failure.
   *
   * @throws FailureError: kind and `retryAfterMs` say whether and when to try again; side `channel`
   */
  deliver(message: Message, options: DeliverOptions): Promise<Receipt>;
  /** Releases connections. */
  close?(): Promise<void>;
}
