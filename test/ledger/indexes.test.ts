import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { z } from 'zod';
import { acceptDiscrepancies } from '../../src/ledger/acceptances.js';
import { recordPause, recordRefusal } from '../../src/ledger/account-changes.js';
import { clockAndAnswer } from '../../src/ledger/account-row.js';
import { findAccounts, listAccounts } from '../../src/ledger/account-totals.js';
import type { Session } from '../../src/ledger/database.js';
import { expectSign } from '../../src/ledger/expected-sign.js';
import {
  acknowledgeIntervention,
  addInterventionReason,
  listInterventions,
  openIntervention,
  recordNotification,
} from '../../src/ledger/interventions.js';
import { acknowledgedBy, openInterventionOf, streakOf } from '../../src/ledger/known-account.js';
import { listDiscrepancies, listEvents, listOpenDiscrepancies, listRuns } from '../../src/ledger/listings.js';
import { listOverview } from '../../src/ledger/overview.js';
import { migrateLedger } from '../../src/ledger/migrate.js';
import { BEGINNING, prunePage } from '../../src/ledger/prune.js';
import { recordFailure } from '../../src/ledger/record-failure.js';
import { recordVerdict } from '../../src/ledger/record-verdict.js';
import { registerAccount } from '../../src/ledger/registration.js';
import { RecentBodies } from '../../src/ledger/recent-bodies.js';
import { loadLooks, putSnapshot } from '../../src/ledger/snapshots.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { BTC, NOON, snapshot } from '../domain/snapshots.js';
import { createTestDatabase } from '../support/postgres.js';
import { failed, openedOutside, orderPlaced, register, runKey, verdict } from './records.js';

const RUNS = 8_000;
const MAIN = 'account-1';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateLedger(database.url);
  const ledger = createLedger(database.url);
  for (const account of [MAIN, 'account-2']) await register(ledger, account);
  await ledger.recordVerdict(verdict(RUNS + 1, { confirmed: [openedOutside()] }, MAIN));
  await ledger.openIntervention({ account: MAIN, interventionId: 'open', reasons: [] });
  await ledger.close();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await fill();
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** What the ledger of two accounts holds after a long time, as far as its size and spread are concerned. */
async function fill(): Promise<void> {
  const runs = `generate_series(1, ${RUNS}) n, plumbline.account`;
  await client.query(`
    INSERT INTO plumbline.run (account, workflow_run_id, run_number, trigger, outcome, started_at, ended_at, looks,
      discrepancies, unsettled, compared, not_compared, ignored, consecutive_failures, answer)
    SELECT account, 'execution/' || account, n, 'schedule', CASE WHEN n % 10 = 0 THEN 'drifted' ELSE 'matched' END,
      now() - make_interval(mins => 30 * n), now() - make_interval(mins => 30 * n), 2, 0, '[]', '[]', '[]', '{}', 0, '{}'
    FROM ${runs};
    INSERT INTO plumbline.execution SELECT account || '/execution/' || n, account FROM ${runs};
    INSERT INTO plumbline.event (account, sequence, id, type, at, workflow_run_id, run_number, payload, previous_hash, hash)
    SELECT account, 10 + n, gen_random_uuid(), 'RECONCILIATION_COMPLETED', now(), 'execution/' || account, n, '{}',
      repeat('a', 64), repeat('b', 64) FROM ${runs};
    INSERT INTO plumbline.snapshot_body
    SELECT account, 'digest-' || n, convert_to(repeat('x', 600), 'UTF8') FROM ${runs};
    INSERT INTO plumbline.snapshot (id, account, workflow_run_id, run_number, look, side, digest, read_started_at,
      read_ended_at, as_of, stored_at)
    SELECT gen_random_uuid(), account, 'execution/' || account, n, look, side, 'digest-' || n, 0, 0, 0, now()
    FROM ${runs}, generate_series(1, 2) look, unnest(ARRAY['exchange', 'internal']) side;
    INSERT INTO plumbline.discrepancy (id, account, identity, type, symbol, state, description, remedy, difference,
      opened_at, last_seen_at, resolved_at, times_seen, opened_by_run, resolved_by_run)
    SELECT gen_random_uuid(), account, 'order|' || id, 'ORDER_PLACED_EXTERNALLY', 'X', 'resolved', '', '', '{}',
      started_at, started_at, ended_at, 1, id, id FROM plumbline.run;
    INSERT INTO plumbline.sighting SELECT opened_by_run, id, type, 'opened' FROM plumbline.discrepancy
    ON CONFLICT DO NOTHING;
    INSERT INTO plumbline.intervention (id, account, state, opened_at, reasons, acknowledged_at, acknowledged_by, note)
    SELECT account || '/' || n, account, 'acknowledged', now() - make_interval(mins => n), '[]', now(), 'ada', 'seen'
    FROM ${runs};
    INSERT INTO plumbline.intervention_request SELECT id, 'notification' FROM plumbline.intervention`);
  await client.query('ANALYZE');
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string | undefined;
  'Actual Rows'?: number | undefined;
  'Actual Loops'?: number | undefined;
  'Rows Removed by Filter'?: number | undefined;
  Plans?: Plan[] | undefined;
}
const planSchema: z.ZodType<Plan> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Actual Rows': z.number().optional(),
    'Actual Loops': z.number().optional(),
    'Rows Removed by Filter': z.number().optional(),
    Plans: z.array(planSchema).optional(),
  }),
);
const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planSchema })]) })]);

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The statements that the work sends, with their parameters. */
async function statementsOf(
  work: (session: Session) => Promise<unknown>,
): Promise<[text: string, values: unknown[]][]> {
  const statements: [string, unknown[]][] = [];
  const logger = { logQuery: (text: string, values: unknown[]) => statements.push([text, values]) };
  await work(drizzle({ client, logger }));
  return statements;
}

