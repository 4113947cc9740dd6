import { Big } from 'big.js';
import type { Order } from './order.js';
import { compareDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Whether a conditional order triggers at this mark price, and the new state of a trailing one.
 *
 * Rules as Binance documents them ("New Algo Order", USD-M futures): a stop triggers when the price moves against the
 * order (buy: at or above the trigger), a take-profit when it moves towards it. A trailing order first waits for its
 * activation price, then follows the best price, and triggers when the price returns by its callback percentage.
 */
export function observePrice(order: Order, price: DecimalText): { goesOff: boolean; trailing: Order['trailing'] } {
  if (order.trailing !== null) return observeTrailing(order.side, order.trailing, price);
  return { goesOff: order.triggerPrice !== null && goesOffAt(order, order.triggerPrice, price), trailing: null };
}

/** Whether a stop or take-profit with this trigger triggers at this price. */
export function goesOffAt(order: Pick<Order, 'side' | 'type'>, trigger: DecimalText, price: DecimalText): boolean {
  const isStop = order.type === 'stop' || order.type === 'stop_market';
  const whenAbove = isStop === (order.side === 'buy');
  const comparison = compareDecimals(price, trigger);
  return whenAbove ? comparison >= 0 : comparison <= 0;
}

function observeTrailing(
  side: Order['side'],
  trailing: NonNullable<Order['trailing']>,
  price: DecimalText,
): { goesOff: boolean; trailing: Order['trailing'] } {
  // A sell follows the highest price and triggers below it; a buy is the mirror image.
  const isBetter = (a: DecimalText, b: DecimalText): boolean => compareDecimals(a, b) === (side === 'sell' ? 1 : -1);
  const { activationPrice } = trailing;
  if (trailing.best === null) {
    const activated = activationPrice === null || !isBetter(activationPrice, price);
    return { goesOff: false, trailing: { ...trailing, best: activated ? price : null } };
  }
  const best = isBetter(price, trailing.best) ? price : trailing.best;
  const line = trailingTriggerPrice(side, { ...trailing, best }) ?? price;
  return { goesOff: !isBetter(price, line), trailing: { ...trailing, best } };
}

/** The present trigger price of a trailing order; null while it waits for its activation price. */
export function trailingTriggerPrice(
  side: Order['side'],
  trailing: NonNullable<Order['trailing']>,
): DecimalText | null {
  if (trailing.best === null) return null;
  const callback = new Big(trailing.best).times(trailing.callbackPercent).times('0.01');
  return (side === 'sell' ? new Big(trailing.best).minus(callback) : new Big(trailing.best).plus(callback)).toFixed();
}
