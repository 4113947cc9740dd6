import { z } from 'zod';
import { divideDecimals } from './rounding.js';
import { isZero, subtractDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Who caused something. `bot` and `manual` act through the control API, `api` through an exchange's wire with its own
 * key; `market` is other traders and the exchange's own rules, `liquidation` its risk engine.
 */
export const ACTORS = ['bot', 'manual', 'api', 'market', 'liquidation'] as const;
export type Actor = (typeof ACTORS)[number];

export const REGULAR_TYPES = ['limit', 'market'] as const;
export const CONDITIONAL_TYPES = [
  'stop',
  'stop_market',
  'take_profit',
  'take_profit_market',
  'trailing_stop_market',
] as const;
export const ORDER_TYPES = [...REGULAR_TYPES, ...CONDITIONAL_TYPES] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** The position of a symbol that an order changes: the only one in one-way mode, a leg in hedge mode. */
export const POSITION_SLOTS = ['net', 'long', 'short'] as const;
export type PositionSlot = (typeof POSITION_SLOTS)[number];

/** Why an order ended, if its status alone does not show that. */
export const END_REASONS = [
  'immediate_or_cancel',
  'fill_or_kill',
  'post_only',
  'good_till_date',
  'nothing_to_reduce',
  'amended_below_filled',
  'liquidation',
  'by_request',
  'one_cancels_other',
  'market_closed',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export const orderSchema = z.object({
  /** Unique over all accounts and both kinds of order. */
  id: z.string(),
  clientOrderId: z.string(),
  account: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(ORDER_TYPES),
  slot: z.enum(POSITION_SLOTS),
  /** Null for market orders. */
  price: z.string().nullable(),
  /** Null for orders that were never conditional, and for a trailing one, whose trigger moves. */
  triggerPrice: z.string().nullable(),
  /** Units of the whole order; null if the order closes a whole position. */
  amount: z.string().nullable(),
  filled: z.string(),
  /** Sum of price x amount over the fills, for the average price. */
  filledValue: z.string(),
  timeInForce: z.enum(TIMES_IN_FORCE),
  /** Milliseconds since the epoch; only with GTD. */
  goodTillDate: z.number().nullable(),
  reduceOnly: z.boolean(),
  closePosition: z.boolean(),
  /** For a trailing order: percent of the best price, activation price, best price so far. */
  trailing: z
    .object({ callbackPercent: z.string(), activationPrice: z.string().nullable(), best: z.string().nullable() })
    .nullable(),
  /** `triggered`: a conditional order that became a regular one, see `triggeredOrderId`. */
  status: z.enum(['open', 'filled', 'canceled', 'expired', 'rejected', 'triggered']),
  endReason: z.enum(END_REASONS).nullable(),
  placedBy: z.enum(ACTORS),
  createdAt: z.number(),
  updatedAt: z.number(),
  triggeredAt: z.number().nullable(),
  triggeredOrderId: z.string().nullable(),
  /**
   * For an order that a conditional one became: that one's id. Exchanges differ in which of the two ids they keep
   * showing.
   */
  triggeredFrom: z.string().nullable().default(null),
  /** The conditional type before it triggered, if the order keeps its id and becomes a regular one in place. */
  conditionalType: z.enum(CONDITIONAL_TYPES).nullable().default(null),
  /** Orders of one list cancel each other; null for an order without a list. */
  listId: z.string().nullable().default(null),
  /** What a wire keeps of the request and the engine does not model; the engine never reads it. */
  note: z.string().nullable().default(null),
  /** How often price or amount were changed. */
  amendments: z.number(),
});
export type Order = z.infer<typeof orderSchema>;

export const tradeSchema = z.object({
  id: z.string(),
  orderId: z.string(),
  account: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  slot: z.enum(POSITION_SLOTS),
  price: z.string(),
  amount: z.string(),
  /** In the settle currency; the fee is positive if paid. */
  realizedProfit: z.string(),
  fee: z.string(),
  feeCurrency: z.string(),
  maker: z.boolean(),
  at: z.number(),
});
export type Trade = z.infer<typeof tradeSchema>;

/** A request to the engine. Numbers are decimal texts in units and quote currency. */
export interface OrderRequest {
  symbol: string;
  side: 'buy' | 'sell';
  type: OrderType;
  amount?: DecimalText | undefined;
  price?: DecimalText | undefined;
  triggerPrice?: DecimalText | undefined;
  /** Required in hedge mode, refused in one-way mode. */
  positionSide?: 'long' | 'short' | undefined;
  clientOrderId?: string | undefined;
  timeInForce?: TimeInForce | undefined;
  goodTillDate?: number | undefined;
  reduceOnly?: boolean | undefined;
  closePosition?: boolean | undefined;
  callbackPercent?: DecimalText | undefined;
  activationPrice?: DecimalText | undefined;
  note?: string | undefined;
}

export function isConditional(type: OrderType): type is (typeof CONDITIONAL_TYPES)[number] {
  return type !== 'limit' && type !== 'market';
}

/** Units still to be filled; null if the order closes a whole position. */
export function remainingOf(order: Order): DecimalText | null {
  return order.amount === null ? null : subtractDecimals(order.amount, order.filled);
}

/** The average price of the fills so far; null before the first. */
export function averagePriceOf(order: Order): DecimalText | null {
  return isZero(order.filled) ? null : divideDecimals(order.filledValue, order.filled);
}
