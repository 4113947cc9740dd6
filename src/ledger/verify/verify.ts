import { asc, eq, gt, sql } from 'drizzle-orm';
import { anchoredDigests } from '../migrate/anchor.js';
import { notRegistered } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { driverError, databaseCode } from '../store/database-failure.js';
import { FaultList } from './fault-list.js';
import { headFaults } from './kept-heads.js';
import type { LedgerFault, VerifyOptions, VerifyReport } from '../contract/ledger.js';
import { readRoster } from '../store/roster.js';
import { account, type AccountRow } from '../store/schema.js';
import { verifyTrail, type ReportedTrail } from './reported-trail.js';
import { verifyAccountRow, verifyUnconfirmed } from './account.js';
import { verifyDatabase } from './database.js';
import { verifyDiscrepancies } from './discrepancies.js';
import { verifyEvents } from './events.js';
import { verifyEvidence } from './evidence.js';
import { verifyInterventions } from './interventions.js';
import { verifyChannels, verifyNotifications } from './notifications.js';
import { RunRecount } from './runs.js';

/** Accounts whose rows are read at the same time. */
const ACCOUNTS = 200;

/**
 * Verifies the complete ledger of one account, or of all. `session` must see a single moment.
 *
 * 1. Sequences have no gap, every event matches its hash and names the hash before it, and the account's head is the
 *    last event: nothing was changed, removed, inserted or moved. The same holds for the trail and the roster.
 * 2. Every run has exactly one event, which holds the digests of the run's row, its sightings and its evidence.
 * 3. Discrepancies, interventions and unconfirmed keys are those that events and trail report, with their words and
 *    times.
 *    Notifications are those that the trail wants, with the receipts that events report.
 * 4. Evidence has the digests that the run's event holds, and its bytes match these digests.
 * 5. Totals equal a recount, streaks of failed runs included.
 * 6. Settings, pause, acceptances, snoozes, the intervention that is due and what is known about the key are as events
 *    and trail report.
 * 7. Triggers, functions and rights of the database are those that protect the ledger.
 *
 * Whatever the rows hold, the result is a list of faults and not an exception. The chain cannot detect a ledger that
 * was rewritten as a whole, from the first changed event to the head: to detect that, pass heads that were kept
 * elsewhere (`against`).
 */
export async function verifyLedger(
  session: DatabaseSession,
  name: string | null,
  { against = [], onProgress }: VerifyOptions = {},
): Promise<VerifyReport> {
  // Times are compared as texts.
  await session.execute(sql`set local time zone 'UTC'`);
  await session.execute(sql`set local datestyle = 'ISO'`);
  const counted = await session.select({ accounts: sql<string>`count(*)` }).from(account);
  const total = name === null ? Number(counted[0]?.accounts ?? 0) : 1;
  const accounts: VerifyReport['accounts'] = [];
  let events = 0;
  for await (const row of accountRows(session, name)) {
    const onEvents = (count: number): void => {
      events += count;
      onProgress?.({ account: row.account, accountsDone: accounts.length, accounts: total, events });
    };
    accounts.push(await verifyAccount(session, row, onEvents));
  }
  if (name !== null && accounts.length === 0) throw notRegistered(name);
  const roster = await readRoster(session);
  const missing = rosterFaults(accounts, roster.accounts, name);
  if (name === null) accounts.push(...(await strayAccounts(session)));
  addFaults(accounts, missing);
  const heads = name === null ? against : against.filter((head) => head.account === name);
  addFaults(accounts, await headFaults(session, heads));
  // Of all accounts together.
  const channels = name === null ? await verifyChannels(session) : [];
  const database = [...roster.faults, ...channels, ...(await verifyDatabase(session))];
  // Absent if there are no faults.
  return database.length === 0 ? { accounts } : { accounts, database };
}

async function* accountRows(session: DatabaseSession, name: string | null): AsyncGenerator<AccountRow> {
  let after = '';
  for (;;) {
    const rows = await session
      .select()
      .from(account)
      .where(name === null ? gt(account.account, after) : eq(account.account, name))
      .orderBy(asc(account.account))
      .limit(ACCOUNTS);
    yield* rows;
    const last = rows.at(-1);
    if (name !== null || last === undefined || rows.length < ACCOUNTS) return;
    after = last.account;
  }
}

