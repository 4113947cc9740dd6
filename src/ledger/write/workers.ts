import { sql } from 'drizzle-orm';
import type { WorkerReport } from '../contract/workers.js';
import type { DatabaseSession } from '../store/database.js';

/** See `WorkerLedger.reportWorker`. Removes the rows of workers that died an hour ago or more. */
export async function reportWorker(session: DatabaseSession, report: WorkerReport): Promise<void> {
  const { worker, taskQueue, accounts, configDigest } = report;
  await session.execute(sql`
    INSERT INTO plumbline.worker (worker, task_queue, accounts, config_digest, seen_at)
    VALUES (${worker}, ${taskQueue}, ${JSON.stringify(accounts)}, ${configDigest}, clock_timestamp())
    ON CONFLICT (worker) DO UPDATE SET
      accounts = excluded.accounts, config_digest = excluded.config_digest, seen_at = excluded.seen_at`);
  await session.execute(
    sql`DELETE FROM plumbline.worker WHERE seen_at < clock_timestamp() - interval '1 hour' AND worker <> ${worker}`,
  );
}

/** See `WorkerLedger.forgetWorker`. */
export async function forgetWorker(session: DatabaseSession, worker: string): Promise<void> {
  await session.execute(sql`DELETE FROM plumbline.worker WHERE worker = ${worker}`);
}
