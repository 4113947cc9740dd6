import { z } from 'zod';
import { isZero } from '../../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../../domain/snapshot/snapshot.js';
import { decimalText } from '../../transport/endpoint.js';
import type { Market } from '../../profile/markets.js';
import { priceOf } from '../../profile/rows.js';
import { changeTimeOf, NOTHING } from './common.js';
import type { RowList } from './convert.js';

/* The common fields of open orders on futures and on spot, and the TP/SL orders that an unfilled order carries. */

export const SIDE = z.enum(['buy', 'sell']);
export const OPEN_STATUS = z.enum(['live', 'new', 'init', 'partially_filled']);
export const optionalPrice = z.union([decimalText, NOTHING]).nullish();

interface CommonRow {
  orderId: string;
  clientOid?: string | null | undefined;
  orderType: string;
  cTime?: number | '' | null | undefined;
  uTime?: number | '' | null | undefined;
}

/** The fields that all open orders have. */
export function commonOf(row: CommonRow, market: Market) {
  return {
    id: row.orderId,
    clientOrderId: row.clientOid === undefined || row.clientOid === '' ? null : row.clientOid,
    symbol: market.symbol,
    type: row.orderType,
    changedAt: changeTimeOf(row),
  };
}

/** One of the two triggers that an order carries: its trigger price, and the price of its order. */
export interface Preset {
  trigger: string | null | undefined;
  /** Absent, "" and "0" mean the market price. */
  execute?: string | null | undefined;
}

/**
 * The take-profit and stop-loss of an order that has not filled. They have no ids of their own before it fills; each is named
 * after its order here, which is its parent.
 */
export function presetsOf(parent: OpenOrder, presets: { takeProfit: Preset; stopLoss: Preset }): OpenOrder[] {
  return (['takeProfit', 'stopLoss'] as const).flatMap((name) => {
    const { trigger, execute } = presets[name];
    const triggerPrice = priceOf(trigger);
    if (triggerPrice === null || parent.id === null) return [];
    const preset: OpenOrder = {
      id: `${parent.id}:${name}`,
      clientOrderId: null,
      symbol: parent.symbol,
      side: parent.side === 'buy' ? 'sell' : 'buy',
      type: name === 'takeProfit' ? 'take_profit' : 'stop_loss',
      price: priceOf(execute),
      triggerPrice,
      amount: parent.amount,
      filled: '0',
      conditional: true,
      changedAt: parent.changedAt,
      parent: parent.id,
    };
    return [preset];
  });
}

/** The price of a regular order. Throws `RowRefusal` for a limit order without one. */
export function limitPriceOf(
  { session, endpoint }: Pick<RowList, 'session' | 'endpoint'>,
  { symbol }: Market,
  { orderId, orderType }: { orderId: string; orderType: string },
  price: string | null | undefined,
): string | null {
  const limit = priceOf(price);
  if (orderType !== 'limit' || limit !== null) return orderType === 'market' ? null : limit;
  throw session.refuseRow(endpoint, symbol, `reported limit order ${orderId} without its price`);
}

/** A number that is not there, or is zero. */
export function isNothing(text: string | null | undefined): boolean {
  return text === undefined || text === null || text === '' || isZero(text);
}
