import { z } from 'zod';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import { isZero } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { UNKNOWN_ORDER } from '../binance/common.js';
import {
  explanationByTrades,
  explanationOf,
  isRemembered,
  neverSeen,
  unknownCause,
} from '../profile/missing-orders.js';
import type { OrderEnd } from '../profile/missing-orders.js';
import { timeOf } from '../profile/rows.js';

/*
 * What became of a USD-M order that is not open: the order query, then the history, then own trades.
 *
 * Binance forgets: an order CANCELED or EXPIRED without a fill is answered with -2013 once it is three days past its
 * *creation*, and any order after 90 days. So -2013 alone proves nothing about an order whose age is not known.
 * Source: "Query Order", "All Orders", "Account Trade List", "Query Algo Order" of the USDⓈ-M futures documentation.
 */

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string(),
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH']),
  executedQty: decimalText,
  avgPrice: decimalText,
  time: timeMs,
  updateTime: timeMs,
});
type Order = z.infer<typeof ORDER>;

const ALGO_ORDER = z.object({
  symbol: word,
  algoId: idText,
  clientAlgoId: z.string(),
  algoStatus: z.enum(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED', 'CANCELED', 'REJECTED', 'EXPIRED']),
  actualOrderId: z.string().nullish(),
  updateTime: timeMs,
});
type AlgoOrder = z.infer<typeof ALGO_ORDER>;

const TRADE = z.object({ symbol: word, orderId: idText, price: decimalText, qty: decimalText, time: timeMs });

const QUERY_ORDER: Endpoint<Order> = {
  method: 'GET',
  path: '/fapi/v1/order',
  call: 'fapiPrivateGetOrder',
  shape: ORDER,
};
const QUERY_ALGO_ORDER: Endpoint<AlgoOrder> = {
  method: 'GET',
  path: '/fapi/v1/algoOrder',
  call: 'fapiPrivateGetAlgoOrder',
  shape: ALGO_ORDER,
};
const ALL_ORDERS: Endpoint<Order[]> = {
  method: 'GET',
  path: '/fapi/v1/allOrders',
  call: 'fapiPrivateGetAllOrders',
  shape: z.array(ORDER),
};
const OWN_TRADES: Endpoint<z.infer<typeof TRADE>[]> = {
  method: 'GET',
  path: '/fapi/v1/userTrades',
  call: 'fapiPrivateGetUserTrades',
  shape: z.array(TRADE),
};

/** Younger than this, -2013 means what it says: Binance's three days without a margin of an hour. */
const REMEMBERED_MS = 71 * 60 * 60 * 1000;
const HISTORY_PAGE = 1_000;

const ENDS: Record<Order['status'], OrderEnd> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};

const ALGO_ENDS: Partial<Record<AlgoOrder['algoStatus'], OrderEnd>> = {
  NEW: 'open',
  TRIGGERING: 'open',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
};

/** Client order ids that Binance itself gives to the orders of a liquidation, a deleveraging or a settlement. */
const LIQUIDATION_ID = /^(?:autoclose-|adl_autoclose|settlement_autoclose)/;

export async function explainBinanceUsdmOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const explained = order.conditional ? await explainAlgoOrder(session, order, market) : null;
  if (explained !== null) return explained;
  const found = await queryOrder(session, order, market);
  if (found !== null) return explain(session, found, market, 'order query');
  return order.id !== null ? explainById(session, order, order.id, market) : explainByClientId(session, order, market);
}

/** Null where the algo service does not know the order: it may be a regular one of a server without that service. */
async function explainAlgoOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation | null> {
  const params: Params = order.id !== null ? { algoId: order.id } : { clientAlgoId: order.clientOrderId ?? '' };
  const algo = await session.askUnless([UNKNOWN_ORDER], QUERY_ALGO_ORDER, params);
  if (algo === null) return null;
  if (algo.symbol !== market.id || ![algo.algoId, algo.clientAlgoId].includes(order.id ?? order.clientOrderId ?? '')) {
    throw session.failure('incomplete', QUERY_ALGO_ORDER, `answered for another order (${algo.symbol} ${algo.algoId})`);
  }
  const end = ALGO_ENDS[algo.algoStatus];
  if (end !== undefined) {
    const reported = { end, filled: '0', averagePrice: null, at: timeOf(algo.updateTime) };
    return explanationOf(reported, market, 'algo order query');
  }
  const actual = algo.actualOrderId ?? '';
  if (!/^\d+$/.test(actual)) {
    return unknownCause(`algo order query: ${algo.algoStatus}, but it names no order that it became`);
  }
  const became = await queryOrder(session, { ...order, id: actual }, market);
  if (became === null) return unknownCause(`triggered as order ${actual}, which the order query does not know`);
  if (ENDS[became.status] === 'open') return unknownCause(`triggered, and open as order ${actual}`);
  return explain(session, became, market, `order query of ${actual}, which it became when it triggered`);
}

