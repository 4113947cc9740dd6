import { decode } from '@msgpack/msgpack';
import { z } from 'zod';
import { isDecimal } from '../../domain/decimal/decimal.js';
import { decimalExcess } from '../../domain/decimal/decimal-limits.js';
import { LIMITS } from '../../domain/limits/limits.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { sourceFailure } from '../source-failure.js';

// The events that NautilusTrader stores (nautilus_trader/model/events/order.pyx, `to_dict`; the same in the Rust crates). Quantities
// and prices are exact texts, times are texts of nanoseconds or of ISO 8601 (`timestamps_as_iso8601`). Other fields are ignored.

export type Encoding = 'msgpack' | 'json';

const text = z.string().min(1).max(LIMITS.idLength.value);
const decimal = z
  .string()
  .max(LIMITS.numberLength.value)
  .refine((value) => isDecimal(value) && decimalExcess(value) === null, 'a decimal number as text');
/** Milliseconds since the epoch. */
const time = z
  .string()
  .refine((value) => !Number.isNaN(millisecondsOf(value)), 'nanoseconds since 1970, or a time in ISO 8601')
  .transform(millisecondsOf);

/** What every event has. */
const common = { strategy_id: text, instrument_id: text, client_order_id: text, ts_event: time };
const answered = { ...common, venue_order_id: text.nullish(), account_id: text.nullish() };

const options = z.object({ price: decimal.nullish(), trigger_price: decimal.nullish() });

const initialized = z.object({
  ...common,
  type: z.literal('OrderInitialized'),
  order_side: z.enum(['BUY', 'SELL']),
  order_type: text,
  quantity: decimal,
  quote_quantity: z.boolean(),
  /** `NO_TRIGGER`: the order is sent to the exchange. Otherwise NautilusTrader itself waits for the trigger. */
  emulation_trigger: text.nullish(),
  options: z.preprocess(jsonInText, options.nullish()),
  /** Instead of `options`: version 2, and PostgreSQL. */
  ...options.shape,
  /** True for an order that was found at the exchange. */
  reconciliation: z.boolean().nullish(),
});
const updated = z.object({
  ...answered,
  type: z.literal('OrderUpdated'),
  quantity: decimal,
  price: decimal.nullish(),
  trigger_price: decimal.nullish(),
  is_quote_quantity: z.boolean().nullish(),
});
export const filledShape = z.object({
  ...answered,
  type: z.literal('OrderFilled'),
  order_side: z.enum(['BUY', 'SELL']),
  last_qty: decimal,
  reconciliation: z.boolean().nullish(),
});
export type Filled = z.output<typeof filledShape>;

const simple = <Name extends string>(type: Name) => z.object({ ...answered, type: z.literal(type) });

/** An event of an order. */
export const orderEventShape = z.discriminatedUnion('type', [
  initialized,
  updated,
  filledShape,
  simple('OrderDenied'),
  simple('OrderEmulated'),
  simple('OrderReleased'),
  simple('OrderSubmitted'),
  simple('OrderAccepted'),
  simple('OrderRejected'),
  simple('OrderCanceled'),
  simple('OrderExpired'),
  simple('OrderTriggered'),
  simple('OrderPendingUpdate'),
  simple('OrderPendingCancel'),
  simple('OrderModifyRejected'),
  simple('OrderCancelRejected'),
]);
export type OrderEvent = z.output<typeof orderEventShape>;

/** The time of an event of any kind. */
export const timedShape = z.object({ ts_event: time });

/** Some versions write the options as JSON in a text. */
function jsonInText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const NANOSECONDS = /^\d{16,20}$/;

function millisecondsOf(value: string): number {
  return NANOSECONDS.test(value) ? Number(BigInt(value) / 1_000_000n) : Date.parse(value);
}

const OPENING_BRACE = 0x7b;

/**
 * A stored value in the bot's encoding; null if it cannot be read.
 *
 * @throws FailureError `configuration` if it is written in the other encoding
 */
export function decoded(bytes: Buffer, encoding: Encoding): unknown {
  const [first] = bytes;
  if (encoding === 'msgpack' && first === OPENING_BRACE) throw otherEncoding('json', 'msgpack');
  if (encoding === 'json' && first !== undefined && isMessagePackMap(first)) throw otherEncoding('msgpack', 'json');
  try {
    const value: unknown =
      encoding === 'json' ? JSON.parse(bytes.toString('utf8')) : decode(bytes, { useBigInt64: true });
    return withoutVariant(value);
  } catch {
    return null;
  }
}

/**
 * Version 2 wraps an order's event, or a definition, in a map with one key: `{"Filled": {"type": "OrderFilled", ...}}`
 * (crates/model/src/events/order/any.rs). Without a `type` of its own, the key is the type.
 */
function withoutVariant(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [only, ...more] = Object.entries(value);
  if (only === undefined || more.length > 0) return value;
  const [type, content] = only as [string, unknown];
  return typeof content === 'object' && content !== null ? { type, ...content } : value;
}

/** The first byte of a map: fixmap, map 16 or map 32. No JSON begins with it. */
function isMessagePackMap(first: number): boolean {
  return (first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf;
}

function otherEncoding(found: Encoding, asked: Encoding): FailureError {
  return sourceFailure(
    'configuration',
    `the bot writes ${NAMES[found]}, and internal.encoding is ${asked}`,
    `set internal.encoding: ${found}, as in the CacheConfig of the bot`,
    { where: 'internal.encoding' },
  );
}

const NAMES: Readonly<Record<Encoding, string>> = { msgpack: 'MessagePack', json: 'JSON' };
