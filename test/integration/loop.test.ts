import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlumblineError } from '../../src/client.js';
import { reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { long, scriptedSides, type ScriptedSide } from './support/scripted.js';
import { eventually, startWorld, type World, type WorldOptions } from './support/world.js';

let world: World;
let exchange: ScriptedSide;
let internal: ScriptedSide;

async function begin(options: Partial<WorldOptions> = {}): Promise<void> {
  const script = scriptedSides();
  ({ exchange, internal } = script);
  world = await startWorld({ sides: script.sides, ...options });
}

const eventTypes = async (): Promise<string[]> => (await world.events()).map(({ type }) => type);
const firstRun = () =>
  eventually(
    () => world.client.status(world.account),
    ({ lastRun }) => lastRun !== null,
  );

function held(side: ScriptedSide): () => void {
  let release = (): void => {};
  side.hold = new Promise((resolve) => {
    release = () => {
      side.hold = null;
      resolve();
    };
  });
  return release;
}

afterEach(async () => {
  await world.stop();
}, 60_000);

describe('the loop', () => {
  beforeEach(async () => {
    await begin();
  }, 90_000);

  it('runs at once when it is started, and records that both sides agree', async () => {
    await world.start();
    const status = await firstRun();
    expect(status).toMatchObject({ consecutiveFailures: 0, paused: null, lastRun: { outcome: 'matched', looks: 1 } });
    expect(await eventTypes()).toEqual(['ACCOUNT_REGISTERED', 'RECONCILIATION_COMPLETED']);
    expect(Date.parse(status.nextRunAt ?? '')).toBeGreaterThan(Date.now());
  });

  it('does not start an account twice', async () => {
    await world.start();
    await expect(world.start()).rejects.toThrow(PlumblineError);
  });

  it('answers runNow with the verdict of a run that began after it was asked', async () => {
    await world.start();
    await firstRun();
    const release = held(exchange);
    await world.client.forceRun(world.account, 'ada');
    await eventually(
      async () => exchange.reads,
      (reads) => reads === 2,
    );
    // This run has already begun: it must not be the answer to the next request.
    const answer = world.client.runNow(world.account, 'ada');
    await eventually(
      () => world.client.status(world.account),
      ({ phase }) => phase === 'looking',
    );
    release();
    expect(await answer).toMatchObject({ runNumber: 3, outcome: 'matched' });
  });

  it('collapses forced runs asked for during a run into one after it', async () => {
    await world.start();
    await firstRun();
    const release = held(exchange);
    await world.client.forceRun(world.account, 'ada');
    await eventually(
      async () => exchange.reads,
      (reads) => reads === 2,
    );
    for (let i = 0; i < 5; i++) await world.client.forceRun(world.account, `ada ${i}`);
    release();
    await eventually(
      () => world.client.status(world.account),
      ({ runNumber, phase }) => runNumber === 3 && phase === 'waiting',
    );
    // A later status must not show a fourth run: the workflow has handled every signal.
    await world.client.pause(world.account, { by: 'ada', reason: 'look' });
    expect(await world.client.status(world.account)).toMatchObject({ runNumber: 3 });
    expect(exchange.reads).toBe(3);
  });

  it('pauses and resumes with events, and a forced run works while paused and does not end the pause', async () => {
    await world.start();
    await firstRun();
    await world.client.pause(world.account, { by: 'ada', reason: 'maintenance' });
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'matched' });
    const paused = await world.client.status(world.account);
    expect(paused).toMatchObject({ phase: 'paused', paused: { by: 'ada', reason: 'maintenance' }, nextRunAt: null });
    await world.client.resume(world.account, 'bob');
    await eventually(eventTypes, (types) => types.includes('RECONCILIATION_RESUMED'));
    expect(await eventTypes()).toEqual([
      'ACCOUNT_REGISTERED',
      'RECONCILIATION_COMPLETED',
      'RECONCILIATION_PAUSED',
      'RECONCILIATION_COMPLETED',
      'RECONCILIATION_RESUMED',
    ]);
    expect(await world.ledger.account(world.account)).toMatchObject({ paused: false });
  });

  it('takes new rules while it waits, and refuses bad ones with the reason', async () => {
    await world.start();
    await firstRun();
    const policy = { ...world.policy, intervalMinutes: 5 };
    await world.client.reconfigure({ account: world.account, exchange: 'scripted', policy }, 'ada');
    const status = await world.client.status(world.account);
    expect(status.policy.intervalMinutes).toBe(5);
    expect(Date.parse(status.nextRunAt ?? '') - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    const bad = { account: world.account, exchange: 'scripted', policy: { ...policy, intervalMinutes: 4 } };
    await expect(world.client.reconfigure(bad, 'ada')).rejects.toThrow(/intervalMinutes is 4/);
    expect((await world.client.status(world.account)).policy.intervalMinutes).toBe(5);
    await eventually(
      () => world.ledger.account(world.account),
      (row) => row?.policy.intervalMinutes === 5,
    );
  });

  it('stops after the run that is under way, and says that it is gone', async () => {
    await world.start();
    await firstRun();
    const release = held(exchange);
    await world.client.forceRun(world.account, 'ada');
    await eventually(
      async () => exchange.reads,
      (reads) => reads === 2,
    );
    const stopping = world.client.stop(world.account, 'ada');
    release();
    await stopping;
    expect(await eventTypes()).toEqual([
      'ACCOUNT_REGISTERED',
      'RECONCILIATION_COMPLETED',
      'RECONCILIATION_COMPLETED',
      'RECONCILIATION_STOPPED',
    ]);
    await expect(world.client.runNow(world.account, 'ada')).rejects.toThrow(/is not being reconciled/);
    expect(await world.ledger.account(world.account)).toMatchObject({ active: false });
  });

  it('declares drift only after it was seen unchanged in a further observation, and calls a human once', async () => {
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.start();
    const { lastRun } = await firstRun();
    expect(lastRun).toMatchObject({ outcome: 'drifted', looks: 2, byType: { POSITION_OPENED_EXTERNALLY: 1 } });
    await eventually(
      async () => world.calls.length,
      (calls) => calls === 1,
    );
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'drifted', opened: [] });
    expect(await eventTypes()).toEqual([
      'ACCOUNT_REGISTERED',
      'RECONCILIATION_COMPLETED',
      'MANUAL_INTERVENTION',
      'RECONCILIATION_COMPLETED',
    ]);
    expect(world.calls).toHaveLength(1);
  });

  it('acknowledges only with a name and a note, once, and then the trading gate has no open intervention', async () => {
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.start();
    await eventually(
      () => world.client.intervention(world.account),
      (open) => open !== null && open.notifiedTimes === 1,
    );
    await expect(world.client.acknowledge(world.account, { by: 'ada', note: ' ' })).rejects.toThrow(/note/);
    const until = new Date(Date.now() + 3_600_000);
    expect(await world.client.snooze(world.account, { by: 'ada', until, note: 'on it' })).toMatchObject({
      state: 'snoozed',
    });
    const answer = await world.client.acknowledge(world.account, { by: 'ada', note: 'manual hedge, known' });
    expect(answer).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
    expect(await eventTypes()).toContain('MANUAL_REVIEW_ACKNOWLEDGED');
    expect(await world.ledger.account(world.account)).toMatchObject({ openInterventions: 0 });
    await eventually(
      () => world.client.status(world.account),
      ({ interventionOpen }) => !interventionOpen,
    );
    await expect(world.client.acknowledge(world.account, { by: 'bob', note: 'me too' })).rejects.toThrow(
      PlumblineError,
    );
    // It never hides a difference that is still open.
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1 });
  });

  it('resolves a discrepancy by an observation in which both sides agree', async () => {
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.start();
    await firstRun();
    internal.positions = [long('BTC/USDT:USDT', '0.500')];
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
      outcome: 'matched',
      resolved: 1,
      openDiscrepancies: 0,
    });
    expect(await eventTypes()).toContain('DISCREPANCY_RESOLVED');
  });

  it('keeps a clean run within 23 history events, whichever side answers later', async () => {
    await world.start();
    await firstRun();
    await world.client.runNow(world.account, 'ada');
    for (const slow of [exchange, internal]) {
      const before = await waitingHistory();
      const release = held(slow);
      const other = slow === exchange ? internal : exchange;
      const reads = other.reads;
      await world.client.forceRun(world.account, 'ada');
      await eventually(
        async () => other.reads,
        (now) => now > reads,
      );
      release();
      const after = await eventually(waitingHistory, (history) => history.length > before.length);
      const events = after.slice(before.length);
      expect(events.length).toBeLessThanOrEqual(23);
    }
  });
});

