import type { RedisClientType } from '@redis/client';
import { LIMITS } from '../../domain/limits/limits.js';
import { visible } from '../../domain/text/shown-text.js';
import { sourceFailure } from '../source-failure.js';

export interface RedisRead {
  /** With the password. Never shown. */
  url: string;
  deadlineMs: number;
  /** Ends the read by closing the connection. */
  signal: AbortSignal;
  /** Of all keys of the bot, without the colon that follows it: `trader-TESTER-001`. */
  prefix: string;
  maxBytes: number;
}

/** Lists of stored events, by the last part of their keys. */
export interface StoredLists {
  orders: Map<string, Buffer[]>;
  positions: Map<string, Buffer[]>;
}

/** Attempts at a read during which the bot wrote. */
const TRIES = 5;
/** Lists that are asked for together, and events of one list in one answer. */
const LISTS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 500;
/** Keys that one SCAN looks at, and how many SCANs a read makes at most: a million keys. */
const SCANNED_AT_ONCE = 1000;
const MOST_SCANS = 1000;
const MOST_NAMED = 5;

/** The index sets of NautilusTrader's cache (crates/infrastructure/src/redis/cache.rs). */
const ORDER_SETS = ['index:orders_open', 'index:orders_inflight'] as const;
const POSITION_SETS = ['index:positions_open'] as const;
/** At least one of them exists once the bot has sent an order. */
const ALL_ORDERS = 'index:orders';

