import { sql } from 'drizzle-orm';
import type { WorkerReport } from '../contract/workers.js';
import type { DatabaseSession } from '../store/database.js';

/** See `WorkerLedger.workers`. */
export async function listWorkers(session: DatabaseSession, taskQueue: string): Promise<WorkerReport[]> {
  const { rows } = await session.execute<{ worker: string; accounts: string[]; config_digest: string }>(sql`
    SELECT worker, accounts, config_digest FROM plumbline.worker
    WHERE task_queue = ${taskQueue} AND seen_at > clock_timestamp() - interval '1 minute' ORDER BY worker`);
  return rows.map(({ worker, accounts, config_digest: configDigest }) => ({
    worker,
    taskQueue,
    accounts,
    configDigest,
  }));
}
