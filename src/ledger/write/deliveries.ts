import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Failure } from '../../domain/failure/failure.js';
import { LIMITS } from '../../domain/limits/limits.js';
import { messageKeyOf } from '../contract/message-key.js';
import type { NotificationBatch, WantedNotification } from '../contract/notifications.js';
import { clockAndAnswer, lockAccountIfThere, updateAccount } from '../store/account-row.js';
import type { Database, DatabaseSession } from '../store/database.js';
import { appendEvents, type NewEvent } from '../store/event-chain.js';
import { channel, notification, type AccountRow, type StoredNotification } from '../store/schema.js';
import { bounded, requestKey, storable } from '../store/stored-text.js';
import { notYetRegistered } from './interventions.js';
import { MAX_PAUSE_MS } from './notification-batches.js';
import { insertWanted } from './wanted-notifications.js';

const MAX_RECEIPT = 200;
const MAX_THREAD = 1_000;
/** How long nobody sends a batch after a failure: longer than its members wait before they ask again. */
const PAUSE_MS = 5_000;
/** Simultaneous transactions of one batch, so that the pool has connections for other work. */
const ACCOUNTS_AT_ONCE = 4;

/** The receipt of a message. */
export interface Delivered {
  key: string;
  id: string | null;
  thread: string | null;
}

/**
 * See `NotificationLedger.recordDelivery`. One transaction for each account, so that no account waits for another. If this
 * ends early, the next caller for an unmarked member finds that its batch was delivered.
 */
export async function recordDelivery(
  database: Database,
  { key, members }: NotificationBatch,
  receipt: { id: string | null; thread: string | null },
): Promise<void> {
  await forEachAccount(members, async (account, some) =>
    database.transaction('record the delivery', async (session) =>
      markDelivered(session, account, some, { key, ...receipt }),
    ),
  );
}

/** Marks the account's notifications as delivered, with an event for each. A repetition changes nothing. */
export async function markDelivered(
  session: DatabaseSession,
  name: string,
  members: readonly WantedNotification[],
  { key, id, thread }: Delivered,
): Promise<void> {
  const { account, now, rows } = await lockRows(session, name, members);
  const open = rows.filter(({ deliveredAt }) => deliveredAt === null);
  if (open.length === 0) return;
  const receipt = {
    deliveredAt: now,
    deliveredKey: key,
    receipt: id === null ? null : bounded(id, MAX_RECEIPT),
    thread: thread === null ? null : bounded(thread, MAX_THREAD),
  };
  const events = open.map((row): NewEvent => ({
    type: 'NOTIFICATION_DELIVERED',
    run: null,
    requestId: requestKey('delivered', row.id),
    payload: {
      ...subjectOf(row),
      ...(key === messageKeyOf([row.id]) ? {} : { batch_key: key }),
      failed_attempts: row.failedAttempts,
      receipt: receipt.receipt,
      thread: receipt.thread,
    },
  }));
  await updateAccount(session, name, {
    ...headsOf(account),
    ...(await appendEvents(session, account, now, events)),
  });
  await session
    .update(notification)
    .set({
      ...receipt,
      batchKey: sql`coalesce(${notification.batchKey}, ${key})`,
      leasedUntil: null,
      failure: null,
    })
    .where(inArray(notification.id, idsOf(open)));
  await addToChannels(session, open, { deliveredTotal: 1, failureTotal: 0 }, now);
}

/** See `NotificationLedger.recordDeliveryFailure`. One transaction for each account. */
export async function recordDeliveryFailure(
  database: Database,
  { key, members, attempt = 1 }: NotificationBatch,
  failure: Failure,
): Promise<void> {
  await forEachAccount(members, async (account, some) =>
    database.transaction('record the failed delivery', async (session) =>
      markFailed(session, account, some, { key, attempt, failure }),
    ),
  );
}