/** Tables with one row an account, or a few that the last run left: reading them whole is reading little. */
const SMALL = new Set(['account', 'unsettled']);

type Work = (session: Session) => Promise<unknown>;

/** The plan nodes of all statements of the work that read a table or an index, and the statement of each. */
async function readsOf(work: Work, explain: 'EXPLAIN' | 'EXPLAIN ANALYZE'): Promise<{ node: Plan; text: string }[]> {
  const options = explain === 'EXPLAIN' ? 'FORMAT JSON' : 'FORMAT JSON, ANALYZE';
  await client.query('BEGIN');
  try {
    const statements = await statementsOf(work);
    expect(statements.length).toBeGreaterThan(0);
    const reads: { node: Plan; text: string }[] = [];
    for (const [text, values] of statements) {
      const { rows } = await client.query(`EXPLAIN (${options}) ${text}`, values);
      const [{ 'QUERY PLAN': answer }] = explained.parse(rows);
      for (const node of nodesOf(answer[0].Plan)) if (node['Node Type'].endsWith('Scan')) reads.push({ node, text });
    }
    return reads;
  } finally {
    await client.query('ROLLBACK');
  }
}

async function wholeReadsOf(work: Work): Promise<string[]> {
  const reads = await readsOf(work, 'EXPLAIN');
  return reads.flatMap(({ node, text }) => {
    const table = node['Relation Name'];
    return node['Node Type'] !== 'Seq Scan' || table === undefined || SMALL.has(table) ? [] : `${table}: ${text}`;
  });
}

/** Rows that were looked at, shown or not. */
async function rowsReadBy(work: Work): Promise<number> {
  const reads = await readsOf(work, 'EXPLAIN ANALYZE');
  return reads.reduce((sum, { node }) => {
    const each = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
    return sum + each * (node['Actual Loops'] ?? 1);
  }, 0);
}

const moving = { identity: `position|${BTC}`, type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };
const reason = { action: 'UNSETTLED', text: 'x', at: new Date(NOON).toISOString() };

