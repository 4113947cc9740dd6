import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { staggerMs } from '../../src/workflows/schedule.js';
import { nothingRead, recordedRun, unreadable, UNREADABLE } from './support/answers.js';
import type { ScriptedAccount } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

const MINUTE = 60_000;
/** The server's timers, and the steps between two activities, on a busy machine. */
const SLACK_MS = 3_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

/** Skips to the account's next scheduled run and waits until it has ended. */
async function throughNextTick(account: ScriptedAccount): Promise<void> {
  const { runNumber, nextRunAt } = await account.status();
  await stage.skip(Date.parse(nextRunAt ?? '') - (await stage.now()) + 100);
  await account.ran(runNumber + 1);
}

/** The most by which one of the times differs, milliseconds. */
function offBy(actual: number[], expected: number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(...expected.map((at, index) => Math.abs((actual[index] ?? Infinity) - at)));
}

/** How far a time lies from the grid of the account's ticks, milliseconds. */
function offGrid({ name }: ScriptedAccount, anchor: number, minutes: number, at: number): number {
  const past = (at - anchor - staggerMs(name, minutes)) % (minutes * MINUTE);
  return Math.min(Math.abs(past), minutes * MINUTE - Math.abs(past));
}

describe('scheduled runs', () => {
  it('begin with one at once, and go on at the place in the interval that belongs to the account', async () => {
    const account = await stage.account().start();
    const [anchor = 0] = account.runTimes();
    for (let runs = 0; runs < 3; runs++) await throughNextTick(account);
    const first = anchor + staggerMs(account.name, 30);
    expect(offBy(account.runTimes(), [anchor, first, first + 30 * MINUTE, first + 60 * MINUTE])).toBeLessThan(SLACK_MS);
    expect(account.judged.map(({ trigger }) => trigger)).toEqual(Array(4).fill('schedule'));
  });

  it('become one run if several ticks passed during a long run, and the grid stays', async () => {
    const account = await stage.account().start();
    const [anchor = 0] = account.runTimes();
    const first = anchor + staggerMs(account.name, 30);
    account.use({
      judge: ({ key, look }) =>
        key.runNumber === 2 && look === 1
          ? { kind: 'look_again', inSeconds: 95 * 60, waitingFor: 1 }
          : { kind: 'recorded', run: recordedRun(key.runNumber) },
    });
    await stage.skip(first - (await stage.now()) + 100);
    await stage.until(async () => (await account.status()).phase === 'settling');
    await stage.skip(95 * MINUTE + 1_000);
    await account.ran(3);
    await throughNextTick(account);
    expect(offBy(account.runTimes(), [anchor, first, first + 95 * MINUTE, first + 120 * MINUTE])).toBeLessThan(
      SLACK_MS,
    );
  });

  it('are reported to the ledger with the time of the next one', async () => {
    const account = await stage.account().start();
    await throughNextTick(account);
    const [, second] = account.judged;
    const [anchor = 0, first = 0] = account.runTimes();
    const reported = Date.parse(second?.nextRunAt ?? '');
    expect(Math.abs(reported - first - 30 * MINUTE)).toBeLessThan(SLACK_MS);
    expect(Date.parse(account.judged[0]?.nextRunAt ?? '') - anchor).toBeGreaterThan(MINUTE);
  });
});

