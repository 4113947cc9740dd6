import { sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';

/**
 * Takes `costMs` of an exchange's time for one request and answers how many milliseconds of it all workers together have
 * taken ahead. By the database's clock, which is one for all of them. A negative cost gives time back, never to before now:
 * time that nobody used is not saved. Not idempotent: taken twice, a request is waited for twice.
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
