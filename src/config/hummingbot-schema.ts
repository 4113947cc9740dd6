import { z } from 'zod';
import { LIMITS } from '../domain/limits/limits.js';
import { asOfField } from './nautilus-schema.js';
import { deadline, filled, sourceFields } from './schema-parts.js';

const name = filled.max(LIMITS.idLength.value);

/** Fields of `kind: hummingbot`. */
export const hummingbotFields = {
  path: filled
    .meta({ description: "The bot's SQLite file, data/<configuration>.sqlite. Needs Node 22.16 or later." })
    .optional(),
  ...sourceFields('url'),
  connector: name.meta({ description: 'The connector of the account, such as binance_perpetual.' }),
  config_file: name
    .meta({
      description: "The bot's configuration, such as conf_pure_mm_1.yml, if several bots share the database.",
    })
    .optional(),
  as_of: asOfField,
  positions: z
    .literal('from_fills')
    .meta({
      description:
        'Compares positions: the sums of all fills in the database. Right only if the account was flat when the database began, and no fill is missing.',
    })
    .optional(),
  deadline_seconds: deadline.optional(),
};
