import { z } from 'zod';
import { ACCOUNT_NAME } from '../domain/account/account-name.js';
import {
  allowPlainHttp,
  deadline,
  DEFAULT_MAX_BYTES,
  filled,
  limited,
  says,
  sourceFields,
  webAddress,
  whole,
} from './schema-parts.js';
import { hummingbotFields } from './hummingbot-schema.js';
import { nautilusFields } from './nautilus-schema.js';
import { sqlFields } from './sql-schema.js';

const maxBytes = whole(1, 1024 ** 3).meta(
  says('Size of the largest answer that is read, in bytes.', DEFAULT_MAX_BYTES),
);

const ownAge = {
  max_internal_age_seconds: limited('maxInternalAgeSeconds')
    .meta({ description: "Stricter than the account's max_internal_age_seconds, for this source." })
    .optional(),
};

/** How the rows of one source are read. */
const reading = {
  amounts: z
    .enum(['base', 'contracts'])
    .meta(
      says(
        'Unit of the amounts of positions and orders. "contracts" multiplies them by the contract size of the exchange.',
        'base',
      ),
    )
    .optional(),
  record: z
    .enum(['own', 'mirror'])
    .meta(
      says(
        'Whose numbers these are: the bot\'s own record, or ("mirror") what it last read from the exchange. `check` and `status` say what a match then proves.',
        'own',
      ),
    )
    .optional(),
  rows: z
    .enum(['positions', 'trades'])
    .meta(says('What a row of a position is. "trades" sums several rows of one symbol, with their signs.', 'positions'))
    .optional(),
  ...ownAge,
};

const sourceName = z
  .string()
  .regex(ACCOUNT_NAME, 'a name of a-z, 0-9, _ and -, beginning with a letter or digit')
  .meta({ description: 'Names the source in failures; needed if there are several.' })
  .optional();

/** The database keeps a pushed document in one row. */
const MAX_PUSH_BYTES = 64 * 1024 ** 2;
/** How often a push requests a run, if nothing else is said: a run takes seconds and spends requests of the exchange. */
export const RUN_ON_PUSH_SECONDS = 15;

const runOnPush = z
  .union([z.boolean(), z.strictObject({ every_seconds: whole(5, 3_600) })], {
    error: 'true, false, or a map with every_seconds: the least time between two such runs',
  })
  .meta(
    says(
      `Whether a push requests a run, besides those of the interval. At most one in ${RUN_ON_PUSH_SECONDS} s, or in every_seconds.`,
      false,
    ),
  );

const freqtradeDatabase = z
  .strictObject({
    path: filled
      .meta({ description: "The bot's SQLite file, relative to this file's folder. Needs Node 22.16 or later." })
      .optional(),
    ...sourceFields('url'),
  })
  .meta({
    description:
      "The bot's own database (db_url in its configuration), read beside the API for exact prices and trigger prices: a SQLite " +
      'file, or the variable with the URL of PostgreSQL.',
  });

const source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    name: sourceName,
    url: webAddress.meta({ description: 'The address at which the bot serves its state.' }),
    ...sourceFields('token'),
    allow_plain_http: allowPlainHttp.optional(),
    deadline_seconds: deadline.optional(),
    max_bytes: maxBytes.optional(),
    ...reading,
  }),
  z.strictObject({
    kind: z.literal('file'),
    name: sourceName,
    path: filled.meta({ description: "The file that the bot writes, relative to this file's folder." }),
    max_bytes: maxBytes.optional(),
    ...reading,
  }),
  z.strictObject({
    kind: z.literal('freqtrade'),
    name: sourceName,
    url: webAddress.meta({ description: "The address of Freqtrade's api_server, such as http://127.0.0.1:8080." }),
    ...sourceFields('username'),
    ...sourceFields('password'),
    bot_name: filled
      .meta({ description: "The bot_name of the bot's configuration; another bot at this address is refused." })
      .optional(),
    trading_mode: z
      .enum(['spot', 'futures'])
      .meta({
        description: "The trading_mode of the bot's configuration. Default: that of the exchange, if it has one.",
      })
      .optional(),
    stake_currency: filled.meta({ description: "The stake_currency of the bot's configuration." }).optional(),
    database: freqtradeDatabase.optional(),
    allow_plain_http: allowPlainHttp.optional(),
    deadline_seconds: deadline.optional(),
    max_bytes: maxBytes.optional(),
    ...ownAge,
  }),
  z.strictObject({
    kind: z.literal('push'),
    name: sourceName,
    max_silence_seconds: limited('maxInternalAgeSeconds')
      .meta({
        description:
          'After so many seconds without a push the state is stale, so the bot pushes also when nothing changed. Default: the ' +
          'maximal age of the state.',
      })
      .optional(),
    run_on_push: runOnPush.optional(),
    max_bytes: whole(1, MAX_PUSH_BYTES)
      .meta(says('Size of the largest document that is taken, in bytes.', DEFAULT_MAX_BYTES))
      .optional(),
    ...reading,
  }),
  z.strictObject({
    kind: z.literal('sql'),
    name: sourceName,
    ...sqlFields,
    max_bytes: maxBytes.optional(),
    ...reading,
  }),
  z.strictObject({
    kind: z.literal('nautilus'),
    name: sourceName,
    ...nautilusFields,
    max_bytes: maxBytes.optional(),
    ...ownAge,
  }),
  z.strictObject({
    kind: z.literal('hummingbot'),
    name: sourceName,
    ...hummingbotFields,
    max_bytes: maxBytes.optional(),
    ...ownAge,
  }),
]);

const MOST_SOURCES = 20;

/** `internal` of an account. */
export const internalSchema = z
  .union([source, z.array(source).min(1).max(MOST_SOURCES)], {
    error:
      'a map with kind: http, kind: file, kind: freqtrade, kind: push, kind: sql, kind: nautilus or kind: hummingbot, or a list of such maps',
  })
  .meta({
    description: 'Where the state of the bot is read. A list: several bots on one account, whose states are summed.',
  });

export type SourceFields = z.infer<typeof source>;
