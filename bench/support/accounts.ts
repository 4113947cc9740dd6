import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlumblineClient } from '../../src/client.js';
import { loadConfig } from '../../src/config/load-config.js';
import { startStack, type Stack } from '../../packages/dev-stack/src/index.js';
import { DEFAULT_MARKETS, linearMarket, type Market } from '../../packages/exchange-simulator/src/engine/market.js';
import { faultSchema } from '../../packages/exchange-simulator/src/faults.js';
import {
  DEMO_BOT_TOKEN,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';
import { searchAttributeTypes } from '../../test/support/search-attributes.js';
import { startBareCaller } from './bare-calls.js';
import { BUILT_PLUMBLINE } from './built-plumbline.js';

const EXCHANGE = 'binanceusdm';
const ENVIRONMENT = {
  BENCH_KEY: DEMO_CREDENTIALS.apiKey,
  BENCH_SECRET: DEMO_CREDENTIALS.secret,
  BENCH_TOKEN: DEMO_BOT_TOKEN,
};

/** A running account: its workflow is started and its first run has ended. */
export interface BenchAccount {
  name: string;
  client: PlumblineClient;
  /** The Temporal server that it runs on. */
  temporal: { address: string; namespace: string };
  /** One observation without Temporal and ledger, in a separate process; milliseconds. */
  bareCalls: () => Promise<number>;
}

/** The markets of an account, and its orders and positions before the first run. */
export interface Scene {
  markets: readonly Market[];
  arrange: (simulator: Simulator) => void;
  /** Additional latency of each answer of the exchange in milliseconds, as if it were far away. The bot has none. */
  answerLaterMs?: number;
}

/**
 * Runs `work` with accounts on the built embedded stack: Temporal, PostgreSQL and a worker in separate processes. Each
 * account has its own exchange (in this process), so that none uses the request weight of another.
 */
export async function withAccounts<T>(
  scenes: readonly Scene[],
  work: (accounts: BenchAccount[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const closing: (() => Promise<unknown>)[] = [async () => rm(folder, { recursive: true, force: true })];
  try {
    const simulators: Simulator[] = [];
    for (const { markets, arrange, answerLaterMs } of scenes) {
      const simulator = await startSimulator({ port: 0, markets });
      closing.push(async () => simulator.close());
      arrange(simulator);
      if (answerLaterMs !== undefined) answerLater(simulator, answerLaterMs);
      simulators.push(simulator);
    }
    const stack = await startBenchStack(join(folder, 'state'), simulators);
    closing.push(async () => stack.stop());
    const { configPath, databaseUrl, temporalAddress, namespace } = stack.description;

    const config = loadConfig(configPath);
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
      const bareCaller = startBareCaller(configPath, name, { ...ENVIRONMENT, BENCH_DATABASE_URL: databaseUrl ?? '' });
      closing.push(async () => bareCaller.end());
      accounts.push({ name, client, temporal, bareCalls: async () => bareCaller.call() });
    }
    return await work(accounts);
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

function answerLater({ faults }: Simulator, ms: number): void {
  faults.add(faultSchema.parse({ endpoint: `/${EXCHANGE}/*`, kind: 'slow', times: null, duration_ms: ms }));
}

async function startBenchStack(stateDirectory: string, simulators: readonly Simulator[]): Promise<Stack> {
  return startStack({
    plumbline: BUILT_PLUMBLINE,
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
    // Prevents scheduled runs during the measurement.
    reconciliation: { interval_minutes: 1440 },
    accounts: Object.fromEntries(accounts),
    ledger: { url_env: 'BENCH_DATABASE_URL' },
    serve,
    worker: { metrics_host: workerMetrics.host, metrics_port: workerMetrics.port },
  });
}

/** Two positions and the given number of open orders, all placed by the bot: both sides agree. */
export function tradingBot(orders: number): Scene {
  return {
    markets: DEFAULT_MARKETS,
    arrange: ({ bot }) => {
      bot.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.5' });
      bot.place({ symbol: 'ETH/USDT:USDT', side: 'sell', type: 'market', amount: '2' });
      for (let index = 0; index < orders; index++) {
        const price = `${50_000 - (index % 5_000)}.${index % 10}`;
        bot.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'limit', amount: '0.010', price });
      }
    },
  };
}

const MARKET_RULES = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };

/** The simulator's default markets plus `count` more: C0, C1 and so on, linear and settled in USDT. */
export function manyMarkets(count: number): Market[] {
  return [...DEFAULT_MARKETS, ...coins(count)];
}

function coins(count: number): Market[] {
  return Array.from({ length: count }, (_, index) => linearMarket(`C${index}`, 'USDT', MARKET_RULES));
}

/** A position in each of that many markets, and the given number of open orders spread over them; both sides agree. */
export function tradingManyMarkets(positions: number, orders: number): Scene {
  const markets = coins(positions);
  return {
    markets,
    arrange: ({ bot }) => {
      for (const { symbol } of markets) bot.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
      for (let index = 0; index < orders; index++) {
        const symbol = markets[index % positions]?.symbol ?? '';
        const price = `${900 - (index % 500)}.${index % 10}`;
        bot.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price });
      }
    },
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Requests a run as a user does and waits for it; both sides must agree. */
export async function durableRun({ client, name }: BenchAccount): Promise<void> {
  const { outcome } = await client.runNow(name, 'bench');
  if (outcome !== 'matched') throw new Error(`${name} was ${outcome}`);
}

/** Milliseconds. */
export async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
