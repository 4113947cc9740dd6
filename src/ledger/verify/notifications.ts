import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { messageKeyOf } from '../contract/message-key.js';
import type { DatabaseSession } from '../store/database.js';
import { digestWanted } from '../store/notification-rows.js';
import { digestOf } from '../store/row-digests.js';
import { channel, notification, type StoredNotification } from '../store/schema.js';
import { isoOf } from '../store/stored-time.js';
import type { FaultList } from './fault-list.js';
import type { Reported } from './reported.js';
import type { ReportedSubject } from './reported-notifications.js';
import type { ReportedTrail } from './reported-trail.js';

/** Rows that are read at a time, each with the ids of its batch. */
const PAGE = 200;

interface Known {
  reported: Reported;
  trail: ReportedTrail;
  faults: FaultList;
}

/**
 * Compares the account's notifications with the trail, which has what was wanted, and with the events, which have the first
 * failure and the delivery. The key of a batch is a hash of its members.
 */
export async function verifyNotifications(session: DatabaseSession, account: string, known: Known): Promise<void> {
  const { reported, trail, faults } = known;
  const there = new Set<string>();
  let after: string | null = null;
  for (;;) {
    const rows = await readPage(session, account, after);
    const keys = await batchKeys(session, rows);
    for (const row of rows) {
      there.add(row.id);
      verifyOne(row, keys.get(row.batchKey ?? ''), known);
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PAGE) break;
  }
  for (const id of trail.notifications.keys()) {
    if (!there.has(id)) faults.add(null, `notification ${id} is not there`);
  }
  for (const id of [...reported.notifications.delivered.keys(), ...reported.notifications.failed.keys()]) {
    if (!trail.notifications.has(id)) faults.add(null, `events report notification ${id}, which nothing wanted`);
  }
}

async function readPage(
  session: DatabaseSession,
  account: string,
  after: string | null,
): Promise<StoredNotification[]> {
  return session
    .select()
    .from(notification)
    .where(and(eq(notification.account, account), after === null ? undefined : gt(notification.id, after)))
    .orderBy(asc(notification.id))
    .limit(PAGE);
}

/** By the stored key of each batch, the key that its members give. */
async function batchKeys(session: DatabaseSession, rows: readonly StoredNotification[]): Promise<Map<string, string>> {
  const keys = [...new Set(rows.flatMap(({ batchKey }) => batchKey ?? []))];
  if (keys.length === 0) return new Map();
  const members = await session
    .select({ key: notification.batchKey, ids: sql<string[]>`json_agg(${notification.id})` })
    .from(notification)
    .where(inArray(notification.batchKey, keys))
    .groupBy(notification.batchKey);
  return new Map(members.map(({ key, ids }) => [key ?? '', messageKeyOf(ids)]));
}

/** Validated, because an altered row may hold anything. */
const failure = z.strictObject({
  kind: z.string(),
  message: z.string(),
  remedy: z.string(),
  until: z.iso.datetime().optional(),
});

function verifyOne(row: StoredNotification, keyOfMembers: string | undefined, known: Known): void {
  const { reported, trail, faults } = known;
  const name = `notification ${row.id}`;
  const wanted = trail.notifications.get(row.id);
  if (wanted === undefined) faults.add(null, `nothing reports that ${name} was wanted`);
  else if (digestOf(() => digestWanted(row)) !== wanted) faults.add(null, `what is wanted with ${name} was changed`);
  if (row.batchKey !== null && row.batchKey !== keyOfMembers) {
    faults.add(null, `the batch of ${name} does not have the members of its key`);
  }
  const failed = reported.notifications.failed.get(row.id);
  if (failed !== undefined && !isAbout(row, failed))
    faults.add(null, `the failure of ${name} is reported of another one`);
  if (row.failedAttempts < 0 || row.failedAttempts > 0 !== (failed !== undefined)) {
    faults.add(
      null,
      `the failed attempts of ${name} are stored as ${row.failedAttempts}; its first failure is ${failed === undefined ? 'not ' : ''}reported`,
    );
  }
  verifyDelivery(row, name, known);
}

function verifyDelivery(row: StoredNotification, name: string, { reported, faults }: Known): void {
  const delivered = reported.notifications.delivered.get(row.id);
  if (delivered === undefined) {
    if (row.deliveredAt !== null) faults.add(null, `nothing reports that ${name} was delivered`);
    if (row.deliveredKey !== null || row.receipt !== null || row.thread !== null) {
      faults.add(null, `${name} has a receipt that nothing reports`);
    }
    if (row.failedAttempts > 0 !== (row.failure !== null)) {
      faults.add(null, `the failure of ${name} does not fit its failed attempts`);
    }
    if (row.failure !== null && !failure.safeParse(row.failure).success)
      faults.add(null, `the failure of ${name} was changed`);
    if (row.batchKey === null && row.groupKey === null) faults.add(null, `${name} lost its key`);
    if (row.leasedUntil !== null && isoOf(row.leasedUntil) === null)
      faults.add(null, `the lease of ${name} is no time`);
    return;
  }
  if (!isAbout(row, delivered)) faults.add(null, `the delivery of ${name} is reported of another one`);
  faults.compare(`delivered_at of ${name}`, isoOf(row.deliveredAt) ?? '', delivered.at);
  faults.compare(`delivered_key of ${name}`, row.deliveredKey, delivered.key);
  faults.compare(`receipt of ${name}`, row.receipt, delivered.receipt);
  faults.compare(`thread of ${name}`, row.thread, delivered.thread);
  faults.compare(`failed_attempts of ${name}`, row.failedAttempts, delivered.failedAttempts);
  if (row.failure !== null || row.leasedUntil !== null) {
    faults.add(null, `${name} was delivered and has a failure or a lease`);
  }
  if (row.batchKey === null) faults.add(null, `${name} was delivered and has no batch`);
}

function isAbout(row: StoredNotification, of: ReportedSubject): boolean {
  return row.interventionId === of.interventionId && row.channel === of.channel && row.occasion === of.occasion;
}

/** Compares the totals of all channels with a new count. */
export async function verifyChannels(session: DatabaseSession): Promise<string[]> {
  const stored = await session
    .select({
      name: channel.channel,
      totals: sql<string>`concat_ws(', ', ${channel.deliveredTotal}, ${channel.failureTotal}, ${channel.lastSuccessAt})`,
    })
    .from(channel);
  const counted = await session
    .select({
      name: notification.channel,
      totals: sql<string>`concat_ws(', ', count(${notification.deliveredAt}), sum(${notification.failedAttempts}),
        max(${notification.deliveredAt}))`,
    })
    .from(notification)
    .groupBy(notification.channel);
  const totals = new Map(stored.map(({ name, totals: of }) => [name, of]));
  const counts = new Map(counted.map(({ name, totals: of }) => [name, of]));
  return [...new Set([...totals.keys(), ...counts.keys()])].toSorted().flatMap((name) => {
    const [of, count] = [totals.get(name) ?? 'nothing', counts.get(name) ?? 'nothing'];
    return of === count ? [] : [`the totals of the channel ${name} are stored as ${of}; counting again gives ${count}`];
  });
}
