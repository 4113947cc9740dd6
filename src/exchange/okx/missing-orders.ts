import { z } from 'zod';
import { isZero } from '../../domain/decimal/decimal.js';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import {
  envelope,
  instTypesOf,
  NO_SUCH_INSTRUMENT,
  NO_SUCH_ORDER,
  textOf,
  WRONG_PARAMETER,
  type Envelope,
} from './common.js';
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
  return {
    method: 'GET',
    path: `/api/v5/trade/${path}`,
    call: `privateGetTrade${call}`,
    shape: envelope(z.array(row)),
  };
}

const QUERY = question('order', 'Order', ORDER);
const HISTORY = question('orders-history', 'OrdersHistory', ORDER);
const ARCHIVE = question('orders-history-archive', 'OrdersHistoryArchive', ORDER);
const FILLS = question('fills-history', 'FillsHistory', FILL);
const ALGO_QUERY = question('order-algo', 'OrderAlgo', ALGO_ORDER);
const ALGO_HISTORY = question('orders-algo-history', 'OrdersAlgoHistory', ALGO_ORDER);

/** OKX's 2 hours without a margin of 20 minutes. */
const REMEMBERED_MS = 100 * 60 * 1000;
/** OKX's 3 months, by the shortest of months and without a margin of some days. */
const ALGO_REMEMBERED_MS = 85 * 24 * 60 * 60 * 1000;
const ALGO_TYPES = ['conditional,oco', 'trigger', 'move_order_stop'];

/** The categories of orders that OKX itself places to reduce or close a position. */
const LIQUIDATIONS = ['full_liquidation', 'partial_liquidation', 'adl'];
/** Codes of cancelSource that say more than that somebody canceled. */
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

export async function explainOkxOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const ways = [explainRegular, explainAlgo];
  for (const explain of order.conditional ? ways.toReversed() : ways) {
    const explained = await explain(session, order, market);
    if (explained !== null) return explained;
  }
  const rememberedMs = order.conditional ? ALGO_REMEMBERED_MS : REMEMBERED_MS;
  return isRemembered(order, session.exchangeTime(), rememberedMs) === true
    ? neverSeen('order query, closed orders, own fills and algo orders')
    : unknownCause(
        'neither order query, closed orders, own fills nor algo orders know it; OKX forgets an order canceled without a fill ' +
          `after 2 hours and an algo order after 3 months, and this one is ${order.changedAt === null ? 'of unknown age' : 'older'}`,
      );
}

