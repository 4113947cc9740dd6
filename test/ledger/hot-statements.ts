import { Client } from 'pg';
import { acceptDiscrepancies } from '../../src/ledger/write/acceptances.js';
import { recordPause, recordRefusal } from '../../src/ledger/write/account-changes.js';
import { clockAndAnswer } from '../../src/ledger/store/account-row.js';
import { findAccounts, listAccounts } from '../../src/ledger/read/account-totals.js';
import { expectSign } from '../../src/ledger/write/expected-sign.js';
import {
  acknowledgeIntervention,
  addInterventionReason,
  openIntervention,
  recordNotification,
} from '../../src/ledger/write/interventions.js';
import { acknowledgedBy, openInterventionOf, streakOf } from '../../src/ledger/read/known-account.js';
import {
  listDiscrepancies,
  listEvents,
  listInterventions,
  listOpenDiscrepancies,
  listRuns,
} from '../../src/ledger/read/listings.js';
import { listOverview } from '../../src/ledger/read/overview.js';
import { migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { BEGINNING, prunePage } from '../../src/ledger/write/prune.js';
import { recordFailure } from '../../src/ledger/write/record-failure.js';
import { recordVerdict } from '../../src/ledger/write/record-verdict.js';
import { registerAccount } from '../../src/ledger/write/registration.js';
import { RecentBodies } from '../../src/ledger/store/recent-bodies.js';
import { encodeSnapshot, putKnownSnapshots, storeSnapshots } from '../../src/ledger/write/snapshots.js';
import { loadObservations, loadRun } from '../../src/ledger/read/stored-observations.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { BTC, NOON, snapshot } from '../domain/snapshots.js';
import { listChannelTotals, listNotifications, previousThread } from '../../src/ledger/read/notifications.js';
import { messageKeyOf } from '../../src/ledger/contract/message-key.js';
import { markDelivered } from '../../src/ledger/write/deliveries.js';
import { formBatches, takeBatch } from '../../src/ledger/write/notification-batches.js';
import { addWanted, groupWait } from '../../src/ledger/write/notifications.js';
import { wanted } from './wanted.js';
import type { Work } from './plans.js';
import { failed, openedOutside, orderPlaced, register, runKey, verdict } from './records.js';

/** One of the accounts that `fillLedger` creates. */
export const MAIN = 'account-1';

export interface LedgerSize {
  accounts: number;
  /** Runs per account, half an hour apart. */
  runs: number;
  /** One run in this many found a discrepancy and called a human; default 1, so that all tables are large. */
  every?: number;
  /** Number of newest runs whose evidence exists; default all. */
  evidence?: number;
}

/** Fills an empty database like a ledger after a long time, in size and distribution. */
export async function fillLedger(url: string, size: LedgerSize): Promise<void> {
  await migrateLedger(url);
  const ledger = createLedger(url);
  for (let index = 1; index <= size.accounts; index++) await register(ledger, `account-${index}`);
  await ledger.recordVerdict(verdict(size.runs + 1, { confirmed: [openedOutside()] }, MAIN));
  await ledger.openIntervention({ account: MAIN, interventionId: 'open', reasons: [] });
  await ledger.close();
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await fill(client, size);
  } finally {
    await client.end();
  }
}

