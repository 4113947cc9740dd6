import type { Message } from '../channel.js';

/** Whether the message calls somebody. */
export function isCall({ occasion }: Pick<Message, 'occasion'>): boolean {
  return occasion === 'called' || occasion === 'reminder' || occasion === 'reason';
}

/** Whether the message only informs those who were called. It makes no noise. */
export function isNews({ occasion }: Pick<Message, 'occasion'>): boolean {
  return occasion === 'acknowledged' || occasion === 'resolved';
}

/** Whether the message calls somebody at any hour. */
export function isUrgent(message: Pick<Message, 'occasion' | 'severity'>): boolean {
  return isCall(message) && message.severity === 'page';
}

/** The text with the link below it, for services without a field for links. */
export function textWithLink({ text, link }: Pick<Message, 'text' | 'link'>): string {
  return link === null ? text : `${text}\n\n${link.label}: ${link.url}`;
}

/** The message as JSON for programs: the data of the webhook and the document of a command. Fields may be added. */
export function messageDocument(message: Message): Record<string, unknown> {
  const { key, thread, occasion, severity, accounts, subject, text, link, since, canAcknowledge } = message;
  return { key, thread, occasion, severity, accounts, subject, text, link, since, can_acknowledge: canAcknowledge };
}
