import { mandatoryParameter } from './errors.js';
import type { SignedCall } from './route.js';
import { rejected } from './spot-errors.js';
import type { Market } from '../../engine/market.js';
import type { Order } from '../../engine/order.js';
import { compareDecimals, isDecimal } from '@plumbline/primitives/decimal';

/* Parameters that single orders and order lists of Binance spot share. */

/** A mandatory number. */
export function decimalOf({ parameters }: SignedCall, name: string): string {
  const text = parameters.mandatory(name);
  if (!isDecimal(text)) throw mandatoryParameter(name);
  return text;
}

/** Refuses a maker-only order that would take. */
export function checkRests(call: SignedCall, market: Market, side: 'buy' | 'sell', price: string): void {
  const comparison = compareDecimals(price, call.engine.price(market.symbol));
  if (side === 'buy' ? comparison >= 0 : comparison <= 0) throw rejected('Order would immediately match and take.');
}

/** The client order id of the cancel request itself. */
export function cancelIdOf({ parameters }: SignedCall, order: Order): string {
  return parameters.text('newClientOrderId') ?? `cancel-${order.id}`;
}
