import { afterEach, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { GateReading, ReadGateState } from '../../src/ledger/contract/gate.js';
import { ListeningGateFeed, type GateFeedLimits } from '../../src/ledger/read/gate-feed.js';
import { tradingGateOf } from '../../src/domain/gate/trading-gate.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { openedOutside, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
const open: ListeningGateFeed[] = [];

/** A feed that reads all accounts so rarely that every change must come from a notification. */
function follow(limits: Partial<GateFeedLimits> = {}) {
  const readings: GateReading[] = [];
  const failures: unknown[] = [];
  const follower = {
    read: (reading: GateReading) => void readings.push(reading),
    failed: (error: unknown) => void failures.push(error),
  };
  const feed = new ListeningGateFeed(under.url, follower, {
    applicationName: 'gate feed',
    limits: { everyMs: 3_600_000, ...limits },
  });
  open.push(feed);
  const last = (account: string): ReadGateState | undefined =>
    readings.flatMap(({ states }) => states).findLast((state) => state.account === account);
  /** The milliseconds until the account's newest state is like this. */
  const until = async (account: string, isSo: (state: ReadGateState) => boolean): Promise<number> => {
    const began = performance.now();
    for (;;) {
      const state = last(account);
      const ms = performance.now() - began;
      if (state !== undefined && isSo(state)) return ms;
      if (ms > 40_000) throw new Error(`after ${ms} ms it is ${JSON.stringify(state)}`);
      await delay(5);
    }
  };
  return { feed, readings, failures, last, until };
}

afterEach(async () => {
  for (const feed of open.splice(0)) await feed.close();
});

it('ends while it still connects', async () => {
  const { feed, readings, failures } = follow();
  await feed.close();
  expect([readings, failures]).toEqual([[], []]);
}, 20_000);

it('reads what the totals say, of every account', async () => {
  const { main } = under;
  await under.ledger.recordVerdict(verdict(1, { confirmed: [openedOutside()] }, main));
  const { until, last } = follow();
  await until(main, () => true);
  const totals = await under.ledger.account(main);
  expect(totals).not.toBeNull();
  const { readAt, acceptanceEndsAt, policy, version, ...state } = last(main)!;
  expect(totals).toMatchObject(state);
  expect(totals).toMatchObject({ policy });
  expect(acceptanceEndsAt).toBeNull();
  expect(version).toMatch(/^\d+\.\d+$/);
  expect(tradingGateOf({ ...last(main)!, readAt })).toEqual(tradingGateOf({ ...totals!, readAt }));
});

it('is notified of a verdict, an intervention, an acceptance, a pause, a stop and a new account', async () => {
  const { main, ledger } = under;
  const { until, last } = follow();
  await until(main, ({ lastSuccessAt }) => lastSuccessAt === null);
  await ledger.recordVerdict(verdict(1, {}, main));
  await until(main, ({ lastSuccessAt }) => lastSuccessAt !== null);
  await ledger.recordVerdict(verdict(2, { confirmed: [openedOutside()] }, main));
  await until(main, ({ blockingDiscrepancies }) => blockingDiscrepancies === 1);
  await ledger.openIntervention({ account: main, interventionId: `call-${main}`, reasons: [] });
  await until(main, ({ openInterventions }) => openInterventions === 1);
  await ledger.acknowledgeIntervention({ interventionId: `call-${main}`, by: 'ann', note: 'mine' });
  await until(main, ({ openInterventions }) => openInterventions === 0);
  const end = new Date(Date.now() + 60_000);
  await ledger.acceptDiscrepancies({ account: main, discrepancyIds: null, by: 'ann', until: end, note: 'known' });
  await until(main, ({ acceptedDiscrepancies }) => acceptedDiscrepancies === 1);
  expect(last(main)).toMatchObject({ blockingDiscrepancies: 0, acceptanceEndsAt: end });
  await ledger.expectSign(main, 300);
  await until(main, ({ expectedAt }) => expectedAt !== null);
  await ledger.recordPause({ account: main, paused: true, by: 'ann', reason: null, requestId: 'p', nextRunAt: null });
  await until(main, ({ paused }) => paused);
  await ledger.deactivateAccount(main, 'ann');
  await until(main, ({ active }) => !active);
  await register(ledger, `${main}-new`);
  await until(`${main}-new`, () => true);
});

it('is not notified of an expected sign of life, but of the first one after a silence', async () => {
  const { main, ledger } = under;
  await ledger.expectSign(main, 300);
  const { until, readings } = follow();
  await until(main, ({ expectedAt }) => expectedAt !== null);
  const before = readings.length;
  await ledger.expectSign(main, 600);
  await delay(300);
  expect(readings).toHaveLength(before);
  await ledger.expectSign(main, -90);
  await ledger.expectSign(main, 600);
  await until(main, ({ expectedAt }) => expectedAt!.getTime() > Date.now() + 500_000);
});

it('reads all accounts again even without a notification', async () => {
  const { main } = under;
  const { until, readings } = follow({ everyMs: 100 });
  await until(main, () => true);
  await under.query('ALTER TABLE plumbline.account DISABLE TRIGGER USER');
  try {
    await under.query('UPDATE plumbline.account SET paused = true WHERE account = $1', [main]);
    await until(main, ({ paused }) => paused);
  } finally {
    await under.query('ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_added');
    await under.query('ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_changed');
    await under.query('ALTER TABLE plumbline.account ENABLE ALWAYS TRIGGER account_needs_record');
  }
  expect(readings.every(({ completes }) => completes !== null)).toBe(true);
});

it('reads many changes in few statements', async () => {
  const { main, ledger } = under;
  const names = Array.from({ length: 40 }, (_, index) => `${main}-storm-${index}`);
  for (const name of names) await register(ledger, name);
  const { until, readings } = follow();
  await until(names.at(-1)!, () => true);
  const before = readings.length;
  // In one transaction, so that the time of forty on a busy machine does not count.
  await under.query(`UPDATE plumbline.account SET expected_at = null WHERE account = ANY($1)`, [names]);
  for (const name of names) await until(name, ({ expectedAt }) => expectedAt === null);
  expect(readings.length - before).toBeLessThan(5);
});

it('reads thousands of accounts in parts, each account once', async () => {
  const { main } = under;
  const columns = (
    await under.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = 'plumbline' AND table_name = 'account' AND column_name <> 'account'`,
    )
  ).map(({ name }) => name);
  const many = `${main}-x`;
  await under.query(
    `INSERT INTO plumbline.account (account, ${columns.join(', ')})
     SELECT $2 || i, ${columns.join(', ')} FROM plumbline.account, generate_series(1, 1200) i WHERE account = $1`,
    [main, many],
  );
  try {
    const { readings } = follow({ everyMs: 400 });
    while (readings.filter(({ completes }) => completes !== null).length < 2) await delay(5);
    const ends = readings.flatMap(({ completes }, index) => (completes === null ? [] : [index]));
    const first = readings.slice(0, ends[0]! + 1).flatMap(({ states }) => states.map(({ account }) => account));
    expect(first.filter((name) => name.startsWith(many))).toHaveLength(1_200);
    expect(new Set(first).size).toBe(first.length);
    expect(ends[0]).toBeGreaterThan(1);
    expect(readings.every(({ states }) => states.length <= 500)).toBe(true);
    expect(readings[ends[1]!]!.completes!.monotonicMs).toBeGreaterThan(readings[ends[0]!]!.askedAt.monotonicMs);
  } finally {
    await under.query('DELETE FROM plumbline.account WHERE account LIKE $1', [`${many}%`]);
  }
});

it('connects again, and reads all accounts, when its connection breaks', async () => {
  const { main, ledger } = under;
  const { until, failures, readings } = follow();
  await until(main, () => true);
  await under.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gate feed' AND datname = current_database()`,
  );
  await ledger.recordVerdict(verdict(1, {}, main));
  await until(main, ({ lastSuccessAt }) => lastSuccessAt !== null);
  expect(failures).toEqual([expect.objectContaining({ failure: expect.objectContaining({ kind: 'ledger' }) })]);
  expect(readings.at(-1)?.completes).not.toBeNull();
});

it('reads on request, and ends at once', async () => {
  const { main } = under;
  const { feed, until, readings } = follow();
  await until(main, () => true);
  const before = readings.length;
  feed.ask([main, 'nobody']);
  const began = performance.now();
  while (readings.length === before) await delay(5);
  expect(readings.at(-1)).toMatchObject({ completes: null, states: [{ account: main }] });
  await feed.close();
  // The next read of all accounts would be an hour later.
  expect(performance.now() - began).toBeLessThan(30_000);
});

it('reports a database that cannot be reached, and shows no password', async () => {
  const failures: unknown[] = [];
  const away = 'postgres://someone:hidden@127.0.0.1:1/nowhere';
  const feed = new ListeningGateFeed(away, { read: () => {}, failed: (error) => void failures.push(error) });
  while (failures.length < 2) await delay(5);
  await feed.close();
  expect(String(failures[0])).toMatch(/could not read the trading gates/);
  expect(JSON.stringify(failures) + String(failures[0])).not.toContain('hidden');
});
