import { isZero, multiplyDecimals, negateDecimal, type DecimalText } from '@plumbline/primitives/decimal';
import type { Account } from './account.js';
import { settledValueOf, type Market } from './market.js';

/** Books the payments of one funding time: at a positive rate longs pay and shorts receive. */
export function payFunding(
  account: Account,
  market: Market,
  { price, rate, at, takeId }: { price: DecimalText; rate: DecimalText; at: number; takeId: () => string },
): void {
  const held = account.positions().filter(({ symbol, amount }) => symbol === market.symbol && !isZero(amount));
  for (const { symbol, slot, amount } of held) {
    const payment = negateDecimal(multiplyDecimals(settledValueOf(market, amount, price), rate));
    account.book(market.settle, payment, at);
    const currency = market.settle;
    account.addFunding({ id: takeId(), account: account.id, symbol, slot, amount, price, rate, payment, currency, at });
  }
}