/** The history while the workflow waits for its next run. Read without a query, because a query adds to a history. */
async function waitingHistory() {
  const handle = world.client.temporal.workflow.getHandle(reconciliationWorkflowId(world.account));
  await eventually(
    async () => (await handle.describe()).raw,
    ({ pendingActivities, pendingWorkflowTask }) =>
      (pendingActivities ?? []).length === 0 && (pendingWorkflowTask ?? null) === null,
  );
  return world.historyEvents();
}

describe('failures', () => {
  it('counts a streak in the workflow, calls a human once at the threshold, and starts again after a success', async () => {
    await begin({ policy: { failureThreshold: 3 } });
    exchange.failures = { kind: 'unreadable', times: 5 };
    await world.start();
    await firstRun();
    for (const streak of [2, 3, 4, 5]) {
      expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
        outcome: 'failed',
        failure: { kind: 'unreadable' },
      });
      expect((await world.client.status(world.account)).consecutiveFailures).toBe(streak);
    }
    const thresholds = (await world.events()).filter(
      ({ payload }) => payload['action'] === 'RECONCILIATION_FAILURE_THRESHOLD',
    );
    expect(thresholds.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        consecutive_failures: 3,
        threshold: 3,
        reason: expect.stringContaining('unreadable') as unknown,
      }),
    ]);
    await eventually(
      async () => world.calls.length,
      (calls) => calls === 1,
    );
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'matched' });
    expect(await world.client.status(world.account)).toMatchObject({ consecutiveFailures: 0 });
    exchange.failures = { kind: 'timeout', times: 1 };
    await world.client.runNow(world.account, 'ada');
    expect(await world.client.status(world.account)).toMatchObject({ consecutiveFailures: 1 });
    expect(world.calls).toHaveLength(1);
  }, 60_000);

  it('retries a network failure within the budget and does not retry a bad key', async () => {
    await begin({ policy: { retrySeconds: 60 } });
    exchange.failures = { kind: 'network', times: 1 };
    await world.start();
    expect((await firstRun()).lastRun).toMatchObject({ outcome: 'matched' });
    expect(exchange.reads).toBe(2);
    exchange.failures = { kind: 'authentication', times: Infinity };
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'authentication' },
    });
    expect(exchange.reads).toBe(3);
  }, 60_000);

  it('neither opens nor resolves a discrepancy in a failed run', async () => {
    await begin();
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.start();
    await firstRun();
    exchange.positions = [];
    exchange.failures = { kind: 'unreadable', times: 1 };
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({
      outcome: 'failed',
      openDiscrepancies: 1,
      resolved: 0,
    });
  }, 60_000);

  it('says which account is not being reconciled, and that no worker answers', async () => {
    await begin();
    await expect(world.client.status('nobody')).rejects.toThrow(/nobody is not being reconciled/);
  }, 60_000);
});

describe('an account that is started again', () => {
  it('continues its run numbers from the ledger', async () => {
    await begin();
    await world.start();
    await firstRun();
    await world.client.stop(world.account, 'ada');
    await world.start();
    const status = await firstRun();
    expect(status.lastRun).toMatchObject({ outcome: 'matched', runNumber: 2 });
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ runNumber: 3 });
  }, 60_000);
});