describe('a pause', () => {
  it('skips scheduled runs, and serves one at once on resume if one was due', async () => {
    const account = await stage.account().start();
    await account.signal('pause', { by: 'ada', reason: 'maintenance' });
    await stage.until(async () => (await account.status()).phase === 'paused');
    expect((await account.status()).nextRunAt).toBeNull();
    await stage.skip(100 * MINUTE);
    expect(account.runTimes()).toHaveLength(1);
    const resumedAt = await stage.now();
    await account.signal('resume', { by: 'ada' });
    await account.ran(2);
    const [anchor = 0, second = 0] = account.runTimes();
    expect(second - resumedAt).toBeLessThan(SLACK_MS);
    // The ticks that passed are not made up for, and the grid stays.
    await throughNextTick(account);
    expect(offGrid(account, anchor, 30, account.runTimes()[2] ?? Number.NaN)).toBeLessThan(SLACK_MS);
  });

  it('starts one run at once on resume, even if only one tick was due', async () => {
    const account = await stage.account().start();
    const { nextRunAt } = await account.status();
    await account.update('pause', { by: 'ada', reason: 'maintenance' });
    await stage.skip(Date.parse(nextRunAt ?? '') - (await stage.now()) + MINUTE);
    expect(account.runTimes()).toHaveLength(1);
    const resumedAt = await stage.now();
    await account.update('resume', { by: 'ada' });
    await account.ran(2);
    expect((account.runTimes()[1] ?? Infinity) - resumedAt).toBeLessThan(SLACK_MS);
  });

  it('that ends before the next tick begins no run', async () => {
    const account = await stage.account().start();
    await account.update('pause', { by: 'ada', reason: 'maintenance' });
    await stage.skip(MINUTE);
    await account.update('resume', { by: 'ada' });
    await stage.skip(MINUTE);
    expect(account.runTimes()).toHaveLength(1);
    await throughNextTick(account);
    expect(account.runTimes()).toHaveLength(2);
  });

  it('does not stop a run that somebody asks for', async () => {
    const account = await stage.account().start();
    await account.update('pause', { by: 'ada', reason: 'maintenance' });
    await account.signal('forceRun', { by: 'bob' });
    expect(await account.ran(2)).toMatchObject({ phase: 'paused', paused: { by: 'ada' } });
    expect(account.judged[1]).toMatchObject({ trigger: 'forced', requestedBy: ['bob'], nextRunAt: null });
    expect((await account.runNow('eve')).runNumber).toBe(3);
    expect(account.judged[2]).toMatchObject({ trigger: 'run_now', requestedBy: ['eve'] });
  });
});

describe('a forced run', () => {
  it('does not move the grid', async () => {
    const account = await stage.account().start();
    const [anchor = 0] = account.runTimes();
    await stage.skip(5 * MINUTE);
    await account.runNow();
    await throughNextTick(account);
    expect(account.runTimes()).toHaveLength(3);
    expect(offBy(account.runTimes().slice(2), [anchor + staggerMs(account.name, 30)])).toBeLessThan(SLACK_MS);
  });

  it('that many ask for during a run is one run after it, in the names of all of them', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = stage.account();
    account.use({
      fetchInternal: async ({ key }) => {
        if (key.runNumber === 1) await held;
        return nothingRead('internal');
      },
    });
    await account.launch();
    await stage.until(() => account.internalReads.length === 1);
    for (const by of ['ada', 'bob', 'ada']) await account.signal('forceRun', { by });
    release();
    await account.ran(2);
    await stage.skip(MINUTE);
    expect(account.judged.map(({ requestedBy }) => requestedBy)).toEqual([[], ['ada', 'bob']]);
  });

  it('answers a request that comes during a run with the run after it', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = stage.account();
    account.use({
      fetchInternal: async ({ key }) => {
        if (key.runNumber === 1) await held;
        return nothingRead('internal');
      },
    });
    await account.launch();
    await stage.until(() => account.internalReads.length === 1);
    const answer = account.runNow();
    await stage.until(async () => (await account.workflow.describe()).historyLength > 12);
    release();
    expect((await answer).runNumber).toBe(2);
  });
});

