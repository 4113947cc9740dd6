import { z } from 'zod';
import type { Known, Memory, MissingOrders, OrderEnd, OrderQuestion } from '../profile/missing-orders.js';
import { isConditional, namedBy, noSuchOrder, orderSource, tradeSource, unfilled } from '../profile/order-sources.js';
import type { OrderRow } from '../profile/order-sources.js';
import type { Params } from '../profile/read-session.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { envelope, instTypesOf, textOf, type Envelope } from './common.js';
import { NO_SUCH_INSTRUMENT, NO_SUCH_ORDER, WRONG_PARAMETER } from './common.js';

/*
 * What became of an OKX order that is not open: the order query, the history of 7 days, that of 3 months, then own fills of 3
 * months. Algo orders have a query and a history of their own; one that triggered became a regular order, which reports
 * the end.
 *
 * OKX forgets: an order canceled without a fill is kept for 2 hours. Algo orders are kept for 3 months.
 * Source: www.okx.com/docs-v5/en, "GET / Order details", "GET / Order history (last 7 days)", "(last 3 months)", "GET /
 * Transaction details (last 3 months)", "GET / Algo order details", "GET / Algo order history"; the codes of cancelSource stand
 * at "WS / Order channel".
 */

const ORDER = z.object({
  instId: word,
  ordId: word,
  clOrdId: z.string().nullish(),
  state: z.enum(['live', 'partially_filled', 'filled', 'canceled', 'mmp_canceled']),
  accFillSz: decimalText,
  avgPx: z.union([decimalText, z.literal('')]).nullish(),
  category: z.string().nullish(),
  cancelSource: z.string().nullish(),
  cancelSourceReason: z.string().nullish(),
  uTime: timeMs,
});
type Order = z.infer<typeof ORDER>;

const ALGO_ORDER = z.object({
  instId: word,
  algoId: word,
  algoClOrdId: z.string().nullish(),
  state: z.enum(['live', 'pause', 'partially_effective', 'effective', 'canceled', 'order_failed', 'partially_failed']),
  ordId: z.string().nullish(),
  ordIdList: z.array(word).nullish(),
  failCode: z.string().nullish(),
  uTime: timeMs,
});
type AlgoOrder = z.infer<typeof ALGO_ORDER>;

const FILL = z.object({
  instId: word,
  ordId: z.string(),
  subType: z.string(),
  fillPx: decimalText,
  fillSz: decimalText,
  fillTime: timeMs,
});

function question<Row>(path: string, call: string, row: z.ZodType<Row>): Endpoint<Envelope<Row>> {
  return get(`/api/v5/trade/${path}`, `privateGetTrade${call}`, envelope(z.array(row)));
}

const QUERY = question('order', 'Order', ORDER);
const HISTORY = question('orders-history', 'OrdersHistory', ORDER);
const ARCHIVE = question('orders-history-archive', 'OrdersHistoryArchive', ORDER);
const FILLS = question('fills-history', 'FillsHistory', FILL);
const ALGO_QUERY = question('order-algo', 'OrderAlgo', ALGO_ORDER);
const ALGO_HISTORY = question('orders-algo-history', 'OrdersAlgoHistory', ALGO_ORDER);

const SAYS = 'OKX forgets an order canceled without a fill after 2 hours and an algo order after 3 months';
/** OKX's 2 hours, less 20 minutes. */
const MEMORY: Memory = { ms: 100 * 60 * 1000, says: SAYS };
/** OKX's 3 months, counted as the shortest months, less some days. */
const ALGO_MEMORY: Memory = { ms: 85 * 24 * 60 * 60 * 1000, says: SAYS };
const ALGO_TYPES = ['conditional,oco', 'trigger', 'move_order_stop'];

/** The categories of orders that OKX itself places to reduce or close a position. */
const LIQUIDATIONS = ['full_liquidation', 'partial_liquidation', 'adl'];
/** Codes of cancelSource that name a reason besides the owner's cancel. */
const CANCEL_SOURCES: Readonly<Record<string, { end: OrderEnd; reason: string }>> = {
  '3': { end: 'liquidated', reason: 'forced-liquidation risk' },
  '6': { end: 'liquidated', reason: 'auto-deleveraging' },
  '7': { end: 'expired', reason: 'the contract was delivered' },
  '10': { end: 'expired', reason: 'the contract expired' },
  '13': { end: 'expired', reason: 'fill-or-kill could not be filled' },
  '14': { end: 'expired', reason: 'the rest of an immediate-or-cancel order' },
  '31': { end: 'rejected', reason: 'post-only would have taken liquidity' },
};
const BY_USER = '1';

/** Fills that are trades by the owner's orders: bought, sold, opened, closed, as block, as spread. */
const TRADES = /^(?:[1-6]|20[4-9]|27[0-5])$/;
/** Fills of a liquidation or of auto-deleveraging. */
const LIQUIDATION_TRADES = /^(?:10[0-7]|12[5-8])$/;

const rows = <Row>({ data }: Envelope<Row>): Row[] => data;

