import { equalDecimals } from './decimal.js';
import type { Difference } from './difference.js';
import { identityOf } from './identity.js';
import type { KeyedDifference, Look, Settlement, UnsettledKey } from './look.js';
import type { SettleRules } from './policy.js';
import type { Balance, OpenOrder, Position } from './snapshot.js';

/**
 * Decides from all looks of a run, oldest first, whether there is a verdict, or when to look again. Pure: it is handed
 * all times.
 *
 * 1. A last look without differences settles the run at once.
 * 2. A difference that is gone in the last look is no difference.
 * 3. A key that shows the same two values in `confirmations` consecutive looks ending in the last one stands unchanged.
 * 4. Any change of either value, in the exchange's or the bot's books, begins the count anew.
 * 5. A look that did not compare the key breaks the count; one in which its symbol moved while it was read does not
 *    count.
 * 6. A difference is confirmed when its key stands unchanged and the exchange's last change of it lies more than
 *    `graceSeconds`, on the exchange's own clock, before the bot wrote the books of the last look.
 * 7. Where the exchange tells no time of its last change (a position that is gone), the change counts as made when the
 *    count began: at the exchange's clock of its first look.
 * 8. The bot wrote its books after the look before the one that first read them (by the bot's own time, which then had
 *    not come yet), and at most `maxInternalAgeSeconds`, and as much as its clock may be ahead, before it read them. So
 *    a file that is written once a minute does not accuse with a page from before the change. Books that date from before
 *    those of an earlier look (a bot that restarted) tell no more than that.
 * 9. Clocks of different sides are never compared with each other.
 * 10. While a difference of the last look is not confirmed, the run looks again after `settleSeconds`, or later where
 *    only time is missing: when the grace is over, or newer books are due.
 * 11. After `maxLooks` a key that differed in every look and is not confirmed is unsettled. One that did not differ in
 *    every look is merely moving: the next run looks at it again.
 */
export function settle(looks: readonly Look[], rules: SettleRules): Settlement {
  const confirmed: KeyedDifference[] = [];
  const pending: Pending[] = [];
  const writtenAfter = booksWrittenAfter(looks, rules);
  const now = lastOf(looks).exchangeClock;
  const graceMs = rules.graceSeconds * 1000;
  for (const standing of standings(looks)) {
    const { identity, difference, streak } = standing;
    const changedAt = lastChangeOnExchange(difference) ?? standing.since;
    // "More than": a change exactly one grace ago may still be on its way. Without a grace there is nothing to wait for.
    const graceIsOver = graceMs === 0 || writtenAfter - changedAt > graceMs;
    const looksMissing = Math.max(0, rules.confirmations - streak);
    if (graceIsOver && looksMissing === 0) confirmed.push({ identity, difference });
    else {
      const graceLeftMs = graceIsOver ? 0 : Math.max(0, changedAt + graceMs + 1 - now);
      pending.push({ standing, looksMissing, graceIsOver, graceLeftMs });
    }
  }

  const looksLeft = rules.maxLooks - looks.length;
  if (pending.length > 0 && looksLeft > 0) {
    return {
      kind: 'look_again',
      inSeconds: nextLookInSeconds(pending, looks, looksLeft, rules),
      waitingFor: pending.map(({ standing }) => standing.identity),
    };
  }
  const unsettled: UnsettledKey[] = [];
  const moving: UnsettledKey[] = [];
  for (const { standing } of pending) {
    (standing.seen === looks.length ? unsettled : moving).push(unsettledKey(standing, looks.length, rules));
  }
  return { kind: 'settled', confirmed, unsettled, moving };
}

/** A key of the last look, and for how long it has shown the same two values. */
interface Standing extends KeyedDifference {
  /** Consecutive looks, ending in the last one, with the same two values. */
  streak: number;
  /** The exchange's clock of the first of them. */
  since: number;
  /** Consecutive looks, ending in the last one, with any difference of this key. */
  seen: number;
}

/** A difference of the last look that is not confirmed, and what it lacks. */
interface Pending {
  standing: Standing;
  looksMissing: number;
  graceIsOver: boolean;
  /** Milliseconds until a look can be the one after which the bot must have known. */
  graceLeftMs: number;
}

