import { sql } from 'drizzle-orm';
import { lockAccountIfThere } from './account-row.js';
import type { Database, Session } from './database.js';

/** Deleted in one transaction: short enough to be in nobody's way. */
const BATCH = 1_000;
const RUNS_IN_BATCH = 100;

/**
 * A run that has neither verdict nor failure may still be under way: for minutes, and for as long as its workers are away.
 * So long its evidence is kept, however little is wanted.
 */
const UNDER_WAY_DAYS = 1;

/**
 * See `Ledger.pruneEvidence`. Deleted is the evidence of clean runs, that is those that matched and left no key unsettled,
 * and of runs that were never recorded (their workflow was terminated, or the ledger was away until their end was given
 * up). A run of that kind that goes on after all finds its looks gone, fails and is followed by the next one.
 */
export async function pruneEvidence(database: Database, keepDays: number): Promise<{ deleted: number }> {
  if (!Number.isFinite(keepDays) || keepDays < 0) throw new RangeError(`keepDays is ${keepDays}, not a number of days`);
  let deleted = await inBatches(database, async (session) => pruneClean(session, keepDays));
  const accounts = await database.read('list the accounts', async (session) =>
    session.execute<{ account: string }>(sql`select account from plumbline.account order by account`),
  );
  const unrecordedDays = Math.max(keepDays, UNDER_WAY_DAYS);
  for (const { account } of accounts.rows) {
    deleted += await inBatches(database, async (session) => pruneUnrecorded(session, account, unrecordedDays));
  }
  return { deleted };
}

interface Gone extends Record<string, unknown> {
  account: string;
  digest: string;
}

async function inBatches(database: Database, prune: (session: Session) => Promise<Gone[]>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const batch = await database.transaction('prune evidence', async (session) => {
      const gone = await prune(session);
      if (gone.length > 0) await dropBodies(session, gone);
      return gone.length;
    });
    deleted += batch;
    if (batch === 0) return deleted;
  }
}

async function pruneClean(session: Session, keepDays: number): Promise<Gone[]> {
  const gone = await session.execute<Gone>(sql`
    delete from plumbline.snapshot where id in (
      select snapshot.id from plumbline.run
      join plumbline.snapshot using (account, workflow_run_id, run_number)
      where run.outcome = 'matched' and json_array_length(run.unsettled) = 0
        and run.ended_at < now() - make_interval(secs => ${keepDays * 86_400})
      limit ${BATCH})
    returning account, digest`);
  return gone.rows;
}

async function pruneUnrecorded(session: Session, account: string, keepDays: number): Promise<Gone[]> {
  const old = await session.execute(sql`
    select workflow_run_id, run_number from plumbline.snapshot where account = ${account} and ${isUnrecorded}
    group by workflow_run_id, run_number
    having max(stored_at) < now() - make_interval(secs => ${keepDays * 86_400}) limit ${RUNS_IN_BATCH}`);
  if (old.rows.length === 0) return [];
  // Only now, for as long as it takes to delete them. A verdict that is being recorded holds this lock, and with it the
  // evidence that its event will list.
  if ((await lockAccountIfThere(session, account)) === null) return [];
  const gone = await session.execute<Gone>(sql`
    delete from plumbline.snapshot
    using json_to_recordset(${JSON.stringify(old.rows)}::json) as old (workflow_run_id text, run_number bigint)
    where snapshot.account = ${account} and snapshot.workflow_run_id = old.workflow_run_id
      and snapshot.run_number = old.run_number and ${isUnrecorded}
    returning snapshot.account, snapshot.digest`);
  return gone.rows;
}

const isUnrecorded = sql`not exists (
  select 1 from plumbline.run where run.account = snapshot.account
    and run.workflow_run_id = snapshot.workflow_run_id and run.run_number = snapshot.run_number)`;

/** The bodies that no snapshot refers to any more. */
async function dropBodies(session: Session, gone: readonly Gone[]): Promise<void> {
  await session.execute(sql`
    delete from plumbline.snapshot_body body
    using (select distinct account, digest from json_to_recordset(${JSON.stringify(gone)}::json)
           as pruned (account text, digest text)) pruned
    where body.account = pruned.account and body.digest = pruned.digest
      and not exists (select 1 from plumbline.snapshot
                      where snapshot.account = body.account and snapshot.digest = body.digest)`);
}