async function explainById(
  session: ReadSession,
  order: OpenOrder,
  id: string,
  market: Market,
): Promise<MissingOrderExplanation> {
  const symbol = market.id;
  const fromIdOn = await session.ask(ALL_ORDERS, { symbol, orderId: id, limit: '1' });
  const listed = fromIdOn.find((row) => row.orderId === id && row.symbol === symbol);
  if (listed !== undefined) return explain(session, listed, market, 'closed orders');
  const trades = await session.ask(OWN_TRADES, { symbol, orderId: id });
  const own = trades.filter((trade) => trade.orderId === id && trade.symbol === symbol);
  const traded = explanationByTrades(
    own.map(({ price, qty, time }) => ({ price, amount: qty, at: time })),
    order,
    market,
  );
  if (traded !== null) return traded;
  const remembered = isRemembered(order, session.exchangeTime(), REMEMBERED_MS);
  if (remembered ?? (await isYoungerThanAnother(session, id, market))) {
    return neverSeen('order query, closed orders and own trades');
  }
  return unknownCause(
    'neither order query, closed orders nor own trades know it; Binance forgets orders that ended unfilled three days ' +
      `after their creation, and this one is ${remembered === null ? 'of unknown age' : 'older'}`,
  );
}

async function explainByClientId(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const recent = await session.ask(ALL_ORDERS, { symbol: market.id, limit: String(HISTORY_PAGE) });
  const listed = recent.find((row) => row.clientOrderId === order.clientOrderId && row.symbol === market.id);
  if (listed !== undefined) return explain(session, listed, market, 'closed orders');
  if (recent.length >= HISTORY_PAGE) {
    return unknownCause('the order query does not know it, and the history is too long to decide');
  }
  return isRemembered(order, session.exchangeTime(), REMEMBERED_MS) === true
    ? neverSeen('order query and closed orders')
    : unknownCause('neither order query nor closed orders know it, and it is old enough to be forgotten');
}

/** Order ids of one symbol rise with time: an order of the remembered days with a lower id proves this one young. */
async function isYoungerThanAnother(session: ReadSession, id: string, market: Market): Promise<boolean> {
  const since = session.exchangeTime() - REMEMBERED_MS;
  const recent = await session.ask(ALL_ORDERS, {
    symbol: market.id,
    startTime: String(since),
    limit: String(HISTORY_PAGE),
  });
  return recent.some((row) => row.time > since && BigInt(row.orderId) < BigInt(id));
}

async function queryOrder(session: ReadSession, order: OpenOrder, market: Market): Promise<Order | null> {
  const params: Params = order.id !== null ? { orderId: order.id } : { origClientOrderId: order.clientOrderId ?? '' };
  const found = await session.askUnless([UNKNOWN_ORDER], QUERY_ORDER, { symbol: market.id, ...params });
  if (found === null) return null;
  const same = order.id !== null ? found.orderId === order.id : found.clientOrderId === order.clientOrderId;
  if (same && found.symbol === market.id) return found;
  throw session.failure('incomplete', QUERY_ORDER, `answered for another order (${found.symbol} ${found.orderId})`);
}

function explain(session: ReadSession, order: Order, market: Market, source: string): MissingOrderExplanation {
  if (order.status === 'FILLED' && isZero(order.executedQty)) {
    throw session.failure('unreadable', QUERY_ORDER, `reported order ${order.orderId} as FILLED with nothing executed`);
  }
  const end = ENDS[order.status];
  return explanationOf(
    {
      end: end !== 'open' && LIQUIDATION_ID.test(order.clientOrderId) ? 'liquidated' : end,
      filled: order.executedQty,
      averagePrice: order.avgPrice,
      at: timeOf(order.updateTime),
    },
    market,
    source,
  );
}
