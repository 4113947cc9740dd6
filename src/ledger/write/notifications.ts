import { and, eq, sql } from 'drizzle-orm';
import { messageKeyOf } from '../contract/message-key.js';
import type { WantedAnswer, WantedNotification } from '../contract/notifications.js';
import { clockAndAnswer, lockAccountIfThere, updateAccount } from '../store/account-row.js';
import type { Database, DatabaseSession } from '../store/database.js';
import { asWanted, CLOCK_MS } from '../store/notification-rows.js';
import { notification, type StoredNotification } from '../store/schema.js';
import { storable } from '../store/stored-text.js';
import { isoOf } from '../store/stored-time.js';
import { previousThread } from '../read/notifications.js';
import { formBatches, isLeased, isWaitingWith, takeBatch } from './notification-batches.js';
import { markDelivered } from './deliveries.js';
import { notYetRegistered } from './interventions.js';
import { insertWanted } from './wanted-notifications.js';

/*
 * The outbox. A notification is recorded as wanted, once. Without a group it is a batch of its own and is sent at once. With a
 * group it waits until the oldest notification of its channel, occasion and group is `GROUP_WAIT_MS` old; then one caller forms
 * batches of all that wait. A batch is committed before anything is sent, and never changes: its key is a hash of its members.
 * The sender holds a lease, which ends with the receipt, the failure, or its time. If a worker dies between sending and
 * recording, another one sends the same batch again, with the same key.
 *
 * After a failure nobody sends the batch for a few seconds, or as long as the service asks, and every member that asks gets the
 * failure. So a batch of forty is not tried forty times in a row.
 *
 * A batch of one needs no lease: only its own activity sends it, and never twice at the same time.
 */

/** How long the first notification of a group waits for others. */
export const GROUP_WAIT_MS = 5_000;
/** A notification that has waited longer does not delay others: nobody is sending it any more. */
const ABANDONED_MS = 60_000;
/** The longest wait of a caller before it asks again, while another one sends its batch. */
const ASK_AGAIN_MS = 2_000;
/** The most steps of one call. A step is repeated if another caller was faster. */
const MAX_STEPS = 6;

/** See `NotificationLedger.wantNotification`. */
export async function wantNotification(database: Database, wanted: WantedNotification): Promise<WantedAnswer> {
  const doing = 'record the wanted notification';
  for (let step = 0; step < MAX_STEPS; step++) {
    const found = await database.read(doing, async (session) => findWanted(session, storable(wanted.id)));
    if (found === null) {
      const added = await database.transaction(doing, async (session) => addWanted(session, wanted));
      if (added !== null && added.batchKey !== null) {
        return database.read(doing, async (session) => alone(session, added, added.batchKey));
      }
      continue;
    }
    const answer = await answerOf(database, found);
    if (answer !== null) return answer;
  }
  return askAgain();
}

interface Found {
  row: StoredNotification;
  nowMs: number;
}

/** Null: somebody else changed the row, so it must be read again. */
async function answerOf(database: Database, { row, nowMs }: Found): Promise<WantedAnswer | null> {
  const { id, batchKey } = row;
  if (row.deliveredAt !== null) return { kind: 'delivered' };
  if (batchKey === null) {
    const waitMs = await database.read('find its group', async (session) => groupWait(session, row, nowMs));
    if (waitMs > 0) return { kind: 'wait', waitMs };
    await database.transaction('form a batch of notifications', async (session) => formBatches(session, row));
    return null;
  }
  if (batchKey === messageKeyOf([id])) {
    return database.read('find the notification', async (session) => alone(session, row, batchKey));
  }
  if (isLeased(row.leasedUntil, nowMs)) return failureOf(row, nowMs) ?? askAgain();
  const taken = await database.transaction('take a batch of notifications', async (session) =>
    takeBatch(session, batchKey),
  );
  switch (taken.kind) {
    case 'held':
      return askAgain();
    case 'sent':
      // The sender died before the receipt was recorded for every member.
      await database.transaction('record the delivery', async (session) =>
        markDelivered(session, row.account, [asWanted(row)], { key: batchKey, ...taken.receipt }),
      );
      return { kind: 'delivered' };
    case 'taken': {
      const { batch } = taken;
      return { kind: 'send', batch };
    }
  }
}

/** The failure after which nobody sends the batch for now; null if somebody is sending it. */
function failureOf({ failure, leasedUntil, channel }: StoredNotification, nowMs: number): WantedAnswer | null {
  if (failure === null || leasedUntil === null || failure.until !== isoOf(leasedUntil)) return null;
  const { kind, message, remedy } = failure;
  const retryAfterMs = leasedUntil.getTime() - nowMs;
  return { kind: 'failed', failure: { kind, message, remedy, side: 'channel', where: channel, retryAfterMs } };
}

/** A random wait, so that one of many callers takes the batch over soon after its release. */
function askAgain(): WantedAnswer {
  return { kind: 'wait', waitMs: Math.ceil(ASK_AGAIN_MS * (0.25 + 0.75 * Math.random())) };
}

async function alone(session: DatabaseSession, row: StoredNotification, key: string | null): Promise<WantedAnswer> {
  const members = [asWanted(row)];
  return {
    kind: 'send',
    batch: {
      key: key ?? messageKeyOf([row.id]),
      members,
      previousThread: await previousThread(session, row.channel, [row.interventionId]),
      attempt: row.failedAttempts + 1,
    },
  };
}

async function findWanted(session: DatabaseSession, id: string): Promise<Found | null> {
  const [found] = await session
    .select({ row: notification, nowMs: CLOCK_MS })
    .from(notification)
    .where(eq(notification.id, id));
  return found === undefined ? null : { row: found.row, nowMs: Number(found.nowMs) };
}

/** Milliseconds until the batch of the row's group may be formed. */
export async function groupWait(session: DatabaseSession, row: StoredNotification, nowMs: number): Promise<number> {
  const since = new Date(nowMs - ABANDONED_MS);
  const [oldest] = await session
    .select({ atMs: sql<number | null>`(extract(epoch from min(${notification.wantedAt})) * 1000)::float8` })
    .from(notification)
    .where(and(isWaitingWith(row), sql`${notification.wantedAt} > ${since.toISOString()}::timestamptz`));
  const atMs = oldest?.atMs ?? null;
  return atMs === null ? 0 : atMs + GROUP_WAIT_MS - nowMs;
}

/** Records that it is wanted. Null if another delivery of the request has done so. */
export async function addWanted(
  session: DatabaseSession,
  wanted: WantedNotification,
): Promise<StoredNotification | null> {
  const account = await lockAccountIfThere(session, wanted.account);
  if (account === null) throw notYetRegistered(wanted.account);
  const { now } = await clockAndAnswer(session, null);
  const { rows, head } = await insertWanted(session, account, [wanted], now);
  if (head !== null) await updateAccount(session, wanted.account, head);
  return rows[0] ?? null;
}
