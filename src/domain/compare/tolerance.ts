import {
  absoluteDecimal,
  compareDecimals,
  equalDecimals,
  halfOf,
  multiplyDecimals,
  withinTolerance,
  type DecimalText,
} from '../decimal/decimal.js';
import type { CompareRules } from '../policy/policy.js';
import type { MarketFacts } from '../snapshot/snapshot.js';

/** Whether two amounts of a symbol, or two balances of a currency, count as equal. */
export type IsWithinTolerance = (symbol: string, a: DecimalText, b: DecimalText) => boolean;

/**
 * The tolerance of a symbol: the account's rule for the symbol, else its rule for "*", else half of the market's amount
 * step, else zero.
 *
 * Rounding errors are at most half a step; a real difference is at least a whole step. A percentage applies to the smaller
 * of the two amounts and is never less than half a step, so against zero it is half a step.
 *
 * Only the current amounts count, not earlier ones. Small drifts therefore add up: the observation in which their sum
 * exceeds the tolerance shows a difference.
 */
export function toleranceOf(
  rules: Pick<CompareRules, 'tolerance'>,
  exchangeMarkets: Record<string, MarketFacts>,
  internalMarkets: Record<string, MarketFacts>,
): IsWithinTolerance {
  const known = new Map<string, Allowance>();
  return (symbol, a, b) => {
    if (equalDecimals(a, b)) return true;
    let allowance = known.get(symbol);
    if (allowance === undefined) {
      const step = (own(exchangeMarkets, symbol) ?? own(internalMarkets, symbol))?.amountStep;
      const halfStep = step === undefined ? '0' : halfOf(step);
      allowance = allowanceOf(own(rules.tolerance, symbol) ?? own(rules.tolerance, '*'), halfStep);
      known.set(symbol, allowance);
    }
    if (withinTolerance(a, b, allowance.amount)) return true;
    return allowance.fraction !== null && withinTolerance(a, b, multiplyDecimals(smaller(a, b), allowance.fraction));
  };
}

interface Allowance {
  /** Base units. */
  amount: DecimalText;
  /** Fraction of the smaller amount that is allowed instead, if it is more; null if the rule is no percentage. */
  fraction: DecimalText | null;
}

function allowanceOf(rule: string | undefined, halfStep: DecimalText): Allowance {
  if (rule === undefined) return { amount: halfStep, fraction: null };
  if (!rule.endsWith('%')) return { amount: rule, fraction: null };
  return { amount: halfStep, fraction: multiplyDecimals(rule.slice(0, -1), '0.01') };
}

function smaller(a: DecimalText, b: DecimalText): DecimalText {
  const [absoluteA, absoluteB] = [absoluteDecimal(a), absoluteDecimal(b)];
  return compareDecimals(absoluteA, absoluteB) < 0 ? absoluteA : absoluteB;
}

/** Reads only own properties, because the key is outside text and may be "constructor". */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
