import type { LedgerFault } from '../contract/ledger.js';

/** Listed one by one; of more than these only the number. */
const MAX_LISTED_FAULTS = 100;

/** What `verify` found wrong with one account. */
export class FaultList {
  readonly #faults: LedgerFault[] = [];
  unlisted = 0;

  constructor(readonly account: string) {}

  add(sequence: number | null, fault: string): void {
    if (this.#faults.length < MAX_LISTED_FAULTS) this.#faults.push({ account: this.account, sequence, fault });
    else this.unlisted += 1;
  }

  /** Adds a fault where the stored total is not what counting gives. */
  compare(what: string, stored: unknown, counted: unknown): void {
    const a = JSON.stringify(stored);
    const b = JSON.stringify(counted);
    if (a !== b) this.add(null, `${what} is stored as ${a}; counting again gives ${b}`);
  }

  all(): LedgerFault[] {
    if (this.unlisted === 0) return this.#faults;
    return [...this.#faults, { account: this.account, sequence: null, fault: `${this.unlisted} more faults` }];
  }
}
