import { sideBySide } from '../../domain/difference/side-by-side.js';
import type { CallFacts } from './call-facts.js';
import { gateLine } from './gate-words.js';
import { isAboutFailure } from './reason-words.js';
import { spanText, timeText } from './spans.js';
import { standingOf } from './standing.js';
import { acceptLine, stepLines, stillOpenLine } from './step-words.js';
import { isAnswered, type AccountCall, type Standing, type Subject, type Words } from './words.js';

/** Items that one message lists. */
const MAX_LISTED = 20;
/** A call that is younger does not name its time, because everything in it has just begun. */
const FRESH_MS = 60_000;
/** Reasons that are over, and accepted discrepancies, that are listed. */
const MAX_ASIDE = 3;

/** The text of a call for one account. */
export function accountWords(call: AccountCall): Words {
  const standing = standingOf(call);
  const { items, unlisted } = standing;
  return {
    subject: subjectOf(call, standing),
    parts: {
      head: headOf(call, standing),
      items: items.slice(0, MAX_LISTED),
      unlisted: unlisted + Math.max(0, items.length - MAX_LISTED),
      more: (count) => `and ${count} more: plumbline discrepancies ${call.account}`,
      tail: [...asides(call, standing), ...stepsOf(call, standing)],
    },
  };
}

function subjectOf(call: AccountCall, { items, unlisted }: Standing): Subject {
  const { account, occasion, answer, openedAt, now } = call;
  const [worst] = items;
  const others = items.length + unlisted - 1;
  const after = others > 0 ? ` (and ${others} more)` : '';
  const what = worst?.subject ?? overText(call);
  switch (occasion) {
    case 'acknowledged':
      return { before: `${account}: ${answer?.by ?? 'somebody'} has it: `, what: answer?.note ?? what, after: '' };
    case 'resolved':
      return { before: `${account}: resolved${worst === undefined ? ': ' : ', but '}`, what, after };
    case 'reminder':
      return { before: `${account}: nobody has answered for ${waited(openedAt, now)}: `, what, after };
    case 'reason':
      return { before: `${account}: new: `, what, after };
    case 'called':
      return { before: `${account}: `, what, after };
  }
}

/** What is true now that all reasons are over. */
function overText({ reasons, facts, occasion }: AccountCall): string {
  const isOver = 'everything that a person was called for is over';
  if (facts === null) return occasion === 'resolved' ? isOver : 'a person is needed';
  if (facts.failure !== null) return isOver;
  if (reasons.length > 0 && reasons.every(isAboutFailure)) return 'it can be checked again';
  if (facts.openDiscrepancies === 0) return 'the exchange and the bot agree again';
  const isAccepted =
    facts.discrepancies.length === facts.openDiscrepancies &&
    facts.discrepancies.every(({ accepted }) => accepted !== null);
  return isAccepted ? 'what still differs is accepted' : isOver;
}

function headOf(call: AccountCall, standing: Standing): string[] {
  const { facts, openedAt, now, occasion } = call;
  const isFresh = occasion === 'called' && now.getTime() - openedAt.getTime() < FRESH_MS;
  const ago = isFresh ? '' : `, ${waited(openedAt, now)} ago`;
  return [
    openingOf(call, standing),
    ...(facts === null && standing.items.length > 0 ? ['The values below are from the time of the call.'] : []),
    gateLine(facts?.gate ?? null),
    [
      ...(ago === '' && facts !== null ? [] : [`First call: ${timeText(openedAt)}${ago}.`]),
      ...lastCheck(facts, now),
    ].join(' '),
    ...snoozeLine(call),
  ];
}

