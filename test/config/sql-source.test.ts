import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commandEnvironment } from '../../src/config/command-environment.js';
import { parseSource, problemsOfSource } from './source-config.js';

const PASSWORD = 'hidden-word-4f9x';
const POSITIONS = 'positions: select symbol, amount from books';
const AS_OF = 'as_of: select max(seen) from books';

const parse = (fields: readonly string[]) => parseSource('sql', fields);
const problemsOf = (fields: readonly string[]) => problemsOfSource('sql', fields);

describe('internal state of kind sql', () => {
  it('is read with its defaults', () => {
    const [source] = parse(['url_env: BOT_DATABASE_URL', AS_OF, POSITIONS]).accounts[0]?.internal ?? [];
    expect(source).toEqual({
      name: null,
      source: {
        kind: 'sql',
        database: { kind: 'server', url: { env: 'BOT_DATABASE_URL' } },
        queries: { as_of: 'select max(seen) from books', positions: 'select symbol, amount from books' },
        scopes: ['positions'],
        positionMode: null,
        deadlineSeconds: 10,
        maxBytes: 33_554_432,
      },
      amounts: 'base',
      rows: 'positions',
      maxAgeSeconds: null,
    });
  });

  it('may set everything', () => {
    const [source] =
      parse([
        'path: state/bot.sqlite',
        AS_OF,
        'orders: select * from [open; orders]',
        'balances: select currency, total from wallet',
        'scopes: [orders:regular, balances]',
        'position_mode: hedge',
        'deadline_seconds: 3',
        'max_bytes: 1000',
        'amounts: contracts',
        'rows: trades',
        'max_internal_age_seconds: 30',
      ]).accounts[0]?.internal ?? [];
    expect(source).toMatchObject({
      source: {
        database: { kind: 'sqlite', path: join(resolve('/etc/plumbline'), 'state/bot.sqlite') },
        queries: { orders: 'select * from [open; orders]', balances: 'select currency, total from wallet' },
        scopes: ['orders:regular', 'balances'],
        positionMode: 'hedge',
        deadlineSeconds: 3,
        maxBytes: 1000,
      },
      amounts: 'contracts',
      rows: 'trades',
      maxAgeSeconds: 30,
    });
  });

  it.each([
    ['no database', [AS_OF, POSITIONS], '', 'names no database'],
    ['two databases', ['url_env: U', 'path: a', AS_OF, POSITIONS], '', 'the URL of a server and a SQLite file'],
    [
      'a variable and a file',
      ['url_env: U', 'url_file: a', AS_OF, POSITIONS],
      '.url_file',
      'both url_env and url_file',
    ],
    ['no time', ['url_env: U', POSITIONS], '.as_of', 'it is missing'],
    ['no list', ['url_env: U', AS_OF], '', 'no query for a list'],
    ['the clock of the database', ['url_env: U', 'as_of: select now()', POSITIONS], '.as_of', 'now()'],
    ['a change', ['url_env: U', AS_OF, 'orders: delete from orders'], '.orders', 'begins with DELETE'],
    ['two statements', ['url_env: U', AS_OF, 'orders: "select 1; select 2"'], '.orders', 'more than one statement'],
    ['quotes of the other database', ['url_env: U', AS_OF, 'orders: select * from [a; b]'], '.orders', 'more than one'],
    ['a scope without a query', ['path: a', AS_OF, POSITIONS, 'scopes: [orders]'], '.scopes[0]', 'no query orders'],
    ['an unknown scope', ['path: a', AS_OF, POSITIONS, 'scopes: [trades]'], '.scopes[0]', 'no scope'],
    ['an unknown key', ['path: a', AS_OF, 'postions: select 1'], '.postions', 'no such key'],
  ])('is refused with %s', (_, fields, path, words) => {
    const problem = problemsOf(fields).find((each) => each.path === `accounts.main.internal${path}`);
    expect(problem?.message).toContain(words);
    expect(problem?.remedy).not.toBe('');
  });

  it('may have queries that only MySQL understands, because the URL is read later', () => {
    const orders = String.raw`orders: 'select id, "it\"s; one" as symbol from t # where 1'`;
    expect(parse(['url_env: U', AS_OF, orders]).accounts).toHaveLength(1);
    expect(problemsOf(['path: a', AS_OF, orders]).map(({ path }) => path)).toEqual(['accounts.main.internal.orders']);
  });

  it('shows neither a password in the file nor the text of a query', () => {
    const problems = problemsOf([
      `url: postgres://bot:${PASSWORD}@127.0.0.1/x`,
      AS_OF,
      `orders: delete from users where password = '${PASSWORD}'`,
    ]);
    expect(problems.length).toBeGreaterThan(1);
    expect(JSON.stringify(problems)).not.toContain(PASSWORD);
  });

  it('keeps its URL from the programs that the configuration names', () => {
    const env = commandEnvironment(parse(['url_env: BOT_DATABASE_URL', AS_OF, POSITIONS]), {
      BOT_DATABASE_URL: PASSWORD,
      PATH: '/bin',
    });
    expect(env).toEqual({ PATH: '/bin' });
  });
});
