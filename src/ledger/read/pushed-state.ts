import { eq, sql } from 'drizzle-orm';
import type { PushedState } from '../../domain/account/pushed-state.js';
import type { DatabaseSession } from '../store/database.js';
import { pushedState } from '../store/schema.js';

/** See `PushLedger.pushedState`. */
export async function pushedStateOf(session: DatabaseSession, account: string): Promise<PushedState | null> {
  const [row] = await session
    .select({
      document: pushedState.document,
      sha256: pushedState.sha256,
      receivedAt: pushedState.receivedAt,
      readAt: sql<string>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
    })
    .from(pushedState)
    .where(eq(pushedState.account, account));
  return row === undefined ? null : { ...row, readAt: new Date(Number(row.readAt)) };
}
