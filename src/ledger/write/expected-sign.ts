import { and, eq, sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';
import { account, type AccountRow } from '../store/schema.js';

/** The last year that PostgreSQL and ISO 8601 write in the same way. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/**
 * The time of the workflow's next expected sign of life, from a record's time of the next run.
 *
 * A record may arrive late, from an outbox: a next run that is already due does not shorten the present expectation. An
 * invalid time counts as now, so that a fault in a caller shows as an alarm.
 *
 * @param nextRunAt null while the account is paused; undefined if unknown, which changes nothing
 */
export function expectedAfter(
  expectedAt: Date | null,
  nextRunAt: Date | null | undefined,
  now: Date,
): Pick<AccountRow, 'expectedAt'> {
  if (nextRunAt === undefined) return { expectedAt };
  if (nextRunAt === null) return { expectedAt: null };
  const next = isStorable(nextRunAt) ? nextRunAt : now;
  return { expectedAt: next <= now && expectedAt !== null && expectedAt > next ? expectedAt : next };
}

function isStorable(time: Date): boolean {
  return time.getTime() >= 0 && time.getTime() <= LAST_TIME;
}

/** See `Ledger.expectSign`. Throws RangeError on seconds that are not a number. */
export async function expectSign(session: DatabaseSession, name: string, withinSeconds: number): Promise<void> {
  if (!Number.isFinite(withinSeconds))
    throw new RangeError(`withinSeconds is ${withinSeconds}, not a number of seconds`);
  await session
    .update(account)
    .set({ expectedAt: sql`clock_timestamp() + make_interval(secs => ${withinSeconds})` })
    // A late call from a stopped account's worker must not set an expectation.
    .where(and(eq(account.account, name), eq(account.active, true)));
}
