import { createExchangeReader } from '../src/exchange/create-exchange-reader.js';
import type { ExchangeCall, ExchangeReader } from '../src/exchange/exchange-reader.js';
import { createRedactor } from '../src/config/redactor.js';
import { DEMO_CREDENTIALS, startSimulator, type Simulator } from '../src/simulator/simulator.js';
import type { Measurement } from './compare.bench.js';
import { manyMarkets, median, tradingBot } from './support/accounts.js';

const EXCHANGE = 'binanceusdm';
const MARKETS = 500;
const ORDERS = 20;
const FURTHER = 50;
/** More than all of them spend: none waits for what the others spent. */
const WEIGHT_PER_MINUTE = 1_000_000;
const LIMIT_MS = 20;
const LIMIT_BYTES = 100_000;

/**
 * What a further account on an exchange costs that a first one is read from already: its first snapshot beyond the time of
 * its calls (markets are shared, so none are loaded), and the memory that stays after it.
 */
export async function run(): Promise<Measurement[]> {
  const simulator = await startSimulator({ port: 0, markets: manyMarkets(MARKETS) });
  try {
    tradingBot(ORDERS).arrange(simulator);
    await limitTo(simulator, WEIGHT_PER_MINUTE);
    await (await readerOf(simulator, 0)).readState();
    const over: number[] = [];
    const readers: ExchangeReader[] = [];
    const before = heapUsed();
    for (let account = 1; account <= FURTHER; account++) {
      const calls: ExchangeCall[] = [];
      const start = performance.now();
      const reader = await readerOf(simulator, account);
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

/** Each account has a key of its own, all for the simulator's demo account. */
async function readerOf(simulator: Simulator, account: number): Promise<ExchangeReader> {
  const credentials = { ...DEMO_CREDENTIALS, uid: String(account) };
  return createExchangeReader(
    {
      id: EXCHANGE,
      credentials: {},
      baseUrl: `${simulator.url}/${EXCHANGE}`,
      deadlineSeconds: 30,
      weightPerMinute: WEIGHT_PER_MINUTE,
    },
    credentials,
    { redactor: createRedactor() },
  );
}

async function limitTo({ url }: Simulator, weightPerMinute: number): Promise<void> {
  const answer = await fetch(`${url}/sim/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ exchange: EXCHANGE, weight_per_minute: weightPerMinute }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Milliseconds in which at least one call was under way. */
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
