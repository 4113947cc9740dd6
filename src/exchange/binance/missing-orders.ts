import { Big } from 'big.js';
import { z } from 'zod';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import { isZero, signOf } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { ExchangeFailure } from '../transport/error-kinds.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { UNKNOWN_ORDER } from './common.js';
import {
  explanationByTrades,
  explanationOf,
  neverSeen,
  unknownCause,
  type OrderEnd,
} from '../profile/missing-orders.js';
import { timeOf } from '../profile/rows.js';

/*
 * What became of a spot order that is not open. Unlike futures, spot does not forget silently: an order that ended unfilled over
 * 90 days ago is answered with -2026 (ORDER_ARCHIVED), so -2013 means that there never was one.
 * Source: "Query order", "All orders", "Account trade list" and the error codes of the spot documentation.
 */

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string(),
  status: z.enum([
    'NEW',
    'PARTIALLY_FILLED',
    'PENDING_NEW',
    'PENDING_CANCEL',
    'FILLED',
    'CANCELED',
    'REJECTED',
    'EXPIRED',
    'EXPIRED_IN_MATCH',
  ]),
  executedQty: decimalText,
  cummulativeQuoteQty: decimalText,
  updateTime: timeMs,
});
type Order = z.infer<typeof ORDER>;

const TRADE = z.object({ symbol: word, orderId: idText, price: decimalText, qty: decimalText, time: timeMs });

const QUERY_ORDER: Endpoint<Order> = {
  method: 'GET',
  path: '/api/v3/order',
  call: 'privateGetOrder',
  shape: ORDER,
};
const ALL_ORDERS: Endpoint<Order[]> = {
  method: 'GET',
  path: '/api/v3/allOrders',
  call: 'privateGetAllOrders',
  shape: z.array(ORDER),
};
const OWN_TRADES: Endpoint<z.infer<typeof TRADE>[]> = {
  method: 'GET',
  path: '/api/v3/myTrades',
  call: 'privateGetMyTrades',
  shape: z.array(TRADE),
};

const ARCHIVED_ORDER = '-2026';
const HISTORY_PAGE = 1_000;

const ENDS: Record<Order['status'], OrderEnd> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_NEW: 'open',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};

export async function explainBinanceOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const symbol = market.id;
  const by: Params = order.id !== null ? { orderId: order.id } : { origClientOrderId: order.clientOrderId ?? '' };
  try {
    const found = await session.askUnless([UNKNOWN_ORDER], QUERY_ORDER, { symbol, ...by });
    if (found !== null) {
      if (!isSame(found, order, market)) throw anotherOrder(session, found);
      return explain(session, found, market, 'order query');
    }
  } catch (error) {
    if (!(error instanceof ExchangeFailure) || error.exchangeCode !== ARCHIVED_ORDER) throw error;
    return unknownCause('order query: it ended unfilled over 90 days ago, canceled or expired');
  }
  const history = await session.ask(
    ALL_ORDERS,
    order.id !== null ? { symbol, orderId: order.id, limit: '1' } : { symbol, limit: String(HISTORY_PAGE) },
  );
  const listed = history.find((row) => isSame(row, order, market));
  if (listed !== undefined) return explain(session, listed, market, 'closed orders');
  if (order.id === null) {
    return history.length < HISTORY_PAGE
      ? neverSeen('order query and closed orders')
      : unknownCause('the order query does not know it, and the history is too long to decide');
  }
  const trades = await session.ask(OWN_TRADES, { symbol, orderId: order.id });
  const own = trades.filter((trade) => trade.orderId === order.id && trade.symbol === symbol);
  const traded = explanationByTrades(
    own.map(({ price, qty, time }) => ({ price, amount: qty, at: time })),
    order,
    market,
  );
  return traded ?? neverSeen('order query, closed orders and own trades');
}

function isSame(found: Order, order: OpenOrder, market: Market): boolean {
  const same = order.id !== null ? found.orderId === order.id : found.clientOrderId === order.clientOrderId;
  return same && found.symbol === market.id;
}

function anotherOrder(session: ReadSession, found: Order): ExchangeFailure {
  return session.failure('incomplete', QUERY_ORDER, `answered for another order (${found.symbol} ${found.orderId})`);
}

function explain(session: ReadSession, order: Order, market: Market, source: string): MissingOrderExplanation {
  if (order.status === 'FILLED' && isZero(order.executedQty)) {
    throw session.failure('unreadable', QUERY_ORDER, `reported order ${order.orderId} as FILLED with nothing executed`);
  }
  // A negative sum is Binance's way to say that it is not known any more.
  const priced = !isZero(order.executedQty) && signOf(order.cummulativeQuoteQty) > 0;
  return explanationOf(
    {
      end: ENDS[order.status],
      filled: order.executedQty,
      averagePrice: priced ? new Big(order.cummulativeQuoteQty).div(order.executedQty).toFixed() : null,
      at: timeOf(order.updateTime),
    },
    market,
    source,
  );
}
