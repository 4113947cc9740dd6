import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { order, snapshot } from '../domain/snapshots.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { CuttingProxy } from './cutting-proxy.js';
import { failed, openedOutside, register, runKey, verdict } from './records.js';

let database: TestDatabase;
let ledger: Ledger;
let other: Ledger;
let intruder: Client;
let accounts = 0;
let main: string;
const poolErrors: Error[] = [];

beforeAll(async () => {
  database = await createLedgerDatabase();
  ledger = createLedger(database.url, {
    applicationName: 'first',
    onPoolError: (error) => {
      poolErrors.push(error);
    },
  });
  other = createLedger(database.url, { applicationName: 'second' });
  intruder = new Client({ connectionString: database.url });
  await intruder.connect();
}, 30_000);
afterAll(async () => {
  await intruder.end();
  await Promise.all([ledger.close(), other.close()]);
  await database.drop();
});
beforeEach(async () => {
  main = `main-${++accounts}`;
  await register(ledger, main);
});

/** `later`: events after that of the registration. */
async function expectSound(runs: number, later: number): Promise<void> {
  const events = later + 1;
  expect((await ledger.verify(main)).accounts).toEqual([
    { account: main, events, runs, faults: [], lastEvent: { sequence: events, hash: expect.any(String) } },
  ]);
  const sequences = (await ledger.events(main, { after: 0, limit: 10_000 })).map(({ sequence }) => sequence);
  expect(sequences).toEqual(Array.from({ length: events }, (_, index) => index + 1));
}