/** Calls `read` with a connection, and closes it. Throws the client's errors; when the signal aborts, any error. */
export async function withRedis<T>(options: RedisRead, read: (books: RedisBooks) => Promise<T>): Promise<T> {
  const { createClient, RESP_TYPES } = await import('@redis/client');
  options.signal.throwIfAborted();
  const client = createClient({
    url: options.url,
    name: 'plumbline',
    disableClientInfo: true,
    socket: { reconnectStrategy: false, connectTimeout: options.deadlineMs },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  // Without a listener an error would end the process. The pending command fails with the same error.
  client.on('error', () => {});
  const abort = (): void => client.destroy();
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    return await read(new RedisBooks(client, options));
  } finally {
    options.signal.removeEventListener('abort', abort);
    if (client.isOpen) client.destroy();
  }
}

/** Reads the keys of one bot with commands that change nothing. */
export class RedisBooks {
  private bytesLeft: number;

  constructor(
    private readonly client: Pick<RedisClientType, 'sendCommand'>,
    private readonly options: RedisRead,
  ) {
    this.bytesLeft = options.maxBytes;
  }

  /**
   * The events of all orders and positions that are open or on their way, all of one moment: Redis watches the keys while
   * they are read, and a read during which the bot wrote to one of them is repeated.
   *
   * @throws FailureError `configuration` if there is no such bot, `incomplete` if the bot wrote during each read, `too_large`
   */
  async lists(): Promise<StoredLists> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      this.bytesLeft = this.options.maxBytes;
      const lists = await this.listsOnce();
      await this.ask('MULTI');
      // Null if a watched key has changed.
      if ((await this.ask('EXEC')) !== null) {
        if (lists.orders.size + lists.positions.size === 0) await this.requireBot();
        return lists;
      }
    }
    throw sourceFailure(
      'incomplete',
      `the bot wrote to its open orders or positions during each of ${TRIES} reads`,
      'the next run reads again; if it happens often, run Plumbline closer to Redis, so that a read takes less time',
    );
  }

  private async listsOnce(): Promise<StoredLists> {
    await this.watch([...ORDER_SETS, ...POSITION_SETS]);
    const orders = await this.members(ORDER_SETS);
    const positions = await this.members(POSITION_SETS);
    this.requireFewer('orders', orders.length);
    this.requireFewer('positions', positions.length);
    return {
      orders: await this.listsOf('orders', orders),
      positions: await this.listsOf('positions', positions),
    };
  }

  private async members(sets: readonly string[]): Promise<string[]> {
    const all = new Set<string>();
    for (const set of sets) {
      const size = await this.ask('SCARD', this.key(set));
      this.requireFewer(sets === ORDER_SETS ? 'orders' : 'positions', Number(size));
      for (const member of buffersOf(await this.ask('SMEMBERS', this.key(set)))) all.add(member.toString('utf8'));
    }
    return [...all].toSorted();
  }

  private async listsOf(collection: 'orders' | 'positions', names: readonly string[]): Promise<Map<string, Buffer[]>> {
    const lists = new Map<string, Buffer[]>();
    for (let from = 0; from < names.length; from += LISTS_AT_ONCE) {
      const some = names.slice(from, from + LISTS_AT_ONCE);
      const keys = some.map((name) => `${collection}:${name}`);
      await this.watch(keys);
      // Sent together, answered one after the other.
      const beginnings = await Promise.all(keys.map(async (key) => this.range(key, 0)));
      for (const [index, name] of some.entries()) {
        const list = beginnings[index] ?? [];
        for (let more = list; more.length === EVENTS_AT_ONCE; list.push(...more)) {
          more = await this.range(`${collection}:${name}`, list.length);
        }
        lists.set(name, list);
      }
    }
    return lists;
  }

  private async range(key: string, from: number): Promise<Buffer[]> {
    const last = from + EVENTS_AT_ONCE - 1;
    const list = buffersOf(await this.ask('LRANGE', this.key(key), String(from), String(last)));
    for (const value of list) this.spend(value.length);
    return list;
  }

  /** Values of string keys such as `instruments:BTCUSDT-PERP.BINANCE`; null for a key that does not exist. */
  async values(keys: readonly string[]): Promise<(Buffer | null)[]> {
    const values = await Promise.all(keys.map(async (key) => this.ask('GET', this.key(key))));
    return values.map((value) => {
      if (!Buffer.isBuffer(value)) return null;
      this.spend(value.length);
      return value;
    });
  }

  /** The last event of each account: the cache also stores what the exchange says of balances. */
  async lastAccountEvents(): Promise<Buffer[]> {
    const start = this.key('accounts:');
    const keys = await this.scan((key) => key.startsWith(start), `${escaped(start)}*`, LIMITS.positions.value);
    const lasts = await Promise.all(keys.map(async (key) => this.ask('LINDEX', key, '-1')));
    return lasts.flatMap((value) => (Buffer.isBuffer(value) ? [value] : []));
  }

  /** When the newest entry of a stream was added, by Redis's clock, milliseconds; null for an empty or missing stream. */
  async newestEntryAt(stream: string): Promise<number | null> {
    const [entry] = arrayOf(await this.ask('XREVRANGE', stream, '+', '-', 'COUNT', '1'));
    const [id] = arrayOf(entry);
    const [, milliseconds] = /^(\d+)-\d+$/.exec(Buffer.isBuffer(id) ? id.toString('utf8') : '') ?? [];
    return milliseconds === undefined ? null : Number(milliseconds);
  }

  /** Fails if the bot does not exist: its orders and positions are then unknown, not empty. */
  private async requireBot(): Promise<void> {
    if (Number(await this.ask('EXISTS', this.key(ALL_ORDERS))) > 0) return;
    const start = this.key('');
    if ((await this.scan((key) => key.startsWith(start), `${escaped(start)}*`, 1)).length > 0) return;
    const bots = new Set<string>();
    const others = await this.scan((key) => /:(?:instruments|currencies|accounts|index):/.test(key), 'trader-*', 1000);
    for (const key of others) bots.add(key.replace(/:(?:instruments|currencies|accounts|index):.*$/s, ''));
    const named = [...bots].slice(0, MOST_NAMED).map(visible);
    throw sourceFailure(
      'configuration',
      `Redis has no key that begins with ${visible(start)}`,
      named.length === 0
        ? 'check the database number in the URL, that the bot runs with a CacheConfig whose database is this Redis, and internal.trader_id'
        : `set internal.trader_id or internal.key_prefix to that of the bot; there are ${named.join(', ')}`,
      { where: 'internal.trader_id' },
    );
  }

  /** Keys that match, found without blocking Redis. At most a million keys are looked at. */
  private async scan(isWanted: (key: string) => boolean, pattern: string, most: number): Promise<string[]> {
    const found = new Set<string>();
    let cursor = '0';
    for (let scans = 0; scans < MOST_SCANS && found.size < most; scans += 1) {
      const answer = arrayOf(await this.ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', String(SCANNED_AT_ONCE)));
      cursor = Buffer.isBuffer(answer[0]) ? answer[0].toString('utf8') : '0';
      for (const key of buffersOf(answer[1])) if (isWanted(key.toString('utf8'))) found.add(key.toString('utf8'));
      if (cursor === '0') break;
    }
    return [...found];
  }

  private key(name: string): string {
    return `${this.options.prefix}:${name}`;
  }

  private async watch(keys: readonly string[]): Promise<void> {
    await this.ask('WATCH', ...keys.map((key) => this.key(key)));
  }

  private async ask(...command: string[]): Promise<unknown> {
    return this.client.sendCommand<unknown>(command);
  }

  private requireFewer(what: 'orders' | 'positions', found: number): void {
    const { value, remedy } = LIMITS[what];
    if (found > value) {
      throw sourceFailure('too_large', `the bot has ${found} open ${what}; at most ${value} are read`, remedy);
    }
  }

  private spend(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft >= 0) return;
    const message = `the bot's open orders and positions have more than ${this.options.maxBytes} bytes of events`;
    throw sourceFailure('too_large', message, LIMITS.internalBytes.remedy);
  }
}

/** The text in a pattern of SCAN, literally. */
function escaped(text: string): string {
  return text.replaceAll(/[\\*?[\]^-]/g, (character) => `\\${character}`);
}

function arrayOf(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** The members of a set or list. RESP 3 has sets of its own. */
function buffersOf(reply: unknown): Buffer[] {
  const members: unknown[] = reply instanceof Set ? [...reply] : arrayOf(reply);
  return members.filter((member) => Buffer.isBuffer(member));
}
