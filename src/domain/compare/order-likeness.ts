import { addDecimals, equalDecimals, isZero } from '../decimal/decimal.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import type { MatchedOrders, OrderPair } from './matched-orders.js';
import { differingTerms, isSameId } from './order-terms.js';
import type { IsWithinTolerance } from './tolerance.js';

type Left = Pick<MatchedOrders, 'exchangeOnly' | 'internalOnly'>;
type IsAlike = (exchange: OpenOrder, internal: OpenOrder) => boolean;
type HasSameTerms = (pair: OrderPair) => boolean;

/**
 * Most rows of a symbol that are compared with each other. With more, they stay unmatched, because every pair is
 * compared.
 */
const MAX_TRIED = 200;

/**
 * Pairs orders whose ids differ in a known way and whose terms agree. A row is paired only if it is like exactly one
 * row of the other side, and that row is like no other.
 *
 * 1. An exchange id that a float rounded.
 * 2. A client order id behind a broker's prefix.
 * 3. One client order id with two exchange ids: an amendment that gave the order a new id.
 * 4. An OCO that is one row on one side and its two legs on the other.
 */
export function matchByLikeness({ exchangeOnly, internalOnly }: Left, isWithin: IsWithinTolerance): MatchedOrders {
  if (exchangeOnly.length === 0 || internalOnly.length === 0) return { pairs: [], exchangeOnly, internalOnly };
  // Ids differ, so the terms must show that it is one order: the same terms as are compared, with the same tolerance.
  const hasSameTerms: HasSameTerms = (pair) => differingTerms(pair, isWithin).every((term) => term === 'id');
  const pairs: OrderPair[] = [];
  const taken = new Set<OpenOrder>();
  const bySymbol = new Map<string, Left>();
  for (const order of exchangeOnly) leftOf(bySymbol, order.symbol).exchangeOnly.push(order);
  for (const order of internalOnly) leftOf(bySymbol, order.symbol).internalOnly.push(order);
  for (const left of bySymbol.values()) {
    if (left.exchangeOnly.length > MAX_TRIED || left.internalOnly.length > MAX_TRIED) continue;
    for (const hasSameId of [hasRoundedId, hasPrefixedId, hasNewId]) {
      const isAlike: IsAlike = (...pair) => hasSameId(...pair) && hasSameTerms(pair);
      for (const pair of uniquePairs(rest(left, taken), isAlike)) {
        pairs.push(pair);
        pair.forEach((order) => taken.add(order));
      }
    }
    for (const { whole, legs, pair } of ocoGroups(rest(left, taken), isWithin)) {
      pairs.push(pair);
      [whole, ...legs].forEach((order) => taken.add(order));
    }
  }
  const isLeft = (order: OpenOrder): boolean => !taken.has(order);
  return { pairs, exchangeOnly: exchangeOnly.filter(isLeft), internalOnly: internalOnly.filter(isLeft) };
}

function leftOf(bySymbol: Map<string, Left>, symbol: string): Left {
  const known = bySymbol.get(symbol);
  if (known !== undefined) return known;
  const left: Left = { exchangeOnly: [], internalOnly: [] };
  bySymbol.set(symbol, left);
  return left;
}

function rest({ exchangeOnly, internalOnly }: Left, taken: ReadonlySet<OpenOrder>): Left {
  const isLeft = (order: OpenOrder): boolean => !taken.has(order);
  return { exchangeOnly: exchangeOnly.filter(isLeft), internalOnly: internalOnly.filter(isLeft) };
}

function uniquePairs({ exchangeOnly, internalOnly }: Left, isAlike: IsAlike): OrderPair[] {
  return exchangeOnly.flatMap((exchange): OrderPair[] => {
    const [internal, ...others] = internalOnly.filter((order) => isAlike(exchange, order));
    if (internal === undefined || others.length > 0) return [];
    return exchangeOnly.filter((order) => isAlike(order, internal)).length === 1 ? [[exchange, internal]] : [];
  });
}

function hasRoundedId(exchange: OpenOrder, internal: OpenOrder): boolean {
  const [outside, inside] = [exchange.clientOrderId, internal.clientOrderId];
  // Orders that were sent one after the other round to one id.
  if (outside !== null && inside !== null && outside !== inside && !isBehindPrefix(outside, inside)) return false;
  return exchange.id !== null && internal.id !== null && isSameId(exchange.id, internal.id);
}

/** A shorter ending could be the end of many ids. */
const MIN_REST = 6;

/** `x-xcKtGhcu27f109953d6e` and `27f109953d6e`: brokers and libraries put a prefix before the id that the bot chose. */
function hasPrefixedId(exchange: OpenOrder, internal: OpenOrder): boolean {
  const [outside, inside] = [exchange.clientOrderId, internal.clientOrderId];
  if (outside === null || inside === null || outside === inside) return false;
  if (exchange.id !== null && internal.id !== null && !isSameId(exchange.id, internal.id)) return false;
  return isBehindPrefix(outside, inside);
}

