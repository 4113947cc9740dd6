import type { Engine } from './engine.js';
import type { DecimalText } from '@plumbline/primitives/decimal';

/** A funding time of a market. */
export interface SettledRate {
  at: number;
  rate: DecimalText;
  /** The price of the valuation. */
  price: DecimalText;
}

/** The rates that the accounts of the exchange paid or received in a market, oldest first, each funding time once. */
export function settledRates(engine: Engine, symbol: string): SettledRate[] {
  const byTime = new Map<number, SettledRate>();
  for (const { funding } of engine.accounts()) {
    for (const { symbol: paidIn, at, rate, price } of funding) {
      if (paidIn === symbol) byTime.set(at, { at, rate, price });
    }
  }
  return [...byTime.values()].toSorted((a, b) => a.at - b.at);
}
