import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { z } from 'zod';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { DatabaseSession } from '../../src/ledger/store/database.js';
import { appendEvents, GENESIS_HASH, type NewEvent } from '../../src/ledger/store/event-chain.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { digestRun } from '../../src/ledger/write/record-run.js';
import { run, type AccountRow, type NewRun } from '../../src/ledger/store/schema.js';
import { NOON } from '../domain/snapshots.js';
import { createTestDatabase } from '../support/postgres.js';
import { failed, NO_ANSWER, register, verdict } from './records.js';

/** Migrations of the version that registered accounts without an event and recorded the workflow's count. */
const OLD_MIGRATIONS = 4;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
let session: DatabaseSession;
let ledger: Ledger;

beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  session = drizzle({ client });
  await migrateToOld();
  ledger = createLedger(database.url);
}, 30_000);
afterEach(async () => {
  await ledger.close();
  await client.end();
  await database.drop();
});

async function migrateToOld(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-migrations-'));
  try {
    cpSync('migrations', folder, { recursive: true });
    const path = join(folder, 'meta/_journal.json');
    const journal = z.looseObject({ entries: z.array(z.unknown()) }).parse(JSON.parse(readFileSync(path, 'utf8')));
    writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, OLD_MIGRATIONS) }));
    await migrate(session, { migrationsFolder: folder, migrationsSchema: 'plumbline', migrationsTable: 'migration' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An account as the earlier version kept it. */
class OldAccount {
  #head: Pick<AccountRow, 'lastSequence' | 'lastHash'> = { lastSequence: 0, lastHash: GENESIS_HASH };
  #runs = 0;

  constructor(
    readonly name: string,
    readonly execution = `execution/${name}`,
  ) {}

  async register(): Promise<void> {
    await client.query(
      `INSERT INTO plumbline.account (account, exchange, policy, registered_at) VALUES ($1, 'binanceusdm', $2, now())`,
      [this.name, JSON.stringify(DEFAULT_POLICY)],
    );
  }

  /** A failed run with the count of the workflow, and whether it called a human. */
  async fail(consecutiveFailures: number, calls = false): Promise<void> {
    const streak = { consecutive_failures: consecutiveFailures, threshold: 3 };
    const call = { ...streak, action: 'RECONCILIATION_FAILURE_THRESHOLD', reason: 'none: \0', intervene: false };
    await this.#record(
      { outcome: 'failed', failure: NO_ANSWER, consecutiveFailures },
      { type: 'RECONCILIATION_FAILED', payload: streak },
      calls ? [{ type: 'MANUAL_INTERVENTION', payload: call }] : [],
    );
  }

  async succeed(): Promise<void> {
    const fields = { outcome: 'matched', failure: null, consecutiveFailures: 0 } as const;
    await this.#record(fields, { type: 'RECONCILIATION_COMPLETED', payload: {} }, []);
  }

  async #record(
    fields: Pick<NewRun, 'outcome' | 'failure' | 'consecutiveFailures'>,
    end: Pick<NewEvent, 'type' | 'payload'>,
    others: Pick<NewEvent, 'type' | 'payload'>[],
  ): Promise<void> {
    const runNumber = ++this.#runs;
    const at = new Date(NOON + runNumber * 1_000);
    const row: NewRun = {
      account: this.name,
      workflowRunId: this.execution,
      runNumber,
      trigger: 'schedule',
      startedAt: at,
      endedAt: at,
      looks: 0,
      discrepancies: 0,
      unsettled: [],
      compared: [],
      notCompared: [],
      ignored: {},
      positions: null,
      orders: null,
      answer: {
        outcome: fields.outcome,
        runNumber,
        looks: 0,
        discrepancies: 0,
        byType: {},
        opened: [],
        resolved: 0,
        openDiscrepancies: 0,
        unsettled: 0,
        unsettledRunsInARow: 0,
        compared: 0,
        notCompared: [],
        failure: fields.failure,
        calls: [],
      },
      ...fields,
    };
    await session.insert(run).values(row);
    const ended = { ...end.payload, started_at: at, run_digest: digestRun(row), evidence: [] };
    const events = [{ ...end, payload: ended }, ...others].map((event) => ({ ...event, run: row }));
    this.#head = await appendEvents(session, { account: this.name, ...this.#head }, at, events);
    const isFailed = fields.outcome === 'failed';
    await client.query(
      `UPDATE plumbline.account SET last_sequence = $2, last_hash = $3, last_run_number = $4, last_run_at = $5,
         last_outcome = $6, consecutive_failures = $7, failure_total = failure_total + $8,
         success_total = success_total + 1 - $8, last_success_at = CASE WHEN $8 = 0 THEN $5 ELSE last_success_at END
       WHERE account = $1`,
      [
        this.name,
        this.#head.lastSequence,
        this.#head.lastHash,
        runNumber,
        at,
        fields.outcome,
        fields.consecutiveFailures,
        isFailed ? 1 : 0,
      ],
    );
  }
}

