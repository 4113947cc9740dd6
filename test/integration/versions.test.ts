import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startSimulator, type Simulator } from '../../packages/exchange-simulator/src/simulator.js';
import { DEMO_BOT_TOKEN } from '../../packages/exchange-simulator/src/simulator.js';
import { interventionWorkflowId, PlumblineClient, reconciliationWorkflowId } from '../../src/client.js';
import type { RecordedRun } from '../../src/domain/lifecycle/run.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { plumbline } from '../cli/test-io.js';
import { createLedgerDatabase } from '../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { THOROUGH } from '../support/thorough.js';
import {
  installationWith,
  startInstalledWorker,
  THIS_INSTALLATION,
  type InstalledWorker,
} from './support/installation.js';
import { eventually } from './support/world.js';

/** The machine may be busy with other tests. */
const PATIENCE_MS = 1_200_000;
/** How long one step may take. */
const STEP_MS = 600_000;
/** Two agree; the third has a position that its bot does not know, so an intervention is open all the time. */
const AGREEING = ['calm', 'busy'];
const DRIFTING = 'drifting';

const versionsSchema = z.object({
  versions: z.array(
    z.object({ build: z.string().nullable(), state: z.string(), workers: z.number(), may_be_stopped: z.boolean() }),
  ),
});

/** A deployment with `temporal.versioning`, whose workers are processes of two installations. */
async function deploy() {
  const endings: (() => Promise<unknown>)[] = [];
  const temporal = await testTemporal();
  const database = await createLedgerDatabase();
  endings.push(async () => database.drop());
  const ledger: Ledger = createLedger(database.url);
  endings.push(async () => ledger.close());
  const simulator: Simulator = await startSimulator({ port: 0 });
  endings.push(async () => simulator.close());
  const taskQueue = uniqueTaskQueue('versions');
  const names = [...AGREEING, DRIFTING].map((name) => `${name}-${taskQueue.slice(-12)}`);
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-versions-'));
  endings.push(async () => rm(folder, { recursive: true, force: true }));
  for (const id of names)
    await post(simulator, '/sim/accounts', { id, api_key: `key-${id}`, secret: 's', balances: { USDT: '100000' } });
  await post(simulator, '/sim/orders', {
    account: names[2],
    actor: 'manual',
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'market',
    amount: '0.2',
  });
  // Runs take a while, so a change of workers meets some of them halfway.
  await post(simulator, '/sim/faults', { endpoint: 'positionRisk', kind: 'slow', duration_ms: 300, times: null });
  const env: Record<string, string> = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEST_LEDGER: database.url,
    TEST_SECRET: 's',
    TEST_BOT_TOKEN: DEMO_BOT_TOKEN,
    ...Object.fromEntries(names.map((id, index) => [`TEST_KEY_${index}`, `key-${id}`])),
  };
  const config = join(folder, 'plumbline.yaml');
  const account = (id: string, index: number) => ({
    exchange: {
      id: 'binanceusdm',
      base_url: `${simulator.url}/binanceusdm`,
      api_key_env: `TEST_KEY_${index}`,
      secret_env: 'TEST_SECRET',
      deadline_seconds: 60,
      weight_per_minute: 100_000,
    },
    internal: {
      kind: 'http',
      url: `${simulator.url}/bot/${id}/state`,
      token_env: 'TEST_BOT_TOKEN',
      deadline_seconds: 60,
    },
  });
  await post(simulator, '/sim/limits', { exchange: 'binanceusdm', weight_per_minute: 100_000 });
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      reconciliation: { confirm_interval_seconds: 1, grace_seconds: 0, retry_seconds: 0, interval_minutes: 30 },
      accounts: Object.fromEntries(names.map((id, index) => [id, account(id, index)])),
      ledger: { url_env: 'TEST_LEDGER' },
      temporal: { versioning: { deployment: taskQueue } },
      worker: { task_queue: taskQueue, metrics_port: 0 },
    }),
  );
  const connection = await Connection.connect({ address: temporal.address });
  endings.push(async () => connection.close());
  const client = new PlumblineClient(new Client({ connection, namespace: temporal.namespace }), taskQueue);
  const workers: InstalledWorker[] = [];
  endings.push(async () => Promise.all(workers.map(async (worker) => worker.end('SIGKILL'))));
  return {
    names,
    ledger,
    client,
    cli: async (...argv: string[]) =>
      plumbline([...argv, '--config', config], { env: { ...env, PLUMBLINE_STATE: '-' }, width: 160 }),
    start: async (installation: string, ...args: string[]): Promise<InstalledWorker> => {
      const worker = await startInstalledWorker(installation, { config, env, args });
      workers.push(worker);
      return worker;
    },
    async startAccounts(): Promise<void> {
      for (const { name, exchange, policy } of loadConfig(config).accounts) {
        await client.start({ account: name, exchange: exchange.id, policy }, 'test');
      }
    },
    /** The build that completed the last task of a workflow; null: a worker without a version. */
    buildOf: async (workflowId: string): Promise<string | null> => {
      const { raw } = await client.temporal.workflow.getHandle(workflowId).describe();
      return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? null;
    },
    async stop(): Promise<void> {
      for (const end of endings.toReversed()) await end();
    },
  };
}

