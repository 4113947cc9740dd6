import { and, eq, inArray } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';
import type { RecordedAct } from '../contract/ledger.js';
import { event } from '../store/schema.js';
import { requestKey } from '../store/stored-text.js';

/** See `Ledger.actOf`. The index of request ids answers it. */
export async function actOf(
  session: DatabaseSession,
  account: string,
  requestId: string,
  interventionId: string | null,
): Promise<RecordedAct | null> {
  const keys = [requestKey('act', requestId)];
  // An intervention is acknowledged once, so its id is the key of that event.
  if (interventionId !== null) keys.push(requestKey('acknowledge', interventionId));
  const rows = await session
    .select({ type: event.type, at: event.at, requestId: event.requestId, payload: event.payload })
    .from(event)
    .where(and(eq(event.account, account), inArray(event.requestId, keys)));
  for (const { type, at, requestId: key, payload } of rows) {
    const fields: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    const { by, request_id: asked } = fields as { by?: unknown; request_id?: unknown };
    if (key === keys[0] || asked === requestId) return { type, at, by: typeof by === 'string' ? by : 'unknown' };
  }
  return null;
}
