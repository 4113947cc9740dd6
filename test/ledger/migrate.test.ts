import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { Client } from 'pg';
import { z } from 'zod';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { ensureDatabase, migrateLedger } from '../../src/ledger/migrate/migrate.js';
import * as schema from '../../src/ledger/store/schema.js';
import { createTestDatabase } from '../support/postgres.js';
import { register } from './records.js';

type TestDatabase = Awaited<ReturnType<typeof createTestDatabase>>;
let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
}, 30_000);
afterEach(async () => database.drop());

async function query<Row extends object>(sql: string, url = database.url): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function ping(): Promise<void> {
  const ledger = createLedger(database.url);
  try {
    await ledger.ping();
  } finally {
    await ledger.close();
  }
}

const journal = z
  .object({ entries: z.array(z.object({ idx: z.number(), when: z.number(), tag: z.string() })) })
  .parse(JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')));
const ALL = journal.entries.map(({ tag }) => tag);

it('every migration is in the journal, in the order in which it came', () => {
  expect(readdirSync('migrations').filter((name) => name.endsWith('.sql'))).toEqual(ALL.map((tag) => `${tag}.sql`));
  expect(journal.entries.map(({ idx }) => idx)).toEqual([...journal.entries.keys()]);
  const marks = journal.entries.map(({ when }) => when);
  expect(marks).toEqual([...new Set(marks)].toSorted((a, b) => a - b));
  expect(existsSync('migrations/meta/_journal.json')).toBe(true);
});

describe('migrating', () => {
  it('an empty database makes the schema; a second time finds nothing to do', async () => {
    expect(await migrateLedger(database.url)).toEqual({ applied: ALL });
    expect(await migrateLedger(database.url)).toEqual({ applied: [] });
    await ping();
  });

  it('many times at once happens once', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, async () => migrateLedger(database.url)));
    expect(results.filter(({ applied }) => applied.length > 0)).toEqual([{ applied: ALL }]);
    await ping();
  });

  it('leaves what else is in the database alone, and what the ledger holds', async () => {
    await query('CREATE TABLE account (mine text); CREATE TABLE event (mine text)');
    await migrateLedger(database.url);
    const ledger = createLedger(database.url);
    await register(ledger);
    await migrateLedger(database.url);
    expect(await ledger.accounts()).toHaveLength(1);
    await ledger.close();
    expect(await query('SELECT * FROM public.account')).toEqual([]);
  });

  it('that is interrupted leaves nothing behind', async () => {
    await query('CREATE SCHEMA plumbline; CREATE TABLE plumbline.intervention (mine text)');
    await expect(migrateLedger(database.url)).rejects.toMatchObject({
      failure: { kind: 'ledger', message: expect.stringMatching(/"intervention" already exists/) },
    });
    const tables = await query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'plumbline' ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(['intervention', 'migration']);
    await query('DROP TABLE plumbline.intervention');
    expect(await migrateLedger(database.url)).toEqual({ applied: ALL });
  });

  it('makes the very columns that the queries are typed by', async () => {
    await migrateLedger(database.url);
    const tables = Object.values(schema).filter((value): value is PgTable & typeof value => isTable(value));
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      const { name, columns } = getTableConfig(table);
      const stored = await query<{ column: string; nullable: boolean }>(
        `SELECT column_name AS column, is_nullable = 'YES' AS nullable FROM information_schema.columns
         WHERE table_schema = 'plumbline' AND table_name = '${name}' ORDER BY ordinal_position`,
      );
      expect([name, stored]).toEqual([
        name,
        columns.map((column) => ({ column: column.name, nullable: !column.notNull })),
      ]);
    }
  });
});

function isTable(value: unknown): value is PgTable {
  return typeof value === 'object' && value !== null && Symbol.for('drizzle:IsDrizzleTable') in value;
}

describe('a schema that is not the one needed is reported, with what to do', () => {
  it.each([
    ['missing', async () => {}, /has no schema yet/, /Run `plumbline migrate`/],
    [
      'older',
      async () => {
        await migrateLedger(database.url);
        await query('UPDATE plumbline.migration SET created_at = 1');
      },
      /has an older schema/,
      /Run `plumbline migrate`/,
    ],
    [
      'newer',
      async () => {
        await migrateLedger(database.url);
        await query(`INSERT INTO plumbline.migration (hash, created_at) VALUES ('x', 9999999999999)`);
      },
      /has a newer schema/,
      /Upgrade Plumbline/,
    ],
  ])('%s', async (_state, prepare, message, remedy) => {
    await prepare();
    await expect(ping()).rejects.toMatchObject({
      failure: {
        kind: 'ledger',
        side: 'ledger',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      },
    });
  });

  it('missing, to whoever does not ask first', async () => {
    const ledger = createLedger(database.url);
    await expect(ledger.accounts()).rejects.toMatchObject({
      failure: { kind: 'ledger', remedy: expect.stringMatching(/plumbline migrate/) },
    });
    await ledger.close();
  });
});

describe('ensuring a database', () => {
  const made: string[] = [];
  function another(): string {
    const url = new URL(database.url);
    url.pathname = `/other "${made.length}" ${Date.now()}`;
    made.push(url.href);
    return url.href;
  }
  afterAll(async () => {
    const server = await createTestDatabase();
    for (const url of made) {
      const name = decodeURIComponent(new URL(url).pathname.slice(1)).replaceAll('"', '""');
      await query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`, server.url);
    }
    await server.drop();
  });

  it('creates it where it is missing, once', async () => {
    const url = another();
    expect(await ensureDatabase(url)).toEqual({ created: true });
    expect(await ensureDatabase(url)).toEqual({ created: false });
    expect(await migrateLedger(url)).toEqual({ applied: ALL });
  });

  it('creates it once although many ask at once', async () => {
    const url = another();
    const results = await Promise.all(Array.from({ length: 4 }, async () => ensureDatabase(url)));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
  });
});