type Deployed = Awaited<ReturnType<typeof deploy>>;

async function post(simulator: Simulator, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

/** Asks for runs of each account, one after the other, until it is ended. */
function traffic(client: PlumblineClient, names: readonly string[]) {
  let isOver = false;
  const runs = new Map<string, RecordedRun[]>(names.map((name) => [name, []]));
  const errors: unknown[] = [];
  const all = names.map(async (name) => {
    while (!isOver) {
      try {
        runs.get(name)?.push(await client.runNow(name, 'traffic'));
        // Leaves the machine to the tests beside it.
        await delay(500);
      } catch (error) {
        // Temporal refuses before anything begins: the account's task has failed or timed out some times, as on a busy machine.
        if (/Workflow Task in failed state/.test(String(error))) {
          await delay(500);
          continue;
        }
        errors.push(error);
        return;
      }
    }
  });
  return {
    errors,
    /** Waits until each account has begun and ended a run since now. */
    async goesOn(): Promise<void> {
      const before = names.map((name) => runs.get(name)?.length ?? 0);
      await eventually(
        async () => names.map((name, index) => (runs.get(name)?.length ?? 0) - (before[index] ?? 0)),
        (more) => errors.length > 0 || more.every((count) => count >= 2),
        STEP_MS,
      );
      expect(errors).toEqual([]);
    },
    async end(): Promise<Map<string, RecordedRun[]>> {
      isOver = true;
      await Promise.all(all);
      return runs;
    },
  };
}

/** The ledger has each run once, in order, with the outcome that the caller got, and proves it. */
async function expectEachRunOnce({ ledger, names }: Deployed, asked: Map<string, RecordedRun[]>): Promise<void> {
  for (const name of names) {
    const rows = (await ledger.runs(name, { limit: 1_000 })).toReversed();
    const outcome = name.startsWith(DRIFTING) ? 'drifted' : 'matched';
    expect(rows.map(({ runNumber }) => runNumber)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.map((row) => row.outcome)).toEqual(rows.map(() => outcome));
    // Each request got a run of its own. The one of the start may have been before them.
    const numbers = asked.get(name)?.map(({ runNumber }) => runNumber) ?? [];
    expect(rows.map(({ runNumber }) => runNumber).slice(-numbers.length)).toEqual(numbers);
    expect(rows.length - numbers.length).toBeLessThanOrEqual(1);
  }
  const { accounts, database } = await ledger.verify();
  expect({ faults: accounts.flatMap(({ faults }) => faults), database }).toEqual({ faults: [], database: undefined });
}

async function stateOf({ cli }: Deployed): Promise<Record<string, string>> {
  const { versions } = versionsSchema.parse(JSON.parse((await cli('versions', '-o', 'json')).out));
  return Object.fromEntries(versions.map(({ build, state, workers }) => [build ?? 'none', `${state} ${workers}`]));
}

describe('an upgrade with old and new workers side by side, while runs go on', () => {
  let deployed: Deployed;
  let next: string;

  beforeAll(async () => {
    [deployed, next] = await Promise.all([
      deploy(),
      installationWith({
        file: 'dist/workflows/release.js',
        from: 'export function isCurrent() {',
        to: '// The next build.\nexport function isCurrent() {',
      }),
    ]);
  }, PATIENCE_MS);
  afterAll(async () => {
    await deployed.stop();
    await rm(next, { recursive: true, force: true });
  }, PATIENCE_MS);

  it(
    'loses no run, makes none twice, and the way back works',
    async () => {
      const { names, cli, client, start, buildOf, ledger } = deployed;
      const [calm = '', , drifting = ''] = names;

      // Before versions: a worker without one.
      const unversioned = await start(THIS_INSTALLATION, '--unversioned');
      await deployed.startAccounts();
      await eventually(
        async () => ledger.interventions({ openOnly: true }),
        (open) => open.length === 1,
        STEP_MS,
      );
      const going = traffic(client, names);
      await going.goesOn();

      // Switched on: the first worker with a version gets no work, says so, and everything goes on.
      const old = await start(THIS_INSTALLATION);
      const oldBuild = old.version ?? '';
      expect(oldBuild).toMatch(/^0\.1\.0-[0-9a-f]{12}$/);
      await old.says(new RegExp(`gets no work: workers without a version get it.*versions promote ${oldBuild}`));
      await going.goesOn();
      expect(await buildOf(reconciliationWorkflowId(calm))).toBeNull();
      expect(await stateOf(deployed)).toEqual({ [oldBuild]: 'waiting 1', none: 'current 1' });
      expect((await cli('status')).out).toContain(
        `workers of version ${oldBuild} get no work; workers without a version get it`,
      );

      expect(await cli('versions', 'promote', oldBuild, '--by', 'test')).toMatchObject({ code: 0, err: '' });
      await going.goesOn();
      await unversioned.end('SIGTERM');
      await going.goesOn();
      for (const name of names) expect(await buildOf(reconciliationWorkflowId(name))).toBe(oldBuild);

      // The upgrade: the new worker waits, is promoted, and the old one is killed in the middle of runs.
      const young = await start(next);
      const newBuild = young.version ?? '';
      expect(newBuild).not.toBe(oldBuild);
      await going.goesOn();
      expect(await buildOf(reconciliationWorkflowId(calm))).toBe(oldBuild);
      expect(await cli('versions', 'promote', newBuild)).toMatchObject({ code: 0, err: '' });
      await going.goesOn();
      for (const name of names) expect(await buildOf(reconciliationWorkflowId(name))).toBe(newBuild);
      await old.says(/gets no work: workers of version .* get it/);

      // Back to the old one, and forward again, while both run.
      expect((await cli('versions', 'rollback')).out).toContain(`workers of version ${oldBuild} get the work`);
      await going.goesOn();
      expect(await buildOf(reconciliationWorkflowId(calm))).toBe(oldBuild);
      expect((await cli('versions', 'rollback')).out).toContain(`workers of version ${newBuild} get the work`);
      await old.end('SIGKILL');
      await going.goesOn();

      // A version that no worker runs is not promoted.
      const refused = await cli('versions', 'promote', 'nobody', '--wait', '0');
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.err).toMatch(/no workers of version nobody run: only .*nothing would be checked/);
      await going.goesOn();

      // The workflow of the open intervention began without a version, and answers from the new one.
      await client.acknowledge(drifting, { by: 'ann', note: 'seen' });
      expect(await buildOf(interventionWorkflowId(drifting))).toBe(newBuild);

      const asked = await going.end();
      expect(going.errors).toEqual([]);
      await expectEachRunOnce(deployed, asked);
      const opened = (await ledger.interventions({ account: drifting })).map(({ reasons }) => reasons);
      expect(JSON.stringify(opened)).not.toContain('FAILURE');
      for (const name of AGREEING.map((_, index) => names[index] ?? '')) {
        expect(await ledger.interventions({ account: name })).toEqual([]);
      }
    },
    PATIENCE_MS,
  );
});