async function fill(client: Client, { runs: each, every = 1, evidence = each }: LedgerSize): Promise<void> {
  const runs = `generate_series(1, ${each}) n, plumbline.account`;
  const rare = `${runs} WHERE n % ${every} = 0`;
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
    SELECT account, 'digest-' || n, convert_to(repeat('x', 600), 'UTF8') FROM ${runs} WHERE n <= ${evidence};
    INSERT INTO plumbline.snapshot (id, account, workflow_run_id, run_number, look, side, digest, read_started_at,
      read_ended_at, as_of, stored_at)
    SELECT gen_random_uuid(), account, 'execution/' || account, n, look, side, 'digest-' || n, 0, 0, 0,
      now() - make_interval(mins => 30 * n)
    FROM ${runs}, generate_series(1, 2) look, unnest(ARRAY['exchange', 'internal']) side WHERE n <= ${evidence};
    INSERT INTO plumbline.discrepancy (id, account, identity, type, symbol, state, description, remedy, difference,
      opened_at, last_seen_at, resolved_at, times_seen, opened_by_run, resolved_by_run)
    SELECT gen_random_uuid(), account, 'order|' || id, 'ORDER_PLACED_EXTERNALLY', 'X', 'resolved', '', '', '{}',
      started_at, started_at, ended_at, 1, id, id FROM plumbline.run WHERE run_number % ${every} = 0;
    INSERT INTO plumbline.sighting SELECT opened_by_run, id, type, 'opened' FROM plumbline.discrepancy
    ON CONFLICT DO NOTHING;
    INSERT INTO plumbline.intervention (id, account, state, opened_at, reasons, acknowledged_at, acknowledged_by, note)
    SELECT account || '/' || n, account, 'acknowledged', now() - make_interval(mins => n), '[]', now(), 'ada', 'seen'
    FROM ${rare};
    INSERT INTO plumbline.intervention_request SELECT id, 'notification' FROM plumbline.intervention ON CONFLICT DO NOTHING;
    INSERT INTO plumbline.notification (id, account, exchange, intervention_id, channel, occasion, severity, opened_at, reasons,
      group_key, wanted_at, batch_key, delivered_at, delivered_key)
    SELECT id || '/chat', account, 'binanceusdm', id, 'chat', 'called', 'page', opened_at, '[]', 'storm', opened_at, md5(id),
      opened_at, md5(id) FROM plumbline.intervention WHERE state = 'acknowledged';
    INSERT INTO plumbline.channel (channel) VALUES ('chat');
    UPDATE plumbline.account SET last_run_at = now(), last_success_at = now(), last_outcome = 'matched',
      success_total = ${each}, expected_at = now() + make_interval(mins => 30)`);
  await client.query('ANALYZE');
}

const moving = { identity: `position|${BTC}`, type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };
const reason = { action: 'UNSETTLED', text: 'x', at: new Date(NOON).toISOString() };

const encoded = () => encodeSnapshot(snapshot('exchange'), new RecentBodies());

/** The frequent statements, for a ledger that `fillLedger` filled with this many runs per account. */
export function hotStatements(runs: number): {
  reads: [what: string, work: Work][];
  writes: [what: string, work: Work][];
} {
  const reads: [what: string, work: Work][] = [
    ['the metrics scrape, and the accounts', async (session) => listAccounts(session)],
    ['the overview', async (session) => listOverview(session, null)],
    ['the overview of one account', async (session) => listOverview(session, MAIN)],
    ['the trading gate', async (session) => findAccounts(session, [MAIN])],
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
    ['the newest notifications', async (session) => listNotifications(session, MAIN, 50)],
    ['the totals of channels', listChannelTotals],
    ['the thread of an intervention', async (session) => previousThread(session, 'chat', [`${MAIN}/7`, `${MAIN}/8`])],
    ['the streak', async (session) => streakOf(session, MAIN)],
    ['the open intervention', async (session) => openInterventionOf(session, MAIN)],
    ['an acknowledgement', async (session) => acknowledgedBy(session, 'open')],
    ['loading observations', async (session) => loadObservations(session, runKey(runs + 2, MAIN), new RecentBodies())],
    ['all that a verdict starts from', async (session) => loadRun(session, runKey(runs + 2, MAIN), new RecentBodies())],
  ];
  const writes: [what: string, work: Work][] = [
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
    ['storing a snapshot', async (session) => storeSnapshots(session, runKey(runs + 2, MAIN), 1, [await encoded()])],
    [
      'storing a snapshot whose body is known',
      async (session) => {
        await storeSnapshots(session, runKey(runs + 2, MAIN), 1, [await encoded()]);
        const stored = await putKnownSnapshots(session, runKey(runs + 2, MAIN), 1, [await encoded()]);
        if (stored === null) throw new Error('the body was not known');
      },
    ],
    [
      'recording a verdict',
      async (session) =>
        recordVerdict(
          session,
          verdict(
            runs + 2,
            { confirmed: [openedOutside('9'), orderPlaced('1')], unconfirmed: [moving], agreed: ['x'] },
            MAIN,
          ),
        ),
    ],
    [
      'resolving a discrepancy',
      async (session) => recordVerdict(session, verdict(runs + 2, { agreed: [openedOutside().identity] }, MAIN)),
    ],
    ['recording a failure', async (session) => recordFailure(session, failed(runs + 2, {}, MAIN))],
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
      'wanting a notification',
      async (session) => addWanted(session, wanted(MAIN, { id: 'new', interventionId: 'open' })),
    ],
    [
      'recording a delivery',
      async (session) =>
        markDelivered(session, MAIN, [wanted(MAIN, { id: 'new' })], { key: 'new', id: null, thread: null }),
    ],
    [
      'forming and taking a batch',
      async (session) => {
        const row = await addWanted(session, wanted(MAIN, { id: 'new', group: 'storm' }));
        if (row === null) throw new Error('it is new');
        await groupWait(session, row, Date.now());
        await formBatches(session, row);
        await takeBatch(session, messageKeyOf(['new']));
      },
    ],
    [
      'acknowledging',
      async (session) => acknowledgeIntervention(session, { interventionId: 'open', by: 'ada', note: 'seen' }),
    ],
  ];
  return { reads, writes };
}
