import { sql } from 'drizzle-orm';
import { lockAccountIfThere } from '../store/account-row.js';
import type { Database, DatabaseSession } from '../store/database.js';

/** Snapshots per transaction: few enough that the transaction delays nobody. */
const BATCH = 1_000;
/** Time limit of one pass; the next pass continues where it ended. */
const MAX_PASS_MS = 300_000;
/** Key of the advisory lock that lets one process prune at a time; an arbitrary unused number. */
const LOCK_KEY = 7_586_234_902;

/**
 * A run with neither verdict nor failure may still be in progress: for minutes, or as long as its workers are down. Its
 * evidence is kept at least this long, however low `keepDays` is.
 */
const UNDER_WAY_DAYS = 1;

/** The position of a snapshot in storage order. */
interface Place {
  storedAt: string;
  id: string;
}

export const BEGINNING: Place = { storedAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/**
 * How far this process has pruned. Everything stored before this position was examined when none of its runs could
 * still be in progress: it is deleted, or stays permanently. Kept in memory only: after a start the first pass examines
 * all stored snapshots once.
 */
export class PruneProgress {
  decided: Place = BEGINNING;
}

export interface PruneOptions {
  batch?: number;
  maxPassMs?: number;
}

/**
 * See `Ledger.pruneEvidence`. It deletes the evidence of clean runs (matched, with no key unconfirmed) and of runs that
 * were never recorded (their workflow was terminated, or the ledger was unreachable until recording was given up). If
 * such a run continues after all, it finds its observations gone, fails, and is followed by the next run.
 *
 * It walks the snapshots in storage order, so a pass costs what became old since the last one, however many runs there
 * are. While another process prunes, it does nothing.
 */
export async function pruneEvidence(
  database: Database,
  keepDays: number,
  progress: PruneProgress = new PruneProgress(),
  { batch = BATCH, maxPassMs = MAX_PASS_MS }: PruneOptions = {},
): Promise<{ deleted: number }> {
  if (!Number.isFinite(keepDays) || keepDays < 0) throw new RangeError(`keepDays is ${keepDays}, not a number of days`);
  const endBy = performance.now() + maxPassMs;
  let deleted = 0;
  let from = progress.decided;
  do {
    const page = await database.transaction('prune evidence', async (session) =>
      prunePage(session, { from, keepDays, batch }),
    );
    if (page === null) return { deleted };
    deleted += page.deleted;
    for (const [account, runs] of page.unrecorded) {
      deleted += await database.transaction('prune evidence', async (session) =>
        pruneUnrecorded(session, account, runs, keepDays),
      );
    }
    // Only now: if something fails before this line, the page is visited again.
    if (page.decided !== null) progress.decided = page.decided;
    if (page.last === null) return { deleted };
    from = page.last;
  } while (performance.now() < endBy);
  return { deleted };
}

interface RunReference {
  account: string;
  workflow_run_id: string;
  run_number: string;
}

interface Page {
  deleted: number;
  unrecorded: Map<string, RunReference[]>;
  /** The last snapshot of the page; null if there are no more. */
  last: Place | null;
  /** The last snapshot that need not be examined again. */
  decided: Place | null;
}

interface Candidate extends RunReference, Record<string, unknown> {
  id: string;
  stored_at: string;
  decided: boolean;
  is_clean: boolean;
  is_recorded: boolean;
}

const daysAgo = (days: number) => sql`now() - make_interval(secs => ${days * 86_400})`;

/** Prunes one batch. Null if another process prunes. */
export async function prunePage(
  session: DatabaseSession,
  { from, keepDays, batch }: { from: Place; keepDays: number; batch: number },
): Promise<Page | null> {
  const lock = await session.execute<{ taken: boolean }>(sql`select pg_try_advisory_xact_lock(${LOCK_KEY}) as taken`);
  if (lock.rows[0]?.taken !== true) return null;
  const decidedDays = Math.max(keepDays, UNDER_WAY_DAYS) + UNDER_WAY_DAYS;
  const { rows } = await session.execute<Candidate>(sql`
    with page as materialized (
      select id, account, workflow_run_id, run_number, stored_at from plumbline.snapshot
      where (stored_at, id) > (${from.storedAt}::timestamptz, ${from.id}::uuid) and stored_at < ${daysAgo(keepDays)}
      order by stored_at, id limit ${batch})
    select page.account, page.workflow_run_id, page.run_number, page.id, page.stored_at::text as stored_at,
      page.stored_at < ${daysAgo(decidedDays)} as decided,
      coalesce(run.outcome = 'matched' and json_array_length(run.unsettled) = 0
        and run.ended_at < ${daysAgo(keepDays)}, false) as is_clean,
      run.id is not null as is_recorded
    from page left join plumbline.run using (account, workflow_run_id, run_number)
    order by page.stored_at, page.id`);
  const place = (row: Candidate | undefined): Place | null =>
    row === undefined ? null : { storedAt: row.stored_at, id: row.id };
  return {
    deleted: await deleteSnapshots(session, runsOf(rows.filter((row) => row.is_clean))),
    unrecorded: byAccount(runsOf(rows.filter((row) => !row.is_recorded))),
    last: rows.length < batch ? null : place(rows.at(-1)),
    decided: place(rows.findLast((row) => row.decided)),
  };
}

function runsOf(rows: readonly Candidate[]): RunReference[] {
  const runs = rows.map(({ account, workflow_run_id, run_number }) => ({ account, workflow_run_id, run_number }));
  return [...new Map(runs.map((run) => [JSON.stringify(run), run])).values()];
}

function byAccount(runs: readonly RunReference[]): Map<string, RunReference[]> {
  const grouped = new Map<string, RunReference[]>();
  for (const run of runs) grouped.set(run.account, [...(grouped.get(run.account) ?? []), run]);
  return grouped;
}

/** The account's runs that are still unrecorded and whose last snapshot is old. */
async function pruneUnrecorded(
  session: DatabaseSession,
  account: string,
  runs: readonly RunReference[],
  keepDays: number,
): Promise<number> {
  // Recording a verdict takes this lock, so it protects the evidence that its event will list.
  if ((await lockAccountIfThere(session, account)) === null) return 0;
  const old = await session.execute<RunReference & Record<string, unknown>>(sql`
    select account, workflow_run_id, run_number
    from plumbline.snapshot join ${asTable(runs)} using (account, workflow_run_id, run_number)
    where not exists (
      select 1 from plumbline.run where run.account = snapshot.account
        and run.workflow_run_id = snapshot.workflow_run_id and run.run_number = snapshot.run_number)
    group by account, workflow_run_id, run_number
    having max(stored_at) < ${daysAgo(Math.max(keepDays, UNDER_WAY_DAYS))}`);
  return deleteSnapshots(session, old.rows);
}

/** Deletes all snapshots of the runs, and the bodies that no snapshot refers to any more. */
async function deleteSnapshots(session: DatabaseSession, runs: readonly RunReference[]): Promise<number> {
  if (runs.length === 0) return 0;
  const { rows: gone } = await session.execute<{ account: string; digest: string }>(sql`
    delete from plumbline.snapshot using ${asTable(runs)}
    where snapshot.account = old.account and snapshot.workflow_run_id = old.workflow_run_id
      and snapshot.run_number = old.run_number
    returning snapshot.account, snapshot.digest`);
  await session.execute(sql`
    delete from plumbline.snapshot_body body
    using (select distinct account, digest from json_to_recordset(${JSON.stringify(gone)}::json)
           as pruned (account text, digest text)) pruned
    where body.account = pruned.account and body.digest = pruned.digest
      and not exists (select 1 from plumbline.snapshot
                      where snapshot.account = body.account and snapshot.digest = body.digest)`);
  return gone.length;
}

function asTable(runs: readonly RunReference[]) {
  return sql`json_to_recordset(${JSON.stringify(runs)}::json)
    as old (account text, workflow_run_id text, run_number bigint)`;
}
