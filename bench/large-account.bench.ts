import type { Measurement } from './compare.bench.js';
import { durableRun, median, timeOf, tradingManyMarkets, withAccounts } from './support/accounts.js';

const LIMIT_RATIO = 1.15;
const ORDERS = 5_000;
const POSITIONS = 200;
/** Each look costs 91 of the weight that the reader holds itself to: see durable-run.bench.ts. */
const ROUNDS = 8;

/**
 * A run of a large account through Temporal and ledger against the same calls and the same comparison without them, in turns.
 * The median of the ratios: what else the machine does comes upon both halves of a round.
 */
export async function run(): Promise<Measurement[]> {
  return withAccounts([tradingManyMarkets(POSITIONS, ORDERS)], async (accounts) => {
    const [account] = accounts;
    if (account === undefined) throw new Error('there is no account');
    await account.bareCalls(); // Loads the markets, as the worker did in the first run.
    const rounds: { bareMs: number; durableMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bareMs = await account.bareCalls();
      rounds.push({ bareMs, durableMs: await timeOf(async () => durableRun(account)) });
    }
    const value = median(rounds.map(({ bareMs, durableMs }) => durableMs / bareMs));
    const ms = (field: 'bareMs' | 'durableMs'): string => median(rounds.map((round) => round[field])).toFixed(0);
    const name = `durable run (${ms('durableMs')} ms) / the bare calls (${ms('bareMs')} ms), ${ORDERS} orders, ${POSITIONS} positions`;
    return [{ name, value, unit: 'ratio', limit: LIMIT_RATIO, ok: value < LIMIT_RATIO }];
  });
}
