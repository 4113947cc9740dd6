import { Big } from 'big.js';
import {
  absoluteDecimal,
  compareDecimals,
  equalDecimals,
  isZero,
  multiplyDecimals,
  subtractDecimals,
  type DecimalText,
} from '../decimal/decimal.js';
import { numberText } from '../difference/wording.js';
import type { Hint } from '../difference/difference.js';
import type { MarketFacts, OpenOrder } from '../snapshot/snapshot.js';
import { baseOf, countsValue, unitOf, type Measured } from '../snapshot/unit.js';

/**
 * Whether two amounts of a symbol look like the same amount in two units. A hint only explains: the difference stays, but no
 * trade is offered, because a trade cannot fix a unit.
 *
 * In this order:
 * 1. One amount is exactly the other times the contract size: one of them counts contracts.
 * 2. One is the other times the price (within 20%): one of them counts value, or coins of an inverse contract.
 * 3. One is the other times a power of ten.
 * 4. The bot's amount of an inverse contract is not a whole number of contracts, or below the least order: it counts coins.
 */
export function unitHint(
  symbol: string,
  exchange: DecimalText | null,
  internal: DecimalText | null,
  facts: MarketFacts | undefined,
): Hint | null {
  const outside = exchange === null ? '0' : absoluteDecimal(exchange);
  const inside = internal === null ? '0' : absoluteDecimal(internal);
  if (isZero(inside)) return null;
  if (!isZero(outside)) {
    const byRatio =
      contractsHint(outside, inside, facts?.contractSize) ??
      priceHint({ symbol, unit: facts?.unit }, outside, inside, facts?.price) ??
      scaleHint(outside, inside);
    if (byRatio !== null) return byRatio;
  }
  return noContractsHint({ symbol, unit: facts?.unit }, inside, facts);
}

/** Whether the bot gives what remains of an order as its whole amount. It may know the fills all the same. */
export function remainingHint(exchange: OpenOrder, internal: OpenOrder): Hint | null {
  if (exchange.amount === null || internal.amount === null || isZero(exchange.filled)) return null;
  const remaining = subtractDecimals(exchange.amount, exchange.filled);
  const knowsFills = isZero(internal.filled) || equalDecimals(internal.filled, exchange.filled);
  const isRemaining = equalDecimals(internal.amount, remaining) && knowsFills;
  return isRemaining ? { kind: 'remaining', text: `${numberText(remaining)} is what remains of it` } : null;
}

function contractsHint(outside: DecimalText, inside: DecimalText, size: DecimalText | undefined): Hint | null {
  if (size === undefined || isZero(size)) return null;
  const counts = (contracts: DecimalText, amount: DecimalText): boolean =>
    equalDecimals(multiplyDecimals(contracts, size), amount);
  const apart = `exactly the contract size ${numberText(size)} apart`;
  if (counts(inside, outside)) return { kind: 'contracts', text: `${apart}: the bot's state seems to count contracts` };
  // To multiply the bot's amounts by the contract size would take them even further from the exchange's.
  if (counts(outside, inside)) {
    return { kind: 'scale', text: `${apart}: the bot's amounts seem to be multiplied by it once too often` };
  }
  return null;
}

/** How far a price may have moved since it was noted. */
const PRICE_RANGE = 0.2;

function priceHint(
  market: Measured,
  outside: DecimalText,
  inside: DecimalText,
  price: DecimalText | undefined,
): Hint | null {
  if (price === undefined) return null;
  const inverse = countsValue(market);
  const ratio = inverse ? new Big(outside).div(inside) : new Big(inside).div(outside);
  if (ratio.div(price).minus(1).abs().gt(PRICE_RANGE)) return null;
  const counted = inverse ? baseOf(market.symbol) : 'value in the quote currency';
  return {
    kind: inverse ? 'coins' : 'value',
    text: `the amounts are about the price ${numberText(price)} apart: the bot's state seems to count ${counted}`,
  };
}

function scaleHint(outside: DecimalText, inside: DecimalText): Hint | null {
  const [larger, smaller] = compareDecimals(outside, inside) > 0 ? [outside, inside] : [inside, outside];
  let scaled = new Big(smaller);
  for (let power = 1; power <= 18; power += 1) {
    scaled = scaled.times(10);
    if (scaled.gt(larger)) return null;
    if (scaled.eq(larger))
      return { kind: 'scale', text: `exactly ${scaleText(power)} apart: is one side in another unit?` };
  }
  return null;
}

function scaleText(power: number): string {
  return `a factor of ${numberText(`1${'0'.repeat(power)}`)}`;
}

function noContractsHint(market: Measured, inside: DecimalText, facts: MarketFacts | undefined): Hint | null {
  if (facts === undefined || !countsValue(market)) return null;
  const { amountStep: step, minAmount: least } = facts;
  const { currency } = unitOf(market);
  const isWhole = new Big(inside).mod(step).eq(0);
  if (isWhole && (least === undefined || compareDecimals(inside, least) >= 0)) return null;
  const problem = isWhole
    ? `below the least order of ${numberText(least ?? null)} ${currency}`
    : `no whole number of contracts of ${numberText(step)} ${currency}`;
  return {
    kind: 'coins',
    text: `${numberText(inside)} is ${problem}: the bot's state seems to count ${baseOf(market.symbol)}`,
  };
}
