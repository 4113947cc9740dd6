import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { BotDatabaseConfig } from '../../../src/config/sql-config.js';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { createTestDatabase } from '../../support/postgres.js';
import { NODE_OPTIONS, writeSqlite } from '../sql/support/sqlite.js';
import { order, trade, type Fields } from './answers.js';
import { failureOf, freqtrade, json, servers, sourceOf, type Options } from './bot-server.js';

const unzipped = promisify(gunzip);
const recorded = async (name: string): Promise<Buffer> => readFile(new URL(`./recorded/${name}`, import.meta.url));

let folder: string;
let postgres: { url: string; drop(): Promise<void> };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-freqtrade-'));
  postgres = await createTestDatabase();
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query((await recorded('futures/database.postgresql.sql')).toString());
  await client.end();
}, 60_000);
afterEach(async () => servers.end());
afterAll(async () => {
  await rm(folder, { recursive: true });
  await postgres.drop();
});

/** Writes a recorded SQLite file (and its -wal file) to a folder of its own. */
async function sqliteOf(mode: string, files: readonly string[] = ['tradesv3.sqlite']): Promise<BotDatabaseConfig> {
  const own = await mkdtemp(join(folder, `${mode}-`));
  for (const file of files) await writeFile(join(own, file), await unzipped(await recorded(`${mode}/${file}.gz`)));
  return { kind: 'sqlite', path: join(own, 'tradesv3.sqlite') };
}

/** The bot of a recording. `statuses` are the answers to `status`, one after the other; the last one stays. */
async function botOf(mode: string, statuses: readonly unknown[] = [], seen: IncomingMessage[] = []): Promise<string> {
  const answers: Record<string, RequestListener> = {};
  for (const name of ['show_config', 'health', 'status']) {
    const body: unknown = JSON.parse((await recorded(`${mode}/${name}.json`)).toString());
    const bodies = name === 'status' && statuses.length > 0 ? [...statuses] : [body];
    answers[name] = (_, response) => json(response, bodies.length > 1 ? bodies.shift() : bodies[0]);
  }
  return freqtrade({}, answers, seen);
}

async function read(mode: string, database: BotDatabaseConfig | undefined, options: Options = {}): Promise<Snapshot> {
  return sourceOf(await botOf(mode), withDatabase(database, options)).readState();
}

function withDatabase(database: BotDatabaseConfig | undefined, { config, ...options }: Options = {}): Options {
  return {
    nodeOptions: NODE_OPTIONS,
    ...options,
    config: { ...config, ...(database === undefined ? {} : { database }) },
  };
}

const POSTGRESQL: BotDatabaseConfig = { kind: 'server', url: { env: 'FT_DATABASE' } };
const prices = ({ orders }: Snapshot): unknown[] =>
  orders.map(({ symbol, conditional, price, triggerPrice, filled }) =>
    [symbol, conditional ? 'stop' : 'order', price, triggerPrice, filled].join(' '),
  );

