import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { z } from 'zod';
import { sessionSettings } from '../../../src/internal/sql/mysql-queries.js';
import { askService } from '../../support/ask-service.js';
import { Listening } from '../../support/listening.js';
import { failureOf, sqlSource, type Queries } from './support/sources.js';

const AS_OF = "select '2026-11-28T17:09:11.070391Z' as as_of";
const AT = Date.parse('2026-11-28T17:09:11.070Z');
const PASSWORD = 'p@ss/word-4f9x';
const NAME = `test_${randomUUID().replaceAll('-', '').slice(0, 20)}`;

let url: string;
/** The URL of a user who may only read `books`, with a password. */
let readerUrl: string;
let authority: string;
let bot: Connection;
beforeAll(async () => {
  const server = z.object({ url: z.string(), authority: z.string() }).parse(await askService('/mariadb'));
  ({ authority } = server);
  bot = await createConnection({ uri: server.url, multipleStatements: true });
  await bot.query(`
    create database ${NAME}; use ${NAME};
    create table books (symbol varchar(50), side varchar(5), amount decimal(40, 18), id bigint unsigned, seen timestamp(6) null,
      local datetime(6), small float, big double, bits blob, is_stop bool, tiny tinyint, \`call\` json);
    create table hidden (symbol varchar(50), amount decimal(10, 2));
    create table moved (n int) engine = innodb;
    set time_zone = '+02:00';
    insert into books values
      ('BTC/USDT:USDT', 'long', 0.123456789012345678, 18446744073709551615, '2026-11-28 19:00:00.5', '2026-11-28 17:00:00.25',
        0.1, 0.1, x'00ff', true, -3, '{"a": 1}'),
      ('ETH/USDT:USDT', 'short', 2, 2, null, null, 16777216, 1e-7, null, false, null, null);
    create user '${NAME.slice(0, 30)}'@'127.0.0.1' identified by '${PASSWORD}';
    grant select on ${NAME}.books to '${NAME.slice(0, 30)}'@'127.0.0.1'`);
  url = new URL(NAME, server.url).href;
  const reader = new URL(url);
  reader.username = NAME.slice(0, 30);
  reader.password = encodeURIComponent(PASSWORD);
  readerUrl = reader.href;
}, 180_000);
afterAll(async () => {
  await bot?.query(`drop user '${NAME.slice(0, 30)}'@'127.0.0.1'; drop database ${NAME}`);
  await bot?.end();
});
const servers = new Listening();
afterEach(async () => servers.end());

const read = (queries: Partial<Queries>, overrides = {}) =>
  sqlSource({ url }, { as_of: AS_OF, ...queries }, overrides).readState();
const failed = async (queries: Partial<Queries>, overrides = {}) =>
  failureOf(sqlSource({ url }, { as_of: AS_OF, ...queries }, overrides));

