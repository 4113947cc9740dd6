import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlumblineClient } from '../../src/client.js';
import { startChild, type Child } from '../../packages/dev-stack/src/child.js';
import { freePort } from '../../packages/dev-stack/src/ports.js';
import { startPostgres } from '../../packages/dev-stack/src/postgres.js';
import { SimulatorHand } from '../../packages/dev-stack/src/scenario-world.js';
import { startTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { createLedger, ensureDatabase, migrateLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { startLedgerServer } from '../../scripts/ledger-server.mjs';
import { accountsOf, configurationOf, environmentOf, simulatorAccount, type ChaosAccount } from './accounts.js';
import { startCluster } from '../support/cluster-server.js';
import { until, within } from './deadline.js';
import { arrange } from './drifts.js';
import { startLedgerProxy, type LedgerProxy } from '../integration/support/ledger-proxy.js';
import { LedgerTables } from './ledger-tables.js';
import type { ChaosOptions } from './options.js';
import type { OutsideRecord } from './record.js';
import { WorkerFleet, type WorkerSlot } from './worker-fleet.js';

const COMMAND_LINE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** All processes of a deployment, and the driver's access to them. */
export interface Stage {
  accounts: readonly ChaosAccount[];
  folder: string;
  logs: string;
  temporal: { address: string; namespace: string };
  /** Two configuration files that differ in rules that no check depends on. */
  configs: readonly string[];
  env: NodeJS.ProcessEnv;
  client: PlumblineClient;
  /** The product's own reader, for `verify`. */
  ledger: Ledger;
  tables: LedgerTables;
  proxy: LedgerProxy;
  hand: SimulatorHand;
  simulatorUrl: string;
  fleet: WorkerFleet;
  serveUrl: string;
  /** Further processes whose memory is watched, by name. */
  processes: ReadonlyMap<string, number>;
  commandLine: string;
  stop(): Promise<void>;
}

/**
 * Starts servers, simulator, workers and serve, and the accounts' workflows. If anything fails, nothing is left
 * running.
 */
export async function startStage(
  options: ChaosOptions,
  record: OutsideRecord,
  report: (line: string) => void,
): Promise<Stage> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) {
      await within(40_000, 'clean-up', close()).catch((error: unknown) => report(`clean-up: ${String(error)}`));
    }
  };
  try {
    return await build(options, record, report, closing, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: ChaosOptions,
  record: OutsideRecord,
  report: (line: string) => void,
  closing: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stage> {
  const logs = resolve(options.out, 'logs');
  await mkdir(logs, { recursive: true });
  const { folder, postgres, ledgerUrl } = await startLedgerServer(
    { startPostgres, ensureDatabase, migrateLedger },
    { prefix: 'plumbline-chaos-', durable: false },
    closing,
  );
  const tables = new LedgerTables(ledgerUrl);
  closing.push(async () => tables.close());
  const ledger = createLedger(ledgerUrl, { applicationName: 'chaos-verify', poolSize: 2 });
  closing.push(async () => ledger.close());
  const proxy = await startLedgerProxy(ledgerUrl);
  closing.push(async () => proxy.close());

  const temporal = await startServer(options, { folder, logs, postgresUrl: postgres.url, report });
  closing.push(async () => temporal.child.stop());
  const { address, namespace } = temporal;
  const client = await PlumblineClient.connect({ address, namespace, taskQueue: 'chaos' });
  // Never closed: a request that is still being retried would throw where nobody can catch it.
  await until(30_000, 'search attributes', async () => client.registerSearchAttributes());

  const accounts = accountsOf(options.accounts, options.herdSeconds);
  const base = {
    PATH: process.env['PATH'],
    HOME: folder,
    TZ: 'UTC',
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  };
  const child = async (name: string, args: string[], env: NodeJS.ProcessEnv): Promise<Child> => {
    const started = await startChild({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', COMMAND_LINE, ...args],
      env,
      cwd: folder,
      logFile: join(logs, `${name}.log`),
      pidFile: join(folder, `${name}.pid.json`),
    });
    closing.push(async () => started.stop());
    return started;
  };

  const simulatorPort = await freePort();
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const simulator = await child('simulator', ['simulate', '--port', String(simulatorPort)], base);
  const hand = new SimulatorHand(simulatorUrl);
  await until(30_000, 'the simulator', async () => hand.get('/sim/faults'));
  for (const exchange of new Set(accounts.map((account) => account.exchange))) {
    await hand.post('/sim/limits', { exchange, weight_per_minute: 10_000_000 });
  }
  for (const account of accounts) {
    await hand.post('/sim/accounts', simulatorAccount(account));
    await arrange(hand, account);
  }

  const write = async (name: string, metricsPort: number, variant: number): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, configurationOf(accounts, { simulatorUrl, metricsPort, variant }), { mode: 0o600 });
    return path;
  };
  const configs = [await write('plumbline-0.yaml', 0, 0), await write('plumbline-1.yaml', 0, 1)];
  const throughProxy = { ...base, ...environmentOf(accounts, proxy.through(ledgerUrl)) };
  const direct = { ...base, ...environmentOf(accounts, ledgerUrl) };

  const names = ['worker-a', 'worker-b', ...(options.keepOneWorker ? ['worker-kept'] : [])];
  const slots: WorkerSlot[] = [];
  for (const name of names) {
    const metricsPort = await freePort();
    slots.push({
      name,
      kept: name === 'worker-kept',
      metricsPort,
      configPath: await write(`${name}.yaml`, metricsPort, 0),
    });
  }
  const fleet = new WorkerFleet(slots, { commandLine: COMMAND_LINE, folder, logs, env: throughProxy, record });
  closing.push(async () => fleet.stop());
  await fleet.start();

  const servePort = await freePort();
  const serveUrl = `http://127.0.0.1:${servePort}`;
  const serve = await child('serve', ['serve', '--config', configs[0] ?? '', '--port', String(servePort)], direct);
  await until(30_000, 'plumbline serve', async () => ((await fetch(`${serveUrl}/readyz`)).ok ? true : null));

  const processes = new Map([
    ['serve', serve.pid],
    ['simulator', simulator.pid],
    ['temporal', temporal.child.pid],
    ['driver', process.pid],
  ]);
  const ways = { client, ledger, tables, proxy, hand, simulatorUrl, fleet, serveUrl, processes };
  const commandLine = COMMAND_LINE;
  return { accounts, folder, logs, temporal: { address, namespace }, configs, env: direct, ...ways, commandLine, stop };
}

async function startServer(
  options: ChaosOptions,
  place: { folder: string; logs: string; postgresUrl: string; report: (line: string) => void },
): Promise<{ address: string; namespace: string; child: Child }> {
  const folder = join(place.folder, `temporal-${randomBytes(4).toString('hex')}`);
  const logFile = join(place.logs, 'temporal.log');
  await mkdir(folder);
  if (options.server === 'cluster') return startCluster({ ...place, folder, logFile });
  return startTemporal({ stateDirectory: folder, headless: true, logFile, report: place.report });
}
