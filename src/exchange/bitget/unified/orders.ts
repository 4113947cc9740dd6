import { z } from 'zod';
import { multiplyDecimals } from '../../../domain/decimal/decimal.js';
import type { OpenOrder, PositionMode } from '../../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../../transport/endpoint.js';
import { amountOf } from '../../profile/rows.js';
import type { ReadSession } from '../../profile/read-session.js';
import { checkMode, NOTHING, optionalTime, POS_MODE } from '../shared/common.js';
import { convertRows, marketOfRow, type RowList } from '../shared/convert.js';
import { limitPriceOf, OPEN_STATUS, optionalPrice, presetsOf, SIDE } from '../shared/rows.js';
import {
  cursorRows,
  FUTURES,
  MARGIN,
  readByCursor,
  scopeOf,
  SPOT,
  unifiedCommonOf,
  type Category,
} from './categories.js';
import { ORDER_TYPE, readStrategies } from './strategies.js';

/*
 * Open orders of a unified account. Source: bitget.com/api-doc/uta, pages trade/Place-Order and Get-Order-Pending;
 * strategy orders in strategies.ts.
 *
 * - `side` is the order's own side in both holding modes: closing a long position is "sell" with posSide "long".
 * - `qty` is in the base coin, of coin-margined contracts in contracts of 1 USD. A market buy of spot has `amount` in the quote
 *   coin instead, and no quantity.
 * - Orders with borrowed coins (MARGIN) are orders on the same pairs and the same wallet, so they count as spot orders.
 * - An unfilled order carries its TP/SL in takeProfit and stopLoss.
 */

/** Of spot orders "", of orders on futures the mode. */
const holdMode = z.union([POS_MODE, NOTHING]).nullish();

const ORDER_ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  orderType: z.enum(['limit', 'market']),
  side: SIDE,
  price: optionalPrice,
  qty: z.union([decimalText, NOTHING]).nullish(),
  amount: z.union([decimalText, NOTHING]).nullish(),
  cumExecQty: decimalText,
  orderStatus: OPEN_STATUS,
  holdMode,
  takeProfit: optionalPrice,
  tpOrderType: ORDER_TYPE,
  tpLimitPrice: optionalPrice,
  stopLoss: optionalPrice,
  slOrderType: ORDER_TYPE,
  slLimitPrice: optionalPrice,
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const UNFILLED = get('/api/v3/trade/unfilled-orders', 'privateUtaGetV3TradeUnfilledOrders', cursorRows(ORDER_ROW), {
  scope: 'orders:regular',
});

/** Orders that wait for a trigger come first. */
export async function readUnifiedOrders(session: ReadSession, mode: PositionMode): Promise<UnifiedOrders> {
  const orders: OpenOrder[] = [];
  let hasSpotStrategies = true;
  for (const category of [...FUTURES, SPOT, MARGIN]) {
    const found = await readStrategies(session, category);
    if (found === null) hasSpotStrategies = false;
    orders.push(...(found ?? []));
  }
  for (const category of [...FUTURES, SPOT, MARGIN]) orders.push(...(await readRegular(session, category, mode)));
  return { orders, hasSpotStrategies };
}

export interface UnifiedOrders {
  orders: OpenOrder[];
  /** Whether the lists of strategy orders have spot pairs. */
  hasSpotStrategies: boolean;
}

async function readRegular(session: ReadSession, category: Category, mode: PositionMode): Promise<OpenOrder[]> {
  const { product } = category;
  const list: RowList = { session, endpoint: UNFILLED, product, scope: scopeOf('regular', category) };
  const rows = await readByCursor(session, UNFILLED, { category: category.category });
  return (await convertRows(list, rows, (row) => regularOrders(list, mode, row))).flat();
}

async function regularOrders(list: RowList, mode: PositionMode, row: OrderRow): Promise<OpenOrder[]> {
  const { session } = list;
  const market = await marketOfRow(list, row.symbol);
  if (list.product !== null && row.holdMode !== undefined && row.holdMode !== null && row.holdMode !== '') {
    checkMode(session, UNFILLED, market.symbol, row.holdMode, mode);
  }
  const byValue = market.kind === 'spot' && row.orderType === 'market' && row.side === 'buy';
  const order: OpenOrder = {
    ...unifiedCommonOf(row, market.symbol, row.orderType),
    side: row.side,
    price: limitPriceOf(list, market, row, row.price),
    triggerPrice: null,
    amount: byValue ? null : amountOf(session, UNFILLED, row.orderId, row.qty === '' ? null : row.qty, market),
    filled: multiplyDecimals(row.cumExecQty, market.contractSize),
    conditional: false,
  };
  const presets = presetsOf(order, {
    takeProfit: { trigger: row.takeProfit, execute: row.tpOrderType === 'market' ? null : row.tpLimitPrice },
    stopLoss: { trigger: row.stopLoss, execute: row.slOrderType === 'market' ? null : row.slLimitPrice },
  });
  return [order, ...presets];
}
