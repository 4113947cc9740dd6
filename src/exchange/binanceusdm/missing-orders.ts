import { z } from 'zod';
import { UNKNOWN_ORDER } from '../binance/common.js';
import { closedOrders, HISTORY_PAGE, orderParams, ownTrades, TRADE } from '../binance/order-history.js';
import type { MissingOrders, OrderEnd, OrderQuestion } from '../profile/missing-orders.js';
import { isConditional, namedBy, noSuchOrder, orderSource, unfilled } from '../profile/order-sources.js';
import type { OrderRow } from '../profile/order-sources.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, idText, timeMs, word } from '../transport/endpoint.js';

/*
 * What became of a USD-M order that is not open.
 *
 * Binance forgets: an order CANCELED or EXPIRED without a fill is answered with -2013 once it is three days past its
 * *creation*, and any order after 90 days. So -2013 alone proves nothing about an order whose age is not known.
 * Source: "Query Order", "All Orders", "Account Trade List", "Query Algo Order" of the USDⓈ-M futures documentation.
 */

const ENDS = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
} as const satisfies Record<string, OrderEnd>;

const ALGO_ENDS = {
  NEW: 'open',
  TRIGGERING: 'open',
  TRIGGERED: 'triggered',
  FINISHED: 'triggered',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
} as const;

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string(),
  status: z.enum(Object.keys(ENDS) as (keyof typeof ENDS)[]),
  executedQty: decimalText,
  avgPrice: decimalText,
  time: timeMs,
  updateTime: timeMs,
});

const ALGO_ORDER = z.object({
  symbol: word,
  algoId: idText,
  clientAlgoId: z.string(),
  algoStatus: z.enum(Object.keys(ALGO_ENDS) as (keyof typeof ALGO_ENDS)[]),
  actualOrderId: z.string().nullish(),
  updateTime: timeMs,
});

const QUERY_ORDER = get('/fapi/v1/order', 'fapiPrivateGetOrder', ORDER);
const QUERY_ALGO_ORDER = get('/fapi/v1/algoOrder', 'fapiPrivateGetAlgoOrder', ALGO_ORDER);
const ALL_ORDERS = get('/fapi/v1/allOrders', 'fapiPrivateGetAllOrders', z.array(ORDER));
const OWN_TRADES = get('/fapi/v1/userTrades', 'fapiPrivateGetUserTrades', z.array(TRADE));

/** For a younger order, -2013 means that it does not exist: Binance's three days, less an hour. */
const REMEMBERED_MS = 71 * 60 * 60 * 1000;

/** Client order ids that Binance itself gives to the orders of a liquidation, a deleveraging or a settlement. */
const LIQUIDATION_ID = /^(?:autoclose-|adl_autoclose|settlement_autoclose)/;

const ORDER_QUERY = orderSource({
  name: 'order query',
  endpoint: QUERY_ORDER,
  params: orderParams,
  rows: (row) => [row],
  read,
  only: true,
  codes: noSuchOrder(UNKNOWN_ORDER),
});

export const BINANCEUSDM_MISSING_ORDERS: MissingOrders = {
  sources: [
    // Null where the algo service does not know the order: it may be a regular one of a server without that service.
    orderSource({
      name: 'algo order query',
      when: isConditional,
      endpoint: QUERY_ALGO_ORDER,
      params: ({ order }) => namedBy(order, 'algoId', 'clientAlgoId'),
      rows: (row) => [row],
      read: readAlgo,
      only: true,
      codes: noSuchOrder(UNKNOWN_ORDER),
    }),
    ORDER_QUERY,
    closedOrders(ALL_ORDERS, read),
    ownTrades(OWN_TRADES),
  ],
  afterTrigger: [ORDER_QUERY],
  memory: {
    ms: REMEMBERED_MS,
    says: 'Binance forgets an order that ended unfilled three days after its creation',
    isYoung: isYoungerThanAnother,
  },
};

/** Order ids of one symbol rise with time: a remembered order with a lower id proves that this one is younger. */
async function isYoungerThanAnother({ session, market }: OrderQuestion, id: string): Promise<boolean> {
  const since = session.exchangeTime() - REMEMBERED_MS;
  const recent = await session.ask(ALL_ORDERS, {
    symbol: market.id,
    startTime: String(since),
    limit: String(HISTORY_PAGE),
  });
  return recent.some((row) => row.time > since && BigInt(row.orderId) < BigInt(id));
}

function read(row: z.infer<typeof ORDER>): OrderRow {
  const { symbol, orderId, clientOrderId, status, executedQty, avgPrice, updateTime } = row;
  const end = ENDS[status];
  return {
    id: orderId,
    clientOrderId,
    market: symbol,
    says: {
      end: end !== 'open' && LIQUIDATION_ID.test(clientOrderId) ? 'liquidated' : end,
      isFilled: status === 'FILLED',
      filled: executedQty,
      averagePrice: avgPrice,
      at: timeOf(updateTime),
    },
  };
}

function readAlgo(row: z.infer<typeof ALGO_ORDER>): OrderRow {
  const end = ALGO_ENDS[row.algoStatus];
  const became = row.actualOrderId ?? '';
  return {
    id: row.algoId,
    clientOrderId: row.clientAlgoId,
    market: row.symbol,
    says:
      end === 'triggered' ? { became: /^\d+$/.test(became) ? became : null } : unfilled(end, timeOf(row.updateTime)),
  };
}
