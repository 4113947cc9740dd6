import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordAnswer, RecordRequest } from '../../src/activities/activity-messages.js';
import type { InterventionCall } from '../../src/domain/lifecycle/intervention.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { ledgerAway, notRegistered, recordedRun, refusedForGood, unreadable, UNREADABLE } from './support/answers.js';
import type { ScriptedAccount } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

const MINUTE = 60_000;
const THRESHOLD_CALL: InterventionCall = { action: 'RECONCILIATION_FAILURE_THRESHOLD', text: 'two runs in a row' };

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

type FailureItem = Extract<RecordRequest, { kind: 'failure' }>;

/** An account whose ledger and exchange a test takes away and gives back. */
class Troubled {
  isLedgerAway = false;
  isExchangeDown = false;
  readonly account: ScriptedAccount;
  /** What the ledger was asked to keep, in order: "register", "failure 2", "verdict 3". */
  readonly log: string[] = [];
  /** Answers to failed runs, by run number, where the usual one is not wanted. */
  readonly answers = new Map<number, Partial<RecordAnswer>>();

  constructor(policy: Partial<Policy> = {}) {
    this.account = stage.account({ policy });
    const { record, judge, fetchExchange } = this.account.script;
    this.account.use({
      fetchExchange: (request) => {
        if (this.isExchangeDown) throw unreadable();
        return fetchExchange(request);
      },
      judge: (request) => {
        if (this.isLedgerAway) throw unreadable();
        this.log.push(`verdict ${request.key.runNumber}`);
        return judge(request);
      },
      record: async (request) => {
        if (this.isLedgerAway) throw ledgerAway();
        const number = request.kind === 'failure' ? request.key.runNumber : null;
        this.log.push(number === null ? request.kind : `failure ${number}`);
        return { ...(await record(request)), ...(number === null ? {} : this.answers.get(number)) };
      },
    });
  }

  /** Skips until the account has run so often. */
  async runs(count: number, atMostMs = 5 * MINUTE): Promise<void> {
    await stage.skipUntil(async () => {
      const { phase, lastRun } = await this.account.status();
      return phase === 'waiting' && (lastRun?.runNumber ?? 0) >= count;
    }, atMostMs);
  }

  /** Asks for a run and skips until it has ended. */
  async run(): Promise<void> {
    const { runNumber } = await this.account.status();
    await this.account.signal('forceRun', { by: 'ada' });
    await this.runs(runNumber + 1);
  }

  async flushed(): Promise<void> {
    await stage.skipUntil(async () => (await this.account.status()).unrecordedRuns === 0, 5 * MINUTE);
  }

  failures(): FailureItem[] {
    return this.account.recorded.filter((each) => each.kind === 'failure');
  }
}

async function troubled(policy: Partial<Policy> = {}): Promise<Troubled> {
  const one = new Troubled(policy);
  await one.account.start();
  return one;
}

describe('a streak of failed runs', () => {
  it('grows by one a run, is shown, and ends with a success', async () => {
    const one = await troubled();
    one.isExchangeDown = true;
    await one.run();
    await one.run();
    expect(await one.account.status()).toMatchObject({
      consecutiveFailures: 2,
      lastRun: { outcome: 'failed', failure: { kind: 'unreadable', side: 'exchange' } },
    });
    expect(one.failures()).toMatchObject([
      { consecutiveFailures: 1, thresholdReached: false, threshold: 3, requestedBy: ['ada'], looks: 1 },
      { consecutiveFailures: 2, thresholdReached: false },
    ]);
    one.isExchangeDown = false;
    await one.run();
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 0, lastRun: { outcome: 'matched' } });
    one.isExchangeDown = true;
    await one.run();
    expect(one.failures().at(-1)).toMatchObject({ consecutiveFailures: 1 });
  });

  it("is the ledger's count, if the ledger answers", async () => {
    const one = await troubled();
    one.isExchangeDown = true;
    one.answers.set(2, { streak: { failures: 8, called: true } });
    await one.run();
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 8 });
    await one.run();
    expect(one.failures().at(-1)).toMatchObject({ consecutiveFailures: 9, thresholdReached: false });
  });

  it('requests an intervention once while the ledger is unavailable, and again in the next streak', async () => {
    const one = await troubled({ failureThreshold: 2 });
    one.isExchangeDown = true;
    one.isLedgerAway = true;
    await one.run();
    expect(one.account.notified).toEqual([]);
    await one.run();
    await stage.until(() => one.account.notified.length === 1);
    const [call] = one.account.notified;
    expect(call?.reasons).toMatchObject([{ action: 'RECONCILIATION_FAILURE_THRESHOLD' }]);
    expect(call?.reasons[0]?.text).toBe('2 runs in a row failed (threshold 2): an empty body');
    await one.run();
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 3, unrecordedRuns: 3 });
    expect((await one.account.intervention()).reasons).toHaveLength(1);

    one.answers.set(4, { streak: { failures: 3, called: true } });
    one.isLedgerAway = false;
    one.isExchangeDown = false;
    await one.run();
    expect(one.failures().map(({ thresholdReached }) => thresholdReached)).toEqual([false, true, false]);
    one.isExchangeDown = true;
    one.isLedgerAway = true;
    await one.run();
    await one.run();
    await stage.until(async () => (await one.account.intervention()).reasons.length === 2);
  });
});

