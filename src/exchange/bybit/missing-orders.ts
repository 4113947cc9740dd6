import { z } from 'zod';
import type { MissingOrderExplanation } from '../../domain/difference/difference.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { envelope, type Envelope } from './common.js';
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
 * What became of a Bybit order that is not open: the recent orders (the last 500 that ended, until a restart of theirs), then
 * the history, then executions.
 *
 * Bybit forgets: of orders that ended unfilled (Cancelled, Rejected, Deactivated) the history goes back 24 hours; those
 * with fills for two years. Source: "Get Open & Closed Orders", "Get Order History", "Get Trade History", "Enums
 * Definitions".
 */

const ORDER = z.object({
  symbol: word,
  orderId: word,
  orderLinkId: z.string(),
  orderStatus: z.enum([
    'New',
    'PartiallyFilled',
    'Untriggered',
    'Triggered',
    'Created',
    'Active',
    'Filled',
    'PartiallyFilledCanceled',
    'Cancelled',
    'Rejected',
    'Deactivated',
  ]),
  cumExecQty: decimalText,
  avgPrice: z.union([decimalText, z.literal('')]).nullish(),
  cancelType: z.string().nullish(),
  rejectReason: z.string().nullish(),
  createType: z.string().nullish(),
  updatedTime: timeMs,
});
type Order = z.infer<typeof ORDER>;

const EXECUTION = z.object({
  symbol: word,
  orderId: word,
  execPrice: decimalText,
  execQty: decimalText,
  execType: word,
  execTime: timeMs,
});

type ListOf<Row> = Envelope<{ list: Row[] }>;

const RECENT_ORDERS: Endpoint<ListOf<Order>> = {
  method: 'GET',
  path: '/v5/order/realtime',
  call: 'privateGetV5OrderRealtime',
  shape: envelope(z.object({ list: z.array(ORDER) })),
};
const ORDER_HISTORY: Endpoint<ListOf<Order>> = {
  method: 'GET',
  path: '/v5/order/history',
  call: 'privateGetV5OrderHistory',
  shape: envelope(z.object({ list: z.array(ORDER) })),
};
const EXECUTIONS: Endpoint<ListOf<z.infer<typeof EXECUTION>>> = {
  method: 'GET',
  path: '/v5/execution/list',
  call: 'privateGetV5ExecutionList',
  shape: envelope(z.object({ list: z.array(EXECUTION) })),
};

/** Bybit's 24 hours without a margin of an hour. */
const REMEMBERED_MS = 23 * 60 * 60 * 1000;

const ENDS: Record<Order['orderStatus'], OrderEnd> = {
  New: 'open',
  PartiallyFilled: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  Created: 'open',
  Active: 'open',
  Filled: 'filled',
  PartiallyFilledCanceled: 'canceled',
  Cancelled: 'canceled',
  Rejected: 'rejected',
  Deactivated: 'canceled',
};

/** Cancelled on the way to a liquidation or a deleveraging: CancelByPrepareLiq, CancelAllBeforeLiq, ...Adl. */
const LIQUIDATING_CANCEL = /(?:Liq|Adl)$/;
/** Orders of the exchange's own: CreateByLiq, CreateByTakeOver_PassThrough, CreateByAdl_PassThrough. */
const LIQUIDATING_ORDER = /^CreateBy(?:Liq|TakeOver|Adl)/;
/** An IOC or FOK order that found nothing to trade with: EC_NoImmediateQtyToFill, EC_NoEnoughQtyToFill, EC_CancelForNoFullFill. */
const TIME_IN_FORCE_END = /^EC_(?:NoImmediateQtyToFill|NoEnoughQtyToFill|CancelForNoFullFill)$/;
/** Executions that are trades; the others are funding, settlement and transfers. */
const TRADE_TYPES = ['Trade', 'AdlTrade', 'BustTrade', 'BlockTrade'];

export async function explainBybitOrder(
  session: ReadSession,
  order: OpenOrder,
  market: Market,
): Promise<MissingOrderExplanation> {
  const by: Params = order.id !== null ? { orderId: order.id } : { orderLinkId: order.clientOrderId ?? '' };
  const params: Params = { category: market.kind, symbol: market.id, ...by };
  const questions = [
    [RECENT_ORDERS, 'order query'],
    [ORDER_HISTORY, 'closed orders'],
  ] as const;
  for (const [endpoint, source] of questions) {
    const { list } = (await session.ask(endpoint, params)).result;
    const found = list.find(
      (row) =>
        row.symbol === market.id &&
        (order.id !== null ? row.orderId === order.id : row.orderLinkId === order.clientOrderId),
    );
    if (found !== undefined) return explain(found, market, source);
    if (list.length > 0) throw session.failure('incomplete', endpoint, 'answered for another order');
  }
  if (order.id !== null) {
    const { list } = (await session.ask(EXECUTIONS, params)).result;
    const own = list.filter((row) => row.orderId === order.id && TRADE_TYPES.includes(row.execType));
    const trades = own.map(({ execPrice, execQty, execTime }) => ({ price: execPrice, amount: execQty, at: execTime }));
    const traded = explanationByTrades(trades, order, market);
    if (traded !== null) {
      return own.some(({ execType }) => execType === 'BustTrade' || execType === 'AdlTrade')
        ? { ...traded, cause: 'liquidated' }
        : traded;
    }
  }
  return isRemembered(order, session.exchangeTime(), REMEMBERED_MS) === true
    ? neverSeen('order query, closed orders and executions')
    : unknownCause(
        'neither order query, closed orders nor executions know it; Bybit forgets orders that ended unfilled after a day, ' +
          `and this one is ${order.changedAt === null ? 'of unknown age' : 'older'}`,
      );
}

function explain(order: Order, market: Market, source: string): MissingOrderExplanation {
  return explanationOf(
    {
      end: endOf(order),
      filled: order.cumExecQty,
      averagePrice: order.avgPrice === undefined || order.avgPrice === '' ? null : order.avgPrice,
      at: timeOf(order.updatedTime),
      reason: reasonOf(order),
    },
    market,
    source,
  );
}

function endOf(order: Order): OrderEnd {
  const end = ENDS[order.orderStatus];
  if (end === 'open') return end;
  if (LIQUIDATING_ORDER.test(order.createType ?? '')) return 'liquidated';
  if (end === 'canceled' && LIQUIDATING_CANCEL.test(order.cancelType ?? '')) return 'liquidated';
  if (end !== 'filled' && TIME_IN_FORCE_END.test(order.rejectReason ?? '')) return 'expired';
  return end;
}

/** Bybit says UNKNOWN and EC_NoError where there is nothing to say. */
function reasonOf({ rejectReason, cancelType }: Order): string | null {
  const said = [rejectReason, cancelType].filter(
    (word) => word !== undefined && word !== null && !['', 'UNKNOWN', 'EC_NoError', 'CancelByUser'].includes(word),
  );
  return said.length === 0 ? null : said.join(', ');
}
