import { z } from 'zod';
import type { Account } from './account.js';
import { settledValueOf, type Market } from './market.js';
import { POSITION_SLOTS } from './order.js';
import { isZero, multiplyDecimals, negateDecimal, type DecimalText } from '../../domain/decimal/decimal.js';

export const fundingPaymentSchema = z.object({
  id: z.string(),
  account: z.string(),
  symbol: z.string(),
  slot: z.enum(POSITION_SLOTS),
  /** Signed units of the position that paid or received. */
  amount: z.string(),
  /** The price of the valuation. */
  price: z.string(),
  rate: z.string(),
  /** In the settle currency; positive if received. */
  payment: z.string(),
  currency: z.string(),
  at: z.number(),
});
/** What a position paid or received at a funding time. Exchanges list it among trades, although no amount changes. */
export type FundingPayment = z.infer<typeof fundingPaymentSchema>;

/** Books a funding time: at a positive rate longs pay and shorts receive. */
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
