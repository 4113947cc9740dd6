import { afterEach, describe, expect, it } from '@jest/globals';
import type { Policy } from '../../src/domain/policy/policy.js';
import { startLedgerProxy, type LedgerProxy } from './support/ledger-proxy.js';
import { long, scriptedSides } from './support/scripted.js';
import { eventually, startWorld, type World } from './support/world.js';

let world: World;
let proxy: LedgerProxy;

afterEach(async () => {
  proxy.restore();
  await world.stop();
  await proxy.close();
}, 60_000);

/** An account whose ledger can be made unreachable, after a first run that matched. */
async function begin(policy: Partial<Policy> = {}) {
  const script = scriptedSides();
  world = await startWorld({
    sides: script.sides,
    policy,
    ledgerUrl: async (url) => {
      proxy = await startLedgerProxy(url);
      return proxy.through(url);
    },
  });
  await world.start();
  await eventually(
    async () => world.client.status(world.account),
    ({ lastRun }) => lastRun?.outcome === 'matched',
  );
  return script;
}

/** A run whose verdict is committed while the answer is lost: the ledger is unreachable from that moment on. */
async function runThatLosesItsAnswer() {
  const swallowed = new Promise<void>((resolve) => proxy.swallowNextCommit(resolve));
  const run = await world.client.runNow(world.account, 'ada');
  await swallowed;
  return run;
}

const thresholds = async () =>
  (await world.events()).filter(({ payload }) => payload['action'] === 'RECONCILIATION_FAILURE_THRESHOLD');
const faults = async () => (await world.ledger.verify(world.account)).accounts.flatMap((account) => account.faults);

describe('a verdict that was committed and whose answer was lost', () => {
  it('takes the place of the failure once the ledger is back, with its call and without a streak', async () => {
    const { exchange } = await begin();
    exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    expect(await runThatLosesItsAnswer()).toMatchObject({ outcome: 'failed', failure: { kind: 'ledger' } });
    expect(world.calls).toHaveLength(0);
    proxy.restore();
    const status = await eventually(
      async () => world.client.status(world.account),
      ({ lastRun }) => lastRun?.outcome === 'drifted',
      60_000,
    );
    expect(status).toMatchObject({ runNumber: 2, consecutiveFailures: 0, unrecordedRuns: 0 });
    const calls = await eventually(
      async () => world.calls,
      ({ length }) => length > 0,
    );
    expect(calls.flatMap(({ reasons }) => reasons.map(({ action }) => action))).toEqual(['POSITION_OPENED_EXTERNALLY']);
    expect(await world.ledger.runs(world.account)).toMatchObject([{ outcome: 'drifted' }, { outcome: 'matched' }]);
    expect(await faults()).toEqual([]);
  }, 120_000);

  it('ends a streak before the next failure is counted, so no human is called too early', async () => {
    const { exchange } = await begin({ failureThreshold: 2 });
    expect(await runThatLosesItsAnswer()).toMatchObject({ outcome: 'failed' });
    proxy.restore();
    exchange.failures = { kind: 'unreadable', times: 1 };
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'failed', calls: [] });
    expect(await world.client.status(world.account)).toMatchObject({ consecutiveFailures: 1 });
    expect(world.calls).toHaveLength(0);
    expect(await thresholds()).toHaveLength(0);
    expect(await faults()).toEqual([]);
    // A real streak still calls a human.
    exchange.failures = { kind: 'unreadable', times: 1 };
    expect(await world.client.runNow(world.account, 'ada')).toMatchObject({ outcome: 'failed' });
    await eventually(
      async () => world.calls.length,
      (calls) => calls === 1,
    );
    expect(await thresholds()).toMatchObject([{ payload: { consecutive_failures: 2 } }]);
    expect(await faults()).toEqual([]);
  }, 120_000);
});