describe('a database of MariaDB', () => {
  it('is read as the documented form', async () => {
    const snapshot = await read(
      {
        positions: 'select symbol, side, amount, seen as changed_at from books order by symbol;',
        orders: `select id, concat('bot-', id) as client_order_id, symbol, "buy" as side, 'limit' as type,
          cast(61000.10 as decimal(10, 2)) as price, null as trigger_price, 0.5 as amount, 0 as filled, is_stop as conditional
          from books where id > 2 -- one`,
        balances:
          "with b as (select 'USDT' as currency, cast(0.0000001 as decimal(20, 7)) as total) select * from b # two",
      },
      { positionMode: 'one-way' },
    );
    expect(snapshot).toMatchObject({
      side: 'internal',
      asOf: AT,
      positionMode: 'one-way',
      positions: [
        {
          symbol: 'BTC/USDT:USDT',
          side: 'long',
          amount: '0.123456789012345678',
          // Written in another zone than UTC.
          changedAt: Date.parse('2026-11-28T17:00:00.5Z'),
        },
        { symbol: 'ETH/USDT:USDT', amount: '2.000000000000000000', changedAt: null },
      ],
      orders: [
        {
          id: '18446744073709551615',
          clientOrderId: 'bot-18446744073709551615',
          side: 'buy',
          price: '61000.10',
          amount: '0.5',
          conditional: true,
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

  it('streams more rows than are in memory at once', async () => {
    const positions = "select concat('S', seq) as symbol, 1.5 as amount from seq_1_to_3000";
    expect((await read({ positions })).positions).toHaveLength(3_000);
  });

  it.each([
    ['what is no number', "case when id = 2 then 'much' else amount end"],
    ['a division by zero', 'case when id = 2 then amount / 0 else amount end'],
  ])('costs the symbol of a row with %s, and nothing else', async (_, value) => {
    const { positions, unread } = await read({ positions: `select symbol, ${value} as amount from books` });
    expect(positions.map(({ symbol }) => symbol)).toEqual(['BTC/USDT:USDT']);
    expect(unread).toMatchObject([{ symbol: 'ETH/USDT:USDT', code: 'ROW_UNREADABLE' }]);
  });

  it('costs the symbol of a row with bytes', async () => {
    const { unread } = await read({ positions: 'select symbol, bits as amount from books where bits is not null' });
    expect(unread).toMatchObject([{ symbol: 'BTC/USDT:USDT', code: 'ROW_UNREADABLE' }]);
  });

  it.each([
    ['a double', '0.1e0 + 0.2e0', '0.30000000000000004'],
    ['a float', 'small', '0.1'],
    ['a small double', 'cast(1e-7 as double)', '0.0000001'],
  ])('reads %s as the shortest text of the same number, and warns', async (_, value, text) => {
    const queries = {
      as_of: AS_OF,
      positions: `select symbol, ${value} as amount, 1 as amuont from books order by id desc limit 1`,
    };
    const source = sqlSource({ url }, queries);
    await expect(source.readState()).resolves.toMatchObject({ positions: [{ amount: text }] });
    expect(source.warnings?.()).toMatchObject([
      { text: expect.stringContaining('floats in amount') },
      { text: expect.stringContaining('amuont') },
    ]);
  });

  it('keeps the digits of a float that the text protocol cuts', async () => {
    await bot.query('update books set small = 67123.45 where id = 2');
    const { positions } = await read({ positions: 'select symbol, small as amount from books where id = 2' });
    expect(positions).toMatchObject([{ amount: '67123.45' }]);
  });

  it('is read at one moment, whatever the bot writes meanwhile', async () => {
    const reading = read({
      as_of: "select concat('2026-11-28T17:09:11Z', left(sleep(1), 0))",
      positions: 'select symbol, amount from books order by symbol',
    });
    await new Promise((done) => void setTimeout(done, 400));
    await bot.query("update books set amount = 7 where symbol = 'ETH/USDT:USDT'");
    const { positions } = await reading;
    await bot.query("update books set amount = 2 where symbol = 'ETH/USDT:USDT'");
    expect(positions[1]?.amount).toBe('2.000000000000000000');
  });

  it('lets a user read who may do nothing else', async () => {
    const source = sqlSource({ url: readerUrl }, { as_of: AS_OF, positions: 'select symbol, amount from books' });
    await expect(source.readState()).resolves.toMatchObject({ positions: [{}, {}] });
  });
});

describe('the time of the bot', () => {
  it.each([
    ['a TIMESTAMP', 'select max(seen) from books', '2026-11-28T17:00:00.5Z'],
    [
      'a text with its zone',
      "select date_format(local, '%Y-%m-%dT%H:%i:%s.%fZ') from books limit 1",
      '2026-11-28T17:00:00.25Z',
    ],
    ['milliseconds', `select ${AT}`, '2026-11-28T17:09:11.070Z'],
    ['milliseconds with a fraction', `select ${AT}.4`, '2026-11-28T17:09:11.070Z'],
  ])('may be %s', async (_, as_of, time) => {
    const source = sqlSource({ url }, { as_of, balances: "select 'A' as currency, 1 as total" });
    await expect(source.readState()).resolves.toMatchObject({ asOf: Date.parse(time) });
    expect(source.warnings?.()).toEqual([]);
  });

  it('may be a DATETIME, which is taken as UTC with a warning', async () => {
    const source = sqlSource(
      { url },
      {
        as_of: 'select max(local) as beat from books',
        positions: 'select symbol, amount, local as changed_at from books',
      },
    );
    await expect(source.readState()).resolves.toMatchObject({
      asOf: Date.parse('2026-11-28T17:00:00.25Z'),
      positions: [{ changedAt: Date.parse('2026-11-28T17:00:00.25Z') }, {}],
    });
    expect(source.warnings?.()).toMatchObject([
      { text: expect.stringContaining('as_of has a time without a zone (column beat, DATETIME)') },
      { text: expect.stringContaining('positions has a time without a zone (column changed_at') },
    ]);
  });

  it.each([
    ['missing', 'select seen from books where false', 'incomplete', 'has no row'],
    ['NULL', 'select max(seen) from books where false', 'incomplete', 'NULL'],
    ['a text without a zone', "select '2026-11-28 17:09:11.07'", 'configuration', 'offset from UTC'],
    ['a date', "select date '2026-11-28'", 'configuration', 'without a zone'],
    ['zero', "select cast('0000-00-00 00:00:00' as datetime)", 'configuration', 'expected a time'],
    ['seconds', 'select 1764349751', 'configuration', 'may be seconds'],
    ['two values', 'select 1, 2', 'configuration', '2 columns'],
    ['two rows', 'select id from books', 'configuration', 'more than one row'],
    ['the clock', 'select utc_timestamp', 'configuration', 'the clock of the database (utc_timestamp)'],
    ['the clock in a call', 'select unix_timestamp() * 1000', 'configuration', 'unix_timestamp()'],
  ])('cannot be %s', async (_, as_of, kind, words) => {
    const failure = await failed({ as_of, positions: 'select symbol, amount from books' });
    expect(failure).toMatchObject({ kind, where: 'internal.as_of' });
    expect(failure.message).toContain(words);
  });
});

describe('a query that cannot be used', () => {
  it.each([
    ['has no amount', { positions: 'select symbol, amount as amunt from books' }, 'no column amount (it has "amunt")'],
    ['names no table', { positions: 'select symbol, amount from nowhere' }, 'ER_NO_SUCH_TABLE'],
    ['names no column', { positions: 'select symbol, amnt as amount from books' }, 'ER_BAD_FIELD_ERROR'],
    ['is no SQL', { positions: 'select symbol amount from from books' }, 'ER_PARSE_ERROR'],
    [
      'has a comment that is run',
      { positions: 'select symbol, amount from books /*! for update */' },
      'MySQL runs or obeys',
    ],
    ['is two', { positions: 'select symbol, amount from books; delete from books' }, 'more than one statement'],
    ['writes a file', { positions: "select symbol, amount from books into outfile '/tmp/x'" }, 'INTO'],
    ['locks rows', { positions: 'select symbol, amount from books lock in share mode' }, 'LOCK IN SHARE MODE'],
    ['needs a parameter', { positions: 'select symbol, amount from books where id = ?' }, 'positions failed'],
  ])('because it %s is refused with its name', async (_, queries, words) => {
    const failure = await failed(queries);
    expect(failure.where).toBe(`internal.${Object.keys(queries)[0]}`);
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/the query (positions|orders) /);
  });

  it('can change nothing even if a function hides the change', async () => {
    await bot.query(
      `create function spoil() returns int modifies sql data begin insert into moved values (1); return 1; end`,
    );
    const failure = await failed({ positions: "select 'S' as symbol, spoil() as amount" });
    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('READ ONLY transaction') });
    const [rows] = await bot.query('select count(*) as n from moved');
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('because it may not be read is a matter of permission', async () => {
    const source = sqlSource({ url: readerUrl }, { as_of: AS_OF, positions: 'select * from hidden' });
    expect(await failureOf(source, PASSWORD)).toMatchObject({ kind: 'permission' });
  });

  it('because it has too many rows is too large', async () => {
    const failure = await failed({ positions: "select concat('S', seq) as symbol, 1 as amount from seq_1_to_5001" });
    expect(failure).toMatchObject({ kind: 'too_large', message: expect.stringContaining('more than 5000 rows') });
  });

  it('because it has too many bytes is too large', async () => {
    const positions = "select concat('S', seq) as symbol, 1 as amount from seq_1_to_900";
    const failure = await failed({ positions }, { maxBytes: 10_000 });
    expect(failure).toMatchObject({ kind: 'too_large', message: expect.stringContaining('more than 10000 bytes') });
  });

  it('because it is slow ends after the deadline, on the server too', async () => {
    const positions = "select 'S' as symbol, sum(a.seq * b.seq) as amount from seq_1_to_100000 a, seq_1_to_100000 b";
    expect(await failed({ positions }, { deadlineSeconds: 1 })).toMatchObject({ kind: 'timeout' });
    await new Promise((done) => void setTimeout(done, 500));
    const [rows] = await bot.query(
      "select info from information_schema.processlist where info like '%seq_1_to_100000 b' and id <> connection_id()",
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
    ['is not for this user', { pathname: '/mysql' }, 'permission'],
    ['has no server', { port: '1' }, 'network'],
  ] as const)('because it %s shows no password', async (_, change, kind) => {
    const wrong = at(change);
    const password = decodeURIComponent(new URL(wrong).password);
    const failure = await failureOf(sqlSource({ url: wrong }, queries), password);
    expect(failure.message).toContain('MySQL 127.0.0.1:');
    expect(failure.kind).toBe(kind);
  });

  it('because the database does not exist is a matter of the configuration', async () => {
    const failure = await failureOf(sqlSource({ url: new URL('/no_such_database', url).href }, queries));
    expect(failure).toMatchObject({ kind: 'configuration', message: expect.stringContaining('Unknown database') });
  });

  it.each([
    ['mysql://user:hidden-word-77@h:port/x', 'cannot be read'],
    ['mysql://h/x?hidden-word-77', 'cannot be read'],
    ['mysql://user:%zz-hidden-word-77@h/x', 'cannot be read'],
    ['mysql://user:hidden-word-77@h/x?ssl-mode=perhaps', 'an ssl-mode that is not known'],
    ['mysql://user:hidden-word-77@h/x?sslmode=require', 'a parameter that is not known: sslmode'],
    ['mysql://user:hidden-word-77@h/x?ssl-ca=/no/such/file.pem', 'ssl-ca in the URL cannot be read (ENOENT)'],
  ])('because its URL cannot be used shows nothing secret of it: %s', async (wrong, words) => {
    const failure = await failureOf(sqlSource({ url: wrong }, queries), 'hidden-word-77');
    expect(failure).toMatchObject({ kind: 'configuration', where: 'internal.url' });
    expect(failure.message).toContain(words);
  });

  it('because it never answers ends after the deadline', async () => {
    const silent = await servers.listen(createServer(() => {}));
    const source = sqlSource({ url: `${silent.replace('http://', 'mysql://u@')}/x` }, queries, { deadlineSeconds: 1 });
    const failure = await failureOf(source);
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 1 s') });
  });

  it('because it breaks the connection is a matter of the network', async () => {
    const broken = await servers.listen(createServer((socket: Socket) => socket.destroy()));
    const failure = await failureOf(sqlSource({ url: `${broken.replace('http://', 'mysql://u@')}/x` }, queries));
    expect(failure).toMatchObject({ kind: 'network' });
  });

  it('is not blamed if the caller ends the read', async () => {
    const caller = new AbortController();
    const source = sqlSource({ url }, { ...queries, as_of: 'select sleep(30)' });
    const reading = source.readState({ signal: caller.signal });
    setTimeout(() => caller.abort(new Error('enough')), 300);
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('TLS', () => {
  const queries = {
    as_of: AS_OF,
    positions:
      "select variable_value as symbol, 1 as amount from information_schema.session_status where variable_name = 'Ssl_version'",
  };
  const source = (parameters: string) => sqlSource({ url: `${url}?${parameters}` }, queries);

  it.each([
    ['required', 'ssl-mode=required', /^TLS/],
    ['with a known authority', 'ssl-mode=VERIFY_CA&ssl-ca=', /^TLS/],
  ])('%s is used', async (_, parameters, version) => {
    const { positions } = await source(parameters.endsWith('=') ? parameters + authority : parameters).readState();
    expect(positions[0]?.symbol).toMatch(version);
  });

  it.each([
    ['an authority that nobody knows', 'ssl-mode=verify_ca', /self-signed certificate/],
    ['a certificate for another name', 'ssl-mode=verify_identity&ssl-ca=', /altnames|does not match/],
  ])('with %s is refused', async (_, parameters, words) => {
    const failure = await failureOf(source(parameters.endsWith('=') ? parameters + authority : parameters));
    expect(failure).toMatchObject({ kind: 'configuration', remedy: expect.stringContaining('ssl-ca=FILE') });
    expect(failure.message).toMatch(words);
  });

  it('is not used without being asked for', async () => {
    await expect(sqlSource({ url }, queries).readState()).resolves.toMatchObject({ positions: [] });
  });
});

describe('the settings of a session', () => {
  it.each([
    ['8.4.0', /^SET SESSION max_execution_time = 1500, /],
    ['10.11.19-MariaDB-0+deb12u1', /^SET SESSION max_statement_time = 1\.5, /],
  ])('of version %s limit the time of a statement in its own words', (version, words) => {
    const sql = sessionSettings(version, 1_500);
    expect(sql).toMatch(words);
    expect(sql).toContain("SESSION time_zone = '+00:00'");
    expect(sql).not.toMatch(/ANSI|NO_BACKSLASH/);
  });
});
