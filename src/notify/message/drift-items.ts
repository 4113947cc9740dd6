import { absoluteDecimal, compareDecimals, subtractDecimals, type DecimalText } from '../../domain/decimal/decimal.js';
import { describe } from '../../domain/difference/describe.js';
import type { Difference } from '../../domain/difference/difference.js';
import { sideBySide } from '../../domain/difference/side-by-side.js';
import { orderName, shortList } from '../../domain/difference/wording.js';
import type { Cause } from '../../domain/explain/cause.js';
import { relate } from '../../domain/explain/relate.js';
import { cut } from '../../domain/lifecycle/bounded.js';
import type { InterventionReason } from '../../domain/lifecycle/intervention.js';
import { signedAmount } from '../../domain/snapshot/position-legs.js';
import type { StandingDiscrepancy } from './call-facts.js';
import type { Item } from './fit.js';
import { withoutLinks } from './inert.js';
import { likelyCause } from './likely-cause.js';
import { historyOf, isGivenFor } from './reason-texts.js';
import { sinceText } from './spans.js';

/** Open discrepancies of one cause, as one item of a message. */
export interface DriftItem extends Item {
  /** For the subject: "BTC/USDT:USDT position differs: exchange 0.5 BTC long, bot none". */
  subject: string;
  /** Whether one of the given reasons is about it. */
  isCalled: boolean;
}

/**
 * Groups discrepancies by cause, the most serious first: positions by what they are worth, then orders, then balances.
 *
 * @param reasons of the call
 */
export function driftItems(
  standing: readonly StandingDiscrepancy[],
  reasons: readonly InterventionReason[],
  now: Date,
): DriftItem[] {
  const rows = new Map(standing.map((row) => [row.difference, row]));
  const causes = relate(standing.toSorted(bySeverity).map(({ difference }) => difference));
  return causes.flatMap((cause) => {
    const [first, ...others] = cause.differences.flatMap((difference) => rows.get(difference) ?? []);
    return first === undefined ? [] : itemOf(first, others, { cause, reasons, now });
  });
}

/** A drift that is known only from its reason, because the ledger does not answer. */
export function reasonItem({ text }: InterventionReason): DriftItem {
  const line = withoutLinks(text);
  return { lines: [line], brief: line, subject: line, isCalled: true };
}

interface Circumstances {
  cause: Cause;
  reasons: readonly InterventionReason[];
  now: Date;
}

/** Characters of a symbol or a value in a subject. */
const MAX_SHORT = 40;

function itemOf(
  first: StandingDiscrepancy,
  others: readonly StandingDiscrepancy[],
  { cause, reasons, now }: Circumstances,
): DriftItem {
  const { difference } = first;
  const { what, exchange, bot, short } = sideBySide(difference);
  const given = reasons.filter((reason) => isGivenFor(reason, difference));
  const likely = likelyCause(difference, cause, given);
  const notes = [baselineNote(first), ...given.map(({ text }) => historyOf(text))].filter((note) => note !== null);
  const unnamed = others.map((other) => nameOf(other.difference)).filter(({ name }) => !likely.includes(name));
  const since = new Date(Math.min(...[first, ...others].map(({ openedAt }) => openedAt.getTime())));
  const lines = [
    `${what} differs`,
    `Exchange: ${exchange}`,
    `Bot: ${bot}`,
    `Since: ${sinceText(since, now)}`,
    `Likely cause: ${likely}`,
    ...[...new Set(notes)].map((note) => `Note: ${note}`),
    ...(unnamed.length === 0 ? [] : [`Same cause: ${shortList(unnamed.map(({ text }) => text))}`]),
    ...remedyLines(first, others),
  ];
  const shortened = (text: string): string => cut(withoutLinks(text), MAX_SHORT);
  return {
    lines: lines.map(withoutLinks),
    brief: withoutLinks(`${what} differs: exchange ${exchange}, bot ${bot}`),
    subject: `${shortened(short.what)} differs: exchange ${shortened(short.exchange)}, bot ${shortened(short.bot)}`,
    isCalled: [first, ...others].some((row) => reasons.some((reason) => isGivenFor(reason, row.difference))),
  };
}

function nameOf(difference: Difference): { name: string; text: string } {
  const { type, symbol } = difference;
  if (type === 'BALANCE_CHANGED_EXTERNALLY') return { name: symbol, text: `${symbol} balance` };
  const name = orderName(difference);
  return { name, text: name };
}

const MAX_REMEDIES = 4;
/** Advice for a balance that may not be the bot's. It is left out for a balance that a known fill changed. */
const BASELINE_ADVICE = /, or name .* as a baseline if it is not the bot's \(`baseline`\)$/;

/** Each remedy once, because differences of one cause are fixed together. */
function remedyLines(first: StandingDiscrepancy, others: readonly StandingDiscrepancy[]): string[] {
  const further = others.map(({ remedy }) => remedy.replace(BASELINE_ADVICE, ''));
  const remedies = [...new Set([first.remedy, ...further])];
  if (remedies.length === 1) return [`To fix it: ${first.remedy}`];
  const more = remedies.length - MAX_REMEDIES;
  return [
    'To fix it, all of this:',
    ...remedies.slice(0, MAX_REMEDIES).map((remedy) => `- ${remedy}`),
    ...(more > 0 ? [`- and ${more} more like this`] : []),
  ];
}

/** "the bot's side includes the baseline of 0.2 BTC held beside the bot", as the ledger recorded it. */
function baselineNote({ description, difference }: StandingDiscrepancy): string | null {
  const plain = describe(difference);
  return description.startsWith(plain) ? (/^ \((.+)\)$/.exec(description.slice(plain.length))?.[1] ?? null) : null;
}

function bySeverity(a: StandingDiscrepancy, b: StandingDiscrepancy): number {
  return (
    rankOf(a.difference) - rankOf(b.difference) ||
    descending(a.value, b.value) ||
    descending(sizeOf(a.difference), sizeOf(b.difference)) ||
    a.openedAt.getTime() - b.openedAt.getTime() ||
    (a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol))
  );
}

function rankOf({ type }: Difference): number {
  if (type.startsWith('POSITION_')) return 0;
  return type === 'BALANCE_CHANGED_EXTERNALLY' ? 2 : 1;
}

/** By how much a position or balance differs, in its own unit; null for orders. */
function sizeOf(difference: Difference): DecimalText | null {
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
    case 'POSITION_SIZE_CHANGED':
    case 'POSITION_CLOSED_EXTERNALLY':
      return absoluteDecimal(subtractDecimals(signedAmount(difference.exchange), signedAmount(difference.internal)));
    case 'BALANCE_CHANGED_EXTERNALLY':
      return absoluteDecimal(subtractDecimals(difference.exchange.total, difference.internal.total));
    case 'ORDER_PLACED_EXTERNALLY':
    case 'ORDER_MISSING_ON_EXCHANGE':
    case 'ORDER_AMENDED_EXTERNALLY':
    case 'ORDER_FILL_MISSED':
      return null;
  }
}

/** The larger first, unknown values last. */
function descending(a: DecimalText | null, b: DecimalText | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareDecimals(b, a);
}
