import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { messageKeyOf } from '../contract/message-key.js';
import type { NotificationBatch } from '../contract/notifications.js';
import type { DatabaseSession } from '../store/database.js';
import { asWanted, CLOCK_MS } from '../store/notification-rows.js';
import { notification, type StoredNotification } from '../store/schema.js';
import { previousThread } from '../read/notifications.js';

/** The lease of a batch: the time to send it and to record the result. */
export const LEASE_MS = 60_000;
/** How long at most nobody sends a batch after a failure: as long as a service may ask for. */
export const MAX_PAUSE_MS = 300_000;
/** Notifications that one message names. */
export const MAX_BATCH = 200;
/** Notifications that one caller puts into batches; the next caller continues. */
const MAX_FORMED = 50 * MAX_BATCH;

/** Whether somebody sends the batch now, or nobody may. A longer time can only come from an altered row and does not count. */
export function isLeased(until: Date | null, nowMs: number): boolean {
  if (until === null) return false;
  const leftMs = until.getTime() - nowMs;
  return leftMs > 0 && leftMs <= MAX_PAUSE_MS;
}

/** The notifications that may be sent as one message with this one and are in no batch yet. */
export function isWaitingWith(row: Pick<StoredNotification, 'channel' | 'occasion' | 'groupKey'>) {
  return and(
    eq(notification.channel, row.channel),
    eq(notification.groupKey, row.groupKey ?? ''),
    eq(notification.occasion, row.occasion),
    isNull(notification.batchKey),
  );
}

/** Puts all notifications that wait with this one into batches. */
export async function formBatches(session: DatabaseSession, row: StoredNotification): Promise<void> {
  const lock = [row.channel, row.occasion, row.groupKey ?? ''].join('\n');
  await session.execute(sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
  const waiting = await session
    .select({ id: notification.id })
    .from(notification)
    .where(
      and(
        isWaitingWith(row),
        isNull(notification.deliveredAt),
        // A call that was answered meanwhile is left out, unless its own activity asks.
        sql`(${notification.id} = ${row.id} or ${notification.occasion} not in ('called', 'reminder', 'reason') or not exists (
          select from plumbline.intervention answered
          where answered.id = ${notification.interventionId} and answered.state = 'acknowledged'))`,
      ),
    )
    .orderBy(asc(notification.wantedAt), asc(notification.id))
    .limit(MAX_FORMED)
    .for('update');
  const ids = waiting.map(({ id }) => id);
  for (let start = 0; start < ids.length; start += MAX_BATCH) {
    const members = ids.slice(start, start + MAX_BATCH);
    await session
      .update(notification)
      .set({ batchKey: messageKeyOf(members) })
      .where(inArray(notification.id, members));
  }
}

export type TakenBatch =
  | { kind: 'taken'; batch: NotificationBatch }
  /** Somebody else sends it now. */
  | { kind: 'held' }
  /** It was delivered; this is its receipt. */
  | { kind: 'sent'; receipt: { id: string | null; thread: string | null } };

/** Takes the batch, unless somebody sends it now. */
export async function takeBatch(session: DatabaseSession, key: string): Promise<TakenBatch> {
  const rows = await session
    .select()
    .from(notification)
    .where(eq(notification.batchKey, key))
    .orderBy(asc(notification.id))
    .for('update');
  const [clock] = (await session.execute<{ now: string }>(sql`select ${CLOCK_MS} as now`)).rows;
  const nowMs = Number(clock?.now);
  const sent = rows.find(({ deliveredKey }) => deliveredKey === key);
  if (sent !== undefined) return { kind: 'sent', receipt: { id: sent.receipt, thread: sent.thread } };
  const undelivered = rows.filter(({ deliveredAt }) => deliveredAt === null);
  const [first] = undelivered;
  if (first === undefined || undelivered.some(({ leasedUntil }) => isLeased(leasedUntil, nowMs))) {
    return { kind: 'held' };
  }
  await session
    .update(notification)
    .set({ leasedUntil: new Date(nowMs + LEASE_MS) })
    .where(and(eq(notification.batchKey, key), isNull(notification.deliveredAt)));
  return {
    kind: 'taken',
    batch: {
      key,
      members: rows.map(asWanted),
      previousThread: await previousThread(
        session,
        first.channel,
        rows.map(({ interventionId }) => interventionId),
      ),
      attempt: Math.max(...undelivered.map(({ failedAttempts }) => failedAttempts)) + 1,
    },
  };
}
