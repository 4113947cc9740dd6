import { z } from 'zod';
import { ORDER_TYPES, TIMES_IN_FORCE } from './engine/order.js';
import { isDecimal, normalizeDecimal } from '@plumbline/primitives/decimal';
import { DEMO_ACCOUNT } from './engine/credentials.js';

/** A decimal as text, or as a JSON number of at most 15 digits; longer numbers have lost digits before they arrive. */
const decimal = z
  .union([z.string(), z.number()], { error: 'send a decimal as text ("0.010") or as a number' })
  .transform((value, context) => {
    const text = String(value);
    if (isDecimal(text)) return normalizeDecimal(text);
    context.addIssue({ code: 'custom', message: `"${text}" is not a decimal number; send one such as "0.010"` });
    return z.NEVER;
  });

const account = z.string().default(DEMO_ACCOUNT);
const symbol = z.string({ error: 'name a market, such as "BTC/USDT:USDT"' });
const actor = z.enum(['bot', 'manual'], { error: 'the actor is "bot" or "manual"' });

/** Identifies an order by its id or its client order id. */
const reference = {
  account,
  order_id: z.string().optional(),
  client_order_id: z.string().optional(),
};
const namesOrder = (body: { order_id?: string | undefined; client_order_id?: string | undefined }): boolean =>
  (body.order_id === undefined) !== (body.client_order_id === undefined);
const NAMES_ORDER = { error: 'name the order by order_id or by client_order_id', path: ['order_id'] };

export const orderBody = z.strictObject({
  account,
  actor,
  symbol,
  side: z.enum(['buy', 'sell']),
  type: z.enum(ORDER_TYPES),
  amount: decimal.optional(),
  price: decimal.optional(),
  trigger_price: decimal.optional(),
  position_side: z.enum(['long', 'short']).optional(),
  client_order_id: z.string().optional(),
  time_in_force: z.enum(TIMES_IN_FORCE).optional(),
  /** Milliseconds since the epoch, with GTD. */
  good_till_date: z.number().int().optional(),
  reduce_only: z.boolean().optional(),
  close_position: z.boolean().optional(),
  callback_percent: decimal.optional(),
  activation_price: decimal.optional(),
});

export const cancelBody = z
  .strictObject({ ...reference, actor: actor.default('manual') })
  .refine(namesOrder, NAMES_ORDER);

export const amendBody = z
  .strictObject({
    ...reference,
    actor: actor.default('manual'),
    price: decimal.optional(),
    amount: decimal.optional(),
    trigger_price: decimal.optional(),
  })
  .refine(namesOrder, NAMES_ORDER)
  .refine((body) => body.price !== undefined || body.amount !== undefined || body.trigger_price !== undefined, {
    error: 'say what to change: price, amount or trigger_price',
  });

export const fillBody = z
  .strictObject({ ...reference, amount: decimal.optional(), price: decimal.optional() })
  .refine(namesOrder, NAMES_ORDER);

export const expireBody = z.strictObject(reference).refine(namesOrder, NAMES_ORDER);

export const liquidateBody = z.strictObject({ account, symbol, side: z.enum(['long', 'short']).optional() });

export const priceBody = z.strictObject({ symbol, price: decimal });

export const fundingBody = z.strictObject({ symbol, rate: decimal });

export const delistBody = z.strictObject({ symbol });

export const renameBody = z.strictObject({ symbol, to: z.string().regex(/^[A-Z0-9]+\/[A-Z0-9]+(?::[A-Z0-9]+)?$/) });

export const positionModeBody = z.strictObject({ account, mode: z.enum(['one-way', 'hedge']) });

export const botBody = z.strictObject({
  account,
  /** True: lose every message; a number: the next so many; false: none. */
  drop: z.union([z.boolean(), z.number().int().min(1)]).optional(),
  drop_rate: z.number().min(0).max(1).optional(),
  delay_ms: z.number().int().min(0).max(3_600_000).optional(),
  freeze: z.boolean().optional(),
  resync: z.literal(true).optional(),
  balances: z.boolean().optional(),
  trading: z.boolean().optional(),
  trading_interval_ms: z.number().int().min(10).max(60_000).default(150),
});

export const accountBody = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'use up to 40 of a-z, 0-9 and -' }),
  api_key: z.string().min(16),
  secret: z.string().min(1),
  passphrase: z.string().min(1).optional(),
  can_trade: z.boolean().default(false),
  can_withdraw: z.boolean().default(false),
  ip_restricted: z.boolean().default(true),
  position_mode: z.enum(['one-way', 'hedge']).default('one-way'),
  balances: z.record(z.string(), decimal).default({}),
});

export const limitsBody = z.strictObject({ exchange: z.string(), weight_per_minute: z.number().int().min(1) });

export const resetBody = z.strictObject({
  position_mode: z.enum(['one-way', 'hedge']).optional(),
  balances: z.record(z.string(), decimal).optional(),
  prices: z.record(z.string(), decimal).optional(),
  seed: z.number().int().optional(),
});
