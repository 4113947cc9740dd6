import { z } from 'zod';
import type { OrderQuestion, OrderSource } from '../profile/missing-orders.js';
import { namedBy, orderSource, tradeSource, type OrderRow } from '../profile/order-sources.js';
import type { Params } from '../profile/read-session.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';

// What spot and USD-M answer in the same form about orders that are not open.

export const HISTORY_PAGE = 1_000;

/** A row of "Account trade list". */
export const TRADE = z.object({ symbol: word, orderId: idText, price: decimalText, qty: decimalText, time: timeMs });

/** The parameters of "Query order". */
export function orderParams({ order, market }: OrderQuestion): Params {
  return { symbol: market.id, ...namedBy(order, 'orderId', 'origClientOrderId') };
}

/** "All orders": by exchange id about one order, otherwise the newest page of the symbol. */
export function closedOrders<Row>(endpoint: Endpoint<Row[]>, read: (row: Row) => OrderRow): OrderSource {
  return orderSource({
    name: 'closed orders',
    endpoint,
    params: ({ order: { id }, market }) =>
      id !== null ? { symbol: market.id, orderId: id, limit: '1' } : { symbol: market.id, limit: String(HISTORY_PAGE) },
    rows: (rows) => rows,
    read,
    // Without an exchange id, the order may be older than the newest page.
    full: (rows, { order }) => order.id === null && rows.length >= HISTORY_PAGE,
  });
}

export function ownTrades(endpoint: Endpoint<z.infer<typeof TRADE>[]>): OrderSource {
  return tradeSource({
    name: 'own trades',
    rows: ({ session, market }, orderId) => session.ask(endpoint, { symbol: market.id, orderId }),
    read: ({ symbol, orderId, price, qty, time }) => ({ market: symbol, orderId, price, amount: qty, at: time }),
  });
}