describe('what the ledger has not learned', () => {
  it('is offered before the next verdict', async () => {
    const one = await troubled();
    one.isLedgerAway = true;
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await one.account.update('resume', { by: 'ada' });
    const { fetchExchange } = one.account.script;
    // The ledger comes back while the next run reads.
    one.account.use({
      fetchExchange: (request) => {
        one.isLedgerAway = false;
        return fetchExchange(request);
      },
    });
    await one.run();
    expect(one.log).toEqual(['register', 'verdict 1', 'pause', 'pause', 'verdict 2']);
  });

  it('waits for the end of the current run', async () => {
    const one = await troubled();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { fetchExchange } = one.account.script;
    one.account.use({
      fetchExchange: async (request) => {
        await held;
        return fetchExchange(request);
      },
    });
    await one.account.signal('forceRun', { by: 'ada' });
    await stage.until(() => one.account.exchangeReads.length === 2);
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    release();
    await one.account.ran(2);
    await stage.until(() => one.log.length === 4);
    expect(one.log).toEqual(['register', 'verdict 1', 'verdict 2', 'pause']);
  });

  it('fails a run that would be recorded before it', async () => {
    const one = await troubled();
    one.isLedgerAway = true;
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await one.account.update('resume', { by: 'ada' });
    await one.run();
    expect(one.log).toEqual(['register', 'verdict 1']);
    const { lastRun } = await one.account.status();
    expect(lastRun?.failure).toMatchObject({
      kind: 'ledger',
      message: expect.stringMatching(/did not take earlier records/),
    });
    one.isLedgerAway = false;
    await one.run();
    expect(one.log.slice(2)).toEqual(['pause', 'pause', 'failure 2', 'verdict 3']);
  });

  it('is offered again every half minute, without a run', async () => {
    const one = await troubled();
    one.isLedgerAway = true;
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await stage.skip(25_000);
    await stage.until(async () => (await one.account.status()).phase === 'paused');
    one.isLedgerAway = false;
    await stage.skip(31_000);
    await stage.until(() => one.log.includes('pause'));
    expect(one.account.runTimes()).toHaveLength(1);
  });
});

describe('a verdict whose answer was lost', () => {
  it('takes the place of the failure, ends the streak and makes its calls', async () => {
    const one = await troubled();
    one.isLedgerAway = true;
    await one.run();
    const { lastRun, lastSuccessAt: before } = await one.account.status();
    expect(lastRun).toMatchObject({ runNumber: 2, outcome: 'failed' });
    const calls = [{ action: 'POSITION_OPENED_EXTERNALLY', text: 'DOGE short 1000' }];
    const run = recordedRun(2, { outcome: 'drifted', openDiscrepancies: 1, calls });
    one.answers.set(2, { run, streak: { failures: 0, called: false } });
    one.isLedgerAway = false;
    await one.flushed();
    const status = await stage.until(
      async () => one.account.status(),
      (each) => each.interventionOpen,
    );
    expect(status).toMatchObject({ consecutiveFailures: 0, lastRun: { outcome: 'drifted', openDiscrepancies: 1 } });
    expect(status.lastSuccessAt).toBe(lastRun?.endedAt);
    expect(status.lastSuccessAt).not.toBe(before);
    await stage.until(() => one.account.notified.length === 1);
    expect(one.account.notified[0]?.reasons).toMatchObject(calls);
    // Shown where the list of workflows is filtered.
    const { typedSearchAttributes } = await one.account.workflow.describe();
    expect(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])).toEqual(
      expect.arrayContaining([
        ['PlumblineOutcome', 'drifted'],
        ['PlumblineConsecutiveFailures', 0],
        ['PlumblineOpenDiscrepancies', 1],
      ]),
    );
  });

  it('is learned before the next failure is counted', async () => {
    const one = await troubled({ failureThreshold: 2 });
    one.isLedgerAway = true;
    await one.run();
    one.answers.set(2, { run: recordedRun(2), streak: { failures: 0, called: false } });
    one.isExchangeDown = true;
    const { fetchExchange } = one.account.script;
    // The ledger comes back while the next run reads.
    one.account.use({
      fetchExchange: (request) => {
        one.isLedgerAway = false;
        return fetchExchange(request);
      },
    });
    await one.run();
    expect(one.failures()).toMatchObject([
      { key: { runNumber: 2 } },
      { key: { runNumber: 3 }, consecutiveFailures: 1, thresholdReached: false },
    ]);
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 1, interventionOpen: false });
    expect(one.account.notified).toEqual([]);
  });

  it('is the answer of its own run, if the ledger answers at once', async () => {
    const one = await troubled();
    const { judge } = one.account.script;
    one.account.use({
      judge: (request) => {
        if (request.key.runNumber === 2) throw unreadable();
        return judge(request);
      },
    });
    const calls = [{ action: 'UNSETTLED', text: 'ETH keeps moving' }];
    one.answers.set(2, { run: recordedRun(2, { outcome: 'drifted', calls }), streak: { failures: 0, called: false } });
    expect(await one.account.runNow()).toMatchObject({ runNumber: 2, outcome: 'drifted' });
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 0 });
    await stage.until(() => one.account.notified.length === 1);
  });

  it('keeps the count of the failures that the ledger has not learned yet', async () => {
    const one = await troubled({ failureThreshold: 5 });
    one.isLedgerAway = true;
    await one.run();
    one.isExchangeDown = true;
    await one.run();
    await one.run();
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 3 });
    one.answers.set(2, { run: recordedRun(2), streak: { failures: 0, called: false } });
    // The ledger goes away again behind that one answer.
    const { record } = one.account.script;
    one.isLedgerAway = false;
    one.account.use({
      record: (request) => {
        if (request.kind === 'failure' && request.key.runNumber > 2) throw ledgerAway();
        return record(request);
      },
    });
    await stage.skipUntil(async () => (await one.account.status()).unrecordedRuns === 2, 5 * MINUTE);
    await stage.skipUntil(async () => (await one.account.status()).consecutiveFailures === 2, MINUTE);
  });
});

