import { LIMITS } from '../../domain/limits/limits.js';
import { messageKeyOf } from '../contract/message-key.js';
import type { WantedNotification } from '../contract/notifications.js';
import { sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import { digestWanted, type WantedColumns } from '../store/notification-rows.js';
import { channel, notification, type AccountRow, type StoredNotification } from '../store/schema.js';
import { bounded, storable } from '../store/stored-text.js';
import { appendTrail, type TrailHead } from '../store/trail.js';

/** Reasons that a notification keeps; a message names no more. */
const MAX_REASONS = 20;
/** An index entry holds about 2,700 bytes. */
const MAX_GROUP = 200;

/** Adds the rows that are missing, of one account, with the trail's new head. Null if none was missing. */
export async function insertWanted(
  session: DatabaseSession,
  account: AccountRow,
  wanted: readonly WantedNotification[],
  now: Date,
): Promise<{ rows: StoredNotification[]; head: TrailHead | null }> {
  const columns = wanted.map((one) => columnsOf(one, account.account, now));
  if (columns.length === 0) return { rows: [], head: null };
  const rows = await session
    .insert(notification)
    .values(
      columns.map((row) => ({
        ...row,
        // Without a group it is a batch of its own.
        batchKey: row.groupKey === null ? messageKeyOf([row.id]) : null,
        failedAttempts: 0,
      })),
    )
    .onConflictDoNothing({ target: notification.id })
    .returning();
  if (rows.length === 0) return { rows, head: null };
  const entries = rows.map((row) => ({
    kind: 'notification_wanted' as const,
    payload: { notification_id: row.id, wanted: digestWanted(row) },
  }));
  await session
    .insert(channel)
    .values([...new Set(rows.map((row) => row.channel))].map((name) => ({ channel: name, ...NOTHING_SENT })))
    .onConflictDoNothing({ target: channel.channel });
  return { rows, head: await appendTrail(session, account, now, entries) };
}

const NOTHING_SENT = { deliveredTotal: 0, failureTotal: 0 };

function columnsOf(wanted: WantedNotification, account: string, wantedAt: Date): WantedColumns {
  const openedAt = new Date(wanted.openedAt);
  const group = wanted.group === null ? null : storable(wanted.group);
  return {
    id: storable(wanted.id),
    account,
    exchange: storable(wanted.exchange),
    interventionId: storable(wanted.interventionId),
    channel: storable(wanted.channel),
    occasion: wanted.occasion,
    severity: wanted.severity,
    openedAt: Number.isNaN(openedAt.getTime()) ? wantedAt : openedAt,
    reasons: wanted.reasons.slice(0, MAX_REASONS).map((reason) => ({
      ...reason,
      action: bounded(reason.action, LIMITS.messageName.value),
      text: bounded(reason.text, LIMITS.messageText.value),
    })),
    groupKey: group === null || group.length <= MAX_GROUP ? group : sha256(group),
    wantedAt,
  };
}
