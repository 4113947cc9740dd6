import type { Measurement } from './compare.bench.js';
import {
  durableRun,
  median,
  timeOf,
  tradingManyMarkets,
  withAccounts,
  type BenchAccount,
  type Scene,
} from './support/accounts.js';

const LIMIT_RATIO = 1.15;
const ORDERS = 5_000;
const POSITIONS = 200;
/** Additional latency of each answer of an exchange on another continent. */
const FAR_MS = 100;
/** Each observation costs 91 of the weight that the reader may use: see durable-run.bench.ts. */
const ROUNDS = 8;

/**
 * A run of a large account through Temporal and ledger, compared with the same calls and comparison without them,
 * alternating: on an exchange on this machine, which answers at once, and on one with the latency of a real exchange.
 */
export async function run(): Promise<Measurement[]> {
  const near = tradingManyMarkets(POSITIONS, ORDERS);
  return [
    await measure('an exchange on this machine', near),
    await measure(`one ${FAR_MS} ms away`, { ...near, answerLaterMs: FAR_MS }),
  ];
}

async function measure(where: string, scene: Scene): Promise<Measurement> {
  return withAccounts([scene], async (accounts) => {
    const [account] = accounts;
    if (account === undefined) throw new Error('there is no account');
    const rounds = await play(account);
    // The median of the ratios: other load affects both halves of a round.
    const value = median(rounds.map(({ bareMs, durableMs }) => durableMs / bareMs));
    const p50 = (field: 'bareMs' | 'durableMs'): string => median(rounds.map((round) => round[field])).toFixed(0);
    const name = `durable run (${p50('durableMs')} ms) / the bare calls (${p50('bareMs')} ms), ${ORDERS} orders, ${POSITIONS} positions, ${where}`;
    return { name, value, unit: 'ratio', limit: LIMIT_RATIO, ok: value < LIMIT_RATIO };
  });
}

async function play(account: BenchAccount): Promise<{ bareMs: number; durableMs: number }[]> {
  await account.bareCalls(); // Loads the markets, as the worker does in the first run.
  const rounds: { bareMs: number; durableMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bareMs = await account.bareCalls();
    rounds.push({ bareMs, durableMs: await timeOf(async () => durableRun(account)) });
  }
  return rounds;
}