function openingOf(call: AccountCall, standing: Standing): string {
  const { account, exchange, occasion, answer, openedAt, now } = call;
  const name = `Account ${account} (${exchange})`;
  const state = stateOf(call, standing);
  switch (occasion) {
    case 'acknowledged':
      return `${answer?.by ?? 'Somebody'} takes care of the call for account ${account} (${exchange}) and wrote: "${answer?.note ?? ''}". The reminders end.`;
    case 'reminder':
      return `Nobody has answered this call for ${waited(openedAt, now)}. ${name}: ${state}`;
    case 'reason':
      return `An open call has a new reason. ${name}: ${state}`;
    case 'resolved':
      return standing.items.length === 0
        ? `${name}: ${overText(call)}.`
        : `${name}: what somebody was called for is over, but something else is not: ${state}`;
    case 'called':
      return `${name}: ${state}`;
  }
}

function stateOf(call: AccountCall, { items, hasDrift, hasFailure }: Standing): string {
  const look = call.severity === 'page' ? 'A person has to look.' : 'It is not urgent: a person should look soon.';
  if (items.length === 0) return `${overText(call)}.`;
  if (hasDrift && hasFailure) {
    return 'the exchange and the trading bot do not agree, and new checks fail, so the values may be old.';
  }
  if (hasDrift) return `the exchange and the trading bot do not agree. ${look}`;
  if (hasFailure) return 'it cannot be checked, so nobody knows whether the trading bot is right.';
  return `it cannot be checked completely. ${look}`;
}

function lastCheck(facts: CallFacts | null, now: Date): string[] {
  if (facts === null) return [];
  const { lastSuccessAt } = facts;
  if (lastSuccessAt === null) return ['No check has succeeded yet.'];
  return [`Last complete check: ${timeText(lastSuccessAt)}, ${waited(lastSuccessAt, now)} ago.`];
}

function snoozeLine({ facts, occasion }: AccountCall): string[] {
  const snoozed = facts?.snoozed ?? null;
  if (snoozed === null || occasion === 'acknowledged') return [];
  const by = snoozed.by === null ? '' : ` by ${snoozed.by}`;
  const note = snoozed.note === null ? '' : `: "${snoozed.note}"`;
  return [`Reminders are silenced until ${timeText(snoozed.until)}${by}${note}.`];
}

/** What is accepted and what is over: nothing has to be done about it. */
function asides({ facts, account, occasion }: AccountCall, { over }: Standing): string[] {
  const accepted = (facts?.discrepancies ?? []).flatMap(({ accepted: acceptance, difference }) => {
    if (acceptance === null) return [];
    const { what, exchange, bot } = sideBySide(difference);
    const { by, note, until } = acceptance;
    return `Accepted by ${by} until ${timeText(until)} ("${note}"): ${what}, exchange ${exchange}, bot ${bot}. It ends earlier if a value changes`;
  });
  const gone = over.map(({ text }) => `${occasion === 'resolved' ? 'It was' : 'Over'}: ${text}`);
  const lines = [...short(accepted, account), ...short(gone, account)];
  return lines.length === 0 ? [] : [...lines, ''];
}

function short(lines: readonly string[], account: string): string[] {
  const more = lines.length - MAX_ASIDE;
  return more > 0
    ? [...lines.slice(0, MAX_ASIDE), `and ${more} more like this: plumbline discrepancies ${account}`]
    : [...lines];
}

function stepsOf(call: AccountCall, { items, hasDrift, hasFailure }: Standing): string[] {
  const { account, occasion, facts } = call;
  const isOpen = !isAnswered(call);
  const isFailure = hasFailure && !hasDrift;
  const isOver = items.length === 0 && (facts !== null || occasion === 'resolved');
  if (isOver) return isOpen ? [stillOpenLine(account)] : [];
  const isBlocked = facts?.gate.open === false && hasDrift;
  return [
    ...stepLines({ account, isFailure, isDescribed: facts !== null || (items.length > 0 && !hasDrift), isOpen }),
    ...(!isOpen && isBlocked ? [acceptLine(account)] : []),
  ];
}

function waited(since: Date, now: Date): string {
  return spanText(now.getTime() - since.getTime());
}