async function verifyAccount(
  session: DatabaseSession,
  row: AccountRow,
  onEvents: (count: number) => void,
): Promise<VerifyReport['accounts'][number]> {
  const faults = new FaultList(row.account);
  const runs = new RunRecount(row, faults);
  let events = 0;
  let lastEvent: { sequence: number; hash: string } | null = null;
  await guarded(faults, 'the account', async () => {
    const trail = await verifyTrail(session, row, faults);
    const reported = await verifyEvents(session, row, { trail, runs, faults, onEvents });
    ({ events, lastEvent } = reported);
    const known = { reported, trail, faults };
    await guarded(faults, 'the row of the account', async () => verifyAccountRow(row, known));
    await guarded(faults, 'runs', async () => runs.end(session));
    await guarded(faults, 'unconfirmed keys', async () => verifyUnconfirmed(session, row.account, reported, faults));
    await guarded(faults, 'discrepancies', async () => verifyDiscrepancies(session, row, known));
    await guarded(faults, 'interventions', async () => verifyInterventions(session, row, known));
    await guarded(faults, 'notifications', async () => verifyNotifications(session, row.account, known));
    await guarded(faults, 'evidence', async () => verifyEvidence(session, row.account, faults));
    await verifyAnchor(session, row.account, trail, faults);
  });
  return { account: row.account, events, runs: runs.runs, lastEvent, faults: faults.all() };
}

/** Altered rows may be unreadable. That is a fault of the row; a database error is not, and is thrown. */
async function guarded(faults: FaultList, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (databaseCode(driverError(error)) !== null || !isOfValues(error)) throw error;
    faults.add(null, `${what} cannot be read: ${error.message}`);
  }
}

function isOfValues(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

async function verifyAnchor(
  session: DatabaseSession,
  name: string,
  { anchor }: ReportedTrail,
  faults: FaultList,
): Promise<void> {
  if (anchor === null) return;
  const now = await anchoredDigests(session, name, anchor.lastRunRow);
  const before = 'from before the anchor in the trail';
  if (now.sightings !== anchor.digests.sightings) faults.add(null, `sightings ${before} were changed`);
  if (now.resolved !== anchor.digests.resolved) faults.add(null, `resolved discrepancies ${before} were changed`);
  if (now.evidence !== anchor.digests.evidence) faults.add(null, `evidence ${before} was changed`);
}

/** Accounts that have events and no row. Foreign keys forbid that, unless somebody disables them. */
async function strayAccounts(session: DatabaseSession): Promise<VerifyReport['accounts']> {
  // Steps from name to name by the index: as many steps as there are accounts, not events.
  const strays = await session.execute<{ account: string; events: string }>(sql`
    with recursive names as (
      (select account from plumbline.event order by account limit 1)
      union all
      select (select event.account from plumbline.event where event.account > names.account order by event.account limit 1)
      from names where names.account is not null)
    select account, (select count(*) from plumbline.event where event.account = names.account) as events from names
    where account is not null and not exists (select from plumbline.account one where one.account = names.account)
    order by account`);
  return strays.rows.map(({ account: stray, events }) => {
    const faults = new FaultList(stray);
    faults.add(null, `${events} event(s) belong to this account, which has no row`);
    return { account: stray, events: Number(events), runs: 0, lastEvent: null, faults: faults.all() };
  });
}

function rosterFaults(
  accounts: VerifyReport['accounts'],
  enrolled: ReadonlySet<string>,
  name: string | null,
): LedgerFault[] {
  const there = new Set(accounts.map(({ account: one }) => one));
  const unknown = [...there]
    .filter((one) => !enrolled.has(one))
    .map((one) => ({
      account: one,
      sequence: null,
      fault: 'is not on the roster of accounts; if an earlier version registered it, run `plumbline migrate`',
    }));
  if (name !== null) return unknown;
  const gone = [...enrolled]
    .filter((one) => !there.has(one))
    .map((one) => ({ account: one, sequence: null, fault: 'is on the roster of accounts and is not there' }));
  return [...unknown, ...gone];
}

/** Faults of an account that the ledger does not know get an entry of their own. */
function addFaults(accounts: VerifyReport['accounts'], faults: readonly LedgerFault[]): void {
  for (const fault of faults) {
    const known = accounts.find(({ account: one }) => one === fault.account);
    if (known !== undefined) known.faults.push(fault);
    else accounts.push({ account: fault.account, events: 0, runs: 0, lastEvent: null, faults: [fault] });
  }
}
