import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../packages/dev-stack/src/postgres.js';
import { DEFAULT_POLICY } from '../src/domain/policy/policy.js';
import { createLedger } from '../src/ledger/create-ledger.js';
import type { Ledger } from '../src/ledger/contract/ledger.js';
import { migrateLedger } from '../src/ledger/migrate/migrate.js';
import { verdict } from '../test/http/ledger-scenario.js';
import type { Measurement } from './compare.bench.js';
import { loadTradingGate } from './fleet/reads.js';
import { percentile } from './fleet/table.js';
import { BUILT_PLUMBLINE } from './support/built-plumbline.js';

const ACCOUNTS = 100;
const ROUNDS = 5;
/** A fleet of a hundred with a run every five minutes has one in three seconds. */
const RUNS_PER_SECOND = 10;
const MAX_P99_MS = 5;

/**
 * A thousand requests a second, at a fixed rate, to the trading gates of a hundred accounts, while runs are recorded.
 * `serve` is a process of its own, as it is for a user. The best of several rounds, because other programs can only make
 * it slower.
 */
export async function run(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDirectory: folder, durable: false });
  await migrateLedger(postgres.url);
  const ledger = createLedger(postgres.url);
  try {
    const names = Array.from({ length: ACCOUNTS }, (_, index) => `${String(index).padStart(3, '0')}-bot`);
    for (const account of names) {
      await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: DEFAULT_POLICY });
      await ledger.recordVerdict(verdict(account, 1));
    }
    const serve = await startServe(folder, postgres.url);
    try {
      return await measure(serve.url, names, ledger);
    } finally {
      await serve.stop();
    }
  } finally {
    await ledger.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, names: readonly string[], ledger: Ledger): Promise<Measurement[]> {
  const rounds: { times: number[]; perSecond: number; cpuMicroseconds: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cpuBefore = await cpuSeconds(url);
    const recording = keepRecording(ledger, names, round);
    const { times, perSecond } = await loadTradingGate(url, names);
    await recording.end();
    const cpuMicroseconds = (((await cpuSeconds(url)) - cpuBefore) / times.length) * 1e6;
    rounds.push({ times, perSecond, cpuMicroseconds });
  }
  const best = (of: (round: (typeof rounds)[number]) => number): number => Math.min(...rounds.map(of));
  const row = (name: string, value: number, limit: number, unit = 'ms'): Measurement => ({
    name: `trading gate, 1,000 requests a second: ${name}`,
    value,
    unit,
    limit,
    ok: value <= limit,
  });
  return [
    row(
      'median',
      best(({ times }) => percentile(times, 0.5)),
      2,
    ),
    row(
      'p99',
      best(({ times }) => percentile(times, 0.99)),
      MAX_P99_MS,
    ),
    row(
      'slowest',
      best(({ times }) => percentile(times, 1)),
      100,
    ),
    row(
      'CPU of serve per request',
      best(({ cpuMicroseconds }) => cpuMicroseconds),
      300,
      'µs',
    ),
    row('requests a second short of it', Math.max(0, 1_000 - Math.max(...rounds.map((r) => r.perSecond))), 50, ''),
  ];
}

/** Records runs that change nothing, of one account after another. */
function keepRecording(ledger: Ledger, names: readonly string[], round: number): { end(): Promise<void> } {
  let isOver = false;
  const recording = (async () => {
    for (let index = 0; !isOver; index++) {
      const lap = Math.floor(index / names.length);
      await ledger.recordVerdict(verdict(names[index % names.length] ?? '', 2 + round * 1_000 + lap));
      await sleep(1_000 / RUNS_PER_SECOND);
    }
  })();
  return {
    async end() {
      isOver = true;
      await recording;
    },
  };
}

async function cpuSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

async function startServe(folder: string, databaseUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const config = join(folder, 'plumbline.yaml');
  await writeFile(config, CONFIG);
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [BUILT_PLUMBLINE.commandLine, 'serve', '--config', config, '--port', String(port)],
    {
      env: {
        ...process.env,
        ...BUILT_PLUMBLINE.env,
        PLUMBLINE_DATABASE_URL: databaseUrl,
        PLUMBLINE_LOG_LEVEL: 'error',
        // The gate needs no Temporal.
        TEMPORAL_ADDRESS: '127.0.0.1:1',
      },
      stdio: 'ignore',
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const began = performance.now();
  while (!(await isReady())) {
    if (performance.now() - began > 30_000) throw new Error('serve is not ready after 30 s');
    await sleep(100);
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const CONFIG = `accounts:
  000-bot:
    exchange: {id: binanceusdm, api_key_env: KEY, secret_env: SECRET}
    internal: {kind: http, url: "http://127.0.0.1:1/state"}
`;
