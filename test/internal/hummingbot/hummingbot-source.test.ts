import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { HummingbotConfig } from '../../../src/config/hummingbot-config.js';
import { createHummingbotSource } from '../../../src/internal/hummingbot/hummingbot-source.js';
import { symbolOf } from '../../../src/internal/hummingbot/symbols.js';
import type { InternalSource } from '../../../src/internal/internal-source.js';
import { createRedactor } from '../../../src/redaction/redactor.js';
import { createTestDatabase } from '../../support/postgres.js';
import { failureOf } from '../sql/support/sources.js';
import { NODE_OPTIONS, writeSqlite } from '../sql/support/sqlite.js';

const NOW_MS = Date.parse('2026-11-28T12:30:00Z');

let postgres: { url: string; drop(): Promise<void> };
let folder: string;
let path: string;
beforeAll(async () => {
  postgres = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'plumbline-hummingbot-'));
  path = join(folder, 'conf_pure_mm.sqlite');
  // What Hummingbot 20251103 wrote; see record.py.
  const recorded = await readFile(new URL('./recorded.sql', import.meta.url), 'utf8');
  writeSqlite(path, recorded);
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create table "Order" (id text primary key)');
  // Hummingbot itself drops this constraint on other databases than SQLite.
  await client.query(recorded.replace(/,\s*FOREIGN KEY.*/, ''));
  await client.end();
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await postgres.drop();
});

function sourceOf(database: HummingbotConfig['database'], overrides: Partial<HummingbotConfig> = {}): InternalSource {
  const config: HummingbotConfig = {
    kind: 'hummingbot',
    database,
    connector: 'binance_perpetual',
    configFile: null,
    asOf: 'newest_event',
    positions: false,
    deadlineSeconds: 10,
    maxBytes: 1_000_000,
    ...overrides,
  };
  return createHummingbotSource(config, {
    resolveSecret: () => postgres.url,
    redactor: createRedactor(),
    now: () => NOW_MS,
    nodeOptions: NODE_OPTIONS,
  });
}
const databaseOf = (kind: string): HummingbotConfig['database'] =>
  kind === 'sqlite' ? { kind, path } : { kind: 'server', url: { env: 'HUMMINGBOT_DATABASE_URL' } };

describe.each(['sqlite', 'postgresql'])('the database of a Hummingbot (%s)', (kind) => {
  const read = (overrides: Partial<HummingbotConfig> = {}) => sourceOf(databaseOf(kind), overrides).readState();

  it('has its open orders, exactly', async () => {
    const snapshot = await read();
    expect(snapshot).toMatchObject({
      asOf: 1_795_867_200_250,
      scopes: ['orders'],
      positions: [],
      orders: [
        {
          id: '8389765501',
          clientOrderId: 'x-nbQe1H39BBTUT6a1',
          symbol: 'BTC/USDT:USDT',
          side: 'buy',
          type: 'limit',
          price: '55000.1',
          amount: '0.1234567',
          filled: '0.023',
        },
        {
          id: '8389765503',
          symbol: '1000SHIB/USDT:USDT',
          side: 'sell',
          type: 'limit_maker',
          price: '0.0123456789',
          filled: '0',
        },
        // It was sent, and the exchange has not answered yet.
        { id: null, clientOrderId: 'x-nbQe1H39BETUT6a4', symbol: 'ETH/USDT:USDT', amount: '2' },
        { id: '8389765505', type: 'market', price: null, amount: '0.5', filled: '0.3' },
      ],
    });
    // Left out: what was cancelled, and what is filled wholly.
    expect(snapshot.orders).toHaveLength(4);
    expect(snapshot.unread).toBeUndefined();
  });

  it('has positions that are the sums of its fills, if that is asked for', async () => {
    await expect(read({ positions: true })).resolves.toMatchObject({
      scopes: ['orders', 'positions'],
      positionMode: 'one-way',
      positions: expect.arrayContaining([
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.023', changedAt: null },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '0.3', changedAt: null },
      ]),
    });
    expect((await read({ positions: true })).positions).toHaveLength(2);
  });

  it('is of the time of the read, if that is asked for', async () => {
    await expect(read({ asOf: 'read' })).resolves.toMatchObject({ asOf: NOW_MS });
  });

  it.each([
    [{ connector: "okx'perpetual" }, "no state of the connector okx'perpetual"],
    [{ configFile: 'conf_other.yml' }, 'the configuration conf_other.yml'],
  ])('is refused without the bot that is named: %j', async (overrides, message) => {
    await expect(failureOf(sourceOf(databaseOf(kind), overrides))).resolves.toMatchObject({
      kind: 'configuration',
      where: 'internal.connector',
      message: expect.stringContaining(message),
    });
  });

  it('costs the symbol of an order that cannot be read, and keeps one in a state that is not known', async () => {
    const state = {
      a: {
        trading_pair: 'BTC-USDT',
        trade_type: 'RANGE',
        order_type: 'LIMIT',
        price: '1',
        amount: '1',
        executed_amount_base: '0',
        last_state: '1',
      },
      b: {
        trading_pair: 'ETH-USDT',
        trade_type: 'BUY',
        order_type: 'LIMIT',
        price: '1',
        amount: '1',
        executed_amount_base: '0',
        last_state: '77',
      },
    };
    const row = `insert into "MarketState" values (2, 'conf_two.yml', 'okx_perpetual', 1795867200250, '${JSON.stringify(state)}');`;
    await write(row);
    const { orders, unread } = await read({ connector: 'okx_perpetual' });
    expect(orders).toMatchObject([{ clientOrderId: 'b', symbol: 'ETH/USDT:USDT' }]);
    expect(unread).toMatchObject([{ scope: 'orders', symbol: 'BTC/USDT:USDT' }]);
    await write(row.replace('(2,', '(3,').replace('conf_two', 'conf_three'));
    await expect(failureOf(sourceOf(databaseOf(kind), { connector: 'okx_perpetual' }))).resolves.toMatchObject({
      kind: 'configuration',
      where: 'internal.config_file',
    });
    await expect(read({ connector: 'okx_perpetual', configFile: 'conf_two.yml' })).resolves.toMatchObject({
      scopes: ['orders'],
    });
  });

  async function write(sql: string): Promise<void> {
    if (kind === 'sqlite') return writeSqlite(path, sql);
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
});

it('warns of what its time cannot show', () => {
  const database = databaseOf('sqlite');
  expect(sourceOf(database, { asOf: 'read' }).warnings?.()).toMatchObject([
    { text: expect.stringContaining('is not noticed') },
  ]);
  expect(sourceOf(database).warnings?.()).toMatchObject([{ text: expect.stringContaining('internal_stale') }]);
});

it.each([
  ['BTC-USDT', 'binance', 'BTC/USDT'],
  ['BTC-USDT', 'binance_perpetual', 'BTC/USDT:USDT'],
  ['BTC-USDT', 'bybit_perpetual_testnet', 'BTC/USDT:USDT'],
  ['BTC-USD', 'bybit_perpetual', 'BTC/USD:BTC'],
  ['BTC-USD', 'hyperliquid_perpetual', 'BTC/USDC:USDC'],
  ['kPEPE-USD', 'hyperliquid_perpetual', 'KPEPE/USDC:USDC'],
  ['ETH-USD', 'dydx_v4_perpetual', 'ETH/USDC:USDC'],
  ['WEIRD', 'okx', 'WEIRD'],
])('%s of %s is %s', (pair, connector, symbol) => {
  expect(symbolOf(pair, connector)).toBe(symbol);
});