async function explainRegular(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation | null> {
  const found = await findOrder(session, order, market);
  if (found !== null) return explain(session, found.row, market, found.source);
  return order.id === null ? null : explainByFills(session, { ...order, id: order.id }, market);
}

async function findOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<{ row: Order; source: string } | null> {
  const queried = await queryOrder(session, order, market);
  if (queried !== null) return { row: queried, source: 'order query' };
  // The histories begin at any id, and go back from there.
  const from: Params = order.id !== null && /^\d+$/.test(order.id) ? { after: String(BigInt(order.id) + 1n) } : {};
  for (const endpoint of [HISTORY, ARCHIVE]) {
    for (const instType of instTypesOf(market)) {
      const { data } = await session.ask(endpoint, { instType, instId: market.id, limit: '100', ...from });
      const row = data.find((reported) => isOrder(reported, order, market));
      if (row !== undefined) return { row, source: 'closed orders' };
    }
  }
  return null;
}

async function queryOrder(session: ReadSession, order: OpenOrder, market: Market): Promise<Order | null> {
  const by: Params = order.id !== null ? { ordId: order.id } : { clOrdId: order.clientOrderId ?? '' };
  // The query knows live instruments only.
  const reported = await session.askUnless([NO_SUCH_ORDER, NO_SUCH_INSTRUMENT], QUERY, { instId: market.id, ...by });
  const [row] = reported?.data ?? [];
  if (row === undefined) return null;
  if (reported?.data.length === 1 && isOrder(row, order, market)) return row;
  throw session.failure('incomplete', QUERY, `answered for another order (${row.instId} ${row.ordId})`);
}

function isOrder(row: Order, order: Pick<OpenOrder, 'id' | 'clientOrderId'>, market: Market): boolean {
  const same = order.id !== null ? row.ordId === order.id : row.clOrdId === order.clientOrderId;
  return same && row.instId === market.id;
}

function explain(session: ReadSession, row: Order, market: Market, source: string): MissingOrderExplanation {
  if (row.state === 'filled' && isZero(row.accFillSz)) {
    throw session.failure('unreadable', QUERY, `reported order ${row.ordId} as filled with nothing filled`);
  }
  const canceled = row.state === 'canceled' ? CANCEL_SOURCES[row.cancelSource ?? ''] : undefined;
  return explanationOf(
    {
      end: endOf(row, canceled?.end ?? 'canceled'),
      filled: row.accFillSz,
      averagePrice: textOf(row.avgPx),
      at: timeOf(row.uTime),
      reason: row.cancelSource === BY_USER ? null : (canceled?.reason ?? textOf(row.cancelSourceReason)),
    },
    market,
    source,
  );
}

function endOf({ state, category }: Order, canceled: OrderEnd): OrderEnd {
  if (state === 'live' || state === 'partially_filled') return 'open';
  if (LIQUIDATIONS.includes(category ?? '')) return 'liquidated';
  if (category === 'delivery') return 'expired';
  return state === 'filled' ? 'filled' : canceled;
}

async function explainByFills(
  session: ReadSession,
  order: OpenOrder & { id: string },
  market: Market,
): Promise<MissingOrderExplanation | null> {
  for (const instType of instTypesOf(market)) {
    const params: Params = { instType, instId: market.id, ordId: order.id, limit: '100' };
    const { data } = await session.ask(FILLS, params);
    const own = data.filter((row) => row.ordId === order.id && row.instId === market.id);
    const liquidated = own.some(({ subType }) => LIQUIDATION_TRADES.test(subType));
    const trades = own.filter(({ subType }) => TRADES.test(subType) || LIQUIDATION_TRADES.test(subType));
    const traded = explanationByTrades(
      trades.map(({ fillPx, fillSz, fillTime }) => ({ price: fillPx, amount: fillSz, at: fillTime })),
      order,
      market,
    );
    if (traded !== null) return liquidated ? { ...traded, cause: 'liquidated' } : traded;
  }
  return null;
}

async function explainAlgo(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation | null> {
  const algo = await findAlgoOrder(session, order, market);
  if (algo === null) return null;
  const { state } = algo;
  const at = timeOf(algo.uTime);
  const reported = { filled: '0', averagePrice: null, at };
  const source = 'algo order query';
  if (state === 'canceled') return explanationOf({ ...reported, end: 'canceled' }, market, source);
  if (state === 'order_failed') {
    const reason = textOf(algo.failCode);
    return explanationOf({ ...reported, end: 'rejected', reason: reason && `code ${reason}` }, market, source);
  }
  if (state === 'effective') return explainBecome(session, algo, order, market);
  if (state === 'partially_failed') return unknownCause(`${source}: a part of it failed`);
  return explanationOf({ ...reported, end: 'open' }, market, source);
}

async function findAlgoOrder(session: ReadSession, order: OpenOrder, market: Market): Promise<AlgoOrder | null> {
  const by: Params = order.id !== null ? { algoId: order.id } : { algoClOrdId: order.clientOrderId ?? '' };
  const [queried] = (await session.askUnless([NO_SUCH_ORDER], ALGO_QUERY, by))?.data ?? [];
  const isIt = (row: AlgoOrder): boolean =>
    row.instId === market.id && (order.id !== null ? row.algoId === order.id : row.algoClOrdId === order.clientOrderId);
  if (queried !== undefined) {
    if (isIt(queried)) return queried;
    throw session.failure('incomplete', ALGO_QUERY, `answered for another order (${queried.instId} ${queried.algoId})`);
  }
  if (order.id === null || !order.conditional) return null;
  for (const ordType of ALGO_TYPES) {
    const refusals = [NO_SUCH_ORDER, WRONG_PARAMETER];
    const reported = await session.askUnless(refusals, ALGO_HISTORY, { ordType, algoId: order.id });
    const found = reported?.data.find(isIt);
    if (found !== undefined) return found;
  }
  return null;
}

/** What triggered lives on as a regular order. */
async function explainBecome(
  session: ReadSession,
  algo: AlgoOrder,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const ids = new Set([...(algo.ordIdList ?? []), textOf(algo.ordId)].filter((id) => id !== null));
  const [id] = ids;
  if (id === undefined) return unknownCause('it took effect, but the algo order query names no order that it became');
  if (ids.size > 1) return unknownCause(`it took effect as the orders ${[...ids].join(', ')}`);
  const became = { ...order, id, clientOrderId: null, conditional: false };
  const found = await findOrder(session, became, market);
  if (found === null) {
    const traded = await explainByFills(session, became, market);
    return traded ?? unknownCause(`triggered as order ${id}, which order query and closed orders do not know`);
  }
  const source = `${found.source} of ${id}, which it became when it triggered`;
  const explained = explain(session, found.row, market, source);
  return explained.cause === 'unknown' ? unknownCause(`triggered, and open as order ${id}`) : explained;
}
