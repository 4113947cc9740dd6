import { readSharedCause } from '../../domain/failure/shared-cause.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import type { InterventionOccasion } from '../../domain/lifecycle/occasion.js';
import type { CallFacts } from './call-facts.js';
import type { Item } from './fit.js';
import { problemWords, type ProblemWords } from './failure-words.js';
import { isAboutFailure } from './reason-words.js';
import { spanText, timeText } from './spans.js';
import { stepLines, stillOpenLine } from './step-words.js';
import type { Answer, Subject, Words } from './words.js';

/** Calls of several accounts with one cause. */
export interface GroupCall {
  occasion: InterventionOccasion;
  /** When the first of them was opened. */
  openedAt: Date;
  members: readonly GroupMember[];
  /** By account. */
  facts: ReadonlyMap<string, CallFacts>;
  answer: Answer | null;
  now: Date;
}

/** An account of a group. */
interface GroupMember {
  account: string;
  reasons: readonly InterventionReason[];
}

/** The cause that several calls share. */
interface GroupCause extends ProblemWords {
  /** Whether the accounts cannot be checked because of it. */
  isFailure: boolean;
  /** The failure message of one account; null if there is none. */
  answer: string | null;
}

/** The text of a call for several accounts: one cause, all names, one next step. */
export function groupWords(call: GroupCall): Words {
  const { occasion, members, facts, openedAt, now } = call;
  const accounts = members.map(({ account }) => account);
  const cause = groupCause(members, facts);
  const ago = `, ${spanText(now.getTime() - openedAt.getTime())} ago`;
  const isOver = occasion === 'resolved';
  return {
    subject: subjectOf(call, cause),
    parts: {
      head: [
        openingOf(call, cause),
        gatesLine(accounts, facts),
        `First call: ${timeText(openedAt)}${ago}.`,
        ...(isOver || cause.answer === null ? [] : [`Last answer: ${cause.answer}`]),
        ...(isOver ? [`It was: ${cause.what}`] : [`Likely cause: ${cause.cause}`, `To fix it: ${cause.next}`]),
        '',
        ...nameLines(accounts),
      ],
      items: ownItems(members),
      unlisted: 0,
      more: (count) => `and ${count} more: plumbline status`,
      tail: isOver
        ? call.answer === null
          ? [stillOpenLine(null)]
          : []
        : stepLines({
            account: null,
            isFailure: cause.isFailure,
            isDescribed: true,
            isOpen: occasion !== 'acknowledged',
          }),
    },
  };
}

function subjectOf({ occasion, members, openedAt, now, answer }: GroupCall, cause: GroupCause): Subject {
  const count = members.length;
  const after = `: ${count} accounts ${cause.isFailure ? 'cannot be checked' : 'need a person'}`;
  switch (occasion) {
    case 'acknowledged':
      return { before: `${answer?.by ?? 'somebody'} has it: `, what: cause.what, after: ` (${count} accounts)` };
    case 'resolved':
      return { before: 'resolved: ', what: `${count} accounts can be checked again`, after: '' };
    case 'reminder': {
      const waited = spanText(now.getTime() - openedAt.getTime());
      return { before: `nobody has answered for ${waited}: `, what: cause.what, after };
    }
    case 'reason':
      return { before: 'new: ', what: cause.what, after };
    case 'called':
      return { before: '', what: cause.what, after };
  }
}

function openingOf({ occasion, members, openedAt, now, answer }: GroupCall, cause: GroupCause): string {
  const state = cause.isFailure
    ? `${cause.what}, so ${members.length} trading accounts cannot be checked: nobody knows whether their bots are right.`
    : `${cause.what}. ${members.length} trading accounts need a person.`;
  switch (occasion) {
    case 'acknowledged':
      return `${answer?.by ?? 'Somebody'} takes care of this call and wrote: "${answer?.note ?? ''}". The reminders end. ${state}`;
    case 'reminder':
      return `Nobody has answered this call for ${spanText(now.getTime() - openedAt.getTime())}. ${state}`;
    case 'resolved':
      return `${members.length} trading accounts can be checked again. What somebody was called for is over.`;
    case 'called':
    case 'reason':
      return state;
  }
}

/** The cause that the members share. */
function groupCause(members: readonly GroupMember[], facts: ReadonlyMap<string, CallFacts>): GroupCause {
  const reasons = members.flatMap((member) => member.reasons);
  const named = reasons.map(({ sharedCause }) => sharedCause).find((cause) => cause !== undefined);
  const shared = named === undefined ? null : readSharedCause(named);
  const first = reasons.find(({ sharedCause }) => sharedCause === named) ?? reasons[0];
  const answers = members.flatMap(({ account }) => facts.get(account)?.failure?.message ?? []);
  const isFailure = first !== undefined && isAboutFailure(first);
  const text = first?.text ?? 'a human is needed';
  if (shared !== null) return { ...problemWords(shared), isFailure, answer: answers[0] ?? text };
  return {
    what: text,
    cause: 'the same for all of them',
    next: 'look at one of them first',
    isFailure,
    answer: answers[0] ?? null,
  };
}

/** Reasons besides the shared one, with their accounts. */
function ownItems(members: readonly GroupMember[]): Item[] {
  return members.flatMap(({ account, reasons }) =>
    reasons
      .filter(({ sharedCause }) => sharedCause === undefined && reasons.length > 1)
      .map(({ text }) => {
        const line = `${account} also: ${text}`;
        return { lines: [line], brief: line };
      }),
  );
}

/** "May the bots trade now? NO for 38 accounts, YES for 2, NOT KNOWN for 1". */
function gatesLine(accounts: readonly string[], facts: ReadonlyMap<string, CallFacts>): string {
  const gates = accounts.map((account) => facts.get(account)?.gate ?? null);
  const counts = [
    { answer: 'NO', count: gates.filter((gate) => gate?.open === false).length },
    { answer: 'YES', count: gates.filter((gate) => gate?.open === true).length },
    { answer: 'NOT KNOWN, so no,', count: gates.filter((gate) => gate === null).length },
  ].filter(({ count }) => count > 0);
  const texts = counts.map(
    ({ answer, count }, index) => `${answer} for ${count}${index > 0 ? '' : count === 1 ? ' account' : ' accounts'}`,
  );
  return `May the bots trade now? ${texts.join(', ')}.`;
}

const LINE = 110;
const MAX_LINES = 14;

/** All names in lines, as many as fit, and the number of the others. */
function nameLines(accounts: readonly string[]): string[] {
  const lines: string[] = [];
  let line = `Accounts (${accounts.length}):`;
  for (const [index, account] of accounts.entries()) {
    const isLast = index === accounts.length - 1;
    const next = ` ${account}${isLast ? '' : ','}`;
    if (line.length + next.length > LINE) {
      if (lines.length === MAX_LINES - 1) return [...lines, `${line} and ${accounts.length - index} more`];
      lines.push(line);
      line = '  ';
    }
    line += next;
  }
  return [...lines, line];
}
