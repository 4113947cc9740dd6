import { readInternal } from '../src/activities/read-internal.js';
import { compare } from '../src/domain/compare.js';
import type { Measurement } from './compare.bench.js';
import { median, tradingBot, withAccounts, type BenchAccount } from './support/accounts.js';

const LIMIT_MS = 60;
const ORDERS = 6;

/**
 * Each account has its own exchange, whose request weight bounds the rounds: a reader holds at three quarters of 2,400 a
 * minute, and a look costs 91.
 */
const ACCOUNTS = 6;
const ROUNDS = 8;

interface Pair {
  durableMs: number;
  bareMs: number;
}

/**
 * What it costs to be durable: a run asked for through the client, with Temporal and ledger, against the same calls and the
 * same comparison without them, in turns. Best account, so that what else the machine does counts little.
 */
export async function run(): Promise<Measurement[]> {
  const scenes = Array.from({ length: ACCOUNTS }, () => tradingBot(ORDERS));
  const measured = await withAccounts(scenes, async (accounts) => {
    const pairs: Pair[][] = [];
    for (const account of accounts) pairs.push(await measure(account));
    return pairs;
  });
  const best = measured.toSorted((a, b) => extraMs(a) - extraMs(b))[0] ?? [];
  const [durable, bare] = [median(best.map(({ durableMs }) => durableMs)), median(best.map(({ bareMs }) => bareMs))];
  return [
    {
      name: `durable run (${durable.toFixed(0)} ms) minus the bare calls (${bare.toFixed(0)} ms), small account, p50`,
      value: extraMs(best),
      unit: 'ms',
      limit: LIMIT_MS,
      ok: extraMs(best) < LIMIT_MS,
    },
  ];
}

function extraMs(pairs: readonly Pair[]): number {
  return median(pairs.map(({ durableMs, bareMs }) => durableMs - bareMs));
}

async function measure(account: BenchAccount): Promise<Pair[]> {
  await bareCalls(account); // Loads the markets, as the worker did in the first run.
  const pairs: Pair[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bareMs = await timeOf(async () => bareCalls(account));
    const durableMs = await timeOf(async () => durableRun(account));
    pairs.push({ durableMs, bareMs });
  }
  return pairs;
}

async function durableRun({ client, name }: BenchAccount): Promise<void> {
  const { outcome } = await client.runNow(name, 'bench');
  if (outcome !== 'matched') throw new Error(`${name} was ${outcome}`);
}

/** As the activities read and judge. */
async function bareCalls({ witnesses, policy }: BenchAccount): Promise<void> {
  const { maxInternalAgeSeconds } = policy;
  const [exchange, internal] = await Promise.all([
    witnesses.exchange().then(async (reader) => reader.readState()),
    readInternal(witnesses, { now: Date.now, maxInternalAgeSeconds }),
  ]);
  const { differences } = compare(exchange, internal, policy);
  if (differences.length > 0) throw new Error('the bare calls differ');
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
