import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { interventionWorkflowId, reconciliationWorkflowId } from '../../src/client.js';
import type { SilenceFinding } from '../../src/domain/gate/silence-finding.js';
import { viewTemporal } from '../../src/watch/temporal-view.js';
import { Watcher, WATCH_LIMITS, type WatchChange } from '../../src/watch/watcher.js';
import { plumbline } from '../cli/test-io.js';
import { testTemporal } from '../support/temporal.js';
import { long, scriptedSides, type ScriptedSide } from './support/scripted.js';
import { eventually, startWorld, type World } from './support/world.js';

const PATIENCE_MS = 120_000;
/** A pass every quarter of a second instead of every 20 s; the result must be the same. */
const HURRIED = { everyMs: 250, workerGoneMs: 1_000 };

describe('an account that is not checked', () => {
  let world: World;
  let exchange: ScriptedSide;
  let folder: string;
  let env: Record<string, string>;
  const ending: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    const scripted = scriptedSides();
    ({ exchange } = scripted);
    world = await startWorld({ sides: scripted.sides, policy: { intervalMinutes: 30 } });
    const temporal = await testTemporal();
    folder = await mkdtemp(join(tmpdir(), 'plumbline-silent-'));
    env = {
      LEDGER_URL: world.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    await writeFile(
      join(folder, 'plumbline.yaml'),
      `accounts:
  ${world.account}:
    exchange: { id: binanceusdm, api_key_env: KEY, secret_env: SECRET }
    internal: { kind: file, path: state.json }
ledger: { url_env: LEDGER_URL }
worker: { task_queue: ${world.account} }
`,
    );
    await world.start();
    await eventually(
      async () => world.ledger.account(world.account),
      (totals) => totals?.lastOutcome === 'matched',
    );
  }, PATIENCE_MS);

  afterEach(async () => {
    for (const end of ending.splice(0).toReversed()) await end();
    await world.stop();
    await rm(folder, { recursive: true });
  }, PATIENCE_MS);

  const run = async (...argv: string[]) => plumbline(argv, { cwd: folder, env: { ...env }, width: 200 });

  function watch(limits: Partial<typeof WATCH_LIMITS> = {}) {
    const changes: WatchChange[] = [];
    const watcher = new Watcher({
      ledger: world.ledger,
      temporal: async (active, bounds) => viewTemporal(world.client, active, bounds),
      log: { error: () => {}, warn: () => {}, info: () => {} },
      notify: (change) => void changes.push(change),
      limits: { ...HURRIED, workerGoneMs: WATCH_LIMITS.workerGoneMs, ...limits },
    });
    const stop = new AbortController();
    const running = watcher.run(stop.signal);
    ending.push(async () => {
      stop.abort();
      await running;
    });
    const found = async (kind: SilenceFinding['kind'] | null): Promise<SilenceFinding | null> =>
      eventually(
        async () => watcher.findingOf(world.account),
        (finding) => (finding?.kind ?? null) === kind,
      );
    return { watcher, changes, found };
  }

  /** Replaces the worker by code that fails every task. */
  async function breakTheCode(): Promise<() => Promise<void>> {
    await world.stopWorker();
    const { address, namespace } = await testTemporal();
    const connection = await NativeConnection.connect({ address });
    const workflowsPath = fileURLToPath(new URL('./support/broken-workflows.ts', import.meta.url));
    const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: world.account,
      workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: quiet }),
    });
    const running = worker.run();
    const end = async (): Promise<void> => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await connection.close();
    };
    let ended = false;
    const once = async (): Promise<void> => {
      if (!ended) await end();
      ended = true;
    };
    ending.push(once);
    return once;
  }

  it(
    'is found when its workflow was terminated, and repair brings it back',
    async () => {
      const { found, changes } = watch();
      await world.client.temporal.workflow.getHandle(reconciliationWorkflowId(world.account)).terminate('by hand');
      expect(await found('no_workflow')).toMatchObject({ text: expect.stringContaining('was terminated') });
      const status = await run('status', world.account);
      expect(status.out).toMatch(/silent: .*was terminated[^]*what to do: `plumbline repair/);
      const planned = await run('repair', world.account);
      expect(planned).toMatchObject({ code: 2, err: expect.stringContaining('not done') });
      expect(planned.out).toMatch(/was terminated[^]*would start the workflow again/);
      const repaired = await run('repair', world.account, '--yes', '--by', 'ann');
      expect({ code: repaired.code, out: repaired.out }).toMatchObject({
        code: 0,
        out: expect.stringMatching(/✓ start the workflow again[^]*gate: /),
      });
      await found(null);
      expect(changes.map(({ finding }) => finding?.kind ?? null)).toEqual(['no_workflow', null]);
      const events = await world.events();
      expect(events.find(({ type }) => type === 'ACCOUNT_REPAIRED')?.payload).toMatchObject({ by: 'ann' });
      expect(await run('repair', world.account)).toMatchObject({
        code: 0,
        out: expect.stringContaining('nothing to repair'),
      });
    },
    PATIENCE_MS,
  );

  it(
    'is found when its workflow was cancelled',
    async () => {
      const { found } = watch();
      await world.client.temporal.workflow.getHandle(reconciliationWorkflowId(world.account)).cancel();
      expect(await found('no_workflow')).toMatchObject({ text: expect.stringMatching(/was cancel/) });
    },
    PATIENCE_MS,
  );

  it(
    'is found when no worker polls, and acknowledge and snooze still work',
    async () => {
      exchange.positions = [long('BTC/USDT:USDT', '0.5')];
      await world.client.runNow(world.account, 'test');
      await eventually(
        async () => world.ledger.account(world.account),
        (totals) => totals?.openInterventions === 1,
      );
      await world.stopWorker();
      const { found } = watch({ workerGoneMs: HURRIED.workerGoneMs });
      expect(await found('no_worker')).toMatchObject({ remedy: expect.stringContaining('plumbline worker') });
      const snoozed = await run('snooze', world.account, '--for', '1h', '--note', 'n', '--by', 'ann');
      expect(snoozed).toMatchObject({ code: 0, err: expect.stringContaining('the ledger took it') });
      const taken = await run('acknowledge', world.account, '--note', 'n', '--by', 'ann');
      expect(taken).toMatchObject({ code: 0, out: expect.stringMatching(/acknowledged by ann[^]*gate: CLOSED/) });
      expect(await world.ledger.openInterventionOf(world.account)).toBeNull();
      expect((await run('acknowledge', world.account, '--note', 'n')).err).toMatch(/no open intervention/);
    },
    PATIENCE_MS,
  );

  it(
    'is found when its workflow task keeps failing, hides no other account, and repair keeps what was known',
    async () => {
      // A streak, a pause and an open intervention.
      exchange.positions = [long('BTC/USDT:USDT', '0.5')];
      await world.client.runNow(world.account, 'test');
      exchange.failures = { kind: 'maintenance', times: Infinity };
      await world.client.runNow(world.account, 'test');
      await world.client.pause(world.account, { by: 'ben', reason: 'upgrade' });
      const before = await eventually(
        async () => world.ledger.account(world.account),
        (totals) => totals?.paused === true && totals.openInterventions === 1 && totals.consecutiveFailures === 1,
      );
      const open = await world.ledger.openInterventionOf(world.account);
      const { found } = watch();
      const restore = await breakTheCode();
      // A message wakes each workflow; neither can handle it.
      await world.client.temporal.workflow
        .getHandle(reconciliationWorkflowId(world.account))
        .signal('pause', { by: 'eve', reason: 'came while it was stuck' });
      await world.client.temporal.workflow
        .getHandle(interventionWorkflowId(world.account))
        .signal('addReason', { action: 'X', text: 'came while it was stuck', at: new Date().toISOString() });
      const failing = await found('task_failing');
      expect(failing?.text).toMatch(/attempt \d+\): .*broken/);

      const status = await run('status', world.account);
      expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/silent: .*broken/) });
      const all = await run('status');
      expect(all).toMatchObject({ code: 0, out: expect.stringContaining(world.account) });
      await eventually(
        async () => run('apply'),
        ({ code, err }) => code === 2 && /makes no progress[^]*plumbline repair/.test(err),
      );
      const acknowledgedNothing = await world.ledger.openInterventionOf(world.account);
      expect(acknowledgedNothing?.interventionId).toBe(open?.interventionId);

      await restore();
      // Repaired before a working worker is back, because that could recover the workflow on its own.
      const planned = await run('repair', world.account);
      expect(planned).toMatchObject({ code: 2 });
      expect(planned.out).toMatch(/would terminate the workflow\n[^]*would start .* streak 1\/3, paused, 1 open/);
      // It was already paused: a second pause changes nothing, as usual.
      expect(planned.out).not.toMatch(/send again|would record/);
      const repaired = await run('repair', world.account, '--yes', '--by', 'ann');
      expect(repaired).toMatchObject({ code: 0 });
      await world.startWorker();
      await found(null);

      const after = await world.ledger.account(world.account);
      expect(after).toMatchObject({ paused: true, openInterventions: 1 });
      expect(after?.policy).toEqual(before?.policy);
      const kept = await world.ledger.openInterventionOf(world.account);
      expect(kept?.interventionId).toBe(open?.interventionId);
      const intervention = await eventually(
        async () => world.client.intervention(world.account),
        (answer) => answer?.interventionId === open?.interventionId,
      );
      expect(intervention?.reasons.map(({ text }) => text)).toContain('came while it was stuck');
      const verified = await world.ledger.verify(world.account);
      expect(verified.accounts.flatMap(({ faults }) => faults)).toEqual([]);
      // The new workflow continues from the ledger's state.
      const taken = await eventually(
        async () => world.client.status(world.account),
        ({ paused }) => paused !== null,
      );
      expect(taken).toMatchObject({ paused: { by: 'ben' }, consecutiveFailures: 1 });
    },
    PATIENCE_MS,
  );

  it(
    'is found when its intervention was terminated, and repair starts it again',
    async () => {
      exchange.positions = [long('BTC/USDT:USDT', '0.5')];
      await world.client.runNow(world.account, 'test');
      const id = interventionWorkflowId(world.account);
      const before = await eventually(
        async () => world.ledger.openInterventionOf(world.account),
        (open) => (open?.notifiedTimes ?? 0) > 0,
      );
      const { found } = watch();
      await world.client.temporal.workflow.getHandle(id).terminate('by hand');
      await found('intervention_lost');
      expect(await run('repair', world.account, '--yes')).toMatchObject({ code: 0 });
      await found(null);
      const after = await eventually(
        async () => world.client.intervention(world.account),
        (answer) => answer !== null,
      );
      expect(after).toMatchObject({ interventionId: before?.interventionId, openedAt: before?.openedAt });
    },
    PATIENCE_MS,
  );
});
