import { z } from 'zod';
import { isDecimal, normalizeDecimal } from '../domain/decimal/decimal.js';
import { decimalExcess } from '../domain/decimal/decimal-limits.js';
import { LIMITS } from '../domain/limits/limits.js';
import { beyond } from '../config/limit-issues.js';
import { suggest } from '../config/suggest.js';
import { writtenNumber } from '../domain/text/exact-json.js';

const PLAIN = /^-?\d+(?:\.\d+)?$/;

/** The text of a number. A sign that says nothing ("+5") is no part of it. */
function writtenDecimal(value: unknown): string | null {
  return writtenNumber(value)?.replace(/^\+(?=[\d.])/, '') ?? null;
}

export const decimal = z
  .custom<string>((value) => {
    const text = writtenDecimal(value);
    // The next check reports a number that is too long, so its text is not parsed here.
    return text !== null && (text.length > LIMITS.numberLength.value || isDecimal(text));
  }, 'a decimal number, as text or as a JSON number')
  .refine((value) => decimalExcess(writtenDecimal(value) ?? '') !== 'numberLength', beyond('numberLength'))
  .refine((value) => decimalExcess(writtenDecimal(value) ?? '') !== 'exponent', beyond('exponent'))
  .meta({
    type: ['string', 'number'],
    pattern: '^[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d{1,2})?$',
    description: 'An exact decimal number, as text ("0.500") or as a JSON number.',
  })
  .transform((value) => {
    const text = writtenDecimal(value) ?? '';
    return PLAIN.test(text) ? text : normalizeDecimal(text);
  });

/** An id as text. A bot may write it as a number. An empty text means no id. */
export const id = z
  .custom<string>((value) => writtenNumber(value) !== null, 'an id, as text or as a JSON number')
  .refine((value) => (writtenNumber(value) ?? '').length <= LIMITS.idLength.value, beyond('idLength'))
  .meta({ type: ['string', 'number'] })
  .transform((value) => {
    const text = writtenNumber(value) ?? '';
    return text === '' ? null : text;
  });

const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** ISO 8601 with an offset, because a local time is ambiguous. Converted to milliseconds since the epoch. */
export const time = z
  .string()
  .refine(
    (text) => WITH_OFFSET.test(text) && !Number.isNaN(Date.parse(text)),
    'a time in ISO 8601 with an offset, such as 2026-11-22T15:00:00.000Z',
  )
  .meta({ format: 'date-time' })
  .transform((text) => Date.parse(text));

export const symbol = z.string().min(1).max(LIMITS.idLength.value).meta({
  description: 'ccxt\'s unified symbol ("BTC/USDT:USDT"), or the exchange\'s own id ("BTCUSDT") if it is unambiguous.',
});

const SCOPE =
  /^(?:positions(?::(?:spot|linear|inverse)(?::[^\s:]+)?)?|orders(?::(?:regular|conditional)(?::(?:spot|linear|inverse)(?::[^\s:]+)?)?)?|balances(?::[^\s:]+)?)$/;

const scope = z
  .string()
  .refine((text) => text.length <= LIMITS.scopeLength.value, { ...beyond('scopeLength'), abort: true })
  .refine((text) => SCOPE.test(text), {
    error: ({ input }) => {
      const nearest = suggest(String(input), [
        'positions',
        'orders',
        'balances',
        'orders:regular',
        'orders:conditional',
      ]);
      return `a scope, such as ${nearest === null ? '' : `"${nearest}", `}"positions", "orders:conditional" or "positions:linear:USDT"`;
    },
  })
  .meta({ pattern: SCOPE.source });

const position = z
  .object({
    symbol,
    side: z.enum(['long', 'short']).nullish().meta({ description: 'Default: the sign of the amount decides.' }),
    amount: decimal.meta({
      description:
        'Base units; of inverse contracts quote value (USD of BTC/USD:BTC). Without a side: above zero is long, below zero is short. Zero is no position.',
    }),
    changed_at: time.nullish(),
  })
  .meta({ description: 'An open position.' });

