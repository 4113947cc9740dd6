import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { NautilusConfig } from '../../../src/config/nautilus-config.js';
import type { InternalSource } from '../../../src/internal/internal-source.js';
import { createTestDatabase } from '../../support/postgres.js';
import { failureOf } from '../sql/support/sources.js';
import { NOW_MS, nautilusSource } from './support/sources.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let bot: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  bot = new Client({ connectionString: database.url });
  await bot.connect();
  await bot.query(TABLES);
  await bot.query(ROWS);
}, 60_000);
afterAll(async () => {
  await bot.end();
  await database.drop();
});

// The columns that are read, of schema/sql/tables.sql in nautechsystems/nautilus_trader.
const EVENT_COLUMNS = `id text, kind text not null, trader_id text, strategy_id text not null, instrument_id text,
  client_order_id text not null, order_type text, order_side text, last_qty text, venue_order_id text, account_id text,
  ts_event text not null, ts_init text not null, created_at timestamptz default clock_timestamp()`;
const TABLES = `create table trader (id text primary key);
  create table instrument (id text primary key, kind text, base_currency text, quote_currency text, settlement_currency text,
    multiplier text);
  create table order_event (${EVENT_COLUMNS}, quantity text, quote_quantity boolean, reconciliation boolean default false,
    price text, trigger_price text, emulation_trigger text);
  create table position_event (${EVENT_COLUMNS}, event_sequence bigserial, position_id text not null)`;

// Order events as PostgresCacheDatabase of nautilus_trader 1.231.0 writes them.
const event = (order: string, kind: string, fields: Record<string, string> = {}): string => {
  const all = { trader_id: 'PROBE-001', strategy_id: 'TREND-001', instrument_id: 'BTCUSDT-LINEAR.BYBIT', ...fields };
  const row = { kind, client_order_id: order, ts_event: '1795867200000000001', ts_init: '1795867200000000001', ...all };
  const table = 'position_id' in fields ? 'position_event' : 'order_event';
  return `insert into ${table} (${Object.keys(row).join(', ')}) values ('${Object.values(row).join("', '")}');`;
};
const bybit = { account_id: 'BYBIT-001', venue_order_id: '77' };
const limit = { order_type: 'LIMIT', order_side: 'BUY', quantity: '0.100', quote_quantity: 'false', price: '49000.0' };
const fill = (order: string, last_qty: string, fields: Record<string, string> = {}): string =>
  event(order, 'OrderFilled', { ...bybit, order_type: 'LIMIT', order_side: 'BUY', last_qty, ...fields });
const ROWS = [
  "insert into trader values ('PROBE-001'), ('OTHER-001');",
  "insert into instrument values ('BTCUSDT-LINEAR.BYBIT', 'CRYPTO_PERPETUAL', 'BTC', 'USDT', 'USDT', '1');",
  event('O-1', 'OrderInitialized', limit),
  event('O-1', 'OrderSubmitted', { account_id: 'BYBIT-001' }),
  event('O-1', 'OrderAccepted', bybit),
  event('O-1', 'OrderUpdated', { ...bybit, quantity: '0.150', price: '48500.0', quote_quantity: 'false' }),
  fill('O-1', '0.020', { quantity: '0.020' }),
  event('O-2', 'OrderInitialized', limit),
  event('O-2', 'OrderCanceled', bybit),
  event('O-3', 'OrderInitialized', limit),
  fill('O-3', '0.100'),
  event('O-4', 'OrderInitialized', { ...limit, strategy_id: 'EXTERNAL' }),
  event('O-4', 'OrderAccepted', { ...bybit, strategy_id: 'EXTERNAL' }),
  event('O-5', 'OrderInitialized', { ...limit, trader_id: 'OTHER-001' }),
  event('O-5', 'OrderAccepted', { ...bybit, trader_id: 'OTHER-001' }),
  fill('O-3', '0.120', { position_id: 'P-1' }),
  fill('O-3', '0.020', { position_id: 'P-1', order_side: 'SELL' }),
  fill('O-6', '0.5', { position_id: 'P-2', strategy_id: 'EXTERNAL' }),
  // An id of the exchange, which EXTERNAL closed.
  fill('O-8', '0.3', { position_id: 'P-4' }),
  fill('O-9', '0.3', { position_id: 'P-4', order_side: 'SELL', strategy_id: 'EXTERNAL' }),
  fill('O-7', '0.5', { position_id: 'P-3' }),
  fill('O-7', '0.50', { position_id: 'P-3', order_side: 'SELL', ts_event: '1795867205000000000' }),
].join('\n');

const source = (overrides: Partial<NautilusConfig> = {}): InternalSource =>
  nautilusSource(database.url, {
    database: { kind: 'postgres', url: { env: 'NAUTILUS_DATABASE_URL' } },
    asOf: 'read',
    ...overrides,
  });

describe('the PostgreSQL of a NautilusTrader', () => {
  it('has the same events as its Redis', async () => {
    const snapshot = await source().readState();
    expect(snapshot.unread).toBeUndefined();
    expect(snapshot).toMatchObject({
      asOf: NOW_MS,
      scopes: ['positions:linear', 'positions:inverse', 'orders'],
      positions: [
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.1' },
        { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
      ],
      orders: [
        { id: '77', clientOrderId: 'O-1', symbol: 'BTC/USDT:USDT', price: '48500.0', amount: '0.15', filled: '0.02' },
      ],
    });
    expect([snapshot.positions.length, snapshot.orders.length]).toEqual([2, 1]);
  });

  it('knows the time of the newest event', async () => {
    await expect(source({ asOf: 'newest_event' }).readState()).resolves.toMatchObject({ asOf: 1_795_867_205_000 });
  });

  it('is refused for a trader that it does not have', async () => {
    await expect(failureOf(source({ traderId: "O'BRIEN-001" }))).resolves.toMatchObject({
      kind: 'configuration',
      where: 'internal.trader_id',
      message: expect.stringContaining("there is no trader O'BRIEN-001"),
      remedy: expect.stringContaining('OTHER-001, PROBE-001'),
    });
  });

  it('is refused beyond the limit of bytes', async () => {
    await expect(failureOf(source({ maxBytes: 500 }))).resolves.toMatchObject({ kind: 'too_large' });
  });

  it('without the fills of positions has orders only', async () => {
    await bot.query('alter table position_event rename to gone');
    await expect(source().readState()).resolves.toMatchObject({
      scopes: ['orders'],
      gaps: [{ scope: 'positions', reason: expect.stringContaining('position_event') }],
      orders: [{ clientOrderId: 'O-1' }],
    });
  });
});
