import { Big } from 'big.js';
import { z } from 'zod';
import { isZero } from '../../domain/decimal/decimal.js';
import type { Memory, MissingOrders, OrderEnd, OrderQuestion, OrderSource } from '../profile/missing-orders.js';
import { hasId, isConditional, namedBy, noSuchOrder, orderSource, tradeSource } from '../profile/order-sources.js';
import { unfilled, type OrderRow } from '../profile/order-sources.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { envelope, NO_SUCH_ORDER } from './common.js';

/*
 * What became of a KuCoin order that is not open: the order query by id or by client order id, then own trades. Source:
 * www.kucoin.com/docs-new/rest, pages spot-trading/orders (Get Order By OrderId, Get Order By ClientOid, Get Trade History, Get
 * Stop Order By OrderId), futures-trading/orders (the same, Get Trade History), ua/get-order-details (how long orders are kept).
 *
 * - Spot keeps a canceled order for 2 days, one with fills for 7. Futures keep orders for 3 months, by client order id for
 *   7 days. How long spot keeps stop orders that ended is not documented.
 * - Which order a triggered spot stop became is not documented. It is asked for by the stop's client order id. Without
 *   an order that has this id the question has no answer.
 * - An OCO has an order query of its own, by the id of the OCO.
 * - The orders of a low-frequency user are known to the old order query.
 * - A futures order that waits for its trigger is known to the order query, and keeps its id.
 * - Spot reports an end by `active` and `cancelExist` ("there is a record of its cancellation").
 */

const HOUR_MS = 60 * 60 * 1000;
const SPOT_MEMORY: Memory = { ms: 47 * HOUR_MS, says: 'KuCoin forgets a canceled spot order after 2 days' };
const FUTURES_SAYS = 'KuCoin forgets a futures order after 3 months, by its client order id after 7 days';
const FUTURES_MEMORY: Memory = { ms: 85 * 24 * HOUR_MS, says: FUTURES_SAYS };
const CLIENT_ID_MEMORY: Memory = { ms: 6 * 24 * HOUR_MS, says: FUTURES_SAYS };
const STOP_MEMORY: Memory = { ms: null, says: 'KuCoin does not say how long it remembers stop orders that ended' };

const ROW = z.object({
  id: word,
  clientOid: z.string().nullish(),
  symbol: word,
  timeInForce: z.string().nullish(),
  cancelExist: z.boolean(),
  dealSize: decimalText,
});

const SPOT_ORDER = ROW.extend({ active: z.boolean(), dealFunds: decimalText, lastUpdatedAt: timeMs }).transform(
  (row) => ({
    ...row,
    open: row.active,
    averagePrice: isZero(row.dealSize) ? null : new Big(row.dealFunds).div(row.dealSize).toFixed(),
    at: row.lastUpdatedAt,
  }),
);
const FUTURES_ORDER = ROW.extend({
  status: z.enum(['open', 'done']),
  avgDealPrice: decimalText.nullish(),
  updatedAt: timeMs,
}).transform((row) => ({
  ...row,
  open: row.status === 'open',
  averagePrice: row.avgDealPrice ?? null,
  at: row.updatedAt,
}));
type Order = z.infer<typeof ROW> & { open: boolean; averagePrice: string | null; at: number };
/** The old order query has no time of the last change. */
const OLD_SPOT_ORDER = ROW.extend({ isActive: z.boolean(), dealFunds: decimalText, createdAt: timeMs }).transform(
  (row) => ({
    ...row,
    open: row.isActive,
    averagePrice: isZero(row.dealSize) ? null : new Big(row.dealFunds).div(row.dealSize).toFixed(),
    at: 0,
  }),
);
const NAMES = { id: true, clientOid: true, symbol: true } as const;
const STOP_ORDER = ROW.pick(NAMES).extend({ status: word, createdAt: timeMs });
const OCO = z.object({
  orderId: word,
  clientOid: z.string().nullish(),
  symbol: word,
  status: z.enum(['NEW', 'DONE', 'TRIGGERED', 'CANCELLED', 'CANCELED']),
});
const FILL = z.object({ symbol: word, orderId: word, price: decimalText, size: decimalText, createdAt: timeMs });
const FUTURES_FILL = FILL.extend({ tradeType: z.string() });

