import { asc, eq, sql } from 'drizzle-orm';
import { notRegistered } from './account-row.js';
import type { Session } from './database.js';
import { FaultList } from './fault-list.js';
import type { VerifyReport } from './ledger.js';
import { account, type AccountRow } from './schema.js';
import { verifyAccountRow } from './verify-account.js';
import { verifyDiscrepancies } from './verify-discrepancies.js';
import { verifyEvents } from './verify-events.js';
import { verifyEvidence } from './verify-evidence.js';
import { verifyInterventions } from './verify-interventions.js';
import { verifyRuns } from './verify-runs.js';

/**
 * Proves the ledger of one account, or of all, from the ground up; `session` must see one moment only.
 *
 * 1. Sequences have no gap, every event hashes to its hash and names the hash before it, and the account's head is the
 *    last one: nothing was changed, taken out, put in or moved.
 * 2. Every run has its one event, which holds the run's digest; every event of a run has its run.
 * 3. Discrepancies, sightings and interventions are those that the events tell of.
 * 4. Evidence has the digests that the run's event holds, and its bytes have these digests too.
 * 5. Totals are what counting again gives, streaks of failed runs included.
 * 6. Settings, pause, acceptances and snoozes are as the events tell, and every run has an execution of its account.
 *
 * What the chain cannot show is a ledger rewritten as a whole, from the first changed event to the head: compare the head's
 * hash with one noted elsewhere.
 */
export async function verifyLedger(session: Session, name: string | null): Promise<VerifyReport> {
  // Times are compared as texts.
  await session.execute(sql`set local time zone 'UTC'`);
  await session.execute(sql`set local datestyle = 'ISO'`);
  const rows = await session
    .select()
    .from(account)
    .where(name === null ? undefined : eq(account.account, name))
    .orderBy(asc(account.account));
  if (name !== null && rows.length === 0) throw notRegistered(name);
  const accounts: VerifyReport['accounts'] = [];
  for (const row of rows) accounts.push(await verifyAccount(session, row));
  if (name === null) accounts.push(...(await strayAccounts(session)));
  return { accounts };
}

async function verifyAccount(session: Session, row: AccountRow): Promise<VerifyReport['accounts'][number]> {
  const faults = new FaultList(row.account);
  const told = await verifyEvents(session, row, faults);
  verifyAccountRow(row, told, faults);
  const runs = await verifyRuns(session, row, faults);
  await verifyDiscrepancies(session, row, told, faults);
  await verifyInterventions(session, row, told, faults);
  await verifyEvidence(session, row.account, faults);
  return { account: row.account, events: told.events, runs, lastEvent: told.lastEvent, faults: faults.all() };
}

/** Accounts that have events and no row; foreign keys forbid it, which does not stop who can switch them off. */
async function strayAccounts(session: Session): Promise<VerifyReport['accounts']> {
  const strays = await session.execute<{ account: string; events: string }>(sql`
    select account, count(*) as events from plumbline.event
    where account not in (select account from plumbline.account) group by account order by account`);
  return strays.rows.map(({ account: stray, events }) => {
    const faults = new FaultList(stray);
    faults.add(null, `${events} event(s) belong to this account, which has no row`);
    return { account: stray, events: Number(events), runs: 0, lastEvent: null, faults: faults.all() };
  });
}
