import { sql } from 'drizzle-orm';
import type { NotificationRow, NotificationState, WantedNotification } from '../contract/notifications.js';
import { canonicalJson, sha256 } from './canonical.js';
import { notification, type StoredNotification } from './schema.js';

/** The columns that are written when the notification is wanted. They never change. */
export type WantedColumns = Pick<
  StoredNotification,
  | 'id'
  | 'account'
  | 'exchange'
  | 'interventionId'
  | 'channel'
  | 'occasion'
  | 'severity'
  | 'openedAt'
  | 'reasons'
  | 'groupKey'
  | 'wantedAt'
>;

/** Throws RangeError if an altered row holds a value that has no digest. */
export function digestWanted(row: WantedColumns): string {
  const { id, account, exchange, interventionId, channel, occasion, severity, openedAt, reasons, groupKey, wantedAt } =
    row;
  const columns = { id, account, exchange, interventionId, channel, occasion, severity, openedAt, groupKey, wantedAt };
  return sha256(canonicalJson({ ...columns, reasons }));
}

/** The notification as it was wanted: the same for each attempt. */
export function asWanted(row: StoredNotification): WantedNotification {
  return {
    id: row.id,
    account: row.account,
    exchange: row.exchange,
    interventionId: row.interventionId,
    channel: row.channel,
    occasion: row.occasion,
    severity: row.severity,
    openedAt: row.openedAt.toISOString(),
    reasons: row.reasons,
    group: row.groupKey,
  };
}

/** The columns that people see. */
export const shownColumns = {
  id: notification.id,
  account: notification.account,
  interventionId: notification.interventionId,
  channel: notification.channel,
  occasion: notification.occasion,
  severity: notification.severity,
  wantedAt: notification.wantedAt,
  deliveredAt: notification.deliveredAt,
  failedAttempts: notification.failedAttempts,
  receipt: notification.receipt,
  failure: notification.failure,
};
export type ShownColumns = Pick<StoredNotification, keyof typeof shownColumns>;

export function asNotificationRow({ failedAttempts, failure: last, ...row }: ShownColumns): NotificationRow {
  const isDelivered = row.deliveredAt !== null;
  const state: NotificationState = isDelivered ? 'delivered' : failedAttempts > 0 ? 'failed' : 'waiting';
  const failure = last === null ? null : { kind: last.kind, message: last.message, remedy: last.remedy };
  return { ...row, failure, state, attempts: failedAttempts + (isDelivered ? 1 : 0) };
}

/** Milliseconds of the database's clock; for a select list. */
export const CLOCK_MS = sql<string>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
