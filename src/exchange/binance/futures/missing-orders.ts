import { z } from 'zod';
import { ALGOS_NOT_LOOKED_UP } from '../algo-orders.js';
import { UNKNOWN_ORDER } from '../common.js';
import { closedOrders, HISTORY_PAGE, orderParams, ownTrades, TRADE } from '../order-history.js';
import type { Memory, MissingOrders, OrderEnd, OrderQuestion, OrderSource } from '../../profile/missing-orders.js';
import { isConditional, namedBy, noSuchOrder, orderSource, unfilled } from '../../profile/order-sources.js';
import type { OrderRow } from '../../profile/order-sources.js';
import { timeOf } from '../../profile/rows.js';
import { decimalText, idText, timeMs, word } from '../../transport/endpoint.js';
import { isPortfolio, type FuturesApi } from './api.js';
import { apiOf, type FuturesApis } from './portfolio-margin.js';

/*
 * What became of a futures order that is not open.
 *
 * Binance forgets: an order CANCELED or EXPIRED without a fill is answered with -2013 once it is three days past its
 * *creation*, and any order after 90 days. So -2013 alone proves nothing about an order whose age is not known.
 * Source: "Query Order", "All Orders", "Account Trade List" of the USDⓈ-M, COIN-M and portfolio margin documentation, "Query
 * Algo Order" of USDⓈ-M, "Query UM Conditional Order History" and "Query UM Algo Order History" of portfolio margin.
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
const ALGO_STATUS = z.enum(Object.keys(ALGO_ENDS) as (keyof typeof ALGO_ENDS)[]);

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
  algoStatus: ALGO_STATUS,
  actualOrderId: z.string().nullish(),
  updateTime: timeMs,
});

const STRATEGY = z.object({
  symbol: word,
  strategyId: idText,
  newClientStrategyId: z.string(),
  strategyStatus: ALGO_STATUS,
  /** The order that it became when it triggered. */
  orderId: idText.nullish(),
  updateTime: timeMs,
});

/** For a younger order, -2013 means that it does not exist: Binance's three days, less an hour. */
const REMEMBERED_MS = 71 * 60 * 60 * 1000;

/** Client order ids that Binance itself gives to the orders of a liquidation, a deleveraging or a settlement. */
const LIQUIDATION_ID = /^(?:autoclose-|adl_autoclose|settlement_autoclose)/;

/** The sources about a missing futures order, each asked at the API that answered for the account. */
export function futuresMissingOrders(apis: FuturesApis): MissingOrders {
  const either = (make: (api: FuturesApi) => OrderSource): OrderSource => {
    const [classic, portfolio] = [make(apis.classic), make(apis.portfolio)];
    const ask: OrderSource['ask'] = (question) =>
      (apiOf(question.session, apis) === apis.portfolio ? portfolio : classic).ask(question);
    return { name: classic.name, when: classic.when, ask };
  };
  const orderQuery = either(queryOf);
  return {
    sources: [
      ALGOS_NOT_LOOKED_UP,
      either(conditionalQueryOf),
      orderQuery,
      either(({ question }) => closedOrders(question('allOrders', z.array(ORDER)), read)),
      either(({ question }) => ownTrades(question('userTrades', z.array(TRADE)))),
    ],
    afterTrigger: [orderQuery],
    memory: (question) => memoryOf(apiOf(question.session, apis), question),
  };
}

function queryOf({ question }: FuturesApi): OrderSource {
  return orderSource({
    name: 'order query',
    endpoint: question('order', ORDER),
    params: orderParams,
    rows: (row) => [row],
    read,
    only: true,
    codes: noSuchOrder(UNKNOWN_ORDER),
  });
}

/** Null where the algo service does not know the order: it may be a regular one of a server without that service. */
function conditionalQueryOf(api: FuturesApi): OrderSource {
  const name = 'algo order query';
  if (isPortfolio(api)) {
    const sources = [strategyHistory(api), ...(api.contracts === 'um' ? [algoHistory(api)] : [])];
    return { name, when: isConditional, ask: async (question) => firstOf(sources, question) };
  }
  if (api.contracts === 'cm') return { name, when: () => false, ask: async () => null };
  return orderSource({
    name,
    when: isConditional,
    endpoint: api.question('algoOrder', ALGO_ORDER),
    params: ({ order }) => namedBy(order, 'algoId', 'clientAlgoId'),
    rows: (row) => [row],
    read: readAlgo,
    only: true,
    codes: noSuchOrder(UNKNOWN_ORDER),
  });
}

async function firstOf(sources: readonly OrderSource[], question: OrderQuestion): ReturnType<OrderSource['ask']> {
  for (const source of sources) {
    const answer = await source.ask(question);
    if (answer !== null) return answer;
  }
  return null;
}

function strategyHistory({ question }: FuturesApi): OrderSource {
  return orderSource({
    name: 'conditional order history',
    endpoint: question('conditional/orderHistory', STRATEGY),
    params: ({ order, market }) => ({ symbol: market.id, ...namedBy(order, 'strategyId', 'newClientStrategyId') }),
    rows: (row) => [row],
    read: readStrategy,
    only: true,
    codes: noSuchOrder(UNKNOWN_ORDER),
  });
}

function algoHistory({ question }: FuturesApi): OrderSource {
  return orderSource({
    name: 'algo order history',
    endpoint: question('algo/allAlgoOrders', z.array(ALGO_ORDER)),
    params: ({ order: { id }, market }) =>
      id !== null ? { symbol: market.id, algoId: id, limit: '1' } : { symbol: market.id, limit: String(HISTORY_PAGE) },
    rows: (rows) => rows,
    read: readAlgo,
    full: (rows, { order }) => order.id === null && rows.length >= HISTORY_PAGE,
  });
}

function memoryOf(api: FuturesApi, { order }: OrderQuestion): Memory {
  if (order.conditional && api.contracts === 'cm' && !isPortfolio(api)) {
    return { ms: null, says: 'Binance answers no question about a COIN-M conditional order that is not open' };
  }
  return {
    ms: REMEMBERED_MS,
    says: 'Binance forgets an order that ended unfilled three days after its creation',
    isYoung: async (question, id) => !order.conditional && isYoungerThanAnother(api, question, id),
  };
}

/** Order ids of one symbol rise with time: a remembered order with a lower id proves that this one is younger. */
async function isYoungerThanAnother(
  { question }: FuturesApi,
  { session, market }: OrderQuestion,
  id: string,
): Promise<boolean> {
  const since = session.exchangeTime() - REMEMBERED_MS;
  const recent = await session.ask(question('allOrders', z.array(ORDER)), {
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
  const { symbol, algoId, clientAlgoId, algoStatus, actualOrderId, updateTime } = row;
  return conditionalRow(symbol, algoId, clientAlgoId, ALGO_ENDS[algoStatus], actualOrderId, updateTime);
}

function readStrategy(row: z.infer<typeof STRATEGY>): OrderRow {
  const { symbol, strategyId, newClientStrategyId, strategyStatus, orderId, updateTime } = row;
  return conditionalRow(symbol, strategyId, newClientStrategyId, ALGO_ENDS[strategyStatus], orderId, updateTime);
}

function conditionalRow(
  market: string,
  id: string,
  clientOrderId: string,
  end: (typeof ALGO_ENDS)[keyof typeof ALGO_ENDS],
  became: string | null | undefined,
  updateTime: number,
): OrderRow {
  const says =
    end === 'triggered'
      ? { became: /^\d+$/.test(became ?? '') ? (became ?? null) : null }
      : unfilled(end, timeOf(updateTime));
  return { id, clientOrderId, market, says };
}