function standings(looks: readonly Look[]): Standing[] {
  let before: Standing[] = [];
  for (const { exchangeClock, comparison } of looks) {
    const find = finderIn(before);
    const torn = new Set(comparison.torn);
    const now: Standing[] = [];
    for (const difference of comparison.differences) {
      const earlier = find(difference);
      const identity = earlier?.identity ?? identityOf(difference);
      // Rows that repeat a key on one side are one key.
      if (identity === now.at(-1)?.identity) continue;
      const isTorn = torn.has(difference.symbol);
      const stood =
        !isTorn && earlier !== undefined && earlier.streak > 0 && showsSameValues(earlier.difference, difference);
      now.push({
        identity,
        difference,
        streak: stood ? earlier.streak + 1 : isTorn ? 0 : 1,
        since: stood ? earlier.since : exchangeClock,
        seen: (earlier?.seen ?? 0) + 1,
      });
    }
    before = now;
  }
  return before;
}

/**
 * Finds the key of a difference among those of the look before. Differences come sorted, so the one sought is nearly
 * always the next one; an index is made only where it is not.
 */
function finderIn(before: readonly Standing[]): (difference: Difference) => Standing | undefined {
  let next = 0;
  let index: Map<string, number> | null = null;
  return (difference) => {
    const expected = before[next];
    if (expected !== undefined && hasSameKey(expected.difference, difference)) {
      next += 1;
      return expected;
    }
    index ??= new Map(before.map(({ identity }, at) => [identity, at]));
    const at = index.get(identityOf(difference));
    if (at === undefined) return undefined;
    next = at + 1;
    return before[at];
  };
}

/** As equal identities would say, without making them. */
function hasSameKey(a: Difference, b: Difference): boolean {
  if (a.type !== b.type || a.orderId !== b.orderId || a.symbol !== b.symbol || a.side !== b.side) return false;
  return a.orderId !== null || a.clientOrderId === b.clientOrderId;
}

/** By as much a bot's clock may run ahead of the reader's and its books still be read: they may be so much older. */
export const FURTHEST_AHEAD_SECONDS = 300;

/** The exchange's clock after which the books of the last look were certainly written: rule 8. */
function booksWrittenAfter(looks: readonly Look[], { maxInternalAgeSeconds }: SettleRules): number {
  const firstRead = firstReadOfLastBooks(looks);
  const believedSeconds = maxInternalAgeSeconds + FURTHEST_AHEAD_SECONDS;
  const oldest = lookAt(looks, firstRead).exchangeClock - believedSeconds * 1000;
  const { internalClock } = lastOf(looks);
  // A bot that restarted may show what it had saved before an earlier look.
  if (looks.some((look) => look.internalClock > internalClock)) return oldest;
  return firstRead === 0 ? oldest : Math.max(oldest, lookAt(looks, firstRead - 1).exchangeClock);
}

/** Index of the look that first read the books which the last look read. */
function firstReadOfLastBooks(looks: readonly Look[]): number {
  const { internalClock } = lastOf(looks);
  let index = looks.length - 1;
  while (index > 0 && lookAt(looks, index - 1).internalClock === internalClock) index -= 1;
  return index;
}

function lastOf(looks: readonly Look[]): Look {
  return lookAt(looks, looks.length - 1);
}

function lookAt(looks: readonly Look[], index: number): Look {
  const look = looks[index];
  if (look === undefined) throw new RangeError('settle needs at least one look');
  return look;
}

/** The exchange's own time; null where it tells none. */
function lastChangeOnExchange(difference: Difference): number | null {
  if (difference.type === 'ORDER_MISSING_ON_EXCHANGE') return difference.explanation?.at ?? null;
  if (difference.type === 'BALANCE_CHANGED_EXTERNALLY') return null;
  return difference.exchange?.changedAt ?? null;
}

/** How much earlier in its read the next look may ask the exchange for its clock. */
const CLOCK_READ_JITTER_SECONDS = 1;

/**
 * The wait until the next look.
 *
 * - While the looks of a key are to be counted: the settle time.
 * - When only the grace is missing, or two looks are left (one to end the grace, one to read books from after it): what
 *   is left of the grace.
 * - Before the last look, where a key that stands still lacks only newer books of a bot that writes them now and then: the
 *   time within which it must, however much else is moving.
 * - When only newer books are missing, and the bot is not seen to write them from look to look: the time within which it
 *   must, spread over the looks that are left.
 */
