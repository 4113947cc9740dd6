import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { startPostgres } from '../packages/dev-stack/src/postgres.js';
import { accountDocument } from '../src/report/documents.js';
import { renderMetrics } from '../src/http/metrics.js';
import { createLedger, ensureDatabase } from '../src/ledger/create-ledger.js';
import { fillLedger, hotStatements } from '../test/ledger/hot-statements.js';
import { wholeReadsOf } from '../test/ledger/plans.js';
import type { Measurement } from './compare.bench.js';
import { timeOf } from './support/accounts.js';

const ACCOUNTS = 3_000;
/** PLUMBLINE_BENCH_RUNS: runs per account; the default makes 1.2 million in total. */
const RUNS = Number(process.env['PLUMBLINE_BENCH_RUNS'] ?? 400);
/** Half an hour apart. */
const EVIDENCE_RUNS = 40;
const KEEP_DAYS = 0.5;

/**
 * A ledger of 3,000 accounts after a million runs: the time of lists of all accounts, the time of pruning when nothing
 * is to be deleted, and whether a frequent statement reads a whole table.
 */
export async function run(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
  try {
    const url = new URL(postgres.url);
    url.pathname = '/plumbline';
    await ensureDatabase(url.href);
    await fillLedger(url.href, { accounts: ACCOUNTS, runs: RUNS, every: 20, evidence: EVIDENCE_RUNS });
    return [...(await measureLists(url.href)), ...(await measurePlans(url.href))];
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureLists(url: string): Promise<Measurement[]> {
  const ledger = createLedger(url);
  try {
    const limitMs = 1_000;
    const row = async (name: string, limit: number, work: () => Promise<unknown>): Promise<Measurement> => {
      const value = await timeOf(async () => void (await work()));
      return { name: `${name}, ${ACCOUNTS} accounts of ${RUNS} runs`, value, unit: 'ms', limit, ok: value < limit };
    };
    await ledger.account('account-1');
    return [
      await row('overview (status)', limitMs, async () => ledger.overview(null)),
      await row('/v1/accounts', limitMs, async () =>
        JSON.stringify((await ledger.accounts()).map((totals) => accountDocument(totals))),
      ),
      await row('/metrics', 2 * limitMs, async () => renderMetrics(await ledger.accounts(), { version: 'bench' })),
      await row('pruning for the first time', 120_000, async () => ledger.pruneEvidence(KEEP_DAYS)),
      await row('pruning when nothing is to be deleted', limitMs, async () => ledger.pruneEvidence(KEEP_DAYS)),
    ];
  } finally {
    await ledger.close();
  }
}

async function measurePlans(url: string): Promise<Measurement[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('ANALYZE');
    const { reads, writes } = hotStatements(RUNS);
    const whole: string[] = [];
    for (const [what, work] of [...reads, ...writes]) {
      for (const read of await wholeReadsOf(client, work)) whole.push(`${what}: ${read}`);
    }
    if (whole.length > 0) process.stderr.write(`${whole.join('\n')}\n`);
    const ofOne = reads.slice(2);
    let slowest = { what: '', ms: 0 };
    for (const [what, work] of ofOne) {
      await work(drizzle({ client }));
      const ms = await timeOf(async () => void (await work(drizzle({ client }))));
      if (ms > slowest.ms) slowest = { what, ms };
    }
    const limit = 50;
    return [
      {
        name: 'hot statements that read a table whole',
        value: whole.length,
        unit: '',
        limit: 0,
        ok: whole.length === 0,
      },
      {
        name: `the slowest for one account (${slowest.what})`,
        value: slowest.ms,
        unit: 'ms',
        limit,
        ok: slowest.ms < limit,
      },
    ];
  } finally {
    await client.end();
  }
}
