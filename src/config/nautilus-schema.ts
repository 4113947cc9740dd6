import { z } from 'zod';
import { LIMITS } from '../domain/limits/limits.js';
import { deadline, filled, says, sourceFields } from './schema-parts.js';

const name = filled.max(LIMITS.idLength.value);

/** The time of the state of a bot that writes no heartbeat. */
export const asOfField = z.enum(['newest_event', 'read']).meta({
  description:
    'The time of the state without heartbeats. newest_event: that of the newest event, so a bot that has nothing to do becomes stale. read: that of the read, so a bot that has stopped is not noticed.',
});

/** Fields of `kind: nautilus`. */
export const nautilusFields = {
  redis: z
    .strictObject(sourceFields('url'))
    .meta({ description: "The Redis of the bot's CacheConfig: redis://USER:PASSWORD@HOST:PORT/NUMBER." })
    .optional(),
  postgres: z
    .strictObject(sourceFields('url'))
    .meta({ description: 'Instead of redis: the PostgreSQL of the bot, postgres://USER:PASSWORD@HOST:PORT/DATABASE.' })
    .optional(),
  trader_id: name.meta({ description: "The trader_id of the bot's TradingNodeConfig." }),
  key_prefix: name
    .meta({
      description:
        'What all keys of the bot begin with, without the last colon. Default: trader-<trader_id>. Another one belongs to use_trader_prefix: False or use_instance_id: True.',
    })
    .optional(),
  encoding: z.enum(['msgpack', 'json']).meta(says("The encoding of the bot's CacheConfig.", 'msgpack')).optional(),
  heartbeat_stream: name
    .meta({
      description:
        'The stream of the message bus whose newest entry is the time of the state, such as trader-TESTER-001:stream:health:heartbeat.',
    })
    .optional(),
  as_of: asOfField.optional(),
  venue: name
    .meta({ description: 'The venue of the account, such as BINANCE, if the bot trades on several.' })
    .optional(),
  account_id: name
    .meta({ description: "NautilusTrader's id of the account, such as BINANCE-001, if the bot has several." })
    .optional(),
  position_mode: z
    .enum(['one-way', 'hedge'])
    .meta(says('Position mode of the account. In hedge mode each position id counts on its own side.', 'one-way'))
    .optional(),
  amounts: z
    .enum(['instrument', 'base', 'contracts'])
    .meta(
      says(
        'Unit of the quantities. "instrument": multiplied by the multiplier of the instrument in the cache. "base": base units. "contracts": multiplied by the contract size of the exchange.',
        'instrument',
      ),
    )
    .optional(),
  deadline_seconds: deadline.optional(),
};