async function faultsOf(name: string): Promise<string[] | undefined> {
  return (await ledger.verify(name)).accounts[0]?.faults.map(({ fault }) => fault);
}

it('a streak is taken over as the earlier version counted it, including whether it called', async () => {
  const cases: [name: string, runs: (account: OldAccount) => Promise<void>, streak: object][] = [
    ['no run', async () => {}, { failures: 0, called: false }],
    [
      'called',
      async (account) => {
        await account.succeed();
        await account.fail(2);
        await account.fail(3, true);
        await account.fail(4);
      },
      { failures: 4, called: true },
    ],
    [
      'called in an earlier streak',
      async (account) => {
        await account.fail(3, true);
        await account.succeed();
        await account.fail(1);
      },
      { failures: 1, called: false },
    ],
    [
      'called, and has succeeded since',
      async (account) => {
        await account.fail(3, true);
        await account.succeed();
      },
      { failures: 0, called: false },
    ],
  ];
  for (const [name, runs] of cases) {
    const account = new OldAccount(name);
    await account.register();
    await runs(account);
  }
  await migrateLedger(database.url);
  for (const [name, , streak] of cases) {
    expect([name, await ledger.streak(name)]).toEqual([name, streak]);
    expect([name, await faultsOf(name)]).toEqual([name, []]);
  }
  // The count continues: the account that has called does not call again, the other one does at the threshold.
  const calls = [];
  for (const name of ['called', 'called in an earlier streak']) {
    for (const number of [10, 11]) calls.push((await ledger.recordFailure(failed(number, {}, name))).calls.length);
    expect([name, await faultsOf(name)]).toEqual([name, []]);
  }
  expect(calls).toEqual([0, 0, 0, 1]);
});

it('an execution belongs to the account of its first run, and what another account recorded under it is a fault', async () => {
  const first = new OldAccount('v1');
  const foreign = new OldAccount('v5', first.execution);
  for (const account of [first, foreign]) {
    await account.register();
    await account.succeed();
  }
  await migrateLedger(database.url);
  expect(await faultsOf('v1')).toEqual([]);
  expect(await faultsOf('v5')).toEqual(['run 1 was recorded under execution/v1, which is an execution of account v1']);
  const key = { account: 'v5', workflowRunId: first.execution, runNumber: 1 };
  expect((await ledger.loadRun(key)).recorded).toMatchObject({ outcome: 'matched' });
  await expect(ledger.recordVerdict({ ...verdict(2), key: { ...key, runNumber: 2 } })).rejects.toMatchObject({
    failure: { kind: 'bug' },
  });
});

it('every intervention that an earlier version opened closes the trading gate', async () => {
  await new OldAccount('main').register();
  await client.query(
    `INSERT INTO plumbline.intervention (id, account, state, opened_at, reasons) VALUES ('call', 'main', 'open', now(), '[]')`,
  );
  await client.query('UPDATE plumbline.account SET open_interventions = 1');
  await migrateLedger(database.url);
  expect(await ledger.account('main')).toMatchObject({ openInterventions: 1, interventionsOpen: 1 });
  expect(await faultsOf('main')).toEqual([]);
  await ledger.acknowledgeIntervention({ interventionId: 'call', by: 'ada', note: 'seen' });
  expect(await ledger.account('main')).toMatchObject({ openInterventions: 0, interventionsOpen: 0 });
  expect(await faultsOf('main')).toEqual([]);
});

it('an account that was registered without an event has none until it changes', async () => {
  const account = new OldAccount('main');
  await account.register();
  await account.succeed();
  await migrateLedger(database.url);
  expect(await ledger.account('main')).toMatchObject({ expectedAt: null, streakCalled: false });
  await register(ledger);
  expect((await ledger.events('main')).map(({ type }) => type)).toEqual(['RECONCILIATION_COMPLETED']);
  await register(ledger, 'main', { intervalMinutes: 5 });
  expect((await ledger.events('main')).at(-1)).toMatchObject({
    type: 'POLICY_CHANGED',
    payload: { before: { policy: { intervalMinutes: 30 } }, after: { policy: { intervalMinutes: 5 } } },
  });
  expect(await faultsOf('main')).toEqual([]);
  expect(await session.select().from(run).where(eq(run.account, 'main'))).toHaveLength(1);
});
