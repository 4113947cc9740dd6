import { halfOf, type DecimalText } from './decimal.js';
import type { CompareRules } from './policy.js';
import type { MarketFacts } from './snapshot.js';

/** Base units within which two amounts of a symbol (or balances of a currency) count as equal. */
export type Tolerance = (symbol: string) => DecimalText;

/**
 * The account's rule for the symbol, else its rule for "*", else half of the market's amount step, else exact.
 *
 * Half a step is what rounding can make; a real difference is at least a whole one.
 */
export function toleranceOf(
  rules: Pick<CompareRules, 'tolerance'>,
  exchangeMarkets: Record<string, MarketFacts>,
  internalMarkets: Record<string, MarketFacts>,
): Tolerance {
  const known = new Map<string, DecimalText>();
  return (symbol) => {
    const cached = known.get(symbol);
    if (cached !== undefined) return cached;
    const step = (own(exchangeMarkets, symbol) ?? own(internalMarkets, symbol))?.amountStep;
    const tolerance =
      own(rules.tolerance, symbol) ?? own(rules.tolerance, '*') ?? (step === undefined ? '0' : halfOf(step));
    known.set(symbol, tolerance);
    return tolerance;
  };
}

/** A record from outside may be asked for any text, "constructor" included. */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
