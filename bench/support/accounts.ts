import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AccountWitnesses } from '../../src/activities/activities.js';
import { createWitnesses } from '../../src/activities/witnesses.js';
import { PlumblineClient } from '../../src/client.js';
import { resolveSecret } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createRedactor } from '../../src/config/redactor.js';
import type { Policy } from '../../src/domain/policy.js';
import type * as stackModule from '../../src/embedded/stack.js';
import { DEMO_BOT_TOKEN, DEMO_CREDENTIALS, startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { searchAttributeTypes } from '../../test/support/search-attributes.js';

const EXCHANGE = 'binanceusdm';
const ENVIRONMENT = {
  BENCH_KEY: DEMO_CREDENTIALS.apiKey,
  BENCH_SECRET: DEMO_CREDENTIALS.secret,
  BENCH_TOKEN: DEMO_BOT_TOKEN,
};

/** An account that runs: its workflow is started and its first run has ended. */
export interface BenchAccount {
  name: string;
  policy: Policy;
  client: PlumblineClient;
  /** The server on which it runs. */
  temporal: { address: string; namespace: string };
  /** The two sides, to be asked from this process without Temporal and ledger. */
  witnesses: AccountWitnesses;
}

/**
 * Does `work` with accounts on the embedded stack as it is built: Temporal, PostgreSQL and a worker in processes of their
 * own. Each account has an exchange of its own (in this process), so that none spends the request weight of another.
 */
export async function withAccounts<T>(
  scenes: readonly ((simulator: Simulator) => void)[],
  work: (accounts: BenchAccount[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  // PostgreSQL may have to run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const closing: (() => Promise<unknown>)[] = [async () => rm(folder, { recursive: true, force: true })];
  try {
    const simulators: Simulator[] = [];
    for (const arrange of scenes) {
      const simulator = await startSimulator({ port: 0 });
      closing.push(async () => simulator.close());
      arrange(simulator);
      simulators.push(simulator);
    }
    const stack = await startStack(join(folder, 'state'), simulators);
    closing.push(async () => stack.stop());
    const { configPath, temporalAddress, namespace } = stack.description;

    const config = loadConfig(configPath);
    const witnesses = createWitnesses(config, {
      redactor: createRedactor(),
      resolveSecret: (source, what) => resolveSecret(source, what, { env: ENVIRONMENT }),
    });
    closing.push(async () => witnesses.close());
    const client = await PlumblineClient.connect({
      address: temporalAddress,
      namespace,
      taskQueue: config.worker.taskQueue,
    });
    closing.push(async () => client.close());
    const temporal = { address: temporalAddress, namespace };
    const accounts: BenchAccount[] = [];
    for (const { name, policy } of config.accounts) {
      await client.start({ account: name, exchange: EXCHANGE, policy }, 'bench');
      const first = await client.runNow(name, 'bench');
      if (first.outcome !== 'matched') throw new Error(`the first run of ${name}: ${JSON.stringify(first)}`);
      accounts.push({ name, policy, client, temporal, witnesses: witnesses.of(name) });
    }
    return await work(accounts);
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/** As built: the stack starts the command line that lies beside it. */
async function startStack(stateDirectory: string, simulators: readonly Simulator[]): Promise<stackModule.Stack> {
  const built = fileURLToPath(new URL('../../dist/embedded/stack.js', import.meta.url));
  const stack = (await import(built)) as typeof stackModule;
  return stack.startStack({
    stateDirectory,
    searchAttributes: searchAttributeTypes,
    report: () => {},
    configuration: async (state, { choosePort }) => {
      const serve = { host: '127.0.0.1', port: await choosePort(9400, 'plumbline serve') };
      const workerMetrics = { host: '127.0.0.1', port: await choosePort(9401, "the worker's metrics") };
      return {
        path: await state.write('plumbline.yaml', configurationOf(simulators, serve, workerMetrics)),
        serve,
        workerMetrics,
        ledgerVariable: 'BENCH_DATABASE_URL',
        env: ENVIRONMENT,
      };
    },
  });
}

interface Place {
  host: string;
  port: number;
}

/** JSON is YAML. */
function configurationOf(simulators: readonly Simulator[], serve: Place, workerMetrics: Place): string {
  const accounts = simulators.map(({ url }, index) => [
    `account-${index}`,
    {
      exchange: { id: EXCHANGE, base_url: `${url}/${EXCHANGE}`, api_key_env: 'BENCH_KEY', secret_env: 'BENCH_SECRET' },
      internal: { kind: 'http', url: `${url}/bot/state`, token_env: 'BENCH_TOKEN' },
    },
  ]);
  return JSON.stringify({
    // No scheduled run falls into the measurement.
    reconciliation: { interval_minutes: 1440 },
    accounts: Object.fromEntries(accounts),
    ledger: { url_env: 'BENCH_DATABASE_URL' },
    serve,
    worker: { metrics_host: workerMetrics.host, metrics_port: workerMetrics.port },
  });
}

/** Two positions, and as many resting orders as asked for, all placed by the bot: both sides agree. */
export function tradingBot(orders: number): (simulator: Simulator) => void {
  return ({ bot }) => {
    bot.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.5' });
    bot.place({ symbol: 'ETH/USDT:USDT', side: 'sell', type: 'market', amount: '2' });
    for (let index = 0; index < orders; index++) {
      const price = `${50_000 - (index % 5_000)}.${index % 10}`;
      bot.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'limit', amount: '0.010', price });
    }
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