/** Some endpoints answer null instead of an error where there is no such order. */
const spotOrder = envelope(SPOT_ORDER.nullish());
const futuresOrder = envelope(FUTURES_ORDER.nullish());
const SPOT_BY_ID = get('/api/v1/hf/orders/{orderId}', 'privateGetHfOrdersOrderId', spotOrder);
const SPOT_BY_CLIENT_ID = get(
  '/api/v1/hf/orders/client-order/{clientOid}',
  'privateGetHfOrdersClientOrderClientOid',
  spotOrder,
);
const OLD_SPOT_BY_ID = get('/api/v1/orders/{orderId}', 'privateGetOrdersOrderId', envelope(OLD_SPOT_ORDER.nullish()));
const OLD_SPOT_BY_CLIENT_ID = get(
  '/api/v1/order/client-order/{clientOid}',
  'privateGetOrderClientOrderClientOid',
  envelope(OLD_SPOT_ORDER.nullish()),
);
const OCO_BY_ID = get('/api/v3/oco/order/{orderId}', 'privateGetOcoOrderOrderId', envelope(OCO.nullish()));
const SPOT_STOP = get('/api/v1/stop-order/{orderId}', 'privateGetStopOrderOrderId', envelope(STOP_ORDER.nullish()));
const SPOT_FILLS = get('/api/v1/hf/fills', 'privateGetHfFills', envelope(z.object({ items: z.array(FILL) })));
const FUTURES_BY_ID = get('/api/v1/orders/{orderId}', 'futuresPrivateGetOrdersOrderId', futuresOrder);
const FUTURES_BY_CLIENT_ID = get('/api/v1/orders/byClientOid', 'futuresPrivateGetOrdersByClientOid', futuresOrder);
const FUTURES_FILLS = get(
  '/api/v1/fills',
  'futuresPrivateGetFills',
  envelope(z.object({ items: z.array(FUTURES_FILL) })),
);

/** The largest pages. Without a size there are 50 fills of futures on a page, which may be a part of one order's. */
const SPOT_FILLS_PAGE = '100';
const FUTURES_FILLS_PAGE = '1000';

const NEEDS_SYMBOL = new Set<Endpoint<unknown>>([SPOT_BY_ID, SPOT_BY_CLIENT_ID]);

type When = (question: OrderQuestion) => boolean;
const isSpot: When = ({ market }) => market.kind === 'spot';

/** An order query; spot needs the symbol besides the order. */
function query<Row>(
  endpoint: Endpoint<{ data?: Row | null | undefined }>,
  when: When,
  read: (row: Row) => OrderRow,
  name = 'order query',
): OrderSource {
  return orderSource({
    name,
    when,
    endpoint,
    params: ({ order, market }) => ({
      ...namedBy(order, 'orderId', 'clientOid'),
      ...(market.kind === 'spot' && NEEDS_SYMBOL.has(endpoint) ? { symbol: market.id } : {}),
    }),
    rows: ({ data }) => (data === null || data === undefined ? [] : [data]),
    read,
    only: true,
    codes: noSuchOrder(NO_SUCH_ORDER),
  });
}

/** The stop order query, which follows a stop that has triggered. */
function stops(): OrderSource {
  const source = query(SPOT_STOP, (q) => isSpot(q) && hasId(q) && isConditional(q), readStop, 'stop order query');
  return {
    ...source,
    ask: async (question) => {
      const known = await source.ask(question);
      if (typeof known !== 'object' || known === null || !('became' in known)) return known;
      return { became: known.became ?? (await idByClientId(question)) };
    },
  };
}

