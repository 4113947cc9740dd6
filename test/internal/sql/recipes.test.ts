import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { InternalSourceConfig } from '../../../src/config/config.js';
import type { SqlConfig } from '../../../src/config/sql-config.js';
import { parseConfig } from '../../../src/config/load-config.js';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { withoutRepeats } from '../../../src/internal/repeated-rows.js';
import { createTestDatabase } from '../../support/postgres.js';
import { sqlSource } from './support/sources.js';
import { NODE_OPTIONS, writeSqlite } from './support/sqlite.js';

const read = async (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

/** The recipe under a heading of docs/sql-recipes.md, through the configuration's own checks. */
async function recipe(heading: string): Promise<Omit<InternalSourceConfig, 'source'> & { source: SqlConfig }> {
  const page = await read('../../../docs/sql-recipes.md');
  const from = page.indexOf(`# ${heading}\n`);
  const [, block = ''] = /```yaml\n([\s\S]*?)```/.exec(page.slice(from)) ?? [];
  const yaml = `accounts:\n  main:\n    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }\n    ${block.replaceAll('\n', '\n    ')}`;
  const internal = parseConfig(yaml, '/etc/plumbline.yaml').accounts[0]?.internal[0];
  if (from === -1 || internal?.source.kind !== 'sql') throw new Error(`no recipe "${heading}"`);
  return { ...internal, source: internal.source };
}

async function readBy(heading: string, database: { url: string } | { path: string }): Promise<Snapshot> {
  const { rows, source } = await recipe(heading);
  const { queries, scopes, positionMode } = source;
  const snapshot = await sqlSource(database, queries, { scopes, positionMode }, NODE_OPTIONS).readState();
  return withoutRepeats(snapshot, rows);
}

let postgres: { url: string; drop(): Promise<void> };
let folder: string;
beforeAll(async () => {
  postgres = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'plumbline-recipes-'));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await postgres.drop();
});

const recordedPostgres = async (): Promise<string> => read('../freqtrade/recorded/futures/database.postgresql.sql');

