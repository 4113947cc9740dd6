import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { workerOptions } from '../../src/worker-options.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';
import { startWorkerProcess, type WorkerProcess } from './support/worker-process.js';
import { eventually } from './support/world.js';

/*
 * V8 interrupts a script that runs too long in wall time; the time of a stopped process counts. What the interrupted
 * workflow left in the microtask queue runs in the next workflow's task. The worker must end before any of that reaches
 * the server.
 */

let folder: string;
let temporal: { address: string; namespace: string };
let connection: Connection;
let client: Client;
let worker: WorkerProcess | null = null;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = await mkdtemp(join(tmpdir(), 'plumbline-script-timeout-'));
  temporal = await testTemporal();
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection, namespace: temporal.namespace });
}, 60_000);
afterEach(() => worker?.kill());
afterAll(async () => {
  await connection?.close();
  await rm(folder, { recursive: true, force: true });
});

async function startWorker(taskQueue: string, env: Record<string, string>): Promise<WorkerProcess> {
  const configPath = join(folder, `${taskQueue}.json`);
  const key = { api_key_env: 'KEY', secret_env: 'KEY' };
  const account = { exchange: { id: 'binanceusdm', ...key }, internal: { kind: 'file', path: 'state.json' } };
  const configuration = {
    accounts: { any: account },
    ledger: { url_env: 'LEDGER_URL' },
    worker: { task_queue: taskQueue, metrics_port: 0 },
  };
  await writeFile(configPath, JSON.stringify(configuration));
  const { address, namespace } = temporal;
  // Nothing listens at the ledger's address; no workflow of this test uses it.
  const ledger = { LEDGER_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' };
  return startWorkerProcess(
    configPath,
    { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...ledger, ...env },
    './interrupt-workflows.mjs',
  );
}

/** Lets one workflow run into the timeout while the other keeps getting tasks, until `until` holds. */
async function interruptOne(
  taskQueue: string,
  until: (bystander: WorkflowHandle) => Promise<boolean>,
): Promise<WorkflowHandle> {
  const start = async (name: string): Promise<WorkflowHandle> => {
    const workflowId = `${name}-${taskQueue}`;
    const handle = await client.workflow.start(name, { taskQueue, workflowId, workflowTaskTimeout: '1 minute' });
    // Its first task must have completed: a signal before that is handled in a microtask, and V8 clears microtasks.
    await eventually(
      async () => (await handle.fetchHistory()).events ?? [],
      (events) => events.some(({ workflowTaskCompletedEventAttributes: completed }) => Boolean(completed)),
    );
    return handle;
  };
  const [looping, bystander] = await Promise.all([start('loops'), start('stands')]);
  try {
    await looping.signal('loop');
    await eventually(
      async () => {
        await bystander.signal('poke');
        return until(bystander);
      },
      (answer) => answer,
    );
    return bystander;
  } finally {
    await looping.terminate();
  }
}

/** The activities in a workflow's history. */
async function activitiesOf(handle: WorkflowHandle): Promise<(string | null | undefined)[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [scheduled.activityType?.name] : [],
  );
}

describe('a worker in which V8 interrupts a workflow', () => {
  it('writes into the history of another workflow, where it continues', async () => {
    const taskQueue = uniqueTaskQueue('continues');
    worker = await startWorker(taskQueue, { INTERRUPTED_WORKER_CONTINUES: 'yes' });
    const bystander = await interruptOne(taskQueue, async (handle) => (await activitiesOf(handle)).length > 0);
    expect(await activitiesOf(bystander)).toEqual(['ofTheLoopingWorkflow']);
    await bystander.terminate();
  }, 60_000);

  it('ends at once, says why, and has written nothing into another history', async () => {
    const taskQueue = uniqueTaskQueue('ends');
    worker = await startWorker(taskQueue, {});
    let end: { code: number | null } | null = null;
    const ending = (async () => (end = await worker.ended()))();
    const bystander = await interruptOne(taskQueue, async () => end !== null);
    await ending;
    expect(end).toEqual({ code: 2 });
    const fatal = worker
      .said()
      .split('\n')
      .filter((line) => line.includes('"level":"fatal"'));
    expect(fatal).toEqual([expect.stringMatching(/Script execution timed out after 1000ms.*must be started again/)]);
    expect(await activitiesOf(bystander)).toEqual([]);
    await bystander.terminate();
  }, 60_000);
});

describe('the options of every worker', () => {
  it('let a script be interrupted only after ten minutes, so that a pause of seconds is harmless', async () => {
    const native = await NativeConnection.connect({ address: temporal.address });
    try {
      const created = await Worker.create({
        connection: native,
        namespace: temporal.namespace,
        taskQueue: uniqueTaskQueue('options'),
        ...(await workerOptions()),
      });
      const running = created.run();
      created.shutdown();
      await running;
      // As the SDK received it: its public type does not have the option, so a newer SDK could drop it unnoticed.
      expect(created.options).toMatchObject({ isolateExecutionTimeoutMs: 600_000, reuseV8Context: true });
    } finally {
      await native.close();
    }
  }, 60_000);
});
