import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './compare.bench.js';
import { durableRun, median, timeOf, tradingBot, withAccounts, type BenchAccount } from './support/accounts.js';
import { cycleUpdate, type emptyCycle } from './support/empty-cycle.js';

const LIMIT_MS = 60;
/** Limit above the cost of the same cycle in Temporal, for ledger, client and the workflow's own work. */
const LIMIT_RATIO = 1.5;
const ORDERS = 6;

/**
 * Each account has its own exchange, whose request weight limits the rounds: a reader uses at most three quarters of
 * 2,400 per minute, and an observation costs 91.
 */
const ACCOUNTS = 6;
const ROUNDS = 8;

interface Round {
  durableMs: number;
  bareMs: number;
  emptyMs: number;
}

/**
 * The cost of durability: a run requested through the client, with Temporal and ledger, compared with the same calls
 * and comparison without them, and with an empty Temporal cycle, alternating in one run. The result is that of the
 * fastest account, so that other load on the machine counts little. Other load still shows in the milliseconds; the
 * ratio is then more reliable.
 */
export async function run(): Promise<Measurement[]> {
  const scenes = Array.from({ length: ACCOUNTS }, () => tradingBot(ORDERS));
  const measured = await withAccounts(scenes, async (accounts) => {
    const [first] = accounts;
    if (first === undefined) throw new Error('there is no account');
    return withEmptyCycle(first, async (cycle) => {
      const rounds: Round[][] = [];
      for (const account of accounts) rounds.push(await measure(account, cycle));
      return rounds;
    });
  });
  const best = measured.toSorted((a, b) => extraMs(a) - extraMs(b))[0] ?? [];
  const p50 = (field: keyof Round): number => median(best.map((round) => round[field]));
  const [extra, empty] = [extraMs(best), p50('emptyMs')];
  const bare = `the bare calls (${p50('bareMs').toFixed(0)} ms)`;
  return [
    row(`durable run (${p50('durableMs').toFixed(0)} ms) minus ${bare}, small account, p50`, extra, 'ms', LIMIT_MS),
    row(
      `the same / a cycle of Temporal that does nothing (${empty.toFixed(0)} ms)`,
      extra / empty,
      'ratio',
      LIMIT_RATIO,
    ),
  ];
}

function row(name: string, value: number, unit: string, limit: number): Measurement {
  return { name, value, unit, limit, ok: value < limit };
}

function extraMs(rounds: readonly Round[]): number {
  return median(rounds.map(({ durableMs, bareMs }) => durableMs - bareMs));
}

async function measure(account: BenchAccount, cycle: () => Promise<void>): Promise<Round[]> {
  await account.bareCalls(); // Loads the markets, as the worker does in the first run.
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bareMs = await account.bareCalls();
    const durableMs = await timeOf(async () => durableRun(account));
    const emptyMs = await timeOf(cycle);
    rounds.push({ durableMs, bareMs, emptyMs });
  }
  return rounds;
}

/** On the accounts' server, with its own worker. */
async function withEmptyCycle<T>(
  { client, temporal }: BenchAccount,
  work: (cycle: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const taskQueue = 'empty-cycle';
  const script = fileURLToPath(new URL('./support/empty-cycle-worker.mjs', import.meta.url));
  const worker = spawn(process.execPath, [script, temporal.address, temporal.namespace, taskQueue], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await Promise.race([once(worker.stdout, 'data'), diesTooSoon(worker)]);
    const options = { taskQueue, workflowId: taskQueue };
    const handle = await client.temporal.workflow.start<typeof emptyCycle>('emptyCycle', options);
    const cycle = async (): Promise<void> => handle.executeUpdate(cycleUpdate);
    for (let warming = 0; warming < ROUNDS; warming++) await cycle();
    return await work(cycle);
  } finally {
    worker.kill('SIGKILL');
  }
}

async function diesTooSoon(worker: ReturnType<typeof spawn>): Promise<never> {
  await once(worker, 'exit');
  throw new Error('the worker of the empty cycle ended before it was ready');
}
