import { equalDecimals, isZero, type DecimalText } from '../decimal/decimal.js';
import type { OrderTerm } from '../difference/difference.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import type { OrderPair } from './matched-orders.js';
import type { IsWithinTolerance } from './tolerance.js';

/**
 * The terms in which the two rows of one order differ, in a fixed order.
 *
 * - Prices are compared exactly, amounts within tolerance. A term that a side does not report (null, or zero, which many APIs
 *   send for "none") is not compared.
 * - The price of a market order is not compared: some sides give none, some the last price or the worst one.
 * - The trigger of a trailing stop is not compared: it moves with the market.
 * - Two exchange ids differ only where an amendment gave the order a new one (`matchOrders`). An id that a float rounded is the
 *   same id.
 */
export function differingTerms([exchange, internal]: OrderPair, isWithin: IsWithinTolerance): OrderTerm[] {
  const terms: OrderTerm[] = [];
  if (exchange.id !== null && internal.id !== null && !isSameId(exchange.id, internal.id)) terms.push('id');
  if (exchange.side !== internal.side) terms.push('side');
  const isMarket = isMarketOrder(exchange) || isMarketOrder(internal);
  if (!isMarket && pricesDiffer(exchange.price, internal.price)) terms.push('price');
  const isTrailing = isTrailingOrder(exchange) || isTrailingOrder(internal);
  if (!isTrailing && triggersDiffer(exchange, internal)) terms.push('trigger price');
  if (amountsDiffer(exchange, internal, isWithin)) terms.push('amount');
  return terms;
}

/** Whether both ids are the same, or one is what a float makes of the other: 123456789012345678 becomes 123456789012345680. */
export function isSameId(a: string, b: string): boolean {
  return a === b || isRounded(a, b) || isRounded(b, a);
}

/** Floats are exact below this number of digits. */
const EXACT_DIGITS = 16;

/**
 * Two exact ids may be next to each other and have one float, so the rounded one must be a text that programs write for it: the
 * shortest one (JavaScript, Python), or all digits (C's "%.0f").
 */
function isRounded(exact: string, rounded: string): boolean {
  if (exact.length < EXACT_DIGITS || !/^\d+$/.test(exact)) return false;
  const float = Number(exact);
  return rounded === String(float) || rounded === BigInt(float).toString();
}

function isMarketOrder({ type }: OpenOrder): boolean {
  return /(?:^|[^a-z])market$/i.test(type);
}

function isTrailingOrder({ type }: OpenOrder): boolean {
  return /trail|move_order|track/i.test(type);
}

/** Whether both sides report a price and the two differ. Null and zero count as not reported. */
export function pricesDiffer(a: DecimalText | null, b: DecimalText | null): boolean {
  if (a === b || a === null || b === null) return false;
  return !equalDecimals(a, b) && !isZero(a) && !isZero(b);
}

/** An OCO that is one row has two triggers. Sides may list them in different orders. */
function triggersDiffer(exchange: OpenOrder, internal: OpenOrder): boolean {
  const [outside, inside] = [exchange.secondTriggerPrice ?? null, internal.secondTriggerPrice ?? null];
  const inOrder = pricesDiffer(exchange.triggerPrice, internal.triggerPrice) || pricesDiffer(outside, inside);
  if (!inOrder || outside === null || inside === null) return inOrder;
  return pricesDiffer(exchange.triggerPrice, inside) || pricesDiffer(outside, internal.triggerPrice);
}

function amountsDiffer(exchange: OpenOrder, internal: OpenOrder, isWithin: IsWithinTolerance): boolean {
  const [a, b] = [exchange.amount, internal.amount];
  if (a === b || a === null || b === null) return false;
  return !isWithin(exchange.symbol, a, b) && !isZero(a) && !isZero(b);
}
