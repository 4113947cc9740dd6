import { afterEach, describe, expect, it } from '@jest/globals';
import { judgeObservations } from '../../src/activities/judge.js';
import { reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { startPrivateTemporal } from '../support/temporal.js';
import { startLedgerProxy, type LedgerProxy } from './support/ledger-proxy.js';
import { long, scriptedSides } from './support/scripted.js';
import { eventually, startWorld, type World } from './support/world.js';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

function status(world: World) {
  return world.client.status(world.account);
}

describe('a second delivery of judge', () => {
  it('changes nothing and gives the first answer, though the sides have moved since', async () => {
    const script = scriptedSides();
    script.exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    const world = await startWorld({ sides: script.sides });
    closing.push(async () => world.stop());
    await world.start();
    // The intervention follows the verdict, asynchronously.
    await eventually(
      async () => world.ledger.account(world.account),
      (account) => account?.openInterventions === 1,
    );
    const [run] = await world.ledger.runs(world.account);
    if (run === undefined) throw new Error('no run is recorded');
    const key = { account: world.account, workflowRunId: run.workflowRunId, runNumber: run.runNumber };
    const { recorded: first } = await world.ledger.loadRun(key);
    const before = { events: await world.events(), totals: await world.ledger.account(world.account) };

    const request = { key, look: run.looks, trigger: run.trigger, startedAt: run.startedAt.toISOString() };
    const again = { ...request, policy: world.policy, explain: false, retryBudgetMs: 0 };
    const answers = await Promise.all([1, 2, 3].map(async () => judgeObservations(world.ledger, again, null)));

    for (const answer of answers) expect(answer).toEqual({ kind: 'recorded', run: first });
    expect(await world.events()).toEqual(before.events);
    expect(await world.ledger.account(world.account)).toEqual({ ...before.totals, readAt: expect.any(Date) });
  }, 60_000);
});

describe('a ledger that is unreachable for a while', () => {
  it('fails runs, grows the streak, calls a human, and learns all of it in order when it is back', async () => {
    const script = scriptedSides();
    let proxy: LedgerProxy | null = null;
    const world = await startWorld({
      sides: script.sides,
      policy: { failureThreshold: 2 },
      ledgerUrl: async (url) => {
        proxy = await startLedgerProxy(url);
        return proxy.through(url);
      },
    });
    closing.push(
      async () => proxy?.close(),
      async () => world.stop(),
    );
    await world.start();
    await eventually(
      async () => status(world),
      ({ lastRun }) => lastRun?.outcome === 'matched',
    );

    (proxy as LedgerProxy | null)?.cut();
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'ledger' },
    });
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'ledger' },
    });
    // A human is called although nothing can be recorded.
    await eventually(
      async () => world.calls.length,
      (calls) => calls === 1,
    );
    expect(await status(world)).toMatchObject({ consecutiveFailures: 2, unrecordedRuns: 2 });

    (proxy as LedgerProxy | null)?.restore();
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'matched', runNumber: 4 });
    const runs = await world.ledger.runs(world.account);
    expect(runs.map(({ runNumber, outcome }) => [runNumber, outcome])).toEqual([
      [4, 'matched'],
      [3, 'failed'],
      [2, 'failed'],
      [1, 'matched'],
    ]);
    expect(await world.ledger.account(world.account)).toMatchObject({
      failureTotal: 2,
      successTotal: 2,
      consecutiveFailures: 0,
    });
    const verified = await eventually(
      async () => world.ledger.verify(world.account),
      ({ accounts }) => accounts[0]?.faults.length === 0,
    );
    expect(verified.accounts[0]?.faults).toEqual([]);
  }, 180_000);
});

describe('a Temporal server that is killed', () => {
  it('continues from its file: nothing lost, nothing duplicated, the streak kept', async () => {
    const temporal = await startPrivateTemporal();
    closing.push(async () => temporal.stop());
    const script = scriptedSides();
    script.exchange.failures = { kind: 'unreadable', times: 2 };
    const world = await startWorld({ sides: script.sides, temporal });
    closing.push(async () => world.stop());
    await world.start();
    await eventually(
      async () => status(world),
      ({ lastRun }) => lastRun !== null,
    );
    let release = (): void => {};
    script.exchange.hold = new Promise((resolve) => (release = resolve));
    const reads = script.exchange.reads;
    await world.client.forceRun(world.account, 'ada');
    await eventually(
      async () => script.exchange.reads,
      (now) => now > reads,
    );

    await temporal.restart('SIGKILL');
    script.exchange.hold = null;
    release();

    const after = await eventually(
      async () => status(world).catch(() => null),
      (now) => now?.lastRun?.runNumber === 2,
      60_000,
    );
    expect(after).toMatchObject({ consecutiveFailures: 2, runNumber: 2 });
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'matched', runNumber: 3 });
    const runs = await world.ledger.runs(world.account);
    expect(runs.map(({ runNumber }) => runNumber)).toEqual([3, 2, 1]);
    expect((await world.ledger.verify(world.account)).accounts[0]?.faults).toEqual([]);
  }, 180_000);
});

describe('continue-as-new in the middle of a streak', () => {
  it('carries streak, schedule, pause and numbers into the next execution', async () => {
    const temporal = await startPrivateTemporal({ 'limit.historyCount.suggestContinueAsNew': 30 });
    closing.push(async () => temporal.stop());
    const script = scriptedSides();
    script.exchange.failures = { kind: 'unreadable', times: Infinity };
    const world = await startWorld({ sides: script.sides, temporal, policy: { failureThreshold: 4 } });
    closing.push(async () => world.stop());
    await world.start();
    const { nextRunAt } = await eventually(
      async () => status(world),
      ({ lastRun }) => lastRun !== null,
    );
    const handle = world.client.temporal.workflow.getHandle(reconciliationWorkflowId(world.account));
    const firstRunId = (await handle.describe()).runId;
    for (let streak = 2; streak <= 6; streak++) {
      expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'failed', runNumber: streak });
    }
    await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'failed', runNumber: 7 });

    expect((await handle.describe()).runId).not.toBe(firstRunId);
    expect(await status(world)).toMatchObject({ consecutiveFailures: 7, runNumber: 7, paused: { by: 'ada' } });
    await world.client.resume(world.account, 'ada');
    expect(
      (
        await eventually(
          async () => status(world),
          ({ phase }) => phase === 'waiting',
        )
      ).nextRunAt,
    ).toBe(nextRunAt);
    // The threshold was reached once, however many executions the streak spans.
    const thresholds = (await world.events()).filter(
      ({ payload }) => payload['action'] === 'RECONCILIATION_FAILURE_THRESHOLD',
    );
    expect(thresholds.map(({ runNumber }) => runNumber)).toEqual([4]);
    expect(world.calls).toHaveLength(1);
  }, 180_000);
});
