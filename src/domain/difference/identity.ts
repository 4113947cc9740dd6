import type { Difference, DiscrepancyType } from './difference.js';

/**
 * What a discrepancy is about, whatever its current type: a position that is opened externally and then changes its size
 * is one discrepancy. The presence, the terms and the fills of an order are separate, because they are fixed separately.
 */
export type DifferenceFamily = 'position' | 'order-presence' | 'order-terms' | 'order-fill' | 'balance';

const FAMILIES: Record<DiscrepancyType, DifferenceFamily> = {
  POSITION_OPENED_EXTERNALLY: 'position',
  POSITION_SIZE_CHANGED: 'position',
  POSITION_CLOSED_EXTERNALLY: 'position',
  ORDER_PLACED_EXTERNALLY: 'order-presence',
  ORDER_MISSING_ON_EXCHANGE: 'order-presence',
  ORDER_AMENDED_EXTERNALLY: 'order-terms',
  ORDER_FILL_MISSED: 'order-fill',
  BALANCE_CHANGED_EXTERNALLY: 'balance',
};

export function familyOf(type: DiscrepancyType): DifferenceFamily {
  return FAMILIES[type];
}

type Keyed = Pick<Difference, 'type' | 'symbol' | 'side' | 'orderId' | 'clientOrderId'>;

/**
 * The identity of a difference, stable over observations and runs of one account: `family|key`.
 *
 * - `position|BTC/USDT:USDT` in one-way mode, `position|BTC/USDT:USDT|long` in hedge mode
 * - `order-terms|BTC/USDT:USDT|id:8389765`; `order-presence|BTC/USDT:USDT|client:bot-17` while no exchange id is known
 * - `balance|USDT`
 */
export function identityOf(difference: Keyed): string {
  const family = familyOf(difference.type);
  if (family === 'balance') return `${family}|${difference.symbol}`;
  if (family === 'position') {
    return difference.side === null
      ? `${family}|${difference.symbol}`
      : `${family}|${difference.symbol}|${difference.side}`;
  }
  const order = difference.orderId === null ? `client:${difference.clientOrderId ?? ''}` : `id:${difference.orderId}`;
  return `${family}|${difference.symbol}|${order}`;
}
