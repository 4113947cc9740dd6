import type { Ledger } from '../ledger/contract/ledger.js';
import type { NotificationBatch } from '../ledger/contract/notifications.js';
import type { Channel, Message } from '../notify/channel.js';
import type { AccountSides } from '../observe/account-sides.js';
import type { Spans } from '../runtime/spans.js';
import type { NotifyRequest } from './activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';

export interface ActivityDependencies {
  ledger: Ledger;
  /** Throws FailureError (configuration) for an account that is not in this worker's configuration. */
  sides: (account: string) => AccountSides;
  /** Calls a human if no channel is configured: a line in the log. */
  notify: (request: NotifyRequest) => Promise<void>;
  /** The configured channel of that name, or the log; undefined if there is none. */
  channel: (name: string) => Channel | undefined;
  /** The message of a batch, from what is known now. */
  compose: (batch: NotificationBatch, answer: DeliverRequest['answer']) => Promise<Message>;
  /** The account's page, for people. Absent: none is configured. */
  statusUrl?: (account: string) => string;
  /** Redacts a text. Every text that leaves the worker passes through it. */
  redact: (text: string) => string;
  /** Adds the seconds that a phase took to the worker's histogram. */
  observe: (account: string, phase: 'exchange' | 'internal' | 'judge', seconds: number) => void;
  now: () => number;
  /** Receives the parts of an activity. Absent: nothing is traced. */
  spans?: Spans;
  /** Pings the account's dead man's switch, if it has one. Never throws and waits for nothing. Absent: there are none. */
  heartbeat?: (account: string, state: 'verdict' | 'failed') => void;
}
