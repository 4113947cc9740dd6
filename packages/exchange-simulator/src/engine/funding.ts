import { z } from 'zod';
import { POSITION_SLOTS } from './order.js';

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
