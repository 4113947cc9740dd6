import { z } from 'zod';
import type { MissingOrders, OrderEnd, OrderQuestion } from '../profile/missing-orders.js';
import { namedBy, orderSource, tradeSource, type OrderRow } from '../profile/order-sources.js';
import type { Params } from '../profile/read-session.js';
import { timeOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { envelope } from './common.js';

/*
 * What became of a Bybit order that is not open: the recent orders (the last 500 that ended, until Bybit restarts), then the
 * history, then executions.
 *
 * Bybit forgets: the history holds orders that ended unfilled (Cancelled, Rejected, Deactivated) for 24 hours, those with
 * fills for two years. Source: "Get Open & Closed Orders", "Get Order History", "Get Trade History", "Enums Definitions".
 */

const ENDS = {
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
} as const satisfies Record<string, OrderEnd>;

const ORDER = z.object({
  symbol: word,
  orderId: word,
  orderLinkId: z.string().nullish(),
  orderStatus: z.enum(Object.keys(ENDS) as (keyof typeof ENDS)[]),
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

const orders = envelope(z.object({ list: z.array(ORDER) }));
const executions = envelope(z.object({ list: z.array(EXECUTION) }));
const RECENT_ORDERS = get('/v5/order/realtime', 'privateGetV5OrderRealtime', orders);
const ORDER_HISTORY = get('/v5/order/history', 'privateGetV5OrderHistory', orders);
const EXECUTIONS = get('/v5/execution/list', 'privateGetV5ExecutionList', executions);

/** Bybit's 24 hours, less an hour. */
const REMEMBERED_MS = 23 * 60 * 60 * 1000;

/** Cancelled on the way to a liquidation or a deleveraging: CancelByPrepareLiq, CancelAllBeforeLiq, ...Adl. */
const LIQUIDATING_CANCEL = /(?:Liq|Adl)$/;
/** Cancelled because the contract was delivered or delisted. */
const SETTLING_CANCEL = /^CancelBy(?:Settle|Delivery)$/;
/** Orders that the exchange itself places: CreateByLiq, CreateByTakeOver_PassThrough, CreateByAdl_PassThrough. */
const LIQUIDATING_ORDER = /^CreateBy(?:Liq|TakeOver|Adl)/;
/** An IOC or FOK order that found nothing to trade with: EC_NoImmediateQtyToFill, EC_NoEnoughQtyToFill, EC_CancelForNoFullFill. */
const TIME_IN_FORCE_END = /^EC_(?:NoImmediateQtyToFill|NoEnoughQtyToFill|CancelForNoFullFill)$/;
/** Executions that are trades; the others are funding, settlement and transfers. */
const TRADE_TYPES = ['Trade', 'AdlTrade', 'BustTrade', 'BlockTrade', 'FutureSpread'];

const ordersOf = {
  rows: ({ result }: z.infer<typeof orders>) => result.list,
  read,
  params: paramsOf,
  only: true,
} as const;

export const BYBIT_MISSING_ORDERS: MissingOrders = {
  sources: [
    orderSource({ name: 'order query', endpoint: RECENT_ORDERS, ...ordersOf }),
    orderSource({ name: 'closed orders', endpoint: ORDER_HISTORY, ...ordersOf }),
    tradeSource({
      name: 'executions',
      rows: async (question) => (await question.session.ask(EXECUTIONS, paramsOf(question))).result.list,
      read: ({ symbol, orderId, execPrice, execQty, execType, execTime }) =>
        TRADE_TYPES.includes(execType)
          ? {
              market: symbol,
              orderId,
              price: execPrice,
              amount: execQty,
              at: execTime,
              liquidates: execType === 'BustTrade' || execType === 'AdlTrade',
            }
          : null,
    }),
  ],
  memory: { ms: REMEMBERED_MS, says: 'Bybit forgets an order that ended unfilled after a day' },
};

function paramsOf({ order, market }: OrderQuestion): Params {
  return { category: market.kind, symbol: market.id, ...namedBy(order, 'orderId', 'orderLinkId') };
}

function read(row: Order): OrderRow {
  return {
    id: row.orderId,
    clientOrderId: row.orderLinkId,
    market: row.symbol,
    says: {
      end: endOf(row),
      filled: row.cumExecQty,
      averagePrice: row.avgPrice === undefined || row.avgPrice === '' ? null : row.avgPrice,
      at: timeOf(row.updatedTime),
      reason: reasonOf(row),
    },
  };
}

function endOf(order: Order): OrderEnd {
  const end = ENDS[order.orderStatus];
  if (end === 'open') return end;
  if (LIQUIDATING_ORDER.test(order.createType ?? '')) return 'liquidated';
  if (end === 'canceled' && LIQUIDATING_CANCEL.test(order.cancelType ?? '')) return 'liquidated';
  if (end === 'canceled' && SETTLING_CANCEL.test(order.cancelType ?? '')) return 'expired';
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