const nightly = THOROUGH ? describe : () => {};

nightly('a new build whose workflows do something else', () => {
  let deployed: Deployed;
  let next: string;

  beforeAll(async () => {
    [deployed, next] = await Promise.all([
      deploy(),
      // As a release changes a workflow: running histories take the new way from where they are.
      installationWith({
        file: 'dist/workflows/reconciliation.js',
        from: 'account.current = isCurrent();',
        to: "account.current = isCurrent(); if (isPatched('test-next')) await pause(1);",
        imports: "import { patched as isPatched, sleep as pause } from '@temporalio/workflow';",
      }),
    ]);
  }, PATIENCE_MS);
  afterAll(async () => {
    await deployed.stop();
    await rm(next, { recursive: true, force: true });
  }, PATIENCE_MS);

  it(
    'after a rollback the old build cannot replay what went on in the new one: it says so, and forward loses nothing',
    async () => {
      const { names, cli, client, start, ledger } = deployed;
      const [calm = ''] = names;
      const old = await start(THIS_INSTALLATION);
      // The first version of all: nothing to wait for.
      expect(await cli('versions', 'promote', old.version ?? '')).toMatchObject({ code: 0 });
      await deployed.startAccounts();
      const going = traffic(client, names);
      await going.goesOn();
      const young = await start(next);
      expect(await cli('versions', 'promote', young.version ?? '')).toMatchObject({ code: 0 });
      await going.goesOn();

      expect(await cli('versions', 'rollback')).toMatchObject({ code: 0 });
      const status = await eventually(
        async () => (await cli('status', '-o', 'json')).out,
        (out) => out.includes('TMPRL1100'),
        STEP_MS,
      );
      expect(status).toMatch(/its workflow task fails[^"]*TMPRL1100/);
      const recorded = (await ledger.account(calm))?.lastRunNumber ?? 0;

      expect(await cli('versions', 'rollback')).toMatchObject({ code: 0 });
      await going.goesOn();
      expect((await ledger.account(calm))?.lastRunNumber).toBeGreaterThan(recorded);
      const asked = await going.end();
      expect(going.errors).toEqual([]);
      await expectEachRunOnce(deployed, asked);
    },
    PATIENCE_MS,
  );
});