/** The id of the regular order with the client order id of the stop; null where there is none. */
async function idByClientId({ session, order, market }: OrderQuestion): Promise<string | null> {
  if (order.clientOrderId === null) return null;
  const named = { clientOid: order.clientOrderId, symbol: market.id };
  const found = (await session.askUnless([NO_SUCH_ORDER], SPOT_BY_CLIENT_ID, named))?.data ?? null;
  return found?.clientOid === order.clientOrderId && found.symbol === market.id ? found.id : null;
}

const trades = tradeSource({
  name: 'own trades',
  rows: async ({ session, market }, orderId) => {
    const params = { symbol: market.id, orderId };
    if (market.kind !== 'spot') {
      return (await session.ask(FUTURES_FILLS, { ...params, pageSize: FUTURES_FILLS_PAGE })).data.items;
    }
    const { items } = (await session.ask(SPOT_FILLS, { ...params, limit: SPOT_FILLS_PAGE })).data;
    return items.map((item) => ({ ...item, tradeType: 'trade' }));
  },
  // The others are settlements.
  read: ({ symbol, orderId, price, size, createdAt, tradeType }) =>
    /^(?:trade|liquid|adl)/i.test(tradeType)
      ? { market: symbol, orderId, price, amount: size, at: createdAt, liquidates: !/^trade/i.test(tradeType) }
      : null,
});

export const KUCOIN_MISSING_ORDERS: MissingOrders = {
  sources: [
    stops(),
    query(OCO_BY_ID, (q) => isSpot(q) && hasId(q) && isConditional(q), readOco, 'order list query'),
    query(SPOT_BY_ID, (q) => isSpot(q) && hasId(q), read),
    query(OLD_SPOT_BY_ID, (q) => isSpot(q) && hasId(q), read, 'old order query'),
    query(SPOT_BY_CLIENT_ID, (q) => isSpot(q) && !hasId(q), read),
    query(OLD_SPOT_BY_CLIENT_ID, (q) => isSpot(q) && !hasId(q), read, 'old order query'),
    query(FUTURES_BY_ID, (q) => !isSpot(q) && hasId(q), read),
    query(FUTURES_BY_CLIENT_ID, (q) => !isSpot(q) && !hasId(q), read),
    trades,
  ],
  afterTrigger: [
    query(SPOT_BY_ID, (q) => isSpot(q) && hasId(q), read),
    query(OLD_SPOT_BY_ID, (q) => isSpot(q) && hasId(q), read, 'old order query'),
    trades,
  ],
  memory: (question) => {
    if (isSpot(question)) return question.order.conditional ? STOP_MEMORY : SPOT_MEMORY;
    return hasId(question) ? FUTURES_MEMORY : CLIENT_ID_MEMORY;
  },
};

function read(row: Order): OrderRow {
  const { id, clientOid, symbol, dealSize, averagePrice, at } = row;
  const says = { end: endOf(row), filled: dealSize, averagePrice, at: timeOf(at) };
  return { id, clientOrderId: clientOid, market: symbol, says };
}

function endOf({ open, cancelExist, timeInForce }: Order): OrderEnd {
  if (open) return 'open';
  if (!cancelExist) return 'filled';
  // An order that may not rest expires by its own terms.
  return timeInForce === 'IOC' || timeInForce === 'FOK' ? 'expired' : 'canceled';
}

function readStop({ id, clientOid, symbol, status, createdAt }: z.infer<typeof STOP_ORDER>): OrderRow {
  const says = status === 'NEW' ? unfilled('open', timeOf(createdAt)) : { became: null };
  return { id, clientOrderId: clientOid, market: symbol, says };
}

/** This answer does not show which of the two orders ended the OCO. */
function readOco({ orderId, clientOid, symbol, status }: z.infer<typeof OCO>): OrderRow {
  const about = { id: orderId, clientOrderId: clientOid, market: symbol };
  if (status === 'NEW') return { ...about, says: unfilled('open', null) };
  if (status === 'CANCELLED' || status === 'CANCELED') return { ...about, says: unfilled('canceled', null) };
  const what = status === 'DONE' ? 'is done' : 'has triggered';
  return { ...about, says: { undecided: `the OCO ${what}; KuCoin does not say which of its orders did` } };
}
