import { sql } from 'drizzle-orm';
import { FURTHEST_AHEAD_SECONDS } from '../../domain/confirm/confirm.js';
import type { Push, PushResult } from '../contract/pushed-state.js';
import type { DatabaseSession } from '../store/database.js';

/** See `PushLedger.storePush`. Two pushes at the same time: the row's lock orders them, and the newer state stays. */
export async function storePush(session: DatabaseSession, push: Push): Promise<PushResult> {
  const { account, sha256 } = push;
  const asOf = push.asOf.toISOString();
  const stored = await session.execute(sql`
    INSERT INTO plumbline.pushed_state AS pushed (account, document, sha256, as_of, received_at)
    VALUES (${account}, ${Buffer.from(push.document)}, ${sha256}, ${asOf}::timestamptz, clock_timestamp())
    ON CONFLICT (account) DO UPDATE SET
      document = excluded.document, sha256 = excluded.sha256, as_of = excluded.as_of, received_at = excluded.received_at
    WHERE excluded.as_of > pushed.as_of
      OR pushed.as_of > clock_timestamp() + make_interval(secs => ${FURTHEST_AHEAD_SECONDS})
    RETURNING account`);
  if (stored.rows.length > 0) return { result: 'stored' };
  const { rows } = await session.execute<{ as_of: string; sha256: string }>(sql`
    SELECT (extract(epoch FROM as_of) * 1000)::bigint AS as_of, sha256 FROM plumbline.pushed_state
    WHERE account = ${account}`);
  const [kept] = rows;
  if (kept === undefined) throw new TypeError(`a push to ${account} was neither stored nor refused`);
  if (kept.sha256 === sha256) return { result: 'repeated' };
  return { result: 'outdated', storedAsOf: new Date(Number(kept.as_of)) };
}
