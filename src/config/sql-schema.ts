import { z } from 'zod';
import { LIMITS } from '../domain/limits/limits.js';
import { deadline, filled, sourceFields } from './schema-parts.js';

const LONGEST_QUERY = 20_000;

const query = filled.max(LONGEST_QUERY);

function list(columns: string) {
  return query.meta({ description: `One SELECT whose columns are the fields of the document: ${columns}.` }).optional();
}

/** Fields of `kind: sql`. */
export const sqlFields = {
  ...sourceFields('url'),
  path: filled
    .meta({ description: "A SQLite file, relative to this file's folder. Needs Node 22.16 or later." })
    .optional(),
  as_of: query.meta({
    description:
      'One SELECT of one value: when the bot last verified its state. A timestamptz (in MySQL a TIMESTAMP), ISO 8601 with an offset, or milliseconds since 1970; never the clock of the database.',
  }),
  positions: list('symbol, amount; side, changed_at'),
  orders: list('id or client_order_id, symbol, side, type, amount, filled; price, trigger_price, conditional, ...'),
  balances: list('currency, total'),
  scopes: z
    .array(filled.max(LIMITS.scopeLength.value))
    .min(1)
    .max(LIMITS.scopes.value)
    .meta({ description: 'What the queries cover, such as orders:regular. Default: the lists that are given.' })
    .optional(),
  position_mode: z
    .enum(['one-way', 'hedge'])
    .meta({ description: 'Position mode of the bot. Default: the rows decide.' })
    .optional(),
  deadline_seconds: deadline.optional(),
};
