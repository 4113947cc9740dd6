import { createHash } from 'node:crypto';
import type { Occasion } from '../../domain/lifecycle/occasion.js';
import type { Message } from '../channel.js';

/**
 * The incident or alert of a service that a message is about: the id that triggers, acknowledges and resolves it.
 *
 * A message for many accounts makes one incident for all of them, and its receipt names them. Later calls for some of these
 * accounts belong to it. Only news for all of them may acknowledge or resolve it: otherwise one account's answer would silence
 * the others. News for some of them gets its own id, for which the service has no incident.
 */
export interface Incident {
  id: string;
  /** `Receipt.thread`: the id, and a digest of the accounts. */
  thread: string;
}

export function incidentOf(message: Message, previousThread: string | null): Incident {
  const accounts = digestOf(message.accounts);
  const own = { id: message.thread, thread: `${message.thread} ${accounts}` };
  const [id, before] = previousThread?.split(' ') ?? [];
  if (previousThread === null || id === undefined || before === undefined) return own;
  return isAnswer(message.occasion) && before !== accounts ? own : { id, thread: previousThread };
}

/** Whether the message acknowledges or resolves. */
function isAnswer(occasion: Occasion): boolean {
  return occasion === 'acknowledged' || occasion === 'resolved';
}

function digestOf(accounts: readonly string[]): string {
  return createHash('sha256').update(accounts.toSorted().join(' ')).digest('hex').slice(0, 16);
}
