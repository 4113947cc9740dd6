import type { ExchangeInspector } from '../exchange/exchange-reader.js';
import type { InternalSource } from '../internal/internal-source.js';
import type { Ledger } from '../ledger/contract/ledger.js';
import type { NotifyRequest } from './activity-messages.js';

/** What the worker has for one account: its two sides. */
export interface AccountSides {
  exchange: () => Promise<ExchangeInspector>;
  internal: InternalSource;
}

export interface ActivityDependencies {
  ledger: Ledger;
  /** Throws FailureError (configuration) for an account that is not in this worker's configuration. */
  sides: (account: string) => AccountSides;
  /** Calls a human on every channel there is. */
  notify: (request: NotifyRequest) => Promise<void>;
  /** Every text that leaves the worker goes through it. */
  redact: (text: string) => string;
  /** Seconds a phase took, for the worker's histogram. */
  observe: (account: string, phase: 'exchange' | 'internal' | 'judge', seconds: number) => void;
  now: () => number;
}
