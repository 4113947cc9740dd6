import { sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';

/**
 * Takes `costMs` of an exchange's time for one request and returns how many milliseconds all workers together have
 * taken ahead, by the database's clock, which all of them share. A negative cost returns time, but never to before now:
 * unused time is not saved. Not idempotent: a request that is taken twice is waited for twice.
 */
export async function spendBudget(session: DatabaseSession, exchange: string, costMs: number): Promise<number> {
  const cost = sql`make_interval(secs => ${costMs / 1000})`;
  const spent = await session.execute<{ ahead: string }>(sql`
    INSERT INTO plumbline.request_budget AS budget (exchange, earned_at) VALUES (${exchange}, clock_timestamp() + ${cost})
    ON CONFLICT (exchange) DO UPDATE SET
      earned_at = greatest(greatest(budget.earned_at, clock_timestamp()) + ${cost}, clock_timestamp())
    RETURNING extract(epoch FROM earned_at - clock_timestamp()) * 1000 AS ahead`);
  return Math.max(0, Number(spent.rows[0]?.ahead ?? 0));
}
