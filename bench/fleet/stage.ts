import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client as PostgresClient } from 'pg';
import { PlumblineClient } from '../../src/client.js';
import { startChild, type Child } from '../../packages/dev-stack/src/child.js';
import { freePort } from '../../packages/dev-stack/src/ports.js';
import { startPostgres } from '../../packages/dev-stack/src/postgres.js';
import { SimulatorHand } from '../../packages/dev-stack/src/scenario-world.js';
import { startTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { ensureDatabase, migrateLedger } from '../../src/ledger/create-ledger.js';
import { DEMO_BOT_TOKEN } from '../../packages/exchange-simulator/src/simulator.js';
import { inParallel, until } from '../../test/chaos/deadline.js';
import { startCluster } from '../../test/support/cluster-server.js';
import { startLedgerServer } from '../../scripts/ledger-server.mjs';
import type { FleetOptions } from './options.js';

const COMMAND_LINE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const EXCHANGE = 'binanceusdm';
const READY_MS = 90_000;
/** `status -o json` of 3,000 accounts prints about 3 MiB. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;
/** A fleet of thousands has many addresses; this one stands for them all. What is spent is written down as in production. */
const WEIGHT_PER_MINUTE = 10_000_000;

/** A deployment on this machine, with so many accounts at the simulator, none of them applied yet. */
export interface FleetStage {
  names: readonly string[];
  temporal: { address: string; namespace: string };
  client: PlumblineClient;
  ledger: PostgresClient;
  hand: SimulatorHand;
  serveUrl: string;
  /** Process ids by name. */
  pids(): ReadonlyMap<string, number>;
  /** Runs `plumbline ARGS`, and reports how long that took and its output: what it printed, or why it printed nothing. */
  plumbline(...args: string[]): Promise<{ ms: number; code: number | null; output: string }>;
  restartWorker(): Promise<void>;
  workerLog: string;
  stop(): Promise<void>;
}

export async function startStage(options: FleetOptions, report: (line: string) => void): Promise<FleetStage> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) {
      await close().catch((error: unknown) => report(`clean-up: ${String(error)}`));
    }
  };
  try {
    return await build(options, report, closing, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: FleetOptions,
  report: (line: string) => void,
  closing: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<FleetStage> {
  const { folder, postgres, ledgerUrl } = await startLedgerServer(
    { startPostgres, ensureDatabase, migrateLedger },
    { prefix: 'plumbline-fleet-', durable: options.durable },
    closing,
  );
  const ledger = new PostgresClient({ connectionString: ledgerUrl });
  await ledger.connect();
  closing.push(async () => ledger.end());

  const server = join(folder, 'temporal');
  await mkdir(server);
  const logFile = join(folder, 'temporal.log');
  const temporal =
    options.server === 'cluster'
      ? await startCluster({ folder: server, postgresUrl: postgres.url, logFile, report })
      : await startTemporal({ stateDirectory: server, headless: true, logFile, report });
  closing.push(async () => temporal.child.stop());
  const { address, namespace } = temporal;
  const client = await PlumblineClient.connect({ address, namespace, taskQueue: 'fleet' });
  closing.push(async () => client.close());
  await until(READY_MS, 'search attributes', async () => client.registerSearchAttributes());

  const names = Array.from({ length: options.accounts }, (_, index) => `fleet-${String(index).padStart(4, '0')}`);
  const base = { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC', USER: 'bench' };
  const env = {
    ...base,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    LEDGER_URL: ledgerUrl,
    BOT_TOKEN: DEMO_BOT_TOKEN,
    ...Object.fromEntries(
      names.flatMap((name) => [
        [keyVariable(name), keyOf(name)],
        [secretVariable(name), secretOf(name)],
      ]),
    ),
  };
  const child = async (name: string, args: readonly string[]): Promise<Child> =>
    startChild({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', COMMAND_LINE, ...args],
      env,
      cwd: folder,
      logFile: join(folder, `${name}.log`),
      pidFile: join(folder, `${name}.pid.json`),
      stopSeconds: 20,
    });

  const [simulatorPort, metricsPort, servePort] = [await freePort(), await freePort(), await freePort()];
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const simulator = await child('simulator', ['simulate', '--port', String(simulatorPort)]);
  closing.push(async () => simulator.stop());
  const hand = new SimulatorHand(simulatorUrl);
  await until(READY_MS, 'the simulator', async () => hand.get('/sim/faults'));
  await hand.post('/sim/limits', { exchange: EXCHANGE, weight_per_minute: WEIGHT_PER_MINUTE });
  await inParallel(8, names, async (name) => furnish(hand, name));

  const configPath = join(folder, 'plumbline.yaml');
  await writeFile(configPath, configurationOf(names, options, { simulatorUrl, metricsPort }), { mode: 0o600 });
  const startWorker = async (): Promise<Child> => {
    const worker = await child('worker', ['worker', '--config', configPath]);
    await untilAnswers(worker, `http://127.0.0.1:${metricsPort}/readyz`);
    return worker;
  };
  let worker = await startWorker();
  closing.push(async () => worker.stop());
  const serve = await child('serve', ['serve', '--config', configPath, '--port', String(servePort)]);
  closing.push(async () => serve.stop());
  const serveUrl = `http://127.0.0.1:${servePort}`;
  await untilAnswers(serve, `${serveUrl}/readyz`);

  return {
    names,
    temporal: { address, namespace },
    client,
    ledger,
    hand,
    serveUrl,
    workerLog: join(folder, 'worker.log'),
    pids: () =>
      new Map([
        ['worker', worker.pid],
        ['serve', serve.pid],
        ['temporal', temporal.child.pid],
        ['postgres', postgres.child.pid],
        ['simulator', simulator.pid],
      ]),
    plumbline: async (...args) => {
      const began = performance.now();
      const command = ['--enable-source-maps', COMMAND_LINE, ...args, '--config', configPath];
      const ended = await new Promise<{ code: number | null; output: string }>((resolve) => {
        const running = execFile(
          process.execPath,
          command,
          { env, cwd: folder, maxBuffer: MAX_OUTPUT_BYTES },
          (_, out, err) => resolve({ code: running.exitCode, output: out === '' ? err : out }),
        );
      });
      return { ms: performance.now() - began, ...ended };
    },
    restartWorker: async () => {
      worker.kill('SIGKILL');
      await worker.exited;
      worker = await startWorker();
    },
    stop,
  };
}

const keyVariable = (name: string): string => `K${name.slice('fleet-'.length)}`;
const secretVariable = (name: string): string => `S${name.slice('fleet-'.length)}`;
const keyOf = (name: string): string => `key-that-only-reads-of-${name}`;
const secretOf = (name: string): string => `secret-of-${name}`;

/** A position and two orders that bot and exchange agree on. */
async function furnish(hand: SimulatorHand, name: string): Promise<void> {
  const balances = { USDT: '1000000' };
  await hand.post('/sim/accounts', { id: name, api_key: keyOf(name), secret: secretOf(name), balances });
  const bot = { account: name, actor: 'bot' };
  await hand.post('/sim/orders', { ...bot, symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.1' });
  for (const price of ['2000', '2100']) {
    await hand.post('/sim/orders', {
      ...bot,
      symbol: 'ETH/USDT:USDT',
      side: 'buy',
      type: 'limit',
      amount: '0.5',
      price,
    });
  }
}

/** JSON is YAML. */
function configurationOf(
  names: readonly string[],
  { intervalMinutes }: FleetOptions,
  { simulatorUrl, metricsPort }: { simulatorUrl: string; metricsPort: number },
): string {
  const accounts = names.map((name) => [
    name,
    {
      exchange: {
        id: EXCHANGE,
        base_url: `${simulatorUrl}/${EXCHANGE}`,
        api_key_env: keyVariable(name),
        secret_env: secretVariable(name),
        weight_per_minute: WEIGHT_PER_MINUTE,
      },
      internal: { kind: 'http', url: `${simulatorUrl}/bot/${name}/state?exchange=${EXCHANGE}`, token_env: 'BOT_TOKEN' },
    },
  ]);
  return JSON.stringify({
    reconciliation: { interval_minutes: intervalMinutes },
    accounts: Object.fromEntries(accounts),
    ledger: { url_env: 'LEDGER_URL' },
    worker: { task_queue: 'fleet', metrics_port: metricsPort },
  });
}

/** @throws Error with the child's last words where it does not come up */
async function untilAnswers(child: Child, url: string): Promise<void> {
  const answers = async (): Promise<true | null> => {
    if (child.exit !== null) throw new Error(`it ended: ${await child.lastWords(10)}`);
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok ? true : null;
  };
  try {
    await until(READY_MS, url, answers);
  } catch (error) {
    throw new Error(`${child.name} does not come up: ${await child.lastWords(10)}`, { cause: error });
  }
}
