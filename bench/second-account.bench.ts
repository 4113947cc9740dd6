import { createExchangeReader } from '../src/exchange/create-exchange-reader.js';
import type { ExchangeCall, ExchangeReader } from '../src/exchange/exchange-reader.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { SimulatorHand } from '../packages/dev-stack/src/scenario-world.js';
import { DEMO_CREDENTIALS, startSimulator, type Simulator } from '../packages/exchange-simulator/src/simulator.js';
import type { Measurement } from './compare.bench.js';
import { manyMarkets, median, tradingBot } from './support/accounts.js';

const EXCHANGE = 'binanceusdm';
const MARKETS = 500;
const ORDERS = 20;
const FURTHER = 50;
/** More than all of them use together, so none waits for the others. */
const WEIGHT_PER_MINUTE = 1_000_000;
const LIMIT_MS = 20;
const LIMIT_BYTES = 100_000;

/**
 * The cost of a further account on an exchange that is already read: the time of its first snapshot beyond its calls
 * (markets are shared, so none are loaded), and the memory that it keeps.
 */
export async function run(): Promise<Measurement[]> {
  const simulator = await startSimulator({ port: 0, markets: manyMarkets(MARKETS) });
  try {
    tradingBot(ORDERS).arrange(simulator);
    await new SimulatorHand(simulator.url).post('/sim/limits', {
      exchange: EXCHANGE,
      weight_per_minute: WEIGHT_PER_MINUTE,
    });
    await (await readerOf(simulator)).readState();
    const over: number[] = [];
    const readers: ExchangeReader[] = [];
    const before = heapUsed();
    for (let account = 1; account <= FURTHER; account++) {
      const calls: ExchangeCall[] = [];
      const start = performance.now();
      const reader = await readerOf(simulator);
      const snapshot = await reader.readState({ onCall: (call) => calls.push(call) });
      over.push(performance.now() - start - timeInCalls(calls));
      if (snapshot.orders.length !== ORDERS) throw new Error(`${snapshot.orders.length} orders`);
      readers.push(reader);
    }
    const bytes = (heapUsed() - before) / readers.length;
    const first = over[0] ?? Number.NaN;
    const rows: [string, number, string, number][] = [
      [`first snapshot of a second account beyond its calls, ${MARKETS} markets`, first, 'ms', LIMIT_MS],
      [`the same, median of ${FURTHER} accounts`, median(over), 'ms', LIMIT_MS],
      [`memory of a further account after its first snapshot, ${MARKETS} markets`, bytes, 'bytes', LIMIT_BYTES],
    ];
    return rows.map(([name, value, unit, limit]) => ({ name, value, unit, limit, ok: value < limit }));
  } finally {
    await simulator.close();
  }
}

/**
 * Creates a further account as a worker does, with the demo account's key: a reader's memory does not depend on the
 * key.
 */
async function readerOf({ url }: Simulator): Promise<ExchangeReader> {
  return createExchangeReader(
    {
      id: EXCHANGE,
      credentials: {},
      baseUrl: `${url}/${EXCHANGE}`,
      deadlineSeconds: 30,
      weightPerMinute: WEIGHT_PER_MINUTE,
    },
    { ...DEMO_CREDENTIALS },
    { redactor: createRedactor() },
  );
}

/** Milliseconds in which at least one call was in progress. */
function timeInCalls(calls: readonly ExchangeCall[]): number {
  let [spent, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { startedAt, endedAt } of calls.toSorted((a, b) => a.startedAt - b.startedAt)) {
    spent += Math.max(0, endedAt - Math.max(startedAt, until));
    until = Math.max(until, endedAt);
  }
  return spent;
}

function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc, as npm run bench gives it');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