async function markFailed(
  session: DatabaseSession,
  name: string,
  members: readonly WantedNotification[],
  { key, attempt, failure }: { key: string; attempt: number; failure: Failure },
): Promise<void> {
  const { account, now, rows } = await lockRows(session, name, members);
  // A repetition of the record finds the attempt counted.
  const failed = rows.filter((row) => row.deliveredAt === null && row.failedAttempts < attempt);
  if (failed.length === 0) return;
  const known = {
    kind: failure.kind,
    message: bounded(failure.message, LIMITS.failureMessage.value),
    remedy: bounded(failure.remedy, LIMITS.failureRemedy.value),
  };
  const events = failed
    .filter(({ failedAttempts }) => failedAttempts === 0)
    .map((row): NewEvent => ({
      type: 'NOTIFICATION_FAILED',
      run: null,
      requestId: requestKey('failed', row.id),
      payload: { ...subjectOf(row), ...(key === messageKeyOf([row.id]) ? {} : { batch_key: key }), ...known },
    }));
  await updateAccount(session, name, {
    ...headsOf(account),
    ...(await appendEvents(session, account, now, events)),
  });
  const isBatch = failed.some(({ id }) => key !== messageKeyOf([id]));
  const pauseMs = Math.min(Math.max(failure.retryAfterMs ?? 0, PAUSE_MS), MAX_PAUSE_MS);
  const until = isBatch ? new Date(now.getTime() + pauseMs) : null;
  await session
    .update(notification)
    .set({
      failedAttempts: sql`${notification.failedAttempts} + 1`,
      failure: { ...known, ...(until !== null && { until: until.toISOString() }) },
      leasedUntil: until,
    })
    .where(inArray(notification.id, idsOf(failed)));
  await addToChannels(session, failed, { deliveredTotal: 0, failureTotal: 1 }, null);
}

interface LockedRows {
  /** With the heads of its chains as this transaction left them. */
  account: AccountRow;
  now: Date;
  rows: StoredNotification[];
}

/** The account, locked, and the rows of its notifications. Adds those that were sent while the ledger was unreachable. */
async function lockRows(
  session: DatabaseSession,
  name: string,
  members: readonly WantedNotification[],
): Promise<LockedRows> {
  const account = await lockAccountIfThere(session, name);
  if (account === null) throw notYetRegistered(name);
  const { now } = await clockAndAnswer(session, null);
  const { head } = await insertWanted(session, account, members, now);
  const rows = await session
    .select()
    .from(notification)
    .where(
      and(
        eq(notification.account, name),
        inArray(
          notification.id,
          members.map(({ id }) => storable(id)),
        ),
      ),
    )
    .orderBy(asc(notification.id))
    .for('update');
  return { account: { ...account, ...head }, now, rows };
}

function headsOf({ trailNumber, trailHash }: AccountRow) {
  return { trailNumber, trailHash };
}

/** What both events say about their notification. */
function subjectOf(row: StoredNotification): Record<string, unknown> {
  return {
    intervention_id: row.interventionId,
    channel: row.channel,
    occasion: row.occasion,
    notification_id: row.id,
  };
}

/** A transaction locks these rows last, because the transactions of all accounts change them. */
async function addToChannels(
  session: DatabaseSession,
  rows: readonly StoredNotification[],
  each: { deliveredTotal: number; failureTotal: number },
  lastSuccessAt: Date | null,
): Promise<void> {
  for (const name of [...new Set(rows.map((row) => row.channel))].toSorted()) {
    const count = rows.filter((row) => row.channel === name).length;
    await session
      .update(channel)
      .set({
        deliveredTotal: sql`${channel.deliveredTotal} + ${count * each.deliveredTotal}`,
        failureTotal: sql`${channel.failureTotal} + ${count * each.failureTotal}`,
        ...(lastSuccessAt !== null && {
          lastSuccessAt: sql`greatest(${channel.lastSuccessAt}, ${lastSuccessAt.toISOString()}::timestamptz)`,
        }),
      })
      .where(eq(channel.channel, name));
  }
}

function idsOf(rows: readonly StoredNotification[]): string[] {
  return rows.map(({ id }) => id);
}

/** Works for a few accounts at a time. Rejects with the first error, after all work has ended. */
async function forEachAccount(
  members: readonly WantedNotification[],
  work: (account: string, members: WantedNotification[]) => Promise<void>,
): Promise<void> {
  const accounts = byAccount(members).values();
  const results = await Promise.allSettled(
    Array.from({ length: ACCOUNTS_AT_ONCE }, async () => {
      for (const [account, some] of accounts) await work(account, some);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** In the order of their names. */
function byAccount(members: readonly WantedNotification[]): [string, WantedNotification[]][] {
  const grouped = new Map<string, WantedNotification[]>();
  for (const member of members) grouped.set(member.account, [...(grouped.get(member.account) ?? []), member]);
  return [...grouped].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