/** Backends of this database whose statements wait for a lock. */
async function backendsWaiting(): Promise<{ pid: number; name: string }[]> {
  // Not in a transaction, which would keep seeing the list of connections as first read.
  await intruder.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await intruder.query<{ pid: number; name: string }>(
    `SELECT pid, application_name AS name FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows;
}

async function waitingForLocks(count: number): Promise<void> {
  while ((await backendsWaiting()).length < count) await setImmediate();
}

describe('the same delivery many times at once', () => {
  it('of a verdict is recorded once, and every delivery gets the first answer', async () => {
    const record = verdict(1, { confirmed: [openedOutside()] }, main);
    const answers = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => (index % 2 === 0 ? ledger : other).recordVerdict(record)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await ledger.loadRun(record.key)).recorded).toEqual(answers[0]);
    await expectSound(1, 2);
  });

  it('of a failure is recorded once', async () => {
    const record = failed(1, { thresholdReached: true }, main);
    await Promise.all(Array.from({ length: 5 }, async () => ledger.recordFailure(record)));
    expect((await ledger.account(main))?.failureTotal).toBe(1);
    await expectSound(1, 2);
  });

  it('of a verdict and a failure of one run leaves the first of the two', async () => {
    const answers = await Promise.all([
      ledger.recordVerdict(verdict(1, {}, main)),
      other.recordFailure(failed(1, {}, main)),
    ]);
    expect(new Set(answers.map(({ outcome }) => outcome)).size).toBe(1);
    await expectSound(1, 1);
  });

  it('of a pause, a call and its acknowledgement counts each once', async () => {
    const pause = { account: main, paused: true, by: 'ada', reason: null, requestId: 'p' };
    const call = { account: main, interventionId: `${main}/call`, reasons: [] };
    const note = { interventionId: `${main}/call`, requestId: 'n' };
    const times = async (work: () => Promise<void>) => Promise.all(Array.from({ length: 5 }, work));
    await Promise.all([times(async () => ledger.recordPause(pause)), times(async () => other.openIntervention(call))]);
    await times(async () => ledger.recordNotification(note));
    await times(async () => ledger.acknowledgeIntervention({ ...note, by: 'ada', note: 'seen' }));
    expect(await ledger.interventions({ account: main })).toMatchObject([{ notifiedTimes: 1, state: 'acknowledged' }]);
    await expectSound(0, 2);
  });
});

it('writers of all kinds at once leave sequences without gaps and totals that are right', async () => {
  const writes = Array.from({ length: 40 }, async (_, index) => {
    const writer = index % 2 === 0 ? ledger : other;
    const run = index + 1;
    if (index % 4 === 1) return writer.recordFailure(failed(run, { threshold: 1_000 }, main));
    if (index % 4 === 2) {
      const paused = index % 8 === 2;
      return writer.recordPause({ account: main, paused, by: 'ada', reason: null, requestId: String(index) });
    }
    await writer.putSnapshot(runKey(run, main), 1, snapshot('exchange', { orders: [order()] }));
    return writer.recordVerdict(verdict(run, { confirmed: [openedOutside(String(run))] }, main));
  });
  await Promise.all(writes);
  // 20 verdicts, each with a new size: 20 completions and 20 calls.
  await expectSound(30, 60);
  expect(await ledger.account(main)).toMatchObject({ successTotal: 20, failureTotal: 10 });
});

it('a verdict that waits for another counts on what that one left unconfirmed', async () => {
  const unconfirmed = [
    { identity: 'x', type: 'POSITION_SIZE_CHANGED' as const, symbol: 'BTC/USDT:USDT', reason: 'moved' },
  ];
  await intruder.query('BEGIN');
  await intruder.query('SELECT 1 FROM plumbline.account WHERE account = $1 FOR UPDATE', [main]);
  const first = ledger.recordVerdict(verdict(1, { unconfirmed }, main));
  await waitingForLocks(1);
  const second = other.recordVerdict(verdict(2, { unconfirmed }, main));
  await waitingForLocks(2);
  await intruder.query('COMMIT');
  expect([(await first).unsettledRunsInARow, (await second).unsettledRunsInARow]).toEqual([1, 2]);
  await expectSound(2, 2);
});

it('accounts do not wait for each other', async () => {
  const second = `${main}-b`;
  await register(ledger, second);
  await intruder.query('BEGIN');
  await intruder.query('SELECT 1 FROM plumbline.account WHERE account = $1 FOR UPDATE', [main]);
  const held = ledger.recordVerdict(verdict(1, {}, main));
  await ledger.recordVerdict(verdict(1, {}, second));
  expect((await ledger.loadRun(runKey(1, main))).recorded).toBeNull();
  await intruder.query('COMMIT');
  await held;
});

describe('a backend that is killed', () => {
  /** The one backend of `first` that waits for a lock. */
  async function waitingBackend(): Promise<number> {
    for (;;) {
      const backend = (await backendsWaiting()).find(({ name }) => name === 'first');
      if (backend !== undefined) return backend.pid;
    }
  }

  it.each([
    ['before anything was written', 'SELECT 1 FROM plumbline.account FOR UPDATE'],
    ['after the run and before its event', 'LOCK TABLE plumbline.event IN EXCLUSIVE MODE'],
    ['after the event and before the totals', 'LOCK TABLE plumbline.account IN SHARE MODE'],
  ])('%s: the verdict is still recorded once', async (_when, lock) => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await intruder.query('BEGIN');
    await intruder.query(lock);
    const recording = ledger.recordVerdict(verdict(2, { confirmed: [openedOutside()] }, main));
    const pid = await waitingBackend();
    await intruder.query('SELECT pg_terminate_backend($1)', [pid]);
    await intruder.query('COMMIT');
    expect(await recording).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1 });
    await expectSound(2, 3);
  });

  it('while it was idle is replaced, and the pool reports it', async () => {
    await Promise.all([ledger.accounts(), ledger.accounts()]);
    poolErrors.length = 0;
    await intruder.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'first'`);
    expect(await ledger.account(main)).not.toBeNull();
    await ledger.recordVerdict(verdict(1, {}, main));
    while (poolErrors.length === 0) await ledger.ping();
  });
});

describe('a connection that breaks', () => {
  it.each(['COMMIT', 'insert into "plumbline"."event"', 'BEGIN'])(
    'after %s was sent and before its answer came: recorded once',
    async (statement) => {
      const proxy = await CuttingProxy.start(database.url);
      const far = createLedger(proxy.url);
      try {
        await far.account(main);
        proxy.cutAfter = statement;
        const answer = await far.recordVerdict(verdict(1, { confirmed: [openedOutside()] }, main));
        expect(proxy.cuts).toBe(1);
        expect(answer).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1 });
        await expectSound(1, 2);
      } finally {
        await far.close();
        await proxy.stop();
      }
    },
  );

  it('or no longer answers ends in a failure, and the pool works again afterwards', async () => {
    const proxy = await CuttingProxy.start(database.url);
    const far = createLedger(proxy.url, { limits: { answerMs: 200, connectMs: 200 } });
    try {
      await far.account(main);
      proxy.stalled = true;
      await expect(far.recordVerdict(verdict(1, {}, main))).rejects.toMatchObject({
        failure: { kind: 'ledger', remedy: expect.stringMatching(/reachable/) },
      });
      await expect(far.accounts()).rejects.toMatchObject({ failure: { kind: 'ledger' } });
      proxy.stalled = false;
      expect(await far.recordVerdict(verdict(1, {}, main))).toMatchObject({ outcome: 'matched' });
      await expectSound(1, 1);
    } finally {
      await far.close();
      await proxy.stop();
    }
  });
});
