import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FailureError } from '../../src/domain/failure/failure.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { ensureDatabase, migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { Database } from '../../src/ledger/store/database.js';
import { sql } from 'drizzle-orm';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { register, verdict } from './records.js';

const PASSWORD = 'p%40ss/w+rd'; // as it is written in a URL
const SECRETS = [PASSWORD, decodeURIComponent(PASSWORD)];

let database: TestDatabase;
beforeAll(async () => {
  database = await createLedgerDatabase();
}, 30_000);
afterAll(async () => database.drop());

/** The test database's URL with one part replaced. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(database.url);
  url.password = PASSWORD;
  change(url);
  return url.href;
}

async function failureOf(work: Promise<unknown>): Promise<FailureError> {
  const error: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof FailureError)) throw new Error(`not a FailureError: ${inspect(error)}`);
  return error;
}

async function accountsOf(url: string): Promise<unknown> {
  const ledger = createLedger(url);
  try {
    return await ledger.accounts();
  } finally {
    await ledger.close();
  }
}

describe('trouble with the database is a failure of kind ledger with a remedy, and never reports the password', () => {
  it.each([
    ['nobody listens', (url: URL) => (url.port = '1'), /ECONNREFUSED/, /Start PostgreSQL/],
    ['no such host', (url: URL) => (url.hostname = 'nowhere.invalid'), /ENOTFOUND|EAI_AGAIN/, /./],
    ['a wrong password', (url: URL) => (url.pathname = '/postgres'), /28P01/, /Correct user and password/],
  ])('%s', async (_what, change, message, remedy) => {
    const url = urlWith(change);
    // One after the other: a rejection without a handler would end the test.
    for (const work of [accountsOf, migrateLedger]) {
      const error = await failureOf(work(url));
      expect(error.failure).toMatchObject({ kind: 'ledger', side: 'ledger' });
      expect(error.failure.message).toMatch(message);
      expect(error.failure.remedy).toMatch(remedy);
      for (const secret of SECRETS) expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
    }
  });

  it.each(['postgres://user:p%40ss/w+rd@host:port/db', 'http://[', 'postgres://u:p%40ss/w+rd@'])(
    'a URL that cannot be read (%s) is one of configuration',
    async (url) => {
      for (const work of [
        async () => accountsOf(url),
        async () => migrateLedger(url),
        async () => ensureDatabase(url),
      ]) {
        const error = await failureOf(work());
        expect(error.failure).toMatchObject({ kind: 'configuration', side: 'ledger' });
        for (const secret of SECRETS) expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
      }
    },
  );

  it('a database that is missing', async () => {
    const url = new URL(database.url);
    url.pathname = '/nothing';
    const { failure } = await failureOf(accountsOf(url.href));
    expect(failure.message).toMatch(/"nothing" does not exist/);
    expect(failure.remedy).toMatch(/Create the database/);
  });

  it('names host, port and database', async () => {
    const { failure } = await failureOf(accountsOf(urlWith((url) => (url.port = '1'))));
    expect(failure.message).toMatch(/^The ledger \(127\.0\.0\.1:1\/test_\w+\) could not list the accounts: /);
  });
});

describe('limits of time', () => {
  it('end a statement that takes too long', async () => {
    const slow = new Database(database.url, { limits: { statementMs: 50 } });
    const { failure } = await failureOf(slow.read('wait', async (session) => session.execute(sql`select pg_sleep(5)`)));
    expect(failure).toMatchObject({ kind: 'ledger', message: expect.stringMatching(/could not wait.*57014/) });
    await slow.close();
  });

  it('end the wait for a locked account', async () => {
    const owner = new Database(database.url);
    const ledger = createLedger(database.url, { limits: { lockMs: 50 } });
    await register(ledger);
    await owner.transaction('hold', async (session) => {
      await session.execute(sql`select 1 from plumbline.account for update`);
      const { failure } = await failureOf(ledger.recordVerdict(verdict(1)));
      expect(failure).toMatchObject({ kind: 'ledger', message: expect.stringMatching(/55P03/) });
    });
    expect(await ledger.recordVerdict(verdict(1))).toMatchObject({ outcome: 'matched' });
    await Promise.all([ledger.close(), owner.close()]);
  });

  it('end the wait for a connection of a full pool', async () => {
    const small = new Database(database.url, { poolSize: 1, limits: { connectMs: 50 } });
    await small.transaction('hold', async () => {
      const { failure } = await failureOf(small.read('be read', async () => undefined));
      expect(failure).toMatchObject({ kind: 'ledger', message: expect.stringMatching(/timeout/) });
    });
    await small.close();
  });
});

it('a transaction that conflicted with another one is repeated', async () => {
  const db = new Database(database.url);
  let attempts = 0;
  const done = await db.transaction('serialize', async (session) => {
    attempts += 1;
    if (attempts < 3) await session.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    return 'done';
  });
  expect([done, attempts]).toEqual(['done', 3]);
  await expect(
    db.transaction('serialize', async (session) => {
      attempts += 1;
      await session.execute(sql`do $$ begin raise exception 'again' using errcode = '40P01'; end $$`);
    }),
  ).rejects.toMatchObject({ failure: { kind: 'ledger' } });
  expect(attempts).toBe(7);
  await db.close();
});

it('a fault of our own is not reported as one of the database', async () => {
  const db = new Database(database.url);
  await expect(
    db.transaction('fail', async () => {
      throw new TypeError('ours');
    }),
  ).rejects.toThrow(TypeError);
  expect((await db.read('read', async (session) => session.execute(sql`select 1 as one`))).rows).toEqual([{ one: 1 }]);
  await db.close();
});
