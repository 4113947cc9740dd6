import { cut } from '../domain/lifecycle/bounded.js';
import { isCall } from '../domain/lifecycle/ladder-state.js';
import { severityOf } from '../domain/lifecycle/intervention.js';
import { visible, visibleLines } from '../domain/text/shown-text.js';
import { threadOf } from '../ledger/contract/message-key.js';
import type { NotificationBatch } from '../ledger/contract/notifications.js';
import { MESSAGE_LIMITS, type Message } from '../notify/channel.js';
import { OCCASION_WORDS } from '../notify/message/occasion-words.js';

/** The message of a batch, from the batch alone. Used if `composeMessage` fails. */
export function plainMessage(batch: NotificationBatch, redact: (text: string) => string): Message {
  const { members } = batch;
  const accounts = [...new Set(members.map(({ account }) => account))];
  const occasion = members[0]?.occasion ?? 'called';
  const since = members.map(({ openedAt }) => openedAt).toSorted()[0] ?? '';
  const lines = members.flatMap(({ account, exchange, reasons }) =>
    reasons.map(({ text }) => `${account} on ${exchange}: ${text}`),
  );
  return {
    key: batch.key,
    thread: threadOf(batch),
    occasion,
    severity: severityOf(members),
    accounts,
    subject: cut(visible(redact(`${OCCASION_WORDS[occasion]}: ${accounts.join(', ')}`)), MESSAGE_LIMITS.subject),
    text: cut(
      visibleLines(redact([`${OCCASION_WORDS[occasion]} (since ${since})`, ...lines].join('\n'))),
      MESSAGE_LIMITS.text,
    ),
    link: null,
    since,
    canAcknowledge: isCall(occasion),
  };
}