const READS: [what: string, work: Work][] = [
  ['the metrics scrape, and the accounts', async (session) => listAccounts(session)],
  ['the overview', async (session) => listOverview(session, null)],
  ['the overview of one account', async (session) => listOverview(session, MAIN)],
  ['the gate', async (session) => findAccounts(session, [MAIN])],
  ['the newest runs', async (session) => listRuns(session, MAIN)],
  ['a page of older runs', async (session) => listRuns(session, MAIN, { before: 1_000 })],
  ['the newest events', async (session) => listEvents(session, MAIN)],
  ['events from a sequence on', async (session) => listEvents(session, MAIN, { after: 1_000 })],
  ['the newest discrepancies', async (session) => listDiscrepancies(session, MAIN)],
  ['open discrepancies', async (session) => listDiscrepancies(session, MAIN, { state: 'open' })],
  ['resolved discrepancies', async (session) => listDiscrepancies(session, MAIN, { state: 'resolved' })],
  ['all open discrepancies', async (session) => listOpenDiscrepancies(session, MAIN)],
  ['interventions of an account', async (session) => listInterventions(session, { account: MAIN })],
  ['open interventions', async (session) => listInterventions(session, { openOnly: true })],
  [
    'open interventions of an account',
    async (session) => listInterventions(session, { account: MAIN, openOnly: true }),
  ],
  ['looking a run up', async (session) => clockAndAnswer(session, runKey(1_000, MAIN))],
  ['the streak', async (session) => streakOf(session, MAIN)],
  ['the open intervention', async (session) => openInterventionOf(session, MAIN)],
  ['an acknowledgement', async (session) => acknowledgedBy(session, 'open')],
  ['loading looks', async (session) => loadLooks(session, runKey(RUNS + 2, MAIN), new RecentBodies())],
];
const WRITES: [what: string, work: Work][] = [
  ['a sign of life', async (session) => expectSign(session, MAIN, 60)],
  [
    'registering again, paused',
    async (session) => {
      await recordPause(session, { account: MAIN, paused: true, by: 'ada', reason: null, requestId: 'r' });
      await registerAccount(session, { account: MAIN, exchange: 'bybit', policy: DEFAULT_POLICY });
    },
  ],
  [
    'recording what was refused',
    async (session) => {
      const at = new Date(NOON).toISOString();
      const sent = { message: 'pause', by: 'ada', reason: 'no', count: 1, firstAt: at, lastAt: at };
      await recordRefusal(session, { account: MAIN, requestId: 'x', ...sent });
    },
  ],
  [
    'accepting what is open',
    async (session) => {
      const until = new Date(Date.now() + 60_000);
      await acceptDiscrepancies(session, { account: MAIN, discrepancyIds: null, by: 'ada', until, note: 'n' });
    },
  ],
  [
    'storing a snapshot',
    async (session) => putSnapshot(session, runKey(RUNS + 2, MAIN), 1, snapshot('exchange'), new RecentBodies()),
  ],
  [
    'recording a verdict',
    async (session) =>
      recordVerdict(
        session,
        verdict(
          RUNS + 2,
          { confirmed: [openedOutside('9'), orderPlaced('1')], unsettled: [moving], agreed: ['x'] },
          MAIN,
        ),
      ),
  ],
  [
    'resolving a discrepancy',
    async (session) => recordVerdict(session, verdict(RUNS + 2, { agreed: [openedOutside().identity] }, MAIN)),
  ],
  ['recording a failure', async (session) => recordFailure(session, failed(RUNS + 2, {}, MAIN))],
  [
    'recording a pause',
    async (session) => recordPause(session, { account: MAIN, paused: true, by: 'ada', reason: null, requestId: 'p' }),
  ],
  [
    'opening an intervention',
    async (session) => openIntervention(session, { account: MAIN, interventionId: 'new', reasons: [reason] }),
  ],
  ['a batch of pruning', async (session) => prunePage(session, { from: BEGINNING, keepDays: 0, batch: 100 })],
  [
    'adding a reason',
    async (session) => addInterventionReason(session, { interventionId: 'open', requestId: 'r', reason }),
  ],
  [
    'counting a notification',
    async (session) => recordNotification(session, { interventionId: 'open', requestId: 'n' }),
  ],
  [
    'acknowledging',
    async (session) => acknowledgeIntervention(session, { interventionId: 'open', by: 'ada', note: 'seen' }),
  ],
];

it.each([...READS, ...WRITES])('%s reads no table whole', async (_what, work) => {
  expect(await wholeReadsOf(work)).toEqual([]);
});

it.each(READS)('%s reads about as many rows as it shows', async (_what, work) => {
  expect(await rowsReadBy(work)).toBeLessThan(100);
});

it('all accounts are read with one statement', async () => {
  await client.query('BEGIN');
  expect(await statementsOf(async (session) => listAccounts(session))).toHaveLength(1);
  await client.query('ROLLBACK');
});

it('a sign of life is one statement', async () => {
  await client.query('BEGIN');
  expect(await statementsOf(async (session) => expectSign(session, MAIN, 60))).toHaveLength(1);
  await client.query('ROLLBACK');
});

it('a run takes no statement more for its execution, once that belongs to its account', async () => {
  await client.query('BEGIN');
  const counts: number[] = [];
  for (const run of [RUNS + 2, RUNS + 3]) {
    counts.push((await statementsOf(async (session) => recordFailure(session, failed(run, {}, 'account-2')))).length);
  }
  await client.query('ROLLBACK');
  expect((counts[0] ?? 0) - (counts[1] ?? 0)).toBe(2);
});

it('what is looked for would be found', async () => {
  const everything: Work = async (session) => session.execute('select * from plumbline.event where hash = $$x$$');
  expect(await wholeReadsOf(everything)).toEqual([expect.stringMatching(/^event: /)]);
  expect(await rowsReadBy(everything)).toBeGreaterThan(2 * RUNS);
});
