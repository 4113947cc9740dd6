import type { SecretSource } from '../../config/config.js';
import type { NautilusConfig } from '../../config/nautilus-config.js';
import type { Redactor } from '../../redaction/redactor.js';
import { Turns } from '../../runtime/turns.js';
import { sourceFailure } from '../source-failure.js';
import { newer, timeOf } from './books.js';
import { decoded, type Encoding } from './events.js';
import { readInstrument, type Instrument } from './instruments.js';
import { withRedis, type RedisBooks, type StoredLists } from './redis-books.js';
import { redisFailure } from './redis-failures.js';
import type { Place, ReadLimits, Store, Stored } from './store.js';

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
}

/** NautilusTrader's cache in Redis. The time of the state is read before the state, which is thus never older. */
export function createRedisStore(config: NautilusConfig, { resolveSecret, redactor }: Dependencies): Store {
  const { encoding, asOf, prefix: keyPrefix, maxBytes } = config;
  return {
    description: `redis ${keyPrefix}`,
    place(): Place {
      const url = resolveSecret(config.database.url, 'internal.redis.url');
      redactor.add(url);
      const name = addressOf(url, redactor);
      if (name !== null) return { name: `redis ${name} ${keyPrefix}`, url };
      throw sourceFailure(
        'configuration',
        'the URL of Redis cannot be read',
        'write it as redis://USER:PASSWORD@HOST:PORT/NUMBER (rediss:// with TLS), with special characters percent-encoded',
        { where: 'internal.redis.url' },
      );
    },
    async read<T>({ url }: Place, limits: ReadLimits, use: (stored: Stored) => Promise<T>): Promise<T> {
      return withRedis({ ...limits, url, prefix: keyPrefix, maxBytes }, async (books) => {
        const heartbeatAt = typeof asOf === 'object' ? await books.newestEntryAt(asOf.heartbeatStream) : null;
        const events = await eventsOf(await books.lists(), encoding);
        const others = asOf === 'newest_event' ? await books.lastAccountEvents() : [];
        const times = others.map((value) => timeOf(decoded(value, encoding)));
        return use({
          events,
          heartbeatAt,
          noPositions: null,
          otherEventAt: times.reduce(newer, null),
          instruments: async (ids) => definitions(books, ids, encoding),
        });
      });
    },
    explain: (error) => redisFailure(error, redactor),
  };
}

async function eventsOf({ orders, positions }: StoredLists, encoding: Encoding): Promise<Stored['events']> {
  const turns = new Turns();
  const read = async (lists: ReadonlyMap<string, readonly Buffer[]>): Promise<Map<string, unknown[]>> => {
    const events = new Map<string, unknown[]>();
    for (const [name, values] of lists) {
      events.set(
        name,
        values.map((value) => decoded(value, encoding)),
      );
      await turns.next();
    }
    return events;
  };
  return { orders: await read(orders), positions: await read(positions) };
}

async function definitions(
  books: RedisBooks,
  ids: readonly string[],
  encoding: Encoding,
): Promise<ReadonlyMap<string, Instrument>> {
  const values = await books.values(ids.map((id) => `instruments:${id}`));
  const found = new Map<string, Instrument>();
  for (const [index, id] of ids.entries()) {
    const value = values[index] ?? null;
    const instrument = value === null ? null : readInstrument(decoded(value, encoding));
    if (instrument !== null) found.set(id, instrument);
  }
  return found;
}

/** Host, port and database number of the URL, never user or password; null if it is no URL of Redis. */
function addressOf(url: string, redactor: Redactor): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port, pathname, password } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') return null;
  redactor.add(password);
  try {
    redactor.add(decodeURIComponent(password));
  } catch {
    return null;
  }
  return redactor.text(`${hostname}:${port === '' ? '6379' : port}${pathname === '/' ? '' : pathname}`);
}
