import type { Ledger } from '../ledger/contract/ledger.js';
import type { AccountSides } from '../observe/account-sides.js';
import type { NotifyRequest } from './activity-messages.js';

export interface ActivityDependencies {
  ledger: Ledger;
  /** Throws FailureError (configuration) for an account that is not in this worker's configuration. */
  sides: (account: string) => AccountSides;
  /** Notifies a human on every channel. */
  notify: (request: NotifyRequest) => Promise<void>;
  /** Redacts a text. Every text that leaves the worker passes through it. */
  redact: (text: string) => string;
  /** Adds the seconds that a phase took to the worker's histogram. */
  observe: (account: string, phase: 'exchange' | 'internal' | 'judge', seconds: number) => void;
  now: () => number;
}
