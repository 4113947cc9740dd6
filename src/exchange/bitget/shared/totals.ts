import { addDecimals, isZero, type DecimalText } from '../../../domain/decimal/decimal.js';
import type { Balance } from '../../../domain/snapshot/snapshot.js';

/** Sums of balances by currency, without zeros. */
export class Totals {
  readonly #totals = new Map<string, DecimalText>();

  constructor(balances: readonly Balance[] = []) {
    this.add(balances);
  }

  add(balances: readonly Balance[]): void {
    for (const { currency, total } of balances) {
      this.#totals.set(currency, addDecimals(this.#totals.get(currency) ?? '0', total));
    }
  }

  list(): Balance[] {
    return [...this.#totals].flatMap(([currency, total]) => (isZero(total) ? [] : [{ currency, total }]));
  }
}
