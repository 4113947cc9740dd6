import { sql } from 'drizzle-orm';
import type { Database } from './database.js';

/** Snapshots deleted in one transaction: short enough to be in nobody's way. */
const BATCH = 1_000;

/**
 * See `Ledger.pruneEvidence`. A run is clean when it matched and left no key unsettled; the evidence of a run without a
 * verdict stays, for it may still get one.
 */
export async function pruneEvidence(database: Database, keepDays: number): Promise<{ deleted: number }> {
  if (!Number.isFinite(keepDays) || keepDays < 0) throw new RangeError(`keepDays is ${keepDays}, not a number of days`);
  let deleted = 0;
  for (;;) {
    const batch = await database.transaction('prune evidence', async (session) => {
      const gone = await session.execute<{ account: string; digest: string }>(sql`
        delete from plumbline.snapshot where id in (
          select snapshot.id from plumbline.run
          join plumbline.snapshot using (account, workflow_run_id, run_number)
          where run.outcome = 'matched' and json_array_length(run.unsettled) = 0
            and run.ended_at < now() - make_interval(secs => ${keepDays * 86_400})
          limit ${BATCH})
        returning account, digest`);
      if (gone.rows.length === 0) return 0;
      await session.execute(sql`
        delete from plumbline.snapshot_body body
        using (select distinct account, digest from json_to_recordset(${JSON.stringify(gone.rows)}::json)
               as pruned (account text, digest text)) pruned
        where body.account = pruned.account and body.digest = pruned.digest
          and not exists (select 1 from plumbline.snapshot
                          where snapshot.account = body.account and snapshot.digest = body.digest)`);
      return gone.rows.length;
    });
    deleted += batch;
    if (batch < BATCH) return { deleted };
  }
}
