import { createHash } from 'node:crypto';
import type { NotificationBatch } from './notifications.js';

/** The form of a key that every channel can send. */
const KEY = /^[\w-]{1,64}$/;

/**
 * The key of the message that delivers these notifications: the id of the only one if it can be a key, otherwise the
 * SHA-256, in hex, of the sorted ids. So the key shows which notifications the message names.
 */
export function messageKeyOf(ids: readonly string[]): string {
  const [id] = ids;
  if (ids.length === 1 && id !== undefined && KEY.test(id)) return id;
  return createHash('sha256').update(ids.toSorted().join('\n')).digest('hex');
}

const THREAD = /^[\w-]{1,60}$/;

/** The thread of a batch: that of its intervention, or of its own. */
export function threadOf({ key, members }: Pick<NotificationBatch, 'key' | 'members'>): string {
  const ids = new Set(members.map(({ interventionId }) => interventionId));
  const [id = key] = ids.size === 1 ? ids : [key];
  return threadOfId(id);
}

/** The thread of the messages of one intervention. */
export function threadOfId(id: string): string {
  return THREAD.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 48);
}