function nextLookInSeconds(
  pending: readonly Pending[],
  looks: readonly Look[],
  looksLeft: number,
  rules: SettleRules,
): number {
  const { settleSeconds, maxInternalAgeSeconds } = rules;
  const firstRead = firstReadOfLastBooks(looks);
  const readForMs = lastOf(looks).exchangeClock - lookAt(looks, firstRead).exchangeClock;
  const newerBooksInSeconds = maxInternalAgeSeconds - readForMs / 1000;
  const standsTooShort = pending.some((key) => key.looksMissing === 0 && !key.graceIsOver);
  if (looksLeft === 1 && standsTooShort && !booksAreNewInEveryLook(looks)) {
    return Math.max(settleSeconds, Math.ceil(newerBooksInSeconds));
  }
  const isCounted = pending.every((key) => key.looksMissing === 0);
  const graceLeftMs = pending.reduce((most, key) => Math.max(most, key.graceLeftMs), 0);
  if (graceLeftMs > 0) {
    if (!isCounted && looksLeft !== 2) return settleSeconds;
    return Math.max(settleSeconds, Math.ceil(graceLeftMs / 1000) + CLOCK_READ_JITTER_SECONDS);
  }
  if (pending.every((key) => key.graceIsOver) || firstRead === looks.length - 1) return settleSeconds;
  return Math.max(settleSeconds, Math.ceil(newerBooksInSeconds / looksLeft));
}

/** As of a bot that answers with its books of the moment, and not with a page that it writes now and then. */
function booksAreNewInEveryLook(looks: readonly Look[]): boolean {
  return new Set(looks.map(({ internalClock }) => internalClock)).size === looks.length;
}

function unsettledKey({ identity, difference, streak }: Standing, looks: number, rules: SettleRules): UnsettledKey {
  const reason =
    streak < rules.confirmations
      ? `it moved: the same in the last ${streak} of ${looks} looks, ${rules.confirmations} are needed`
      : `the exchange changed it less than ${rules.graceSeconds} s before the bot wrote its books`;
  return { identity, type: difference.type, symbol: difference.symbol, reason };
}

/**
 * Whether two differences of one identity show the same two values. Times of change and explanations are no part of a
 * value; numbers are compared as decimals.
 */
export function showsSameValues(a: Difference, b: Difference): boolean {
  switch (a.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      return a.type === b.type && samePosition(a.exchange, b.exchange);
    case 'POSITION_CLOSED_EXTERNALLY':
      return a.type === b.type && samePosition(a.internal, b.internal);
    case 'POSITION_SIZE_CHANGED':
      return a.type === b.type && samePosition(a.exchange, b.exchange) && samePosition(a.internal, b.internal);
    case 'ORDER_PLACED_EXTERNALLY':
      return a.type === b.type && sameTerms(a.exchange, b.exchange) && sameFill(a.exchange, b.exchange);
    case 'ORDER_MISSING_ON_EXCHANGE':
      return a.type === b.type && sameTerms(a.internal, b.internal) && sameFill(a.internal, b.internal);
    case 'ORDER_AMENDED_EXTERNALLY':
      return a.type === b.type && sameTerms(a.exchange, b.exchange) && sameTerms(a.internal, b.internal);
    case 'ORDER_FILL_MISSED':
      return a.type === b.type && sameFill(a.exchange, b.exchange) && sameFill(a.internal, b.internal);
    case 'BALANCE_CHANGED_EXTERNALLY':
      return a.type === b.type && sameTotal(a.exchange, b.exchange) && sameTotal(a.internal, b.internal);
  }
}

function samePosition(a: Position, b: Position): boolean {
  return a.side === b.side && equalDecimals(a.amount, b.amount);
}

function sameTerms(a: OpenOrder, b: OpenOrder): boolean {
  return (
    a.side === b.side &&
    sameNumber(a.price, b.price) &&
    sameNumber(a.triggerPrice, b.triggerPrice) &&
    sameNumber(a.amount, b.amount)
  );
}

function sameFill(a: OpenOrder, b: OpenOrder): boolean {
  return equalDecimals(a.filled, b.filled);
}

function sameTotal(a: Balance, b: Balance): boolean {
  return equalDecimals(a.total, b.total);
}

function sameNumber(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && equalDecimals(a, b));
}
