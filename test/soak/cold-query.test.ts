import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { PlumblineClient } from '../../src/client.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import {
  forceRunSignal,
  pauseUpdate,
  reconciliationWorkflowId,
  resumeUpdate,
  runNowUpdate,
  statusQuery,
} from '../../src/workflows/messages.js';
import { eventually } from '../integration/support/world.js';
import { workflowBundle } from '../integration/support/workflows.js';
import { failedTasks } from '../support/failed-tasks.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { testTemporal } from '../support/temporal.js';
import { startSoakWorker } from './soak-worker-process.js';

// Queries, signals and updates wait together for a worker. Its first task of a workflow may be a query that arrives
// with the signals, before the workflow task with the updates.

const ACCOUNTS = 18;
const ROUNDS = 2;
const POLICY = { ...DEFAULT_POLICY, settleSeconds: 1 };
/** The server keeps a query for ten seconds: the worker must have started by then. */
const APART_MS = 300;

let database: TestDatabase;
let ledger: Ledger;
let folder: string;
let connection: Connection;
beforeAll(async () => {
  [database, folder] = await Promise.all([createLedgerDatabase(), mkdtemp(join(tmpdir(), 'plumbline-cold-'))]);
  ledger = createLedger(database.url);
  connection = await Connection.connect({ address: (await testTemporal()).address });
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await connection.close();
  await rm(folder, { recursive: true });
  await database.drop();
});

it('queries that wait with signals and updates leave histories that replay', async () => {
  const temporal = await testTemporal();
  const client = new Client({ connection, namespace: temporal.namespace });
  const taskQueue = `cold-${process.pid}`;
  const codePath = join(folder, 'workflow-bundle.js');
  await writeFile(codePath, (await workflowBundle()).code);
  const startWorker = async () =>
    startSoakWorker({ ...temporal, ledgerUrl: database.url, codePath, taskQueue, maxCachedWorkflows: 1_000 });
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `${taskQueue}-${index}`);
  const handles = accounts.map((account) => client.workflow.getHandle(reconciliationWorkflowId(account)));
  const runs = async (least: number): Promise<unknown> =>
    eventually(
      async () => ledger.accounts(),
      (rows) => rows.filter(({ lastRunNumber }) => lastRunNumber >= least).length === ACCOUNTS,
      120_000,
    );

  let worker = await startWorker();
  const plumbline = new PlumblineClient(client, taskQueue);
  await Promise.all(
    accounts.map(async (account) => plumbline.start({ account, exchange: 'scripted', policy: POLICY }, 'test')),
  );
  await runs(1);
  for (let round = 1; round <= ROUNDS; round++) {
    await worker.end('SIGKILL');
    const asked: Promise<unknown>[] = [];
    const ask = (what: Promise<unknown>): void => void asked.push(what.catch(() => undefined));
    for (const handle of handles) ask(handle.query(statusQuery));
    await delay(APART_MS);
    await Promise.all(handles.map(async (handle) => handle.signal(forceRunSignal, { by: 'ada' })));
    await delay(APART_MS);
    for (const [index, handle] of handles.entries()) {
      if (index % 3 === 0) ask(handle.executeUpdate(runNowUpdate, { args: [{ by: 'bob' }] }));
      else if (round % 2 === 1) ask(handle.executeUpdate(pauseUpdate, { args: [{ by: 'bob', reason: 'test' }] }));
      else ask(handle.executeUpdate(resumeUpdate, { args: [{ by: 'bob' }] }));
    }
    await delay(APART_MS);
    worker = await startWorker();
    await Promise.all(asked);
    await runs(1 + round);
  }
  await worker.end('SIGTERM');

  const histories = await Promise.all(
    handles.map(async (handle) => ({ workflowId: handle.workflowId, history: await handle.fetchHistory() })),
  );
  const faults = histories.flatMap(({ history }) => failedTasks(history.events ?? []));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
    if (error !== undefined) faults.push(`${workflowId}: ${error.message.slice(0, 300)}`);
  }
  await Promise.all(handles.map(async (handle) => handle.terminate('the test ended')));
  expect(faults).toEqual([]);
}, 300_000);