describe('the database of a real Freqtrade', () => {
  const EXACT = ['BTC/USDT:USDT stop  56900.5 0', 'ETH/USDT:USDT order 3010  0.2'];

  it('has the price of a partly filled order, where the API has its average', async () => {
    const api = await read('futures', undefined);
    expect(prices(api)).toEqual(['BTC/USDT:USDT stop  56900.5 0', 'ETH/USDT:USDT order   0.2']);
    const both = await read('futures', await sqliteOf('futures'));
    expect(prices(both)).toEqual(EXACT);
    expect({ ...both, orders: [] }).toEqual({ ...api, orders: [] });
    expect(both.positions).toMatchObject([
      { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.033' },
      { symbol: 'ETH/USDT:USDT', side: 'short', amount: '0.2' },
    ]);
  });

  it.each(['postgres', 'postgresql', 'postgresql+psycopg2'])('may be PostgreSQL, named as %s://', async (scheme) => {
    const url = postgres.url.replace(/^postgres(ql)?:/, `${scheme}:`);
    const secrets = { FT_USERNAME: 'freqtrader', FT_PASSWORD: 'probe-password-7!', FT_DATABASE: url };
    expect(prices(await read('futures', POSTGRESQL, { secrets }))).toEqual(EXACT);
  });

  it('has the trigger of a limit stop on spot', async () => {
    const options = { bot: { exchange: 'binance' }, atLeast: ['*'] };
    const [stop] = (await read('spot', undefined, options)).orders;
    expect(stop).toMatchObject({ conditional: true, price: null, triggerPrice: null });
    const both = await read('spot', await sqliteOf('spot'), options);
    expect(both.orders[0]).toMatchObject({ conditional: true, price: '53460', triggerPrice: '54000' });
    expect(both.balances).toEqual([
      { currency: 'BTC', total: '0.0166533399984' },
      { currency: 'ETH', total: '0' },
    ]);
  });

  it('has no trigger on OKX, and is read with what is still in its WAL', async () => {
    const database = await sqliteOf('okx', ['tradesv3.sqlite', 'tradesv3.sqlite-wal']);
    const state = await read('okx', database, { bot: { exchange: 'okx' } });
    expect(prices(state)).toEqual(['DOGE/USDT:USDT stop   0', 'BTC/USDT:USDT order 60500  0.02']);
    expect(state.positions).toMatchObject([
      { symbol: 'DOGE/USDT:USDT', amount: '9990' },
      { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.02' },
    ]);
  });

  it('is named in the description, without secrets', async () => {
    const url = 'http://127.0.0.1:1';
    expect(sourceOf(url, withDatabase({ kind: 'sqlite', path: '/bots/tradesv3.sqlite' })).description).toBe(
      'freqtrade http://127.0.0.1:1, prices from sqlite /bots/tradesv3.sqlite',
    );
    expect(sourceOf(url, withDatabase(POSTGRESQL)).description).toBe(
      'freqtrade http://127.0.0.1:1, prices from postgresql',
    );
  });
});

describe('unknown is never empty', () => {
  it('a main file without its WAL shows no trade, and is refused', async () => {
    const seen: IncomingMessage[] = [];
    const url = await botOf('okx', [], seen);
    const source = sourceOf(url, withDatabase(await sqliteOf('okx'), { bot: { exchange: 'okx' } }));
    expect(await failureOf(source)).toMatchObject({
      kind: 'incomplete',
      where: 'internal.database',
      message: expect.stringContaining(
        'its database: the API and the database are of different states, also after 4 reads: trade 1 is open in the API and not in the database',
      ),
      remedy: expect.stringMatching(/db_url.*-wal file lies beside it \(mount the folder/),
    });
    expect(seen.filter(({ url: path }) => path === '/api/v1/status')).toHaveLength(4);
  });

  it('a WAL that cannot be used is refused', async () => {
    const database = await sqliteOf('okx');
    // A folder in the place of the file stands for one that may not be read.
    if (database.kind === 'sqlite') await mkdir(`${database.path}-wal`);
    const source = sourceOf(await botOf('okx'), withDatabase(database, { bot: { exchange: 'okx' } }));
    expect(await failureOf(source)).toMatchObject({
      kind: 'permission',
      remedy: expect.stringMatching(/-wal and -shm/),
    });
  });

  it.each<[string, BotDatabaseConfig, string, string, RegExp]>([
    [
      'no file',
      { kind: 'sqlite', path: '/nowhere/tradesv3.sqlite' },
      'unreadable',
      'ENOENT',
      /internal\.database\.path/,
    ],
    ['a folder', { kind: 'sqlite', path: '/tmp' }, 'configuration', 'not a regular file', /internal\.database\.path/],
    [
      'no database',
      { kind: 'sqlite', path: import.meta.filename },
      'configuration',
      'not a database',
      /database of this bot \(db_url/,
    ],
  ])('%s', async (_, database, kind, words, remedy) => {
    const source = sourceOf(await botOf('futures'), withDatabase(database));
    expect(await failureOf(source)).toMatchObject({
      kind,
      message: expect.stringContaining(words),
      remedy: expect.stringMatching(remedy),
    });
  });

  it('another program’s database', async () => {
    const path = join(folder, 'other.sqlite');
    writeSqlite(path, 'create table trades (id integer, symbol text)');
    const source = sourceOf(await botOf('futures'), withDatabase({ kind: 'sqlite', path }));
    expect(await failureOf(source)).toMatchObject({
      kind: 'configuration',
      where: 'internal.database',
      message: expect.stringContaining('no such column'),
      remedy: expect.stringMatching(/database of this bot \(db_url/),
    });
  });

  it('the database of another bot', async () => {
    const source = sourceOf(await botOf('okx'), withDatabase(await sqliteOf('futures'), { bot: { exchange: 'okx' } }));
    expect(await failureOf(source)).toMatchObject({ kind: 'incomplete', where: 'internal.database' });
  });

  it('a database of a dry run, whatever its name', async () => {
    const database = await sqliteOf('futures');
    const path = database.kind === 'sqlite' ? database.path : '';
    writeSqlite(path, "update orders set order_id = 'dry_run_buy_BTC/USDT_1' where id = 2");
    expect(await failureOf(sourceOf(await botOf('futures'), withDatabase(database)))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('it is the database of a dry run'),
    });
  });

  it.each([
    ['postgres://bot:hunter2-of-bot@127.0.0.1:1/freqtrade', 'network'],
    ['sqlite:///user_data/tradesv3.sqlite', 'configuration'],
    ['mysql://bot:hunter2-of-bot@127.0.0.1/freqtrade', 'configuration'],
  ])('a URL that is none: %s', async (url, kind) => {
    const secrets = { FT_USERNAME: 'freqtrader', FT_PASSWORD: 'probe-password-7!', FT_DATABASE: url };
    const failure = await failureOf(sourceOf(await botOf('futures'), withDatabase(POSTGRESQL, { secrets })));
    expect(failure).toMatchObject({ kind, message: expect.stringContaining('its database') });
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });
});

describe('when the bot ends a loop between the two reads', () => {
  const statusOf = async (): Promise<Fields[]> =>
    JSON.parse((await recorded('futures/status.json')).toString()) as Fields[];
  const changed = async (change: (trades: Fields[]) => unknown): Promise<unknown> => change(await statusOf());
  const ordersOf = (row: Fields | undefined): Fields[] => {
    const orders = row?.['orders'];
    return Array.isArray(orders) ? (orders as Fields[]) : [];
  };
  const orderOf = (row: Fields | undefined, at: number, fields: Fields): Fields => ({
    ...row,
    orders: ordersOf(row).map((each, index) => (index === at ? { ...each, ...fields } : each)),
  });

  it.each<[string, (trades: Fields[]) => unknown]>([
    ['a trade was opened', ([first]) => [first]],
    ['a trade was closed', (trades) => [...trades, trade({ trade_id: 3, pair: 'SOL/USDT:USDT' })]],
    ['an amount was booked', ([first, second]) => [first, { ...second, amount: 0.2 }]],
    ['an order filled more', ([first, second]) => [first, orderOf(second, 0, { filled: 0.1 })]],
    ['an order was placed', ([first, second]) => [orderOf(first, 1, { is_open: false }), second]],
    [
      'an order was cancelled',
      ([first, second]) => [{ ...first, orders: [...ordersOf(first), order({ order_id: '9' })] }, second],
    ],
  ])('%s: both are read again', async (_, change) => {
    const seen: IncomingMessage[] = [];
    const url = await botOf('futures', [await changed(change), await statusOf()], seen);
    const state = await sourceOf(url, withDatabase(await sqliteOf('futures'))).readState();
    expect(prices(state)).toContain('ETH/USDT:USDT order 3010  0.2');
    // The time is read again too, so it is never older than it must be, and never younger than the trades.
    expect(seen.map(({ url: path }) => path?.replace('/api/v1/', ''))).toEqual([
      'show_config',
      'health',
      'status',
      'health',
      'status',
    ]);
  });

  it('amounts that the API rounds are the same', async () => {
    const database = await sqliteOf('futures');
    writeSqlite(database.kind === 'sqlite' ? database.path : '', 'update trades set amount = 0.033000004 where id = 1');
    await expect(sourceOf(await botOf('futures'), withDatabase(database)).readState()).resolves.toMatchObject({
      positions: [{ amount: '0.033' }, {}],
    });
  });

  it('a trade without an id may be any of the database, and one that cannot be read costs its pair', async () => {
    const url = await botOf('futures', [
      await changed(([first, second]) => [first, { ...second, trade_id: null, amount: 'x' }]),
    ]);
    const { unread, positions } = await sourceOf(url, withDatabase(await sqliteOf('futures'))).readState();
    expect(positions).toMatchObject([{ symbol: 'BTC/USDT:USDT' }]);
    expect(unread?.map(({ symbol }) => symbol)).toEqual(['ETH/USDT:USDT', 'ETH/USDT:USDT']);
  });

  it('a price that is none costs its pair', async () => {
    const database = await sqliteOf('futures');
    writeSqlite(database.kind === 'sqlite' ? database.path : '', "update orders set price = 'x' where id = 3");
    const { unread } = await sourceOf(await botOf('futures'), withDatabase(database)).readState();
    expect(unread).toMatchObject([
      {
        symbol: 'ETH/USDT:USDT',
        reason: expect.stringContaining('price is x, expected a price (in the database)'),
      },
      {},
    ]);
  });
});
