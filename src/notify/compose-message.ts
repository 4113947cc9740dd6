import { cut } from '../domain/lifecycle/bounded.js';
import { severityOf, type InterventionReason } from '../domain/lifecycle/intervention.js';
import type { InterventionOccasion } from '../domain/lifecycle/occasion.js';
import type { Severity } from '../domain/policy/severity.js';
import { visible } from '../domain/text/shown-text.js';
import { MESSAGE_LIMITS, type Message } from './channel.js';
import { accountWords } from './message/account-words.js';
import type { CallFacts } from './message/call-facts.js';
import { fit, type Parts } from './message/fit.js';
import { groupWords } from './message/group-words.js';
import { isAnswered, type Answer, type Subject, type Words } from './message/words.js';

/** One account's part of a message, such as a notification of the ledger's outbox. */
export interface CallMember {
  account: string;
  exchange: string;
  occasion: InterventionOccasion;
  severity: Severity;
  /** ISO 8601. */
  openedAt: string;
  /** The reasons that the message is about. */
  reasons: readonly InterventionReason[];
}

export interface MessageInput {
  key: string;
  thread: string;
  /** At least one, all of the same occasion. */
  members: readonly CallMember[];
  /** By account. An account is missing if the ledger does not answer, or does not know it. */
  facts: ReadonlyMap<string, CallFacts>;
  /** For `acknowledged`: who did it, and what they wrote. */
  answer?: Answer;
  link: Message['link'];
  now: Date;
  redact: (text: string) => string;
}

/**
 * The message of a call, for people who do not know Plumbline: what is wrong, how bad it is, what to do. Pure.
 *
 * - The subject alone says which account, what, and how bad.
 * - The text names everything, the most serious first, with the newest values, and ends with the safe steps. Each line is
 *   complete or absent. The channels add the link.
 * - Ids, symbols, notes and answers of an exchange are outside text: every invisible character is shown as its code.
 */
export function composeMessage(input: MessageInput): Message {
  const { key, thread, facts, link, now } = input;
  const members = byAccount(input.members);
  const [first] = members;
  if (first === undefined) throw new TypeError('a message is about no account');
  const { account, exchange, occasion, reasons } = first;
  const since = members.map(({ openedAt }) => openedAt).reduce(earlier);
  const severity = severityOf(members);
  const call = { occasion, openedAt: new Date(since), answer: input.answer ?? null, now };
  const words: Words =
    members.length === 1
      ? accountWords({ ...call, severity, account, exchange, reasons, facts: facts.get(account) ?? null })
      : groupWords({ ...call, members, facts });
  const isOpen = !isAnswered(call);
  const shown = (text: string): string => visible(input.redact(text));
  return {
    key,
    thread,
    occasion,
    severity,
    accounts: members.map((member) => member.account),
    subject: subjectLine(words.subject, shown),
    text: fit(shownParts(words.parts, shown), MESSAGE_LIMITS.text),
    // After an acknowledgement and the resolution there is nothing to look at and nothing to answer.
    link: occasion === 'resolved' && !isOpen ? null : link,
    since,
    canAcknowledge: isOpen,
  };
}

/** One member for each account, in the given order. */
function byAccount(members: readonly CallMember[]): CallMember[] {
  const merged = new Map<string, CallMember>();
  for (const member of members) {
    const before = merged.get(member.account);
    merged.set(
      member.account,
      before === undefined
        ? member
        : {
            ...before,
            severity: severityOf([before, member]),
            openedAt: earlier(before.openedAt, member.openedAt),
            reasons: [...before.reasons, ...member.reasons],
          },
    );
  }
  return [...merged.values()];
}

function earlier(a: string, b: string): string {
  return Date.parse(b) < Date.parse(a) ? b : a;
}

function subjectLine(subject: Subject, shown: (text: string) => string): string {
  const [before, what, after] = [subject.before, subject.what, subject.after].map(shown);
  const room = MESSAGE_LIMITS.subject - (before ?? '').length - (after ?? '').length;
  return cut(`${before}${cut(what ?? '', Math.max(room, 1))}${after}`, MESSAGE_LIMITS.subject);
}

function shownParts({ head, items, unlisted, more, tail }: Parts, shown: (text: string) => string): Parts {
  return {
    head: head.map(shown),
    items: items.map(({ lines, brief }) => ({ lines: lines.map(shown), brief: shown(brief) })),
    unlisted,
    more,
    tail: tail.map(shown),
  };
}
