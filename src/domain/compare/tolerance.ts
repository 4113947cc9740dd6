import {
  absoluteDecimal,
  addDecimals,
  compareDecimals,
  equalDecimals,
  halfOf,
  multiplyDecimals,
  signOf,
  withinTolerance,
  type DecimalText,
} from '../decimal/decimal.js';
import type { CompareRules } from '../policy/policy.js';
import type { MarketFacts } from '../snapshot/snapshot.js';
import { countsValue } from '../snapshot/unit.js';

/** Whether two amounts of a symbol, or two balances of a currency, count as equal. */
export type IsWithinTolerance = (symbol: string, a: DecimalText, b: DecimalText) => boolean;

/**
 * The tolerance of a symbol or currency: the account's rule for it, else its rule for "*", else:
 *
 * - half of the market's amount step. Rounding errors are at most half a step; a real difference is at least a whole step.
 * - of an inverse contract only float noise: both sides count whole contracts, and half a contract may be many coins, so an
 *   amount in coins would hide in it.
 * - of a currency without a step half of its eighth decimal.
 *
 * A rule may give an amount, a percentage of the smaller of the two amounts, or both, which add up. A percentage of
 * zero is zero, so the default tolerance always applies, too.
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
      const facts = own(exchangeMarkets, symbol) ?? own(internalMarkets, symbol);
      allowance = allowanceOf(own(rules.tolerance, symbol) ?? own(rules.tolerance, '*'), defaultOf(symbol, facts));
      known.set(symbol, allowance);
    }
    const { amount, fraction } = allowance;
    if (withinTolerance(a, b, amount)) return true;
    // Long and short share nothing that a part of could be allowed.
    if (fraction === null || signOf(a) * signOf(b) < 0) return false;
    return withinTolerance(a, b, addDecimals(amount, multiplyDecimals(smaller(a, b), fraction)));
  };
}

interface Allowance {
  /** In the market's unit. */
  amount: DecimalText;
  /** Fraction of the smaller amount that is allowed in addition; null if there is none. */
  fraction: DecimalText | null;
}

/** Float noise of a bot that adds up its fills with floats: far below any contract and any coin that can be traded. */
const NOISE: Allowance = { amount: '0.00000001', fraction: '0.000000001' };
/** Half of the last decimal of most currencies. */
const CURRENCY_NOISE: DecimalText = '0.000000005';

function defaultOf(symbol: string, facts: MarketFacts | undefined): Allowance {
  if (countsValue({ symbol, unit: facts?.unit })) return NOISE;
  if (facts !== undefined) return { amount: halfOf(facts.amountStep), fraction: null };
  return { amount: symbol.includes('/') ? '0' : CURRENCY_NOISE, fraction: null };
}

function allowanceOf(rule: string | undefined, byDefault: Allowance): Allowance {
  if (rule === undefined) return byDefault;
  const parts = rule.split('+');
  const amount = parts.find((part) => !part.endsWith('%'));
  const percent = parts.find((part) => part.endsWith('%'));
  return {
    amount: amount ?? byDefault.amount,
    fraction: percent === undefined ? null : multiplyDecimals(percent.slice(0, -1), '0.01'),
  };
}

function smaller(a: DecimalText, b: DecimalText): DecimalText {
  const [absoluteA, absoluteB] = [absoluteDecimal(a), absoluteDecimal(b)];
  return compareDecimals(absoluteA, absoluteB) < 0 ? absoluteA : absoluteB;
}

/** Reads only own properties, because the key is outside text and may be "constructor". */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
