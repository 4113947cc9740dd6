import { Big } from 'big.js';
import { z } from 'zod';
import type { MissingCause, MissingOrderExplanation } from '../../domain/difference.js';
import { addDecimals, compareDecimals, isZero, multiplyDecimals } from '../../domain/decimal.js';
import type { OpenOrder } from '../../domain/snapshot.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../endpoint.js';
import { ExchangeFailure } from '../error-kinds.js';
import type { Market } from '../markets.js';
import type { Session } from '../session.js';

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

const TRADE = z.object({ symbol: word, orderId: idText, price: decimalText, qty: decimalText, time: timeMs });

const QUERY_ORDER: Endpoint<Order> = {
  method: 'GET',
  path: '/fapi/v1/order',
  call: 'fapiPrivateGetOrder',
  shape: ORDER,
};
const QUERY_ALGO_ORDER: Endpoint<z.infer<typeof ALGO_ORDER>> = {
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

const UNKNOWN_ORDER_CODE = '-2013';
const DAY_MS = 24 * 60 * 60 * 1000;
/** Younger than this, -2013 means what it says. A margin below Binance's three days. */
const REMEMBERED_MS = 3 * DAY_MS - 60 * 60 * 1000;
const HISTORY_PAGE = 1_000;

const CAUSES: Record<Exclude<Order['status'], 'NEW' | 'PARTIALLY_FILLED'>, MissingCause> = {
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};

/** Client order ids that Binance itself gives to the orders of a liquidation, a deleveraging or a settlement. */
const LIQUIDATION_ID = /^(?:autoclose-|adl_autoclose|settlement_autoclose)/;

export async function explainBinanceUsdmOrder(
  session: Session,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  if (order.conditional) {
    const explained = await explainAlgoOrder(session, order, market);
    if (explained !== null) return explained;
  }
  const found = await queryOrder(session, idOf(order, market));
  if (found !== null) return explanationOf(session, found, market, 'order query');
  if (order.id !== null) return explainById(session, order, order.id, market);
  return explainByClientId(session, order, market);
}

async function explainAlgoOrder(
  session: Session,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation | null> {
  const params: Record<string, string> =
    order.id !== null ? { algoId: order.id } : { clientAlgoId: order.clientOrderId ?? '' };
  const algo = await unlessUnknown(session.ask(QUERY_ALGO_ORDER, params));
  if (algo === null) return null;
  if (algo.symbol !== market.id || (order.id ?? algo.algoId) !== algo.algoId) {
    throw session.failure('incomplete', QUERY_ALGO_ORDER, `answered for another order (${algo.symbol} ${algo.algoId})`);
  }
  const ended = (cause: MissingCause, source: string): MissingOrderExplanation => ({
    cause,
    filled: '0',
    averagePrice: null,
    at: algo.updateTime,
    source,
  });
  switch (algo.algoStatus) {
    case 'CANCELED':
      return ended('canceled', 'algo order query');
    case 'EXPIRED':
      return ended('expired', 'algo order query');
    case 'REJECTED':
      return ended('rejected', 'algo order query');
    case 'NEW':
    case 'TRIGGERING':
      return { ...ended('unknown', 'algo order query: the order is open again'), filled: null, at: null };
    case 'TRIGGERED':
    case 'FINISHED':
      break;
  }
  const actual = algo.actualOrderId ?? '';
  if (!/^\d+$/.test(actual)) {
    return {
      ...ended('unknown', `algo order query: ${algo.algoStatus}, but it names no order that it became`),
      filled: null,
    };
  }
  const became = await queryOrder(session, { symbol: market.id, orderId: actual });
  if (became === null) return unknown(`triggered as order ${actual}, which the order query does not know`);
  if (became.status === 'NEW' || became.status === 'PARTIALLY_FILLED') {
    return unknown(`triggered, and open as order ${actual}`);
  }
  return explanationOf(session, became, market, `order query of ${actual}, which it became when it triggered`);
}

async function explainById(
  session: Session,
  order: OpenOrder,
  id: string,
  market: Market,
): Promise<MissingOrderExplanation> {
  const later = await session.ask(ALL_ORDERS, { symbol: market.id, orderId: id, limit: '1' });
  const listed = later.find((row) => row.orderId === id && row.symbol === market.id);
  if (listed !== undefined) return explanationOf(session, listed, market, 'closed orders');
  const traded = await explainByTrades(session, order, id, market);
  if (traded !== null) return traded;
  if (await isYoung(session, order, id, market)) return neverSeen('order query, closed orders and own trades');
  return unknown(
    'neither order query, closed orders nor own trades know it; Binance forgets orders that ended unfilled three days ' +
      'after their creation, and the age of this one is not known',
  );
}

async function explainByClientId(session: Session, order: OpenOrder, market: Market): Promise<MissingOrderExplanation> {
  const recent = await session.ask(ALL_ORDERS, { symbol: market.id, limit: String(HISTORY_PAGE) });
  const listed = recent.find((row) => row.clientOrderId === order.clientOrderId && row.symbol === market.id);
  if (listed !== undefined) return explanationOf(session, listed, market, 'closed orders');
  if (recent.length >= HISTORY_PAGE)
    return unknown('the order query does not know it, and the history is too long to tell');
  // Without an exchange id the bot never had an acknowledgement, so the order cannot be one that was long open.
  if (order.changedAt === null || session.exchangeTime() - order.changedAt < REMEMBERED_MS) {
    return neverSeen('order query and closed orders');
  }
  return unknown('neither order query nor closed orders know it, and it is old enough to be forgotten');
}

async function explainByTrades(
  session: Session,
  order: OpenOrder,
  id: string,
  market: Market,
): Promise<MissingOrderExplanation | null> {
  const trades = (await session.ask(OWN_TRADES, { symbol: market.id, orderId: id })).filter(
    (trade) => trade.orderId === id && trade.symbol === market.id,
  );
  if (trades.length === 0) return null;
  const contracts = trades.reduce((sum, { qty }) => addDecimals(sum, qty), '0');
  const cost = trades.reduce((sum, { qty, price }) => addDecimals(sum, multiplyDecimals(qty, price)), '0');
  const filled = multiplyDecimals(contracts, market.contractSize);
  const complete = order.amount !== null && compareDecimals(filled, order.amount) >= 0;
  return {
    cause: complete ? 'filled' : 'unknown',
    filled,
    averagePrice: isZero(contracts) ? null : new Big(cost).div(contracts).toFixed(),
    at: Math.max(...trades.map(({ time }) => time)),
    source: complete ? 'own trades' : 'own trades show a part of it filled; what became of the rest is not told',
  };
}

/** Order ids of one symbol rise with time: an order created in the last three days with a lower id proves it young. */
async function isYoung(session: Session, order: OpenOrder, id: string, market: Market): Promise<boolean> {
  const since = session.exchangeTime() - REMEMBERED_MS;
  if (order.changedAt !== null && order.changedAt > since) return true;
  const recent = await session.ask(ALL_ORDERS, {
    symbol: market.id,
    startTime: String(since),
    limit: String(HISTORY_PAGE),
  });
  return recent.some((row) => row.time > since && BigInt(row.orderId) < BigInt(id));
}

async function queryOrder(session: Session, params: Record<string, string>): Promise<Order | null> {
  const found = await unlessUnknown(session.ask(QUERY_ORDER, params));
  if (found === null) return null;
  const same =
    params['orderId'] === undefined
      ? found.clientOrderId === params['origClientOrderId']
      : found.orderId === params['orderId'];
  if (!same || found.symbol !== params['symbol']) {
    throw session.failure('incomplete', QUERY_ORDER, `answered for another order (${found.symbol} ${found.orderId})`);
  }
  return found;
}

function explanationOf(session: Session, order: Order, market: Market, source: string): MissingOrderExplanation {
  if (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED') {
    return unknown(`${source}: the order is open again`);
  }
  if (order.status === 'FILLED' && isZero(order.executedQty)) {
    throw session.failure('unreadable', QUERY_ORDER, `told of order ${order.orderId} as FILLED with nothing executed`);
  }
  return {
    cause: LIQUIDATION_ID.test(order.clientOrderId) ? 'liquidated' : CAUSES[order.status],
    filled: multiplyDecimals(order.executedQty, market.contractSize),
    averagePrice: isZero(order.avgPrice) ? null : order.avgPrice,
    at: order.updateTime === 0 ? null : order.updateTime,
    source,
  };
}

/** "Order does not exist" is an answer, every other failure is not. */
async function unlessUnknown<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ExchangeFailure && error.exchangeCode === UNKNOWN_ORDER_CODE) return null;
    throw error;
  }
}

function idOf(order: OpenOrder, market: Market): Record<string, string> {
  const symbol = market.id;
  return order.id !== null ? { symbol, orderId: order.id } : { symbol, origClientOrderId: order.clientOrderId ?? '' };
}

function neverSeen(source: string): MissingOrderExplanation {
  return { cause: 'never_seen', filled: null, averagePrice: null, at: null, source: `not known to ${source}` };
}

function unknown(source: string): MissingOrderExplanation {
  return { cause: 'unknown', filled: null, averagePrice: null, at: null, source };
}
