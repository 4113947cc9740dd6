import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlConfig } from '../../../src/config/sql-config.js';
import { failureOf, sqlSource, type Queries } from './support/sources.js';
import { LASTING_WRITER, NODE_OPTIONS, WITHOUT_SQLITE, writeSqlite } from './support/sqlite.js';

const AS_OF = "select strftime('%Y-%m-%dT%H:%M:%fZ', seen) from books order by seen desc limit 1";
const POSITIONS = 'select symbol, amount from books order by symbol';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-sqlite-source-'));
  path = join(folder, 'bot 1?.sqlite');
  writeSqlite(
    path,
    `create table books (symbol text, amount, id integer, seen text);
     insert into books values ('BTC/USDT:USDT', 0.1, 9007199254740993, '2026-11-28 17:09:11.070391');
     insert into books values ('DOGE/USDT:USDT', '12345678901234567890.123', 2, null);
     insert into books values ('ETH/USDT:USDT', 9223372036854775807, 3, null);`,
  );
});
afterAll(async () => rm(folder, { recursive: true }));

const sourceOf = (queries: Partial<Queries>, overrides: Partial<SqlConfig> = {}, file = path) =>
  sqlSource({ path: file }, { as_of: AS_OF, ...queries }, overrides, NODE_OPTIONS);

describe('a file of SQLite', () => {
  it('is read as the documented form, with exact numbers', async () => {
    const source = sourceOf({
      positions: POSITIONS,
      orders: `select id, symbol, 'sell' as side, 'stop' as type, 1e-7 as trigger_price, 5 as amount, 0 as filled, id > 2 as conditional
        from books where seen is not null;`,
    });
    await expect(source.readState()).resolves.toMatchObject({
      asOf: Date.parse('2026-11-28T17:09:11.070Z'),
      scopes: ['positions', 'orders'],
      positions: [{ amount: '0.1' }, { amount: '12345678901234567890.123' }, { amount: '9223372036854775807' }],
      orders: [{ id: '9007199254740993', triggerPrice: '0.0000001', amount: '5', conditional: true }],
    });
    expect(source.warnings?.()).toMatchObject([
      { text: expect.stringContaining('positions has floats in amount') },
      { text: expect.stringContaining('orders has floats in trigger_price') },
    ]);
  });

  it('answers an empty list for no rows, and checks its columns', async () => {
    const positions = 'select symbol, amount from books where false';
    await expect(sourceOf({ positions }).readState()).resolves.toMatchObject({ positions: [] });
    const failure = await failureOf(sourceOf({ positions: positions.replace('amount', 'id') }));
    expect(failure).toMatchObject({ kind: 'configuration', where: 'internal.positions' });
  });

  it('takes no bytes for an id', async () => {
    const { orders, unread } = await sourceOf({
      orders: `select x'0102' as id, symbol, 'sell' as side, 'limit' as type, 1 as price, 5 as amount, 0 as filled from books where id = 2`,
    }).readState();
    expect(orders).toEqual([]);
    expect(unread).toMatchObject([
      { scope: 'orders', symbol: 'DOGE/USDT:USDT', reason: expect.stringContaining('expected an id') },
    ]);
  });

  it('costs the symbol of a blob or of an infinite number', async () => {
    const { unread, positions } = await sourceOf({
      positions: `select symbol, case id when 2 then x'0102' when 3 then 9e999 else 1 end as amount from books`,
    }).readState();
    expect(positions).toHaveLength(1);
    expect(unread).toMatchObject([{ symbol: 'DOGE/USDT:USDT' }, { symbol: 'ETH/USDT:USDT' }]);
  });

  it('needs no file of the writer to be checkpointed, and follows it', async () => {
    const file = join(folder, 'live.sqlite');
    await copyFile(path, file);
    const writer = spawn('python3', ['-c', LASTING_WRITER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      for (const amount of ['0.25', '0.5']) {
        await write(writer, `update books set amount = '${amount}' where symbol = 'BTC/USDT:USDT'`);
        const { positions } = await sourceOf({ positions: POSITIONS }, {}, file).readState();
        expect(positions[0]?.amount).toBe(amount);
      }
      expect((await stat(`${file}-wal`)).size).toBeGreaterThan(0);
      // While the writer is in the middle of a change, the last complete state is read.
      await write(writer, 'begin immediate');
      await write(writer, 'delete from books');
      const { positions } = await sourceOf({ positions: POSITIONS }, {}, file).readState();
      expect(positions).toHaveLength(3);
      await write(writer, 'rollback');
    } finally {
      writer.kill();
      await once(writer, 'close');
    }
  });

  it('ends after the deadline, with its process', async () => {
    const positions = `with recursive n(i) as (select 1 union all select i + 1 from n) select 'S' as symbol, count(*) as amount from n`;
    const began = Date.now();
    const failure = await failureOf(sourceOf({ positions }, { deadlineSeconds: 1 }));
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 1 s') });
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('has limits of rows and bytes', async () => {
    const rows = (count: number): string =>
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) select 'S' || i as symbol, 1 as amount from n`;
    expect(await failureOf(sourceOf({ positions: rows(5_001) }))).toMatchObject({ kind: 'too_large' });
    expect(await failureOf(sourceOf({ positions: rows(900) }, { maxBytes: 5_000 }))).toMatchObject({
      kind: 'too_large',
    });
  });

  it.each([
    ['has no such table', 'select symbol, amount from nowhere', 'configuration', 'no such table: nowhere'],
    ['is no SQL', 'select symbol amount from from', 'configuration', 'syntax error'],
    ['changes data', 'with x as (select 1) insert into books select 1', 'configuration', 'INSERT'],
  ])('refuses a query that %s', async (_, positions, kind, words) => {
    const failure = await failureOf(sourceOf({ positions }));
    expect(failure).toMatchObject({ kind, where: 'internal.positions', message: expect.stringContaining(words) });
  });

  it.each([
    ['a time without a zone', 'select seen from books limit 1', 'configuration'],
    ['no time', 'select seen from books where false', 'incomplete'],
    ['seconds', "select unixepoch('2026-11-28 17:09:11')", 'configuration'],
  ])('refuses %s as the time of the bot', async (_, as_of, kind) => {
    const failure = await failureOf(sourceOf({ as_of, positions: POSITIONS }));
    expect(failure).toMatchObject({ kind, where: 'internal.as_of' });
  });
});

describe('a path without a SQLite file', () => {
  it('is reported', async () => {
    const text = join(folder, 'text.sqlite');
    await writeFile(text, 'this is no database, but it is long enough to have a header of one hundred bytes'.repeat(9));
    await mkdir(join(folder, 'a-folder'));
    const kindOf = async (name: string) => failureOf(sourceOf({ positions: POSITIONS }, {}, join(folder, name)));
    expect(await kindOf('missing.sqlite')).toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('ENOENT'),
    });
    expect(await kindOf('a-folder')).toMatchObject({ kind: 'configuration' });
    expect(await kindOf('text.sqlite')).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('not a database'),
    });
  });
});

describe('Node without SQLite', () => {
  it('is said clearly', async () => {
    // On a Node that has it, an option takes it away.
    const queries = { as_of: AS_OF, positions: POSITIONS };
    const failure = await failureOf(sqlSource({ path }, queries, {}, WITHOUT_SQLITE));
    expect(failure).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('needs Node 22.16 or later'),
    });
    expect(failure.message).toContain(process.version);
  });
});

async function write(writer: ChildProcess, sql: string): Promise<void> {
  writer.stdin?.write(`${sql}\n`);
  if (writer.stdout !== null) await once(writer.stdout, 'data');
}
