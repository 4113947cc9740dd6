import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Listening } from '../../support/listening.js';
import { createTestDatabase } from '../../support/postgres.js';
import { failureOf, sqlSource, type Queries } from './support/sources.js';

const AS_OF = "select timestamptz '2026-11-28 18:09:11.070391+01' as as_of";
const PASSWORD = 'p@ss/word-4f9x';
const ROLE = `bot_reader_${process.pid}`;

let url: string;
/** The URL of a role that may only read `books`, with a password. */
let readerUrl: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let bot: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ url } = database);
  bot = new Client({ connectionString: url });
  await bot.connect();
  await bot.query(`
    create table books (symbol text, side text, amount numeric(30, 18), id bigint, seen timestamptz, local timestamp);
    create table hidden (symbol text, amount numeric);
    create role ${ROLE} login password '${PASSWORD}';
    grant select on books to ${ROLE};
    insert into books values ('BTC/USDT:USDT', 'long', 0.123456789012345678, 9007199254740993, '2026-11-28 17:00:00.5Z', now()),
      ('ETH/USDT:USDT', 'short', 2, 2, null, null)`);
  const reader = new URL(url);
  reader.username = ROLE;
  reader.password = encodeURIComponent(PASSWORD);
  readerUrl = reader.href;
}, 60_000);
afterAll(async () => {
  await bot.query(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await bot.end();
  await database.drop();
});
const servers = new Listening();
afterEach(async () => servers.end());

const read = (queries: Partial<Queries>, overrides = {}) =>
  sqlSource({ url }, { as_of: AS_OF, ...queries }, overrides).readState();
const failed = async (queries: Partial<Queries>, overrides = {}) =>
  failureOf(sqlSource({ url }, { as_of: AS_OF, ...queries }, overrides));

describe('a database of PostgreSQL', () => {
  it('is read as the documented form', async () => {
    const snapshot = await read(
      {
        positions: 'select symbol, side, amount, seen as changed_at from books order by symbol;',
        orders: `select id, 'bot-' || id as client_order_id, symbol, 'buy' as side, 'limit' as type, 61000.10::numeric as price,
          null as trigger_price, 0.5::numeric as amount, 0 as filled, false as conditional from books where id > 2 -- one`,
        balances: "with b as (select 'USDT' as currency, 1e-7::numeric as total) select * from b",
      },
      { positionMode: 'one-way' },
    );
    expect(snapshot).toMatchObject({
      side: 'internal',
      readStartedAt: 7,
      asOf: Date.parse('2026-11-28T17:09:11.070Z'),
      positionMode: 'one-way',
      scopes: ['positions', 'orders', 'balances'],
      positions: [
        {
          symbol: 'BTC/USDT:USDT',
          side: 'long',
          amount: '0.123456789012345678',
          changedAt: Date.parse('2026-11-28T17:00:00.5Z'),
        },
        { symbol: 'ETH/USDT:USDT', side: 'short', amount: '2.000000000000000000', changedAt: null },
      ],
      orders: [
        {
          id: '9007199254740993',
          clientOrderId: 'bot-9007199254740993',
          price: '61000.10',
          filled: '0',
          conditional: false,
        },
      ],
      balances: [{ currency: 'USDT', total: '0.0000001' }],
    });
    expect(snapshot.unread).toBeUndefined();
  });

  it('answers an empty list for no rows', async () => {
    await expect(read({ positions: 'select symbol, amount from books where false' })).resolves.toMatchObject({
      scopes: ['positions'],
      positions: [],
    });
  });

  it('costs the symbol of a row that cannot be read, and nothing else', async () => {
    const { positions, unread } = await read({
      positions: "select symbol, case when id = 2 then 'NaN'::numeric else amount end as amount from books",
    });
    expect(positions.map(({ symbol }) => symbol)).toEqual(['BTC/USDT:USDT']);
    expect(unread).toMatchObject([{ symbol: 'ETH/USDT:USDT', code: 'ROW_UNREADABLE' }]);
  });

  it.each([
    ['float8', '0.1::float8 + 0.2::float8', '0.30000000000000004'],
    ['float4', '0.1::float4', '0.1'],
    ['a small float', '1e-7::float8', '0.0000001'],
  ])('reads %s as the shortest text of the same float, and warns', async (_, value, text) => {
    await bot.query(`alter role ${ROLE} set extra_float_digits = -10`);
    const source = sqlSource(
      { url: readerUrl },
      { as_of: AS_OF, positions: `select symbol, ${value} as amount, 1 as amuont from books limit 1` },
    );
    await expect(source.readState()).resolves.toMatchObject({ positions: [{ amount: text }] });
    expect(source.warnings?.()).toMatchObject([
      { text: expect.stringContaining('floats in amount') },
      { text: expect.stringContaining('amuont') },
    ]);
  });

  it('is read at one moment, whatever the bot writes meanwhile', async () => {
    const source = sqlSource(
      { url },
      {
        as_of: `select '2026-11-28T17:09:11Z' || substr(pg_sleep(1)::text, 1, 0)`,
        positions: 'select symbol, amount from books order by symbol',
      },
    );
    const reading = source.readState();
    await new Promise((done) => void setTimeout(done, 400));
    await bot.query("update books set amount = 7 where symbol = 'ETH/USDT:USDT'");
    const { positions } = await reading;
    await bot.query("update books set amount = 2 where symbol = 'ETH/USDT:USDT'");
    expect(positions[1]?.amount).toBe('2.000000000000000000');
  });

  it('lets a role read that may do nothing else', async () => {
    const source = sqlSource({ url: readerUrl }, { as_of: AS_OF, positions: 'select symbol, amount from books' });
    await expect(source.readState()).resolves.toMatchObject({ positions: [{}, {}] });
  });
});

describe('the time of the bot', () => {
  it.each([
    ['timestamptz', "timestamptz '2026-11-28 17:09:11Z'"],
    ['a time with its zone in a text', "'2026-11-28T17:09:11Z'"],
    ['a time as PostgreSQL writes it', "'2026-11-28 18:09:11+01'"],
    ['milliseconds', `${Date.parse('2026-11-28T17:09:11Z')}::bigint`],
    ['milliseconds with a fraction', `${Date.parse('2026-11-28T17:09:11Z')}.4::float8`],
    ['a time whose zone is said', "timestamp '2026-11-28 17:09:11' at time zone 'UTC'"],
  ])('may be %s', async (_, value) => {
    const source = sqlSource({ url }, { as_of: `select ${value}`, balances: "select 'A' as currency, 1 as total" });
    await expect(source.readState()).resolves.toMatchObject({ asOf: Date.parse('2026-11-28T17:09:11Z') });
  });

  it.each([
    ['missing', 'select seen from books where false', 'incomplete', 'has no row'],
    ['NULL', 'select max(seen) from books where false', 'incomplete', 'NULL'],
    ['without a zone', 'select max(local) from books', 'configuration', 'without a zone'],
    ['a text without a zone', "select '2026-11-28 17:09:11.07'", 'configuration', 'offset from UTC'],
    ['a date', "select date '2026-11-28'", 'configuration', 'without a zone'],
    ['seconds', 'select 1764349751', 'configuration', 'may be seconds'],
    ['a word', "select 'yesterday'", 'configuration', '"yesterday"'],
    ['infinite', "select timestamptz 'infinity'", 'configuration', '"infinity"'],
    ['two values', 'select 1, 2', 'configuration', '2 columns'],
    ['two rows', 'select id from books', 'configuration', 'more than one row'],
  ])('cannot be %s', async (_, as_of, kind, words) => {
    const failure = await failed({ as_of, positions: 'select symbol, amount from books' });
    expect(failure).toMatchObject({ kind, where: 'internal.as_of' });
    expect(failure.message).toContain(words);
  });
});

describe('a query that cannot be used', () => {
  it.each([
    ['has no amount', { positions: 'select symbol, amount as amunt from books' }, 'no column amount (it has "amunt")'],
    [
      'has no id',
      { orders: "select symbol, 'buy' as side, 'limit' as type, 1 as amount, 0 as filled from books" },
      'id',
    ],
    ['has a column twice', { positions: 'select symbol, amount, amount from books' }, 'two columns amount'],
    ['has a local time', { positions: 'select symbol, amount, local as changed_at from books' }, 'without a zone'],
    [
      'names no table',
      { positions: 'select symbol, amount from nowhere' },
      'relation "nowhere" does not exist (42P01)',
    ],
    ['is no SQL', { positions: 'select symbol amount from from books' }, '42601'],
    ['divides by zero', { positions: 'select symbol, amount / 0 as amount from books' }, 'division by zero'],
    ['changes data in WITH', { positions: 'with x as (delete from books returning *) select * from x' }, 'DELETE'],
    [
      'hides a change in a function',
      { positions: "select nextval('s')::text as symbol, 1 as amount" },
      'does not exist',
    ],
  ])('because it %s is refused with its name', async (_, queries, words) => {
    const failure = await failed(queries);
    expect(failure.where).toBe(`internal.${Object.keys(queries)[0]}`);
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/the query (positions|orders) /);
  });

  it('can change nothing even if a function hides the change', async () => {
    await bot.query(`create function spoil() returns text language sql as $$ delete from books returning symbol $$`);
    const failure = await failed({ positions: 'select spoil() as symbol, 1 as amount' });
    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('read-only transaction') });
    const { rows } = await bot.query<{ count: string }>('select count(*) from books');
    expect(rows[0]?.count).toBe('2');
  });

  it('because it may not be read is a matter of permission', async () => {
    const source = sqlSource({ url: readerUrl }, { as_of: AS_OF, positions: 'select * from hidden' });
    expect(await failureOf(source, PASSWORD)).toMatchObject({ kind: 'permission' });
  });

  it('because it has too many rows is too large', async () => {
    const failure = await failed({
      positions: "select 'S' || n as symbol, 1 as amount from generate_series(1, 5001) n",
    });
    expect(failure).toMatchObject({ kind: 'too_large', message: expect.stringContaining('more than 5000 rows') });
  });

  it('because it has too many bytes is too large', async () => {
    const positions = "select 'S' || n as symbol, 1 as amount from generate_series(1, 900) n";
    const failure = await failed({ positions }, { maxBytes: 10_000 });
    expect(failure).toMatchObject({ kind: 'too_large', message: expect.stringContaining('more than 10000 bytes') });
  });

  it('because it is slow ends after the deadline, on the server too', async () => {
    const positions = "select 'S' as symbol, 1 as amount from pg_sleep(60)";
    expect(await failed({ positions }, { deadlineSeconds: 1 })).toMatchObject({ kind: 'timeout' });
    await new Promise((done) => void setTimeout(done, 500));
    const { rows } = await bot.query(
      "select 1 from pg_stat_activity where application_name = 'plumbline' and state = 'active'",
    );
    expect(rows).toEqual([]);
  });
});

