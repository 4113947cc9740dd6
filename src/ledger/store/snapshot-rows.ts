import { sql } from 'drizzle-orm';
import type { RunKey } from '../../domain/lifecycle/run.js';
import type { snapshot } from './schema.js';

/**
 * A stored snapshot as `snapshotsOf` selects it: JSON has no times, so `storedMs` is in milliseconds since the epoch.
 */
export type SnapshotRow = Omit<typeof snapshot.$inferSelect, 'storedAt'> & { storedMs: number };

/** All snapshots of a run, by observation and side; an expression for a select list. */
export function snapshotsOf({ account, workflowRunId, runNumber }: RunKey) {
  return sql<SnapshotRow[]>`(
    select coalesce(json_agg(json_build_object('id', s.id, 'account', s.account, 'workflowRunId', s.workflow_run_id,
      'runNumber', s.run_number, 'look', s.look, 'side', s.side, 'digest', s.digest, 'readStartedAt', s.read_started_at,
      'readEndedAt', s.read_ended_at, 'asOf', s.as_of, 'storedMs', (extract(epoch from s.stored_at) * 1000)::bigint)
      order by s.look, s.side), '[]')
    from plumbline.snapshot as s
    where s.account = ${account} and s.workflow_run_id = ${workflowRunId} and s.run_number = ${runNumber})`;
}