describe('the call for a streak', () => {
  it('that the workflow made itself is not made again when the ledger learns of it', async () => {
    const one = await troubled({ failureThreshold: 1 });
    one.isExchangeDown = true;
    one.isLedgerAway = true;
    await one.run();
    await stage.until(() => one.account.notified.length === 1);
    const run = recordedRun(2, { outcome: 'failed', failure: UNREADABLE, calls: [THRESHOLD_CALL] });
    one.answers.set(2, { run, streak: { failures: 1, called: true } });
    one.isLedgerAway = false;
    await one.flushed();
    await stage.skip(MINUTE);
    expect((await one.account.intervention()).reasons).toHaveLength(1);
    one.answers.set(3, { streak: { failures: 2, called: true } });
    await one.run();
    expect((await one.account.intervention()).reasons).toHaveLength(1);
    expect(one.failures().at(-1)).toMatchObject({ thresholdReached: false });
  });

  it('that the ledger decides for a run of a while ago is made when it is learned', async () => {
    const one = await troubled();
    one.isExchangeDown = true;
    one.isLedgerAway = true;
    await one.run();
    const run = recordedRun(2, { outcome: 'failed', failure: UNREADABLE, calls: [THRESHOLD_CALL] });
    one.answers.set(2, { run, streak: { failures: 3, called: true } });
    one.isLedgerAway = false;
    await one.flushed();
    await stage.until(() => one.account.notified.length === 1);
    expect(one.account.notified[0]?.reasons).toMatchObject([THRESHOLD_CALL]);
    expect(await one.account.status()).toMatchObject({ consecutiveFailures: 3 });
  });
});

describe('a ledger that does not know the account', () => {
  it('gets its registration again, and then the record', async () => {
    const one = await troubled();
    const { record } = one.account.script;
    let isRegistered = false;
    one.account.use({
      record: (request) => {
        if (request.kind === 'register') isRegistered = true;
        if (!isRegistered) throw notRegistered();
        return record(request);
      },
    });
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await stage.until(() => one.log.includes('pause'));
    expect(one.log).toEqual(['register', 'verdict 1', 'register', 'pause']);
    expect(one.account.recorded.at(-2)).toMatchObject({ kind: 'register', by: 'plumbline', exchange: 'scripted' });
    expect(await one.account.status()).toMatchObject({ setAside: 0 });
  });

  it('and refuses to register it is not asked for ever', async () => {
    const one = await troubled();
    one.account.use({
      record: () => {
        throw notRegistered();
      },
    });
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await stage.until(async () => (await one.account.status()).setAside === 2);
    expect(one.account.offered.map(({ kind }) => kind)).toEqual(['register', 'pause', 'register', 'pause']);
  });
});

describe('a record that the ledger refuses for good', () => {
  it('is set aside and shown, and those behind it are recorded', async () => {
    const one = await troubled();
    const { record } = one.account.script;
    let isRefused = true;
    one.account.use({
      record: (request) => {
        if (isRefused && request.kind === 'pause' && request.paused) throw refusedForGood();
        return record(request);
      },
    });
    await one.account.update('pause', { by: 'ada', reason: 'maintenance' });
    await one.account.update('resume', { by: 'ada' });
    await stage.until(() => one.log.includes('pause'));
    expect(await one.account.status()).toMatchObject({ setAside: 1 });
    expect((await one.account.runNow()).outcome).toBe('matched');
    // Offered again on request only, and kept where it is refused again.
    expect(await one.account.update('retrySetAside', { by: 'ada' })).toBe(1);
    isRefused = false;
    expect(await one.account.update('retrySetAside', { by: 'ada' })).toBe(0);
    expect(await one.account.status()).toMatchObject({ setAside: 0 });
    expect(one.account.recorded.at(-1)).toMatchObject({ kind: 'pause', paused: true, by: 'ada' });
  });
});
