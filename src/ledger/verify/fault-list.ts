import type { LedgerFault } from '../contract/ledger.js';

/** Maximum number of faults that are listed; beyond it only their number is reported. */
const MAX_LISTED_FAULTS = 100;

/** The faults that `verify` found in one account. */
export class FaultList {
  readonly #faults: LedgerFault[] = [];
  unlisted = 0;

  constructor(readonly account: string) {}

  add(sequence: number | null, fault: string): void {
    if (this.#faults.length < MAX_LISTED_FAULTS) this.#faults.push({ account: this.account, sequence, fault });
    else this.unlisted += 1;
  }

  /** Adds a fault if the stored total differs from the counted one. */
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
