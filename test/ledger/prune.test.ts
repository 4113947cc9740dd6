import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { Database } from '../../src/ledger/store/database.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { pruneEvidence, PruneProgress } from '../../src/ledger/write/prune.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { register } from './records.js';

/** Runs of each account, a day apart. Every tenth drifted, so its evidence stays; every hundredth is unrecorded. */
const RUNS = 2_000;
const ACCOUNTS = ['account-1', 'account-2'];
const KEPT = ACCOUNTS.length * (RUNS / 10 - RUNS / 100);
const KEEP_DAYS = 7;

let test: TestDatabase;
let client: Client;
let database: Database;
let ledger: Ledger;

beforeAll(async () => {
  test = await createLedgerDatabase();
  ledger = createLedger(test.url);
  database = new Database(test.url);
  client = new Client({ connectionString: test.url });
  await client.connect();
  for (const account of ACCOUNTS) await register(ledger, account);
  const days = `generate_series(0, ${RUNS - 1}) n, plumbline.account`;
  await client.query(`
    INSERT INTO plumbline.run (account, workflow_run_id, run_number, trigger, outcome, started_at, ended_at, looks,
      discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer)
    SELECT account, 'execution/' || account, n, 'schedule', CASE WHEN n % 10 = 5 THEN 'drifted' ELSE 'matched' END,
      now() - make_interval(days => n), now() - make_interval(days => n), 1, 0, '[]', '[]', '[]', '{}', 0, '{}'
    FROM ${days} WHERE n % 100 <> 55;
    INSERT INTO plumbline.snapshot_body SELECT account, 'digest-' || n, 'x' FROM ${days};
    INSERT INTO plumbline.snapshot (id, account, workflow_run_id, run_number, look, side, digest, read_started_at,
      read_ended_at, as_of, stored_at)
    SELECT gen_random_uuid(), account, 'execution/' || account, n, 1, 'exchange', 'digest-' || n, 0, 0, 0,
      now() - make_interval(days => n, secs => 1) FROM ${days}`);
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await database.close();
  await client.end();
  await test.drop();
});

async function count(table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM plumbline.${table}`);
  return Number(rows[0]?.count);
}

it('does nothing while another process prunes', async () => {
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock(7586234902)');
  expect(await ledger.pruneEvidence(KEEP_DAYS)).toEqual({ deleted: 0 });
  await client.query('ROLLBACK');
});

it('ends a pass in time, and the next one goes on', async () => {
  const before = await count('snapshot');
  const progress = new PruneProgress();
  const pass = async (): Promise<number> =>
    (await pruneEvidence(database, KEEP_DAYS, progress, { batch: 100, maxPassMs: 0 })).deleted;
  const first = await pass();
  const second = await pass();
  expect([first > 50, first <= 100, second > 50, second <= 100]).toEqual([true, true, true, true]);
  expect(await count('snapshot')).toBe(before - first - second);
});

it('deletes old evidence in batches, and examines the rest once', async () => {
  const progress = new PruneProgress();
  const prune = async (): Promise<number> =>
    (await pruneEvidence(database, KEEP_DAYS, progress, { batch: 100 })).deleted;
  expect(await prune()).toBeGreaterThan(0);
  // The kept week: days 0 to 6 of both accounts.
  const young = ACCOUNTS.length * KEEP_DAYS;
  const keptOfYoung = ACCOUNTS.length;
  expect(await count('snapshot')).toBe(KEPT + young - keptOfYoung);
  expect(await count('snapshot_body')).toBe(KEPT + young - keptOfYoung);
  expect(await prune()).toBe(0);
  // After the second pass, nothing old is left to examine.
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM plumbline.snapshot WHERE stored_at < now() - interval '${KEEP_DAYS} days'
     AND (stored_at, id) > ($1::timestamptz, $2::uuid)`,
    [progress.decided.storedAt, progress.decided.id],
  );
  expect(Number(rows[0]?.count)).toBe(0);
});
