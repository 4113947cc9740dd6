import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { listAccounts } from '../../src/ledger/read/account-totals.js';
import { expectSign } from '../../src/ledger/write/expected-sign.js';
import { recordFailure } from '../../src/ledger/write/record-failure.js';
import { createTestDatabase } from '../support/postgres.js';
import { fillLedger, hotStatements, MAIN } from './hot-statements.js';
import { rowsReadBy, statementsOf, wholeReadsOf, type Work } from './plans.js';
import { failed } from './records.js';

const RUNS = 8_000;
const { reads, writes } = hotStatements(RUNS);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await fillLedger(database.url, { accounts: 2, runs: RUNS });
  client = new Client({ connectionString: database.url });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
});

it.each([...reads, ...writes])('%s reads no table whole', async (_what, work) => {
  expect(await wholeReadsOf(client, work)).toEqual([]);
});

it.each(reads)('%s reads about as many rows as it shows', async (_what, work) => {
  expect(await rowsReadBy(client, work)).toBeLessThan(150);
});

it('all accounts are read with one statement', async () => {
  await client.query('BEGIN');
  expect(await statementsOf(client, async (session) => listAccounts(session))).toHaveLength(1);
  await client.query('ROLLBACK');
});

it('a sign of life is one statement', async () => {
  await client.query('BEGIN');
  expect(await statementsOf(client, async (session) => expectSign(session, MAIN, 60))).toHaveLength(1);
  await client.query('ROLLBACK');
});

it('a run takes no statement more for its execution, once that belongs to its account', async () => {
  await client.query('BEGIN');
  const counts: number[] = [];
  for (const run of [RUNS + 2, RUNS + 3]) {
    counts.push(
      (await statementsOf(client, async (session) => recordFailure(session, failed(run, {}, 'account-2')))).length,
    );
  }
  await client.query('ROLLBACK');
  expect((counts[0] ?? 0) - (counts[1] ?? 0)).toBe(2);
});

it('the checks would find a table that is read completely', async () => {
  const everything: Work = async (session) => session.execute('select * from plumbline.event where hash = $$x$$');
  expect(await wholeReadsOf(client, everything)).toEqual([expect.stringMatching(/^event: /)]);
  expect(await rowsReadBy(client, everything)).toBeGreaterThan(2 * RUNS);
});