async function writePostgres(schema: string, sql: string): Promise<{ url: string }> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create schema ${schema}; set search_path = ${schema}; ${sql}`);
  await client.end();
  const url = new URL(postgres.url);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return { url: url.href };
}

describe('the recipe for Freqtrade', () => {
  const trade = (id: number, pair: string, amount: number, short: boolean, open = true, mode = 'FUTURES'): string =>
    `insert into trades (id, exchange, pair, is_open, fee_open, fee_close, open_rate, stake_amount, amount, open_date,
      is_stop_loss_trailing, is_short, interest_rate, record_version, trading_mode)
     values (${id}, 'binance', '${pair}', ${open}, 0, 0, 1, 1, ${amount}, '2026-11-28 17:00:00', false, ${short}, 0, 2, '${mode}');`;
  const order = (
    id: number,
    of: number,
    pair: string,
    side: string,
    fields: Record<string, string | number>,
  ): string => {
    const all = {
      ft_is_open: 'true',
      order_type: "'limit'",
      order_update_date: "'2026-11-28 17:09:11.070391'",
      ...fields,
    };
    return `insert into orders (id, ft_trade_id, ft_order_side, ft_pair, ft_amount, ft_price, order_id, ${Object.keys(all).join(', ')})
      values (${id}, ${of}, '${side}', '${pair}', 1, 1, '83897655${id}', ${Object.values(all).join(', ')});`;
  };
  const ETH = 'ETH/USDT:USDT';
  const BTC = 'BTC/USDT:USDT';
  const books = [
    `insert into "KeyValueStore" (id, "key", value_type, datetime_value) values (1, 'startup_time', 'datetime', '2026-11-28 16:00:00');`,
    // A short entry, partly filled: trades.amount is still 0.
    trade(1, ETH, 0, true),
    order(1, 1, ETH, 'sell', { price: 2950, average: 2945, amount: 0.645, filled: 0.2 }),
    // A long with a stop on the exchange, and a partly filled exit; a second long of the same pair.
    trade(2, BTC, 0.054, false),
    order(2, 2, BTC, 'stoploss', { order_type: "'market'", stop_price: 52000.5, amount: 0.054, filled: 0 }),
    order(3, 2, BTC, 'sell', { price: 61000.1, amount: 0.054, filled: 0.004 }),
    trade(3, BTC, 0.1, false),
    // A short whose stop has no trigger (OKX), with an amount and fills that are not known yet.
    trade(4, 'DOGE/USDT:USDT', 950, true),
    order(4, 4, 'DOGE/USDT:USDT', 'stoploss', { order_type: "'stoploss'" }),
    // What is closed, or spot, is no position.
    trade(5, 'XRP/USDT:USDT', 7, false, false),
    order(5, 5, 'XRP/USDT:USDT', 'sell', { ft_is_open: 'false', price: 1, amount: 7, filled: 7 }),
    trade(6, 'SOL/USDT', 3, false, true, 'SPOT'),
  ].join('\n');

  const expected = {
    asOf: Date.parse('2026-11-28T17:09:11.070Z'),
    positionMode: 'one-way',
    scopes: ['positions', 'orders'],
    positions: [
      { symbol: BTC, side: 'long', amount: '0.15' },
      { symbol: 'DOGE/USDT:USDT', side: 'short', amount: '950' },
      { symbol: ETH, side: 'short', amount: '0.2' },
    ],
    orders: [
      {
        id: '838976551',
        clientOrderId: null,
        symbol: ETH,
        side: 'sell',
        type: 'limit',
        price: '2950',
        triggerPrice: null,
        amount: '0.645',
        filled: '0.2',
        conditional: false,
      },
      {
        id: '838976552',
        symbol: BTC,
        side: 'sell',
        type: 'market',
        price: null,
        triggerPrice: '52000.5',
        amount: '0.054',
        filled: '0',
        conditional: true,
      },
      {
        id: '838976553',
        symbol: BTC,
        side: 'sell',
        price: '61000.1',
        amount: '0.054',
        filled: '0.004',
        conditional: false,
      },
      {
        id: '838976554',
        symbol: 'DOGE/USDT:USDT',
        side: 'buy',
        triggerPrice: null,
        amount: '1',
        filled: '0',
        conditional: true,
      },
    ],
  };
  const sorted = (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    positions: snapshot.positions.toSorted((a, b) => a.symbol.localeCompare(b.symbol)),
    orders: snapshot.orders.toSorted((a, b) => (a.id ?? '').localeCompare(b.id ?? '')),
  });

  it('reads its SQLite file', async () => {
    const path = join(folder, 'tradesv3.sqlite');
    writeSqlite(path, (await read('./support/freqtrade.sql')) + books);
    expect(sorted(await readBy('Freqtrade with SQLite', { path }))).toMatchObject(expected);
  });

  it('reads its PostgreSQL database', async () => {
    // What a real Freqtrade wrote, without its rows.
    const schema = (await recordedPostgres())
      .split('\n')
      .filter((line) => !/^(?:INSERT|SELECT) /.test(line))
      .join('\n')
      .replaceAll('public.', 'freqtrade.');
    const database = await writePostgres('freqtrade', schema + books);
    expect(sorted(await readBy('Freqtrade with PostgreSQL', database))).toMatchObject(expected);
  });

  it('reads what a real Freqtrade wrote', async () => {
    const path = join(folder, 'recorded.sqlite');
    const file = new URL('../freqtrade/recorded/futures/tradesv3.sqlite.gz', import.meta.url);
    await writeFile(path, await promisify(gunzip)(await readFile(file)));
    const rows = (await recordedPostgres()).replaceAll('public.', 'recorded.').replaceAll(/^SELECT .*$/gm, '');
    const database = await writePostgres('recorded', rows);
    for (const state of [
      await readBy('Freqtrade with SQLite', { path }),
      await readBy('Freqtrade with PostgreSQL', database),
    ]) {
      expect(sorted(state)).toMatchObject({
        asOf: Date.parse('2026-11-29T17:05:56.072Z'),
        positions: [
          { symbol: BTC, side: 'long', amount: '0.033' },
          { symbol: ETH, side: 'short', amount: '0.2' },
        ],
        orders: [
          { id: '2146761', side: 'sell', type: 'market', triggerPrice: '56900.5', conditional: true },
          { id: '8389765502', side: 'sell', price: '3010', amount: '0.664', filled: '0.2', conditional: false },
        ],
      });
    }
  });

  it('is the same text for both databases, but for the time', async () => {
    const [sqlite, postgresql] = [await recipe('Freqtrade with SQLite'), await recipe('Freqtrade with PostgreSQL')];
    expect({ ...sqlite.source.queries, as_of: '' }).toEqual({ ...postgresql.source.queries, as_of: '' });
  });
});

it('the recipe for hummingbot-api reads open orders of one connector', async () => {
  const database = await writePostgres(
    'hummingbot',
    `${await read('./support/hummingbot-api.sql')}
     insert into account_states (timestamp, account_name, connector_name) values
       ('2026-11-28 17:04:11Z', 'master_account', 'binance_perpetual'), ('2026-11-28 17:09:11Z', 'master_account', 'binance_perpetual'),
       ('2026-11-28 19:09:11Z', 'other', 'binance_perpetual');
     insert into orders (client_order_id, exchange_order_id, account_name, connector_name, trading_pair, trade_type, order_type, amount,
       price, status, filled_amount) values
       ('x-nbQe1H39B', '77', 'master_account', 'binance_perpetual', 'BTC-USDT', 'BUY', 'LIMIT', 0.123456789012345678, 60000.5, 'PARTIALLY_FILLED', 0.1),
       ('x-nbQe1H39C', null, 'master_account', 'binance_perpetual', 'ETH-USDT', 'SELL', 'LIMIT_MAKER', 1, 3000, 'SUBMITTED', 0),
       ('x-nbQe1H39D', '79', 'master_account', 'binance_perpetual', 'ETH-USDT', 'SELL', 'LIMIT', 1, 3000, 'CANCELLED', 0),
       ('x-nbQe1H39E', '80', 'master_account', 'okx', 'ETH-USDT', 'SELL', 'LIMIT', 1, 3000, 'OPEN', 0);`,
  );
  const { asOf, orders, scopes } = await readBy('hummingbot-api', database);
  expect({ asOf, scopes }).toEqual({ asOf: Date.parse('2026-11-28T17:09:11Z'), scopes: ['orders'] });
  expect(orders).toMatchObject([
    {
      id: '77',
      clientOrderId: 'x-nbQe1H39B',
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      amount: '0.123456789012345678',
      price: '60000.500000000000000000',
    },
    { id: null, clientOrderId: 'x-nbQe1H39C', symbol: 'ETH/USDT:USDT', side: 'sell', type: 'limit_maker' },
  ]);
});

it('the recipe for Jesse reads regular orders of the running session', async () => {
  const session = '6f1c2a52-5b64-4f6a-9d0e-0b8f0a3d7f11';
  const database = await writePostgres(
    'jesse',
    `${await read('./support/jesse.sql')}
     insert into livesession (id, status, session_mode, exchange, created_at, updated_at) values
       ('${session}', 'running', 'livetrade', 'Binance Perpetual Futures', 1, 1),
       ('6f1c2a52-5b64-4f6a-9d0e-0b8f0a3d7f12', 'stopped', 'livetrade', 'Binance Perpetual Futures', 1, 1);
     alter table "order" alter id set default gen_random_uuid(), alter vars set default '{}', alter session_mode set default 'livetrade',
       alter jesse_submitted set default true, alter order_exist_in_exchange set default true;
     insert into "order" (session_id, exchange_id, symbol, exchange, side, type, reduce_only, qty, filled_qty, price, status, created_at, updated_at)
     select '${session}', id, 'BTC-USDT', 'Binance Perpetual Futures', side, type, false, qty, filled, 60000.5, status, 1, 1795885751000 + qty::bigint
     from (values ('1', 'sell', 'LIMIT', -0.3, -0.1, 'PARTIALLY FILLED'), ('2', 'buy', 'LIMIT', 2, 0, 'QUEUED'),
       ('3', 'buy', 'STOP', 2, 0, 'ACTIVE'), ('4', 'buy', 'LIMIT', 2, 2, 'EXECUTED')) v (id, side, type, qty, filled, status);
     insert into "order" (session_id, exchange_id, symbol, exchange, side, type, reduce_only, qty, filled_qty, status, created_at, updated_at)
     values ('6f1c2a52-5b64-4f6a-9d0e-0b8f0a3d7f12', '9', 'ETH-USDT', 'x', 'buy', 'LIMIT', false, 1, 0, 'ACTIVE', 1, 1799999999000);`,
  );
  const { asOf, orders, scopes } = await readBy('Jesse', database);
  expect({ asOf, scopes }).toEqual({ asOf: 1795885751002, scopes: ['orders:regular'] });
  expect(orders).toMatchObject([
    { id: '1', symbol: 'BTC/USDT:USDT', side: 'sell', type: 'limit', price: '60000.5', amount: '0.3', filled: '0.1' },
  ]);
});
