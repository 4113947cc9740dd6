import type { OpenOrder } from './snapshot.js';

export type OrderPair = readonly [exchange: OpenOrder, internal: OpenOrder];

export interface MatchedOrders {
  pairs: OrderPair[];
  exchangeOnly: OpenOrder[];
  internalOnly: OpenOrder[];
}

/**
 * Finds which rows of both sides are one order.
 *
 * 1. By (symbol, exchange id).
 * 2. What is left, by (symbol, client order id), but only where one of the two rows has no exchange id: two rows that
 *    both carry one, and differ in it, are two orders. A row with an id is paired before one without.
 *
 * Rows of one side that claim the same key are paired in an order that depends on their content alone.
 */
export function matchOrders(exchange: readonly OpenOrder[], internal: readonly OpenOrder[]): MatchedOrders {
  const byId = matchById(exchange, internal);
  const [exchangeKnown, exchangeUnknown] = byKnownId(byId.exchangeOnly);
  const [internalKnown, internalUnknown] = byKnownId(byId.internalOnly);

  const learnedInside = pairByKey(exchangeKnown, internalUnknown, clientKey);
  const learnedOutside = pairByKey(exchangeUnknown, internalKnown, clientKey);
  const unknownToBoth = pairByKey(learnedOutside.exchangeOnly, learnedInside.internalOnly, clientKey);

  return {
    pairs: [...byId.pairs, ...learnedInside.pairs, ...learnedOutside.pairs, ...unknownToBoth.pairs],
    exchangeOnly: [...learnedInside.exchangeOnly, ...unknownToBoth.exchangeOnly],
    internalOnly: [...learnedOutside.internalOnly, ...unknownToBoth.internalOnly],
  };
}

/** The way that nearly all orders go, so it makes no key texts and no lists per key. */
function matchById(exchange: readonly OpenOrder[], internal: readonly OpenOrder[]): MatchedOrders {
  const bySymbol = new Map<string, Map<string, { internal: OpenOrder; exchange: OpenOrder | null }>>();
  const exchangeOnly: OpenOrder[] = [];
  const internalOnly: OpenOrder[] = [];
  // Ids that one side lists twice. No exchange does; a bot's books may.
  const exchangeRepeated: OpenOrder[] = [];
  const internalRepeated: OpenOrder[] = [];

  for (const order of internal) {
    if (order.id === null) {
      internalOnly.push(order);
      continue;
    }
    let ofSymbol = bySymbol.get(order.symbol);
    if (ofSymbol === undefined) bySymbol.set(order.symbol, (ofSymbol = new Map()));
    const slot = ofSymbol.get(order.id);
    if (slot === undefined) ofSymbol.set(order.id, { internal: order, exchange: null });
    else {
      const [first, later] = inOrder(slot.internal, order);
      slot.internal = first;
      internalRepeated.push(later);
    }
  }
  for (const order of exchange) {
    const slot = order.id === null ? undefined : bySymbol.get(order.symbol)?.get(order.id);
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
  const repeated = pairByKey(exchangeRepeated, internalRepeated, (order) => order.id);
  return {
    pairs: pairs.concat(repeated.pairs),
    exchangeOnly: exchangeOnly.concat(repeated.exchangeOnly),
    internalOnly: internalOnly.concat(repeated.internalOnly),
  };
}

/** Pairs rows of equal symbol and key, the first with the first by content. A null key pairs with nothing. */
function pairByKey(
  exchange: readonly OpenOrder[],
  internal: readonly OpenOrder[],
  keyOf: (order: OpenOrder) => string | null,
): MatchedOrders {
  if (exchange.length === 0 || internal.length === 0) {
    return { pairs: [], exchangeOnly: [...exchange], internalOnly: [...internal] };
  }
  const waiting = new Map<string, OpenOrder[]>();
  const matched: MatchedOrders = { pairs: [], exchangeOnly: [], internalOnly: [] };
  for (const order of internal) {
    const key = keyOf(order);
    if (key === null) {
      matched.internalOnly.push(order);
      continue;
    }
    const queue = waiting.get(`${order.symbol}|${key}`);
    if (queue === undefined) waiting.set(`${order.symbol}|${key}`, [order]);
    else queue.push(order);
  }
  for (const [key, queue] of waiting) if (queue.length > 1) waiting.set(key, queue.toSorted(byContent).toReversed());
  for (const order of exchange.toSorted(byContent)) {
    const key = keyOf(order);
    const twin = key === null ? undefined : waiting.get(`${order.symbol}|${key}`)?.pop();
    if (twin === undefined) matched.exchangeOnly.push(order);
    else matched.pairs.push([order, twin]);
  }
  for (const queue of waiting.values()) matched.internalOnly.push(...queue);
  return matched;
}

const clientKey = (order: OpenOrder): string | null => order.clientOrderId;

function byKnownId(orders: readonly OpenOrder[]): [known: OpenOrder[], unknown: OpenOrder[]] {
  return [orders.filter(({ id }) => id !== null), orders.filter(({ id }) => id === null)];
}

function inOrder(a: OpenOrder, b: OpenOrder): [OpenOrder, OpenOrder] {
  return byContent(a, b) <= 0 ? [a, b] : [b, a];
}

/** An order of rows that depends on what they say alone. */
export function byContent(a: OpenOrder, b: OpenOrder): number {
  const [textA, textB] = [content(a), content(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function content(order: OpenOrder): string {
  const { symbol, id, clientOrderId, side, type, price, triggerPrice, amount, filled } = order;
  return JSON.stringify([symbol, id, clientOrderId, side, type, price, triggerPrice, amount, filled]);
}
