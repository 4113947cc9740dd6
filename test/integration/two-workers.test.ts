import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PlumblineClient } from '../../src/client.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import {
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';
import { createLedgerDatabase } from '../support/postgres.js';
import { testTemporal, uniqueTaskQueue } from '../support/temporal.js';

const WORKERS = 2;
const ACCOUNTS_EACH = 14;
/** The first reads of all accounts together weigh about 3,400: more than the burst, so much of it has to be earned. */
const WEIGHT_PER_MINUTE = 6_000;
/** A third of the budget may be used at once, the rest is earned evenly: see binanceusdm's profile. */
const BURST = WEIGHT_PER_MINUTE / 3;
const EARNED_PER_MS = (WEIGHT_PER_MINUTE - BURST) / 60_000;
/**
 * The database's clock counts the budget and this process's clock the time: timers and both clocks round to
 * milliseconds.
 */
const CLOCK_MS = 50;
const PATIENCE_MS = 300_000;

interface Requests {
  since: string;
  weight: number;
  by_status: Record<string, number>;
}

let simulator: Simulator;
let ledger: Ledger;
const processes: ChildProcess[] = [];
const names: string[] = [];
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const temporal = await testTemporal();
  const database = await createLedgerDatabase();
  endings.push(() => database.drop());
  ledger = createLedger(database.url);
  endings.push(() => ledger.close());
  simulator = await startSimulator({ port: 0 });
  endings.push(() => simulator.close());
  await post('/sim/limits', { exchange: 'binanceusdm', weight_per_minute: WEIGHT_PER_MINUTE });
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-workers-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const connection = await Connection.connect({ address: temporal.address });
  endings.push(() => connection.close());
  const env = {
    PATH: process.env['PATH'],
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEST_EXCHANGE_KEY: DEMO_CREDENTIALS.apiKey,
    TEST_EXCHANGE_SECRET: DEMO_CREDENTIALS.secret,
    TEST_BOT_TOKEN: DEMO_BOT_TOKEN,
    TEST_DATABASE_URL: database.url,
  };
  const starts: (() => Promise<unknown>)[] = [];
  for (let worker = 0; worker < WORKERS; worker++) {
    const taskQueue = uniqueTaskQueue('worker');
    const path = join(folder, `${taskQueue}.yaml`);
    await writeFile(path, configuration(taskQueue));
    const child = spawn('bin/plumbline', ['worker', '--config', path], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    processes.push(child);
    await readiness(child);
    const client = new PlumblineClient(new Client({ connection, namespace: temporal.namespace }), taskQueue);
    for (const { name, exchange, policy } of loadConfig(path).accounts) {
      names.push(name);
      starts.push(async () => client.start({ account: name, exchange: exchange.id, policy }, 'test'));
    }
  }
  // From here on time earns weight.
  await fetch(`${simulator.url}/sim/requests`, { method: 'DELETE' });
  await Promise.all(starts.map(async (start) => start()));
}, PATIENCE_MS);

afterAll(async () => {
  for (const child of processes) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const end of endings.toReversed()) await end();
}, PATIENCE_MS);

it(
  `${WORKERS} workers with ${ACCOUNTS_EACH} accounts each stay below the limit together, by the exchange's own count`,
  async () => {
    let requests = await counted();
    // Usage above burst and rate shows at one of the readings, because all used weight stays counted.
    while ((await firstRuns()) < names.length) {
      requests = await counted();
      // The time is taken after the count, so the earned weight may be too high but the used weight is not.
      const elapsedMs = Date.now() - Date.parse(requests.since);
      expect(requests.weight).toBeLessThanOrEqual(BURST + EARNED_PER_MS * (elapsedMs + CLOCK_MS));
      await delay(200);
    }
    requests = await counted();
    expect(requests.weight).toBeGreaterThan(BURST);
    expect(Object.keys(requests.by_status)).toEqual(['200']);
    const outcomes = (await ledger.accounts()).map(({ lastOutcome }) => lastOutcome);
    expect(outcomes).toEqual(names.map(() => 'matched'));
  },
  PATIENCE_MS,
);

/** Keeps reading after it is ready, so that the worker's output never blocks it. */
async function readiness({ stderr }: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Worker ready')) resolve();
    });
    stderr?.once('end', () => reject(new Error(`the worker ended before it was ready:\n${said}`)));
  });
}

async function firstRuns(): Promise<number> {
  return (await ledger.accounts()).filter(({ lastRunNumber }) => lastRunNumber > 0).length;
}

async function counted(): Promise<Requests> {
  return (await (await fetch(`${simulator.url}/sim/requests`)).json()) as Requests;
}

async function post(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** JSON is YAML. */
function configuration(taskQueue: string): string {
  const account = {
    exchange: {
      id: 'binanceusdm',
      base_url: `${simulator.url}/binanceusdm`,
      api_key_env: 'TEST_EXCHANGE_KEY',
      secret_env: 'TEST_EXCHANGE_SECRET',
      deadline_seconds: 60,
      weight_per_minute: WEIGHT_PER_MINUTE,
    },
    internal: { kind: 'http', url: `${simulator.url}/bot/state`, token_env: 'TEST_BOT_TOKEN', deadline_seconds: 60 },
  };
  const accounts = Array.from({ length: ACCOUNTS_EACH }, (_, index) => [`${taskQueue}-${index}`, account]);
  return JSON.stringify({
    accounts: Object.fromEntries(accounts) as unknown,
    ledger: { url_env: 'TEST_DATABASE_URL' },
    worker: { task_queue: taskQueue, metrics_port: 0 },
  });
}
