import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeObservations } from '../src/activities/judge.js';
import { readInternal } from '../src/observe/read-internal.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { LIMITS } from '../src/domain/limits/limits.js';
import { DEFAULT_POLICY } from '../src/domain/policy/policy.js';
import type { Snapshot } from '../src/domain/snapshot/snapshot.js';
import { startPostgres } from '../packages/dev-stack/src/postgres.js';
import { createExchangeReader } from '../src/exchange/create-exchange-reader.js';
import { onlySource } from '../src/internal/account-source.js';
import { createInternalSource } from '../src/internal/sources/create-internal-source.js';
import { createLedger } from '../src/ledger/create-ledger.js';
import type { Ledger } from '../src/ledger/contract/ledger.js';
import { migrateLedger } from '../src/ledger/migrate/migrate.js';
import { SERVER_TIME } from '../test/exchange/binanceusdm-fixtures.js';
import type { Measurement } from './compare.bench.js';
import { serveLargeSides, type LargeSides } from './support/large-sides.js';

const ORDERS = LIMITS.orders.value;
const ROUNDS = 3;
const OBSERVATIONS = 3;
const MAX_STALL_MS = 100;
const MAX_MEMORY_MB = 500;
const MB = 1024 * 1024;

const POLICY = {
  ...DEFAULT_POLICY,
  graceSeconds: 0,
  settleSeconds: 1,
  maxInternalAgeSeconds: 86_400,
  confirmations: 2,
  maxLooks: OBSERVATIONS,
};

/** The longest stall of the event loop in each round, by phase of a run. */
type Stalls = Map<string, number[]>;

/**
 * How long a run at the documented limits blocks the event loop of a worker, and how much memory it takes. Both sides
 * have 20,000 open orders, once equal and once with every order amended. A phase's stall is the minimum, over all
 * rounds, of its longest stall, because other programs can only make a stall longer.
 */
export async function run(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDirectory: folder, durable: false });
  await migrateLedger(postgres.url);
  const ledger = createLedger(postgres.url);
  try {
    return [
      ...(await measure(ledger, 'equal', await serveLargeSides(ORDERS, { amended: false }))),
      ...(await measure(ledger, 'all amended', await serveLargeSides(ORDERS, { amended: true }))),
    ];
  } finally {
    await ledger.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(ledger: Ledger, scene: string, sides: LargeSides): Promise<Measurement[]> {
  const redactor = createRedactor();
  const reader = await createExchangeReader(
    { id: 'binanceusdm', credentials: {}, baseUrl: sides.url, deadlineSeconds: 30, weightPerMinute: null },
    { apiKey: 'bench', secret: 'bench' },
    { redactor },
  );
  const internal = createInternalSource(
    {
      kind: 'http',
      url: `${sides.url}/bot/state`,
      token: null,
      deadlineSeconds: 30,
      maxBytes: LIMITS.internalBytes.value,
    },
    { resolveSecret: () => '', redactor, now: Date.now },
  );
  const stalls: Stalls = new Map();
  const before = process.memoryUsage().rss;
  let memory = 0;
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      // A new account for each round, because differences that are already known are less work.
      const account = `${scene.replace(' ', '-')}-${round}`;
      await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: POLICY, by: 'bench' });
      const key = { account, workflowRunId: account, runNumber: 1 };
      for (let observation = 1; observation <= OBSERVATIONS; observation += 1) {
        const read = await watched(stalls, 'read the exchange', async () => reader.readState());
        const bot = await watched(stalls, 'read the bot', async () =>
          readInternal(
            { exchange: async () => reader, internal: onlySource(internal), aliases: { symbols: {}, currencies: {} } },
            { now: () => SERVER_TIME, maxInternalAgeSeconds: POLICY.maxInternalAgeSeconds },
          ),
        );
        const exchange: Snapshot = { ...read, asOf: SERVER_TIME + 10_000 * observation };
        const internalState: Snapshot = { ...bot, asOf: SERVER_TIME + 10_000 * observation + 5_000 };
        await watched(stalls, 'store both', async () => {
          await ledger.putSnapshot(key, observation, exchange);
          await ledger.putSnapshot(key, observation, internalState);
        });
      }
      const request = {
        key,
        look: OBSERVATIONS,
        trigger: 'schedule',
        startedAt: new Date().toISOString(),
        policy: POLICY,
        explain: true,
        retryBudgetMs: 0,
      } as const;
      const explain = { missingOrders: async () => [], venueActions: async () => [] };
      const answer = await watched(stalls, 'judge', async () => judgeObservations(ledger, request, explain));
      if (answer.kind !== 'recorded') throw new Error(`no verdict: ${JSON.stringify(answer)}`);
      const expected = scene === 'equal' ? 'matched' : 'drifted';
      if (answer.run.outcome !== expected) throw new Error(`${scene}: ${answer.run.outcome}`);
      memory = Math.max(memory, process.memoryUsage().rss);
    }
  } finally {
    await sides.stop();
  }
  const rows = [...stalls].map(([phase, longest]) => {
    const value = Math.round(Math.min(...longest));
    return { name: `stall: ${phase}, ${scene}`, value, unit: 'ms', limit: MAX_STALL_MS, ok: value < MAX_STALL_MS };
  });
  const used = Math.round((memory - before) / MB);
  return [
    ...rows,
    {
      name: `memory that runs add to the process, ${scene}`,
      value: used,
      unit: 'MB',
      limit: MAX_MEMORY_MB,
      ok: used < MAX_MEMORY_MB,
    },
  ];
}

/** Does the work and records its longest stall. */
async function watched<T>(stalls: Stalls, phase: string, work: () => Promise<T>): Promise<T> {
  const watch = new StallWatch();
  const result = await work();
  const longest = await watch.end();
  stalls.set(phase, [...(stalls.get(phase) ?? []), longest]);
  return result;
}

const TICK_MS = 2;

/**
 * The longest time between two turns of the event loop. The shorter of wall-clock time and processor time of this
 * process counts: while other programs use the processor, this process does not block its loop.
 */
class StallWatch {
  private longest = 0;
  private clock = performance.now();
  private cpu = process.cpuUsage();
  private readonly timer = setInterval(() => this.tick(), TICK_MS);

  async end(): Promise<number> {
    // The last stall is visible only when the loop turns again.
    await new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS));
    clearInterval(this.timer);
    this.tick();
    return this.longest;
  }

  private tick(): void {
    const { user, system } = process.cpuUsage(this.cpu);
    this.longest = Math.max(this.longest, Math.min(performance.now() - this.clock, (user + system) / 1000));
    this.clock = performance.now();
    this.cpu = process.cpuUsage();
  }
}