const order = z
  .object({
    id: id.nullish().meta({ description: "The exchange's id; null until the bot has received it." }),
    client_order_id: id.nullish(),
    symbol,
    side: z.enum(['buy', 'sell']),
    type: z
      .string()
      .min(1)
      .max(LIMITS.idLength.value)
      .meta({ description: 'ccxt\'s order type, such as "limit" or "stop_market".' }),
    price: decimal.nullish(),
    trigger_price: decimal.nullish(),
    amount: decimal.nullable().meta({
      description:
        'Base units (of inverse contracts quote value) of the whole order, not of the remaining part. Null if the order closes a whole position, or if its amount is a value in the quote currency.',
    }),
    filled: decimal.meta({ description: 'Base units filled so far.' }),
    parent: id.nullish().meta({ description: 'The id of the order or order list (OCO) that this order belongs to.' }),
    second_trigger_price: decimal.nullish().meta({ description: 'The other trigger of an OCO that is one row.' }),
    conditional: z.boolean().nullish().meta({
      description: 'Whether the order waits for a trigger. Default: its trigger price and type decide.',
    }),
    changed_at: time.nullish(),
  })
  .meta({ description: 'An open order.', anyOf: [{ required: ['id'] }, { required: ['client_order_id'] }] });

const balance = z.object({ currency: z.string().min(1).max(LIMITS.idLength.value), total: decimal }).meta({
  description: 'A balance: free plus used.',
});

const marketFacts = z.object({
  amount_step: decimal,
  min_amount: decimal.nullish().meta({ description: 'The least amount of an order.' }),
  contract_size: decimal.nullish().meta({ description: 'The amount of one contract.' }),
  unit: z.literal('base').nullish().meta({ description: 'Set for an inverse contract whose amounts are coins.' }),
  price: decimal.nullish().meta({ description: 'A recent price, for hints about wrong units.' }),
});

/** The lists of rows, which are checked in pieces because they may be long. */
export const ROW_LISTS = { positions: z.array(position), orders: z.array(order), balances: z.array(balance) } as const;

/** The document that a bot serves or writes. Unknown fields are ignored; see `stateDocument` for wrong ones. */
export const stateSchema = z
  .object({
    version: z
      .custom<unknown>((value) => writtenNumber(value) === '1', '1, the only version')
      .meta({ type: 'integer', const: 1 }),
    as_of: time.meta({ description: 'The time of this state, by the own clock of the bot.' }),
    position_mode: z.enum(['one-way', 'hedge']).nullish(),
    scopes: z.array(scope).min(1).meta({
      description: 'The scopes that the document covers. A scope that is named without its list is an error.',
    }),
    gaps: z
      .array(
        z.object({
          scope,
          reason: z.string().refine((text) => text.length <= LIMITS.reasonLength.value, beyond('reasonLength')),
        }),
      )
      .nullish()
      .meta({ description: 'Scopes that exist and that the document does not cover, with the reason.' }),
    positions: ROW_LISTS.positions.nullish(),
    orders: ROW_LISTS.orders.nullish(),
    balances: ROW_LISTS.balances.nullish(),
    markets: z
      .record(z.string(), z.union([decimal, marketFacts]))
      .nullish()
      .meta({
        description:
          'What is known of markets, by symbol (or by currency): the amount step, or an object. Amounts are base units, of inverse contracts quote value.',
      }),
  })
  .meta({
    title: 'Internal state of a trading bot, as Plumbline reads it',
    allOf: ['positions', 'orders', 'balances'].map((list) => ({
      if: { properties: { scopes: { contains: { pattern: `^${list}` } } } },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
      then: { required: [list], properties: { [list]: { type: 'array' } } },
    })),
  });

export type StateDocument = z.output<typeof stateSchema>;
export type PositionDocument = z.output<typeof position>;
export type OrderDocument = z.output<typeof order>;

export type MarketDocument = z.output<typeof marketFacts>;
