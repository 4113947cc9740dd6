import type { LedgerFault } from './ledger.js';

/** Told one by one; of more than these only the number. */
const MAX_TOLD = 100;

/** What `verify` found wrong with one account. */
export class FaultList {
  readonly #faults: LedgerFault[] = [];
  #untold = 0;

  constructor(readonly account: string) {}

  add(sequence: number | null, fault: string): void {
    if (this.#faults.length < MAX_TOLD) this.#faults.push({ account: this.account, sequence, fault });
    else this.#untold += 1;
  }

  /** Adds a fault where the stored total is not what counting gives. */
  compare(what: string, stored: unknown, counted: unknown): void {
    const a = JSON.stringify(stored);
    const b = JSON.stringify(counted);
    if (a !== b) this.add(null, `${what} is stored as ${a}; counting again gives ${b}`);
  }

  all(): LedgerFault[] {
    if (this.#untold === 0) return this.#faults;
    return [...this.#faults, { account: this.account, sequence: null, fault: `${this.#untold} more faults` }];
  }
}