describe('new rules', () => {
  it('move the grid, and serve no tick that was served already', async () => {
    const account = await stage.account().start();
    await throughNextTick(account);
    await stage.skip(25 * MINUTE);
    const policy = { ...account.policy, intervalMinutes: 5 };
    await account.update('reconfigure', { by: 'ada', exchange: 'scripted', policy });
    // The new grid had ticks since the last run. They are not run now.
    await stage.until(() => account.recorded.filter(({ kind }) => kind === 'register').length === 2);
    const { nextRunAt, policy: shown } = await account.status();
    expect(shown.intervalMinutes).toBe(5);
    expect(account.runTimes()).toHaveLength(2);
    const [anchor = 0] = account.runTimes();
    const due = Date.parse(nextRunAt ?? '');
    expect(due).toBeGreaterThan(await stage.now());
    expect(due - (await stage.now())).toBeLessThanOrEqual(5 * MINUTE);
    expect(offGrid(account, anchor, 5, due)).toBeLessThan(SLACK_MS);
    // The old grid's timer is gone: the next two runs are the new grid's.
    await throughNextTick(account);
    await throughNextTick(account);
    expect(offBy(account.runTimes().slice(2), [due, due + 5 * MINUTE])).toBeLessThan(SLACK_MS);
  });

  it('of a shorter interval do not wait for the next tick of the old one', async () => {
    const account = await stage.account().start();
    const policy = { ...account.policy, intervalMinutes: 5 };
    await account.update('reconfigure', { by: 'ada', exchange: 'scripted', policy });
    await stage.until(() => account.recorded.filter(({ kind }) => kind === 'register').length === 2);
    const due = Date.parse((await account.status()).nextRunAt ?? '');
    await throughNextTick(account);
    expect(Math.abs((account.runTimes()[1] ?? Number.NaN) - due)).toBeLessThan(SLACK_MS);
  });

  it('apply from the next run, with the name of the sender', async () => {
    const account = await stage.account().start();
    const ignore = { ...account.policy.ignore, symbols: ['FTM/USDT:USDT'] };
    const policy = { ...account.policy, failureThreshold: 7, retrySeconds: 60, maxInternalAgeSeconds: 77, ignore };
    await account.update('reconfigure', { by: 'ada', exchange: 'other', policy });
    await account.runNow();
    expect(account.judged[1]?.policy.failureThreshold).toBe(7);
    expect(account.internalReads[0]).toMatchObject({ ignoredSymbols: [] });
    expect(account.internalReads[1]).toMatchObject({
      maxInternalAgeSeconds: 77,
      retryBudgetMs: 60_000,
      ignoredSymbols: ['FTM/USDT:USDT'],
    });
    expect(account.recorded.filter(({ kind }) => kind === 'register')).toMatchObject([
      { by: 'test', exchange: 'scripted' },
      { by: 'ada', exchange: 'other', policy: { failureThreshold: 7 } },
    ]);
    expect(await account.status()).toMatchObject({ exchange: 'other' });
  });
});

describe('the reads of an observation', () => {
  it('end with the time that the policy allows for tries', async () => {
    const account = stage.account({ policy: { retrySeconds: 45 } });
    await account.start();
    const { events } = await account.workflow.fetchHistory();
    const limits = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
      if (scheduled?.activityType?.name !== 'observe') return [];
      return [
        {
          scheduleToClose: Number(scheduled.scheduleToCloseTimeout?.seconds ?? 0),
          startToClose: Number(scheduled.startToCloseTimeout?.seconds ?? 0),
          heartbeat: Number(scheduled.heartbeatTimeout?.seconds ?? 0),
        },
      ];
    });
    expect(limits).toEqual([{ scheduleToClose: 405, startToClose: 240, heartbeat: 15 }]);
  });

  it("are both awaited, and if both fail, the run fails with the exchange's failure", async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = stage.account({
      fetchExchange: () => {
        throw unreadable();
      },
      fetchInternal: async () => {
        await held;
        throw unreadable({ kind: 'internal_stale', side: 'internal', message: 'as_of is an hour old' });
      },
    });
    await account.launch();
    await stage.until(() => account.internalReads.length === 1);
    await stage.until(async () => (await account.workflow.describe()).raw.pendingActivities?.length === 1);
    expect(await account.status()).toMatchObject({ phase: 'looking', lastRun: null });
    release();
    expect(await account.ran(1)).toMatchObject({ lastRun: { outcome: 'failed', failure: UNREADABLE } });
  });

  it('a second observation takes place after the time that the first one requests', async () => {
    const account = stage.account({
      judge: ({ key, look }) =>
        look === 1
          ? { kind: 'look_again', inSeconds: 40, waitingFor: 1 }
          : { kind: 'recorded', run: recordedRun(key.runNumber, { looks: 2 }) },
    });
    await account.launch();
    await stage.until(async () => (await account.status()).phase === 'settling');
    expect((await account.status()).run).toEqual({
      runNumber: 1,
      observation: 1,
      observesAt: expect.stringMatching(/^\d{4}-/),
    });
    await stage.skip(41_000);
    expect((await account.ran(1)).run).toBeNull();
    expect(account.exchangeReads.map(({ look }) => look)).toEqual([1, 2]);
    const [first = 0, second = 0] = account.exchangeReads.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(40_000);
  });

  it('and its judgement are one ordinary activity, and no activity is local', async () => {
    const account = await stage.account().start();
    expect(account.judged.map(({ explain }) => explain)).toEqual([true]);
    const { events } = await account.workflow.fetchHistory();
    const names = (events ?? []).flatMap((each) => each.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
    expect(names).toEqual(['record', 'observe']);
    const markers = (events ?? []).flatMap((each) => each.markerRecordedEventAttributes?.markerName ?? []);
    expect(markers).toEqual(['core_patch', 'core_patch', 'core_patch']);
  });
});