describe('a database that cannot be reached', () => {
  const queries = { as_of: AS_OF, positions: 'select symbol, amount from books' };
  const at = (change: object): string => Object.assign(new URL(readerUrl), change).href;

  it.each([
    ['has another password', { password: `${PASSWORD.slice(0, 5)}-wrong-91` }, 'authentication'],
    ['has no such user', { username: 'nobody_here' }, 'authentication'],
    ['has no such database', { pathname: '/no_such_database' }, 'configuration'],
    ['has no server', { port: '1' }, 'network'],
  ] as const)('because it %s shows no password', async (_, change, kind) => {
    const wrong = at(change);
    const password = decodeURIComponent(new URL(wrong).password);
    const failure = await failureOf(sqlSource({ url: wrong }, queries), password);
    expect(failure.message).toContain('PostgreSQL ');
    expect(failure.kind).toBe(kind);
  });

  it('because its URL cannot be read shows nothing of it', async () => {
    const wrong = 'postgres://user:hidden-word-77@h:port/x';
    const failure = await failureOf(sqlSource({ url: wrong }, queries), 'hidden-word-77');
    expect(failure).toMatchObject({ kind: 'configuration', where: 'internal.url' });
  });

  it('because it never answers ends after the deadline', async () => {
    const silent = await servers.listen(createServer(() => {}));
    const failure = await failureOf(
      sqlSource({ url: `${silent.replace('http', 'postgres')}/x` }, queries, { deadlineSeconds: 1 }),
    );
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 1 s') });
  });

  it('because it breaks the connection is a matter of the network', async () => {
    const broken = await servers.listen(createServer((socket: Socket) => socket.destroy()));
    const failure = await failureOf(sqlSource({ url: `${broken.replace('http', 'postgres')}/x` }, queries));
    expect(failure).toMatchObject({ kind: 'network' });
  });

  it('is not blamed if the caller ends the read', async () => {
    const caller = new AbortController();
    const reading = sqlSource({ url }, { ...queries, as_of: 'select pg_sleep(30)::text' }).readState({
      signal: caller.signal,
    });
    setTimeout(() => caller.abort(new Error('enough')), 300);
    await expect(reading).rejects.toThrow('enough');
  });
});
