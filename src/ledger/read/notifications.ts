import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { ChannelTotals, NamedCall, NotificationRow } from '../contract/notifications.js';
import type { DatabaseSession } from '../store/database.js';
import { asNotificationRow, CLOCK_MS, shownColumns } from '../store/notification-rows.js';
import { channel, notification } from '../store/schema.js';

/** A message names at most 200. */
const MAX_NAMED = 1_000;

/** See `NotificationLedger.notifications`. */
export async function listNotifications(
  session: DatabaseSession,
  account: string,
  limit: number,
): Promise<NotificationRow[]> {
  const rows = await session
    .select(shownColumns)
    .from(notification)
    .where(eq(notification.account, account))
    .orderBy(desc(notification.wantedAt), desc(notification.id))
    .limit(limit);
  return rows.map(asNotificationRow);
}

/** See `NotificationLedger.namedIn`. */
export async function callsNamedIn(session: DatabaseSession, name: string, receipt: string): Promise<NamedCall[]> {
  const rows = await session
    .select({
      account: notification.account,
      interventionId: notification.interventionId,
      key: notification.deliveredKey,
      reasons: notification.reasons,
    })
    .from(notification)
    .where(
      and(
        eq(notification.channel, name),
        eq(notification.receipt, receipt),
        sql`${notification.deliveredAt} > now() - interval '30 days'`,
      ),
    )
    .orderBy(asc(notification.account), asc(notification.id))
    .limit(MAX_NAMED);
  return rows.flatMap(({ key, ...row }) => (key === null ? [] : [{ ...row, key }]));
}

/** See `NotificationLedger.channelTotals`. By name. */
export async function listChannelTotals(session: DatabaseSession): Promise<ChannelTotals[]> {
  const rows = await session.select({ row: channel, readAtMs: CLOCK_MS }).from(channel).orderBy(asc(channel.channel));
  return rows.map(({ row, readAtMs }) => ({ ...row, readAt: new Date(Number(readAtMs)) }));
}

/**
 * The thread that the first delivered message of these interventions started on the channel. Null if there is none, or if they
 * have different threads: a message about all of them must not be hidden in the thread of one.
 */
export async function previousThread(
  session: DatabaseSession,
  name: string,
  interventionIds: readonly string[],
): Promise<string | null> {
  const ids = [...new Set(interventionIds)];
  const { rows } = await session.execute<{ thread: string | null }>(sql`
    select distinct (
      select first.thread from plumbline.notification first
      where first.intervention_id = wanted.id and first.channel = ${name} and first.delivered_at is not null
      order by first.delivered_at, first.id limit 1) as thread
    from json_array_elements_text(${JSON.stringify(ids)}::json) as wanted (id)`);
  return rows.length === 1 ? (rows[0]?.thread ?? null) : null;
}
