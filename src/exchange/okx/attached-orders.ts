import { z } from 'zod';
import { shortList } from '../../domain/difference/wording.js';
import { isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { Market } from '../profile/markets.js';
import { priceOf } from '../profile/rows.js';
import { textOf } from './common.js';
import { limitPriceOf, priceText } from './lists.js';

/*
 * TP/SL and trailing stops that are attached to an order which is not filled. Source: www.okx.com/docs-v5/en, "GET / Order List"
 * and "GET / Algo order list" (attachAlgoOrds).
 *
 * - Once the order is filled, each becomes an algo order with a new algoId; its attachAlgoClOrdId becomes the algoClOrdId.
 * - It closes what the order opens, so its side is the opposite one. It has a size only where the take profit is split.
 * - Those of algo orders have no id of their own, only the client's, if any.
 */

export const ATTACHED = z.object({
  attachAlgoId: z.string().nullish(),
  attachAlgoClOrdId: z.string().nullish(),
  slTriggerPx: priceText,
  slOrdPx: priceText,
  tpTriggerPx: priceText,
  tpOrdPx: priceText,
  sz: priceText,
  callbackRatio: z.string().nullish(),
  callbackSpread: z.string().nullish(),
  activePx: priceText,
});
export type Attached = z.infer<typeof ATTACHED>;

export interface FoundOrder {
  /** The order, and the conditional orders that are attached to it. */
  orders: OpenOrder[];
  /** Whether something without an id is attached to it, which is not read. */
  nameless: boolean;
}

/** The orders that are attached to `parent`, and whether one of them has no id. */
export function attachmentsOf(
  parent: OpenOrder,
  attached: readonly Attached[] | null | undefined,
  market: Market,
): { children: OpenOrder[]; nameless: boolean } {
  const children = (attached ?? []).flatMap((row) => childOf(parent, row, market) ?? []);
  return { children, nameless: children.length < (attached ?? []).length };
}

/** Null where it has no id. */
function childOf(parent: OpenOrder, row: Attached, market: Market): OpenOrder | null {
  const id = textOf(row.attachAlgoId);
  const clientOrderId = textOf(row.attachAlgoClOrdId);
  if (id === null && clientOrderId === null) return null;
  const trailing = textOf(row.callbackRatio) !== null || textOf(row.callbackSpread) !== null;
  const stopLoss = priceOf(row.slTriggerPx);
  const takeProfit = priceOf(row.tpTriggerPx);
  const size = textOf(row.sz);
  const isPair = !trailing && stopLoss !== null && takeProfit !== null;
  return {
    id,
    clientOrderId,
    symbol: parent.symbol,
    side: parent.side === 'buy' ? 'sell' : 'buy',
    type: trailing ? 'move_order_stop' : isPair ? 'oco' : 'conditional',
    price: trailing ? null : limitPriceOf(stopLoss === null ? row.tpOrdPx : row.slOrdPx),
    triggerPrice: trailing ? priceOf(row.activePx) : (stopLoss ?? takeProfit),
    amount: size === null || isZero(size) ? null : multiplyDecimals(size, market.contractSize),
    filled: '0',
    conditional: true,
    changedAt: parent.changedAt,
    ...(parent.id === null ? {} : { parent: parent.id }),
    ...(isPair ? { secondTriggerPrice: takeProfit } : {}),
  };
}

/** What of the orders is not read: one gap, however many orders it concerns. */
export function gapsOfOrders(found: readonly FoundOrder[]): ScopeGap[] {
  const carriers = found.flatMap(({ orders, nameless }) => (nameless ? orders.slice(0, 1) : []));
  if (carriers.length === 0) return [];
  const names = carriers.map(({ id, symbol }) => `order ${id} of ${symbol}`);
  const what = 'a take profit or stop loss attached that OKX gives no id';
  return [{ scope: 'orders:conditional:attached', reason: `${shortList(names)} with ${what}` }];
}