const REGULAR = [
  orderSource({
    name: 'order query',
    endpoint: QUERY,
    params: ({ order, market }) => ({ instId: market.id, ...namedBy(order, 'ordId', 'clOrdId') }),
    rows,
    read,
    only: true,
    // The query knows live instruments only.
    codes: noSuchOrder(NO_SUCH_ORDER, NO_SUCH_INSTRUMENT),
  }),
  ...[HISTORY, ARCHIVE].map((endpoint) =>
    orderSource({ name: 'closed orders', endpoint, params: historyParams, rows, read }),
  ),
  tradeSource({
    name: 'own fills',
    rows: async ({ session, market }, ordId) => {
      for (const instType of instTypesOf(market)) {
        const { data } = await session.ask(FILLS, { instType, instId: market.id, ordId, limit: '100' });
        if (data.length > 0) return data;
      }
      return [];
    },
    read: ({ instId, ordId, subType, fillPx, fillSz, fillTime }) => {
      const liquidates = LIQUIDATION_TRADES.test(subType);
      if (!liquidates && !TRADES.test(subType)) return null;
      return { market: instId, orderId: ordId, price: fillPx, amount: fillSz, at: fillTime, liquidates };
    },
  }),
];

/**
 * An order that was attached to another one: when that fills, it becomes an algo order with another id and the same client id.
 * Source: "GET / Order List" (attachAlgoId, attachAlgoClOrdId).
 */
const attachedOrder = orderSource({
  name: 'algo order query by client id',
  when: ({ order }) => order.conditional && order.id !== null && order.clientOrderId !== null,
  endpoint: ALGO_QUERY,
  params: ({ order }) => ({ algoClOrdId: order.clientOrderId ?? '' }),
  rows,
  read: (row: AlgoOrder, { order }) => {
    const isOwn = row.algoClOrdId === order.clientOrderId;
    return { ...readAlgo(row), id: isOwn && order.id !== null ? order.id : row.algoId };
  },
  only: true,
  codes: noSuchOrder(NO_SUCH_ORDER),
});

const algoQuery = (when: (question: OrderQuestion) => boolean) =>
  orderSource({
    name: 'algo order query',
    when,
    endpoint: ALGO_QUERY,
    params: ({ order }) => namedBy(order, 'algoId', 'algoClOrdId'),
    rows,
    read: readAlgo,
    only: true,
    codes: noSuchOrder(NO_SUCH_ORDER),
  });

export const OKX_MISSING_ORDERS: MissingOrders = {
  sources: [
    algoQuery(isConditional),
    attachedOrder,
    orderSource({
      name: 'algo order query',
      when: ({ order }) => order.conditional && order.id !== null,
      endpoint: ALGO_HISTORY,
      params: ({ order }) => ALGO_TYPES.map((ordType) => ({ ordType, algoId: order.id ?? '' })),
      rows,
      read: readAlgo,
      codes: noSuchOrder(NO_SUCH_ORDER, WRONG_PARAMETER),
    }),
    ...REGULAR,
    algoQuery(({ order }) => !order.conditional),
  ],
  afterTrigger: REGULAR,
  memory: ({ order }) => (order.conditional ? ALGO_MEMORY : MEMORY),
};

/** The histories begin at any id, and go back from there. */
function historyParams({ order: { id }, market }: OrderQuestion): Params[] {
  const from: Params = id !== null && /^\d+$/.test(id) ? { after: String(BigInt(id) + 1n) } : {};
  return instTypesOf(market).map((instType) => ({ instType, instId: market.id, limit: '100', ...from }));
}

function read(row: Order): OrderRow {
  const canceled = row.state === 'canceled' ? CANCEL_SOURCES[row.cancelSource ?? ''] : undefined;
  return {
    id: row.ordId,
    clientOrderId: row.clOrdId,
    market: row.instId,
    says: {
      end: endOf(row, canceled?.end ?? 'canceled'),
      isFilled: row.state === 'filled',
      filled: row.accFillSz,
      averagePrice: textOf(row.avgPx),
      at: timeOf(row.uTime),
      reason: row.cancelSource === BY_USER ? null : (canceled?.reason ?? textOf(row.cancelSourceReason)),
    },
  };
}

function endOf({ state, category }: Order, canceled: OrderEnd): OrderEnd {
  if (state === 'live' || state === 'partially_filled') return 'open';
  if (LIQUIDATIONS.includes(category ?? '')) return 'liquidated';
  if (category === 'delivery') return 'expired';
  return state === 'filled' ? 'filled' : canceled;
}

function readAlgo(row: AlgoOrder): OrderRow {
  return { id: row.algoId, clientOrderId: row.algoClOrdId, market: row.instId, says: endOfAlgo(row) };
}

function endOfAlgo({ state, uTime, failCode, ordId, ordIdList }: AlgoOrder): Known {
  const at = timeOf(uTime);
  const code = textOf(failCode);
  switch (state) {
    case 'canceled':
      return unfilled('canceled', at);
    case 'order_failed':
      return unfilled('rejected', at, code === null ? null : `code ${code}`);
    case 'effective':
      return becomeOf([...(ordIdList ?? []), textOf(ordId)].filter((id) => id !== null));
    case 'partially_failed':
      return { undecided: 'algo order query: a part of it failed' };
    case 'live':
    case 'pause':
    case 'partially_effective':
      return unfilled('open', at);
  }
}

function becomeOf(reported: readonly string[]): Known {
  const ids = [...new Set(reported)];
  const [id] = ids;
  if (id === undefined) return { undecided: 'it took effect, but the algo order query names no order that it became' };
  return ids.length > 1 ? { undecided: `it took effect as the orders ${ids.join(', ')}` } : { became: id };
}
