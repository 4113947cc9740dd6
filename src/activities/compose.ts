import type { Ledger } from '../ledger/contract/ledger.js';
import type { NotificationBatch } from '../ledger/contract/notifications.js';
import type { Message } from '../notify/channel.js';
import { composeMessage } from '../notify/compose-message.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import { readCallFacts } from './call-facts.js';

interface ComposeParts {
  ledger: Pick<Ledger, 'overview' | 'discrepancies'>;
  redact: (text: string) => string;
  now: () => number;
  /** As `Message.thread`. */
  threadOf: (batch: NotificationBatch) => string;
  /** As `Message.link`. */
  linkOf: (batch: NotificationBatch) => Message['link'] | Promise<Message['link']>;
}

/** Composes the message of a batch from its reasons and from what the ledger knows now, if it answers. */
export function createComposer({ ledger, redact, now, threadOf, linkOf }: ComposeParts) {
  // A message without a link is better than none.
  const linkFor = async (batch: NotificationBatch): Promise<Message['link']> => {
    try {
      return await linkOf(batch);
    } catch {
      return null;
    }
  };
  return async (batch: NotificationBatch, answer: DeliverRequest['answer']): Promise<Message> => {
    const { key, members } = batch;
    const accounts = [...new Set(members.map(({ account }) => account))];
    return composeMessage({
      key,
      thread: threadOf(batch),
      members,
      facts: await readCallFacts(ledger, accounts),
      ...(answer !== undefined && { answer }),
      link: await linkFor(batch),
      now: new Date(now()),
      redact,
    });
  };
}