function isBehindPrefix(a: string, b: string): boolean {
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a];
  return shorter.length >= MIN_REST && longer.endsWith(shorter);
}

function hasNewId(exchange: OpenOrder, internal: OpenOrder): boolean {
  return (
    exchange.clientOrderId !== null && exchange.clientOrderId === internal.clientOrderId && exchange.id !== internal.id
  );
}

interface WholeWithLegs {
  whole: OpenOrder;
  legs: readonly [OpenOrder, OpenOrder];
  /** The legs as one row. */
  merged: OpenOrder;
}

interface OcoGroup extends WholeWithLegs {
  pair: OrderPair;
}

/** The OCOs that one side has as a row of its own and the other as two legs. */
function ocoGroups({ exchangeOnly, internalOnly }: Left, isWithin: IsWithinTolerance): OcoGroup[] {
  return [
    ...wholesWithLegs(exchangeOnly, internalOnly, isWithin).map((group): OcoGroup => {
      return { ...group, pair: [group.whole, group.merged] };
    }),
    ...wholesWithLegs(internalOnly, exchangeOnly, isWithin).map((group): OcoGroup => {
      return { ...group, pair: [group.merged, group.whole] };
    }),
  ];
}

function wholesWithLegs(
  wholes: readonly OpenOrder[],
  legs: readonly OpenOrder[],
  isWithin: IsWithinTolerance,
): WholeWithLegs[] {
  const mayBelong = (leg: OpenOrder, whole: OpenOrder): boolean =>
    leg.side === whole.side && amountsAgree(leg, whole, isWithin);
  const free = wholes.filter(({ type }) => /oco/i.test(type));
  return free.flatMap((whole): WholeWithLegs[] => {
    const [first, second, ...more] = legs.filter((leg) => mayBelong(leg, whole) && hasPriceOf(leg, whole));
    if (first === undefined || second === undefined || more.length > 0) return [];
    const fits = (one: OpenOrder): boolean => mayBelong(one, whole) && pricesFit(one, [first, second]);
    if (!haveTwoPrices(first, second) || !areShown(whole, [first, second])) return [];
    if (free.filter(fits).length !== 1 || !fits(whole)) return [];
    return [{ whole, legs: [first, second], merged: merged(whole, first, second) }];
  });
}

function amountsAgree(
  { symbol, amount: a }: OpenOrder,
  { amount: b }: OpenOrder,
  isWithin: IsWithinTolerance,
): boolean {
  return a === null || b === null || isZero(a) || isZero(b) || isWithin(symbol, a, b);
}

/** The two legs as the row that the other side has. Their terms fit already; their fills are added. */
function merged(whole: OpenOrder, first: OpenOrder, second: OpenOrder): OpenOrder {
  const { changedAt: a } = first;
  const { changedAt: b } = second;
  const changedAt = a === null || b === null ? null : Math.max(a, b);
  return { ...whole, filled: addDecimals(first.filled, second.filled), changedAt };
}

/** One leg takes profit and one stops a loss, so they cannot have the same price. */
function haveTwoPrices(a: OpenOrder, b: OpenOrder): boolean {
  const [first, second] = [levelOf(a), levelOf(b)];
  return first !== null && second !== null && !equalDecimals(first, second);
}

/** Whether each leg has a price of the whole order, or waits for a trigger, or names it as its parent: any order has some price. */
function areShown(whole: OpenOrder, legs: readonly OpenOrder[]): boolean {
  const reported = pricesOf(whole);
  return legs.every(
    (leg) =>
      leg.conditional ||
      (leg.parent !== undefined && leg.parent === (whole.id ?? whole.clientOrderId)) ||
      pricesOf(leg).some((price) => reported.some((one) => equalDecimals(one, price))),
  );
}

/** Each price that the whole order reports is a price of one of its legs, and it reports at least one. */
function pricesFit(whole: OpenOrder, legs: readonly OpenOrder[]): boolean {
  const known = legs.flatMap(pricesOf);
  const reported = pricesOf(whole);
  return reported.length > 0 && reported.every((price) => known.some((one) => equalDecimals(one, price)));
}

/** Whether the leg has one of the prices of the whole order; any leg has, if only one of the two prices is reported. */
function hasPriceOf(leg: OpenOrder, whole: OpenOrder): boolean {
  const reported = pricesOf(whole);
  return reported.length < 2 || pricesOf(leg).some((price) => reported.some((one) => equalDecimals(one, price)));
}

/** The prices that a row reports. */
function pricesOf({ price, triggerPrice, secondTriggerPrice }: OpenOrder): string[] {
  return [triggerPrice, price, secondTriggerPrice ?? null].flatMap((text) =>
    text === null || isZero(text) ? [] : [text],
  );
}

/** The price at which a leg acts: its trigger, else its limit. */
function levelOf({ price, triggerPrice }: OpenOrder): string | null {
  return triggerPrice ?? price;
}
