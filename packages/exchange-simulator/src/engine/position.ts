import { Big } from 'big.js';
import { z } from 'zod';
import { divideDecimals } from './rounding.js';
import type { Market } from './market.js';
import { POSITION_SLOTS } from './order.js';
import {
  absoluteDecimal,
  addDecimals,
  multiplyDecimals,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '@plumbline/primitives/decimal';

export const positionSchema = z.object({
  symbol: z.string(),
  slot: z.enum(POSITION_SLOTS),
  /** Signed units: negative is short. A flat position is kept, because its time of last change is needed. */
  amount: z.string(),
  /** Average entry price; "0" when flat. */
  entryPrice: z.string(),
  updatedAt: z.number(),
});
export type Position = z.infer<typeof positionSchema>;

/** Profit in the settle currency of `amount` signed units held from `entry` to `exit`. */
export function profitOf(market: Market, amount: DecimalText, entry: DecimalText, exit: DecimalText): DecimalText {
  if (signOf(amount) === 0) return '0';
  if (market.kind !== 'inverse') return multiplyDecimals(subtractDecimals(exit, entry), amount);
  return subtractDecimals(divideDecimals(amount, entry), divideDecimals(amount, exit));
}

export interface PositionChange {
  amount: DecimalText;
  entryPrice: DecimalText;
  realizedProfit: DecimalText;
}

/** A position after `delta` signed units at `price`: opened, increased, reduced, closed or flipped. */
export function changePosition(
  market: Market,
  before: Pick<Position, 'amount' | 'entryPrice'>,
  delta: DecimalText,
  price: DecimalText,
): PositionChange {
  const amount = addDecimals(before.amount, delta);
  const grows = signOf(before.amount) === 0 || signOf(before.amount) === signOf(delta);
  if (grows) return { amount, entryPrice: averageEntry(market, before, delta, price, amount), realizedProfit: '0' };

  const flips = signOf(amount) !== 0 && signOf(amount) !== signOf(before.amount);
  const closed = flips || signOf(amount) === 0 ? before.amount : multiplyDecimals(delta, '-1');
  const entryPrice = flips ? price : signOf(amount) === 0 ? '0' : before.entryPrice;
  return { amount, entryPrice, realizedProfit: profitOf(market, closed, before.entryPrice, price) };
}

function averageEntry(
  market: Market,
  before: Pick<Position, 'amount' | 'entryPrice'>,
  delta: DecimalText,
  price: DecimalText,
  after: DecimalText,
): DecimalText {
  if (signOf(before.amount) === 0) return new Big(price).toFixed();
  const [held, added, total] = [absoluteDecimal(before.amount), absoluteDecimal(delta), absoluteDecimal(after)];
  if (market.kind !== 'inverse') {
    return divideDecimals(
      addDecimals(multiplyDecimals(held, before.entryPrice), multiplyDecimals(added, price)),
      total,
    );
  }
  // An inverse position is worth amount / price in coin, so its entry price is the harmonic mean.
  return divideDecimals(total, addDecimals(divideDecimals(held, before.entryPrice), divideDecimals(added, price)));
}
