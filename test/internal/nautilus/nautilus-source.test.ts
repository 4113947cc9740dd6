import { createServer, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import type { InternalSource } from '../../../src/internal/internal-source.js';
import { withoutRepeats } from '../../../src/internal/repeated-rows.js';
import { Listening } from '../../support/listening.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { failureOf } from '../sql/support/sources.js';
import { filled, initialized, submitted } from './support/events.js';
import { play, recording, type Recording } from './support/recorded.js';
import { HEARTBEATS, nautilusSource, NOW_MS } from './support/sources.js';

let redis: TestRedis;
let recorded: Recording;
beforeAll(async () => {
  redis = await startRedis();
  recorded = await recording('msgpack');
}, 300_000);
afterAll(async () => redis.stop());
const servers = new Listening();
beforeEach(async () => {
  await redis.client.flushAll();
});
afterEach(async () => servers.end());

const PREFIX = 'trader-PROBE-001';
const read = async (source: InternalSource): Promise<Snapshot> => withoutRepeats(await source.readState(), 'trades');
const binance = { venue: 'BINANCE' };

describe.each(['msgpack', 'json'] as const)('what a live NautilusTrader wrote as %s', (encoding) => {
  it('is read as its strategies know it, without what reconciliation adopted', async () => {
    recorded = await recording(encoding);
    await play(recorded, redis.client);
    const snapshot = await read(nautilusSource(redis.url, { encoding, ...binance }));
    expect(snapshot.unread).toBeUndefined();
    expect(snapshot).toMatchObject({
      positionMode: 'one-way',
      scopes: ['positions:linear', 'positions:inverse', 'orders'],
      gaps: [{ scope: 'positions:spot' }],
    });
    // TREND-001 0.3 long and HEDGE-002 0.02 short; EXTERNAL 0.25 is not the bot's.
    expect(recorded.positions).toMatchObject({
      'BTCUSDT-PERP.BINANCE-EXTERNAL': ['EXTERNAL', '0.250'],
      'BTCUSDT-PERP.BINANCE-TREND-001': ['TREND-001', '0.300'],
      'BTCUSDT-PERP.BINANCE-HEDGE-002': ['HEDGE-002', '-0.020'],
    });
    expect(snapshot.positions).toEqual([{ symbol: 'BTCUSDT', side: 'long', amount: '0.28', changedAt: null }]);
    const open = Object.entries(recorded.orders).filter(
      ([, [by, status]]) => by !== 'EXTERNAL' && status === 'ACCEPTED',
    );
    expect(snapshot.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(open.map(([id]) => id));
    expect(snapshot.orders).toMatchObject([
      { id: 'BINANCE-1-002', type: 'limit', side: 'buy', price: '48500.0', amount: '0.15', conditional: false },
      {
        id: 'BINANCE-1-003',
        type: 'stop_market',
        side: 'sell',
        triggerPrice: '45000.0',
        amount: '0.5',
        conditional: true,
      },
      { id: 'BINANCE-1-004', type: 'stop_limit', price: '44900.0', triggerPrice: '45100.0', amount: '0.2' },
      { id: 'BINANCE-1-005', type: 'trailing_stop_market', price: null, triggerPrice: null, amount: '0.1' },
    ]);
  });

  it('counts contracts with the multiplier of its instruments', async () => {
    await play(await recording(encoding), redis.client);
    const okx = { encoding, venue: 'OKX' } as const;
    const [symbol, side] = ['DOGE-USDT-SWAP', 'short'];
    expect((await read(nautilusSource(redis.url, okx))).positions).toMatchObject([{ symbol, side, amount: '30' }]);
    const contracts = await read(nautilusSource(redis.url, { ...okx, amounts: 'contracts' }));
    expect(contracts.positions).toMatchObject([{ symbol, side, amount: '0.03' }]);
  });
});

describe('in hedge mode', () => {
  it('each position counts on its own side', async () => {
    await play(recorded, redis.client);
    const { positions } = await read(
      nautilusSource(redis.url, { encoding: recorded.encoding, ...binance, positionMode: 'hedge' }),
    );
    expect(positions.map(({ side, amount }) => [side, amount])).toEqual([
      ['short', '0.02'],
      ['long', '0.3'],
    ]);
  });
});

describe('the time of the state', () => {
  beforeEach(async () => {
    recorded = await recording('msgpack');
    await play(recorded, redis.client);
  });

  it('is that of the newest heartbeat', async () => {
    await redis.client.xAdd(HEARTBEATS, '1795975199500-0', { topic: 'health:heartbeat' });
    const source = nautilusSource(redis.url, binance);
    await expect(source.readState()).resolves.toMatchObject({ asOf: 1_795_975_199_500 });
    expect(source.warnings?.()).toEqual([]);
  });

  it('is unknown without a heartbeat', async () => {
    await redis.client.del(HEARTBEATS);
    await expect(failureOf(nautilusSource(redis.url, binance))).resolves.toMatchObject({
      kind: 'incomplete',
      message: expect.stringContaining(`the stream ${HEARTBEATS} has no entry`),
      remedy: expect.stringContaining('heartbeat_interval_secs'),
    });
  });

  it('is that of the newest event if the configuration says so, also of a bot without orders', async () => {
    const source = nautilusSource(redis.url, { ...binance, asOf: 'newest_event' });
    const { asOf } = await source.readState();
    expect(new Date(asOf).toISOString()).toMatch(/^2026-11-29T17:07:0\d/);
    expect(source.warnings?.()).toMatchObject([{ text: expect.stringContaining('newest_event') }]);
    await redis.client.del(['orders_open', 'positions_open'].map((name) => `${PREFIX}:index:${name}`));
    await expect(source.readState()).resolves.toMatchObject({ asOf, orders: [], positions: [] });
  });

  it('is that of the read if the configuration says so, with a warning', async () => {
    const source = nautilusSource(redis.url, { ...binance, asOf: 'read' });
    await expect(source.readState()).resolves.toMatchObject({ asOf: NOW_MS });
    expect(source.warnings?.()).toMatchObject([{ text: expect.stringContaining('is not noticed') }]);
  });
});

describe('a bot without open orders and positions', () => {
  it('holds nothing if it is there', async () => {
    await redis.client.set(`${PREFIX}:currencies:USDT`, 'x');
    await expect(nautilusSource(redis.url, { asOf: 'read' }).readState()).resolves.toMatchObject({
      positions: [],
      orders: [],
    });
  });

  it('is refused if there is no such bot, with the names of others', async () => {
    await redis.client.set('trader-OTHER-001:accounts:BINANCE-001', 'x');
    await expect(failureOf(nautilusSource(redis.url, { asOf: 'read' }))).resolves.toMatchObject({
      kind: 'configuration',
      where: 'internal.trader_id',
      message: expect.stringContaining('Redis has no key that begins with trader-PROBE-001:'),
      remedy: expect.stringContaining('trader-OTHER-001'),
    });
  });

  it('is refused in an empty database', async () => {
    await expect(failureOf(nautilusSource(redis.url, { asOf: 'read' }))).resolves.toMatchObject({
      remedy: expect.stringContaining('database number'),
    });
  });

  it('is looked for literally, whatever characters its id has', async () => {
    await redis.client.set('trader-ax:currencies:USDT', 'x');
    await expect(failureOf(nautilusSource(redis.url, { asOf: 'read', prefix: 'trader-a*' }))).resolves.toMatchObject({
      kind: 'configuration',
    });
  });
});

/** A list of one order and one position, in JSON. */
async function write(orders: Record<string, unknown[]>, positions: Record<string, unknown[]> = {}): Promise<void> {
  const lists = { orders: ['orders_open', orders], positions: ['positions_open', positions] } as const;
  for (const [collection, [set, rows]] of Object.entries(lists)) {
    for (const [name, events] of Object.entries(rows)) {
      await redis.client.sAdd(`${PREFIX}:index:${set}`, name);
      for (const event of events) await redis.client.rPush(`${PREFIX}:${collection}:${name}`, JSON.stringify(event));
    }
  }
}
const json = { encoding: 'json', asOf: 'read', amounts: 'base' } as const;

describe('a list that cannot be read', () => {
  it('costs its symbol, and all of its kind if it names none', async () => {
    await write({ a: [initialized(), { type: 'OrderSuspended' }] }, { gone: [] });
    await redis.client.sAdd(`${PREFIX}:index:positions_open`, 'gone');
    await redis.client.rPush(`${PREFIX}:positions:half`, '{"type":"OrderFil');
    await redis.client.sAdd(`${PREFIX}:index:positions_open`, 'half');
    const { unread } = await nautilusSource(redis.url, json).readState();
    expect(unread).toMatchObject([
      { scope: 'orders', symbol: 'BTCUSDT' },
      { scope: 'positions', symbol: null },
    ]);
  });

  it.each([
    ['json', 'msgpack', 'the bot writes JSON, and internal.encoding is msgpack'],
    ['msgpack', 'json', 'the bot writes MessagePack, and internal.encoding is json'],
  ] as const)('because it is %s fails with what to set', async (written, encoding, message) => {
    await play(await recording(written), redis.client);
    await expect(failureOf(nautilusSource(redis.url, { encoding, ...binance }))).resolves.toMatchObject({
      kind: 'configuration',
      where: 'internal.encoding',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(`internal.encoding: ${written}`),
    });
  });
});

/** A proxy before Redis that calls `before` when a command passes, and only then lets it pass. */
async function proxy(command: string, before: () => Promise<unknown>): Promise<string> {
  const server = createServer((socket) => {
    const upstream = connect(Number(new URL(redis.url).port), '127.0.0.1');
    upstream.pipe(socket);
    let queue = Promise.resolve();
    const pass = async (earlier: Promise<void>, bytes: Buffer): Promise<void> => {
      await earlier;
      if (bytes.includes(command)) await before();
      upstream.write(bytes);
    };
    socket.on('data', (bytes: Buffer) => {
      queue = pass(queue, bytes);
    });
    for (const end of [socket, upstream])
      end.on('error', () => {}).on('close', () => [socket, upstream].map((each) => each.destroy()));
  });
  return (await servers.listen(server)).replace('http', 'redis');
}

describe('a read during which the bot writes', () => {
  const sold = (quantity: string): string => JSON.stringify(filled(quantity, { order_side: 'SELL' }));

  it('is repeated, so that all lists are of one moment', async () => {
    await write({ a: [initialized(), submitted()] }, { p: [filled('0.5')] });
    let writes = 0;
    const url = await proxy('LRANGE', async () => {
      writes += 1;
      if (writes === 1) await redis.client.rPush(`${PREFIX}:positions:p`, sold('0.2'));
    });
    await expect(nautilusSource(url, json).readState()).resolves.toMatchObject({ positions: [{ amount: '0.3' }] });
    expect(writes).toBeGreaterThan(1);
  });

  it('notices a position that is reopened under the same id', async () => {
    await write({}, { p: [filled('0.5')] });
    let writes = 0;
    const url = await proxy('EXEC', async () => {
      writes += 1;
      if (writes > 1) return;
      await redis.client.del(`${PREFIX}:positions:p`);
      await redis.client.rPush(`${PREFIX}:positions:p`, sold('0.5'));
    });
    await expect(nautilusSource(url, json).readState()).resolves.toMatchObject({ positions: [{ side: 'short' }] });
  });

  it('fails if the bot never stops', async () => {
    await write({}, { p: [filled('0.5')] });
    const url = await proxy('EXEC', async () => redis.client.rPush(`${PREFIX}:positions:p`, sold('0.1')));
    await expect(failureOf(nautilusSource(url, json))).resolves.toMatchObject({ kind: 'incomplete' });
  });
});

describe('a Redis that does not answer as it should', () => {
  const PASSWORD = 'r3dis-p@ss-91x';

  it('is read by a user who may only read the keys of the bot', async () => {
    await play(recorded, redis.client);
    const rights = ['on', `>${PASSWORD}`, '~trader-PROBE-001:*', '+@read', '+@connection', '+watch', '+multi', '+exec'];
    await redis.client.sendCommand(['ACL', 'SETUSER', 'plumbline', ...rights]);
    const url = `redis://plumbline:${encodeURIComponent(PASSWORD)}@${redis.host}`;
    await expect(nautilusSource(url, { encoding: recorded.encoding, ...binance }).readState()).resolves.toMatchObject({
      asOf: expect.any(Number),
    });
    await expect(
      failureOf(nautilusSource(url, { prefix: 'trader-OTHER', asOf: 'read' }), PASSWORD),
    ).resolves.toMatchObject({
      kind: 'permission',
    });
    const wrong = `redis://plumbline:${PASSWORD.length}-wrong-words@${redis.host}`;
    await expect(failureOf(nautilusSource(wrong), 'wrong-words')).resolves.toMatchObject({ kind: 'authentication' });
  });

  it.each([
    ['http://127.0.0.1:6379', { kind: 'configuration', where: 'internal.redis.url' }],
    ['localhost:6379', { kind: 'configuration', where: 'internal.redis.url' }],
    ['redis://127.0.0.1:1', { kind: 'network', message: expect.stringContaining('ECONNREFUSED') }],
  ])('at %s fails with what to do', async (url, expected) => {
    await expect(failureOf(nautilusSource(url))).resolves.toMatchObject(expected);
  });

  it('is given up after the deadline, and when the caller cancels', async () => {
    const silent = (await servers.listen(createServer())).replace('http', 'redis');
    await expect(failureOf(nautilusSource(silent, { deadlineSeconds: 1 }))).resolves.toMatchObject({ kind: 'timeout' });
    const cancelled = new AbortController();
    const reading = nautilusSource(silent).readState({ signal: cancelled.signal });
    cancelled.abort(new Error('cancelled'));
    await expect(reading).rejects.toThrow('cancelled');
  });

  it('is refused beyond the limits', async () => {
    await write({ a: [initialized(), submitted()] });
    await expect(failureOf(nautilusSource(redis.url, { ...json, maxBytes: 100 }))).resolves.toMatchObject({
      kind: 'too_large',
    });
    await redis.client.sAdd(
      `${PREFIX}:index:positions_open`,
      Array.from({ length: 5_001 }, (_, index) => `p${index}`),
    );
    await expect(failureOf(nautilusSource(redis.url, json))).resolves.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('5001 open positions'),
    });
  });

  it('with a key of another kind is not what NautilusTrader writes', async () => {
    await redis.client.set(`${PREFIX}:index:orders_open`, 'x');
    await expect(failureOf(nautilusSource(redis.url, json))).resolves.toMatchObject({ kind: 'configuration' });
  });
});
