import { Big } from 'big.js';
import { z } from 'zod';
import { isZero, signOf } from '../../domain/decimal/decimal.js';
import type { MissingOrders, OrderEnd, OrderQuestion } from '../profile/missing-orders.js';
import { REMEMBERS_ALL } from '../profile/missing-orders.js';
import { namedBy, noSuchOrder, orderSource, tradeSource, type OrderRow } from '../profile/order-sources.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, idText, timeMs, word } from '../transport/endpoint.js';
import { UNKNOWN_ORDER } from './common.js';

/*
 * What became of a spot order that is not open. Spot does not forget silently, unlike futures: an order that ended unfilled
 * over 90 days ago is answered with -2026 (ORDER_ARCHIVED), so -2013 means that there never was one.
 * Source: "Query order", "All orders", "Account trade list" and the error codes of the spot documentation.
 */

const ENDS = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_NEW: 'open',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
} as const satisfies Record<string, OrderEnd>;

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string(),
  status: z.enum(Object.keys(ENDS) as (keyof typeof ENDS)[]),
  executedQty: decimalText,
  cummulativeQuoteQty: decimalText,
  updateTime: timeMs,
});

const TRADE = z.object({ symbol: word, orderId: idText, price: decimalText, qty: decimalText, time: timeMs });

const QUERY_ORDER = get('/api/v3/order', 'privateGetOrder', ORDER);
const ALL_ORDERS = get('/api/v3/allOrders', 'privateGetAllOrders', z.array(ORDER));
const OWN_TRADES = get('/api/v3/myTrades', 'privateGetMyTrades', z.array(TRADE));

const ARCHIVED_ORDER = '-2026';
const HISTORY_PAGE = 1_000;

export const BINANCE_MISSING_ORDERS: MissingOrders = {
  sources: [
    orderSource({
      name: 'order query',
      endpoint: QUERY_ORDER,
      params: ({ order, market }) => ({ symbol: market.id, ...namedBy(order, 'orderId', 'origClientOrderId') }),
      rows: (row) => [row],
      read,
      only: true,
      codes: {
        ...noSuchOrder(UNKNOWN_ORDER),
        [ARCHIVED_ORDER]: { undecided: 'order query: it ended unfilled over 90 days ago, canceled or expired' },
      },
    }),
    orderSource({
      name: 'closed orders',
      endpoint: ALL_ORDERS,
      params: ({ order: { id }, market }) =>
        id !== null
          ? { symbol: market.id, orderId: id, limit: '1' }
          : { symbol: market.id, limit: String(HISTORY_PAGE) },
      rows: (rows) => rows,
      read,
      full: isCutOff,
    }),
    tradeSource({
      name: 'own trades',
      rows: ({ session, market }, orderId) => session.ask(OWN_TRADES, { symbol: market.id, orderId }),
      read: ({ symbol, orderId, price, qty, time }) => ({ market: symbol, orderId, price, amount: qty, at: time }),
    }),
  ],
  memory: REMEMBERS_ALL,
};

/** A question by exchange id is about one order. Otherwise the order may be older than the newest page. */
export function isCutOff(rows: readonly unknown[], { order }: OrderQuestion): boolean {
  return order.id === null && rows.length >= HISTORY_PAGE;
}

function read(row: z.infer<typeof ORDER>): OrderRow {
  const { orderId, clientOrderId, symbol, status, executedQty, cummulativeQuoteQty, updateTime } = row;
  // A negative sum means that Binance does not know it any more.
  const priced = !isZero(executedQty) && signOf(cummulativeQuoteQty) > 0;
  return {
    id: orderId,
    clientOrderId,
    market: symbol,
    says: {
      end: ENDS[status],
      filled: executedQty,
      averagePrice: priced ? new Big(cummulativeQuoteQty).div(executedQty).toFixed() : null,
      at: timeOf(updateTime),
    },
  };
}
