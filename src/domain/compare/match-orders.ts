import { normalizeDecimal } from '../decimal/decimal.js';
import type { OpenOrder } from '../snapshot/snapshot.js';
import { matchByLikeness } from './order-likeness.js';
import type { MatchedOrders, OrderPair } from './matched-orders.js';
import type { IsWithinTolerance } from './tolerance.js';

export type { MatchedOrders, OrderPair } from './matched-orders.js';

/**
 * Pairs the rows of both sides that are the same order.
 *
 * 1. By (symbol, exchange id).
 * 2. The remaining rows by (symbol, client order id), but only if one of the two rows has no exchange id: two rows with
 *    different exchange ids are two orders. A row with an exchange id is paired before one without.
 * 3. The remaining rows by what is left of their ids, where that is unique on both sides; see `matchByLikeness`.
 *
 * If one side repeats a key, its rows are paired in an order that depends only on their content.
 */
export function matchOrders(
  exchange: readonly OpenOrder[],
  internal: readonly OpenOrder[],
  isWithin: IsWithinTolerance,
): MatchedOrders {
  const byId = pairByKey(exchange, internal, (order) => order.id);
  const [exchangeKnown, exchangeUnknown] = byKnownId(byId.exchangeOnly);
  const [internalKnown, internalUnknown] = byKnownId(byId.internalOnly);

  const learnedOutside = pairByKey(exchangeKnown, internalUnknown, clientKey);
  const learnedInside = pairByKey(exchangeUnknown, internalKnown, clientKey);
  const unknownToBoth = pairByKey(learnedInside.exchangeOnly, learnedOutside.internalOnly, clientKey);
  const left = {
    exchangeOnly: learnedOutside.exchangeOnly.concat(unknownToBoth.exchangeOnly),
    internalOnly: learnedInside.internalOnly.concat(unknownToBoth.internalOnly),
  };
  const alike = matchByLikeness(left, isWithin);
  return {
    pairs: byId.pairs.concat(learnedOutside.pairs, learnedInside.pairs, unknownToBoth.pairs, alike.pairs),
    exchangeOnly: alike.exchangeOnly,
    internalOnly: alike.internalOnly,
  };
}

type KeyOf = (order: OpenOrder) => string | null;
const clientKey: KeyOf = (order) => order.clientOrderId;

/** The rows found so far for one (symbol, key). */
interface Slot {
  internal: OpenOrder;
  exchange: OpenOrder | null;
}

/**
 * Pairs rows of equal symbol and key. A row without a key stays unpaired. Nested maps avoid a composed key text per order,
 * because most orders are paired here.
 */
function pairByKey(exchange: readonly OpenOrder[], internal: readonly OpenOrder[], keyOf: KeyOf): MatchedOrders {
  const bySymbol = new Map<string, Map<string, Slot>>();
  const exchangeOnly: OpenOrder[] = [];
  const internalOnly: OpenOrder[] = [];
  // Rows that repeat a key of their side. No exchange sends them; a bot may.
  const exchangeRepeated: OpenOrder[] = [];
  const internalRepeated: OpenOrder[] = [];

  for (const order of internal) {
    const key = keyOf(order);
    if (key === null) {
      internalOnly.push(order);
      continue;
    }
    let ofSymbol = bySymbol.get(order.symbol);
    if (ofSymbol === undefined) bySymbol.set(order.symbol, (ofSymbol = new Map()));
    const slot = ofSymbol.get(key);
    if (slot === undefined) ofSymbol.set(key, { internal: order, exchange: null });
    else {
      const [first, later] = inOrder(slot.internal, order);
      slot.internal = first;
      internalRepeated.push(later);
    }
  }
  for (const order of exchange) {
    const key = keyOf(order);
    const slot = key === null ? undefined : bySymbol.get(order.symbol)?.get(key);
    if (slot === undefined) exchangeOnly.push(order);
    else if (slot.exchange === null) slot.exchange = order;
    else {
      const [first, later] = inOrder(slot.exchange, order);
      slot.exchange = first;
      exchangeRepeated.push(later);
    }
  }

  const pairs: OrderPair[] = [];
  for (const ofSymbol of bySymbol.values()) {
    for (const slot of ofSymbol.values()) {
      if (slot.exchange === null) internalOnly.push(slot.internal);
      else pairs.push([slot.exchange, slot.internal]);
    }
  }
  const repeated = pairRepeated(exchangeRepeated, internalRepeated, keyOf);
  return {
    pairs: pairs.concat(repeated.pairs),
    exchangeOnly: exchangeOnly.concat(repeated.exchangeOnly),
    internalOnly: internalOnly.concat(repeated.internalOnly),
  };
}

/** Pairs the rows that repeat a key, in the order of their content. */
function pairRepeated(exchange: readonly OpenOrder[], internal: readonly OpenOrder[], keyOf: KeyOf): MatchedOrders {
  const matched: MatchedOrders = { pairs: [], exchangeOnly: [], internalOnly: [] };
  const waiting = new Map<string, OpenOrder[]>();
  const textKey = (order: OpenOrder): string => `${order.symbol}|${keyOf(order) ?? ''}`;
  for (const order of internal.toSorted(byContent).toReversed()) {
    const queue = waiting.get(textKey(order));
    if (queue === undefined) waiting.set(textKey(order), [order]);
    else queue.push(order);
  }
  for (const order of exchange.toSorted(byContent)) {
    const twin = waiting.get(textKey(order))?.pop();
    if (twin === undefined) matched.exchangeOnly.push(order);
    else matched.pairs.push([order, twin]);
  }
  for (const queue of waiting.values()) matched.internalOnly.push(...queue);
  return matched;
}

function byKnownId(orders: readonly OpenOrder[]): [known: OpenOrder[], unknown: OpenOrder[]] {
  return [orders.filter(({ id }) => id !== null), orders.filter(({ id }) => id === null)];
}

function inOrder(a: OpenOrder, b: OpenOrder): [OpenOrder, OpenOrder] {
  return byContent(a, b) <= 0 ? [a, b] : [b, a];
}

/** Sorts rows by their content. The notation of a number ("0.5", "0.500") does not matter. */
function byContent(a: OpenOrder, b: OpenOrder): number {
  const [textA, textB] = [content(a), content(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function content(order: OpenOrder): string {
  const { symbol, id, clientOrderId, side, type, price, triggerPrice, amount, filled } = order;
  const numbers = [price, triggerPrice, amount, filled].map((text) => (text === null ? null : normalizeDecimal(text)));
  return JSON.stringify([symbol, id, clientOrderId, side, type, ...numbers]);
}
