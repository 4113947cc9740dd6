import { z } from 'zod';
import { isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import { shortList } from '../../domain/difference/wording.js';
import type { OpenOrder, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { listOf, readList, type Part } from './lists.js';

/*
 * Open orders of Bybit. Source: "Get Open & Closed Orders", "Place Order", "Set Trading Stop", "Enums Definitions" of
 * bybit-exchange.github.io/docs/v5.
 *
 * - Pages of 50, newest first; linear per settleCoin, inverse and spot whole. Conditional orders are among them (status
 *   Untriggered), as are the take-profit, stop-loss and trailing-stop orders of positions, which Bybit creates itself.
 * - The triggerPrice of a trailing stop is the price at which it becomes active, which its owner set. It does not move.
 * - The qty of a spot market order is in the quote currency with marketUnit quoteCoin, which is also the default of a market
 *   buy: such an order has no base amount.
 * - takeProfit and stopLoss of an order that is not filled become orders, with ids of their own, when it fills. Until
 *   then they have no id, so a bot cannot have them among its orders: they are a gap.
 * - A spot OCO or bidirectional TP/SL order has two triggers in one row: its stop loss and its take profit.
 */

const price = z.union([decimalText, z.literal('')]).nullish();

const ORDER_ROW = z.object({
  symbol: word,
  orderId: word,
  orderLinkId: z.string().nullish(),
  parentOrderLinkId: z.string().nullish(),
  side: z.enum(['Buy', 'Sell']),
  orderType: z.enum(['Market', 'Limit']),
  orderStatus: z.enum(['New', 'PartiallyFilled', 'Untriggered', 'Triggered', 'Created', 'Active']),
  stopOrderType: z.string().nullish(),
  price: z.union([decimalText, z.literal('')]),
  triggerPrice: price,
  takeProfit: price,
  stopLoss: price,
  marketUnit: z.enum(['', 'baseCoin', 'quoteCoin']).nullish(),
  qty: decimalText,
  cumExecQty: decimalText,
  closeOnTrigger: z.boolean().nullish(),
  reduceOnly: z.boolean().nullish(),
  updatedTime: z.union([timeMs, z.literal('').transform(() => 0)]).nullish(),
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const OPEN_ORDERS = get(
  '/v5/order/realtime',
  'privateGetV5OrderRealtime',
  listOf(rowsOf(ORDER_ROW, { symbol: 'symbol' })),
  { scope: 'orders' },
);

const PAGE = 50;

/** Orders with a take profit and a stop loss of their own. */
const PAIRS = ['OcoOrder', 'BidirectionalTpslOrder'];
/** Conditional orders that have no trigger price in the row, or need none. */
const WITHOUT_TRIGGER = [...PAIRS, 'TrailingStop', 'MmRateClose'];

export interface FoundOrder {
  order: OpenOrder;
  /** What of it is not read. */
  leftOut: LeftOut | null;
}

/** A take profit or stop loss that is a field of its order's row. */
interface LeftOut {
  path: string;
  /** "order 17 of BTC/USDT" */
  order: string;
}

/** One gap for each part, however many orders it concerns. */
export function gapsOfOrders(orders: readonly FoundOrder[]): ScopeGap[] {
  const byPath = new Map<string, string[]>();
  for (const { leftOut } of orders) {
    if (leftOut !== null) byPath.set(leftOut.path, [...(byPath.get(leftOut.path) ?? []), leftOut.order]);
  }
  const what = 'take profit or stop loss attached, which Bybit gives no id before the order fills';
  return [...byPath].map(([path, names]) => ({
    scope: `orders:conditional:${path}:attached`,
    reason: `${shortList(names)} with ${what}`,
  }));
}

/**
 * The rows of one list may be regular and conditional orders, so a row that cannot be read makes both kinds of its
 * symbol unread.
 */
export async function readOrders(session: ReadSession, part: Part): Promise<FoundOrder[]> {
  const rows = await readList(session, OPEN_ORDERS, part, PAGE, ({ orderId }) => orderId);
  return session.convert(OPEN_ORDERS, rows, (row) => readOrder(session, row, part), 'orders', [part.category]);
}

async function readOrder(session: ReadSession, row: OrderRow, part: Part): Promise<FoundOrder> {
  const market = await session.market(row.symbol, OPEN_ORDERS, [part.category]);
  const conditional = row.orderStatus === 'Untriggered';
  const isPair = PAIRS.includes(row.stopOrderType ?? '');
  const limit = priceOf(row.price);
  const stopLoss = isPair ? priceOf(row.stopLoss) : null;
  const takeProfit = isPair ? priceOf(row.takeProfit) : null;
  const trigger = stopLoss ?? takeProfit ?? priceOf(row.triggerPrice);
  const missing =
    row.orderType === 'Limit' && limit === null
      ? 'price'
      : conditional && trigger === null && !WITHOUT_TRIGGER.includes(row.stopOrderType ?? '')
        ? 'triggerPrice'
        : null;
  if (missing !== null) {
    throw session.refuseRow(OPEN_ORDERS, market.symbol, `reported order ${row.orderId} without its ${missing}`);
  }
  const parent = textOf(row.parentOrderLinkId);
  return {
    order: {
      id: row.orderId,
      clientOrderId: textOf(row.orderLinkId),
      symbol: market.symbol,
      side: row.side === 'Buy' ? 'buy' : 'sell',
      type: isPair ? 'oco' : row.orderType.toLowerCase(),
      price: limit,
      triggerPrice: trigger,
      amount: hasAmount(row, part) ? amountOf(session, OPEN_ORDERS, row.orderId, row.qty, market) : null,
      filled: multiplyDecimals(row.cumExecQty, market.contractSize),
      conditional,
      changedAt: timeOf(row.updatedTime),
      ...(parent === null ? {} : { parent }),
      ...(stopLoss === null || takeProfit === null ? {} : { secondTriggerPrice: takeProfit }),
    },
    leftOut: leftOutOf(row, part, market.symbol),
  };
}

/** False for a TP/SL of the whole position, which has no amount of its own, and for an order by value. */
function hasAmount(row: OrderRow, { category }: Part): boolean {
  if (isZero(row.qty) && (row.closeOnTrigger === true || row.reduceOnly === true)) return false;
  if (category !== 'spot' || row.orderType !== 'Market') return true;
  const unit = textOf(row.marketUnit) ?? (row.side === 'Buy' ? 'quoteCoin' : 'baseCoin');
  return unit === 'baseCoin';
}

function leftOutOf(row: OrderRow, { path }: Part, symbol: string): LeftOut | null {
  const isCarrier = !PAIRS.includes(row.stopOrderType ?? '');
  const attaches = [row.takeProfit, row.stopLoss].some((text) => priceOf(text) !== null);
  return isCarrier && attaches ? { path, order: `order ${row.orderId} of ${symbol}` } : null;
}

/** "" means that there is none. */
function textOf(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
