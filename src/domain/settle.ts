import { equalDecimals } from './decimal.js';
import type { Difference } from './difference.js';
import { familyOf, identityOf, type DifferenceFamily } from './identity.js';
import type { KeyedDifference, Look, Settlement, UnsettledKey } from './look.js';
import type { SettleRules } from './policy.js';
import { signedAmount } from './position-legs.js';
import type { Balance, OpenOrder, Position } from './snapshot.js';

/**
 * Decides from all looks of a run whether there is a verdict, or when to look again. Pure: it is handed all times.
 *
 * 1. A last look without differences settles the run at once.
 * 2. A difference that is gone in the last look is no difference.
 * 3. A key that shows the same two values in `confirmations` consecutive looks ending in the last one stands unchanged.
 * 4. Any change of either value, in the exchange's or the bot's books, begins the count anew.
 * 5. A look that did not compare the key breaks the count.
 * 6. A difference is confirmed when its key stands unchanged and the exchange's last change of it lies more than
 *    `graceSeconds` before the exchange's own clock of the last look.
 * 7. Where the exchange tells no time of the last change (a position that is gone), the key must have stood unchanged
 *    for more than `graceSeconds` on the exchange's own clock, from the first look of the count to the last.
 * 8. Clocks of different sides are never compared with each other.
 * 9. While a difference of the last look is not confirmed, the run looks again, after `settleSeconds`, or when the
 *    grace is over where only that is missing or one look is left.
 * 10. After `maxLooks` a key that differed in every look and is not confirmed is unsettled. One that agreed in a look of
 *    the run is merely moving: the next run looks at it again.
 */
export function settle(looks: readonly Look[], rules: SettleRules): Settlement {
  const last = looks.at(-1);
  if (last === undefined) throw new RangeError('settle needs at least one look');
  const byLook = looks.map(({ comparison }) => keyed(comparison.differences));

  const confirmed: KeyedDifference[] = [];
  const pending: Pending[] = [];
  for (const [identity, difference] of byLook.at(-1) ?? []) {
    const streak = streakOf(identity, difference, byLook);
    const graceLeftMs = graceLeft(difference, streak, looks, rules);
    const looksLeft = Math.max(0, rules.confirmations - streak);
    if (looksLeft === 0 && graceLeftMs === 0) confirmed.push({ identity, difference });
    else pending.push({ identity, difference, streak, looksLeft, graceLeftMs });
  }

  const looksLeft = rules.maxLooks - looks.length;
  if (pending.length === 0 || looksLeft <= 0) {
    const stuck = pending.filter(({ identity }) => byLook.every((differences) => differences.has(identity)));
    return {
      kind: 'settled',
      confirmed,
      unsettled: stuck.map((key) => unsettledKey(key, looks.length, rules)),
      moving: pending.filter((key) => !stuck.includes(key)).map((key) => unsettledKey(key, looks.length, rules)),
    };
  }
  return {
    kind: 'look_again',
    inSeconds: nextLookInSeconds(pending, looksLeft, rules),
    waitingFor: pending.map(({ identity }) => identity),
  };
}

/** How much earlier in its read the next look may ask the exchange for its clock. */
const CLOCK_READ_JITTER_SECONDS = 1;

/** A difference of the last look that is not confirmed yet, and what it lacks. */
interface Pending extends KeyedDifference {
  /** Consecutive looks, ending in the last one, with the same two values. */
  streak: number;
  looksLeft: number;
  graceLeftMs: number;
}

function keyed(differences: readonly Difference[]): Map<string, Difference> {
  return new Map(differences.map((difference) => [identityOf(difference), difference]));
}

function streakOf(
  identity: string,
  difference: Difference,
  byLook: readonly ReadonlyMap<string, Difference>[],
): number {
  let streak = 1;
  for (let index = byLook.length - 2; index >= 0; index -= 1) {
    const earlier = byLook[index]?.get(identity);
    if (earlier === undefined || !showsSameValues(earlier, difference)) break;
    streak += 1;
  }
  return streak;
}

/** Milliseconds of the exchange's clock that are missing until the grace is over. */
function graceLeft(difference: Difference, streak: number, looks: readonly Look[], rules: SettleRules): number {
  const graceMs = rules.graceSeconds * 1000;
  const now = looks.at(-1)?.exchangeClock ?? 0;
  const firstSeen = looks.at(-streak)?.exchangeClock ?? now;
  const stoodMs = now - (lastChangeOnExchange(difference) ?? firstSeen);
  // "More than": a change exactly one grace ago may still be on its way. Without a grace there is nothing to wait for.
  return graceMs === 0 || stoodMs > graceMs ? 0 : graceMs - stoodMs + 1;
}

/** The exchange's own time; null where it tells none. */
function lastChangeOnExchange(difference: Difference): number | null {
  if (difference.type === 'ORDER_MISSING_ON_EXCHANGE') return difference.explanation?.at ?? null;
  if (difference.type === 'BALANCE_CHANGED_EXTERNALLY') return null;
  return difference.exchange?.changedAt ?? null;
}

/**
 * The settle time, as long as a key needs more looks and there are more than one left. The rest of the grace in one
 * wait, where only that is missing or the next look is the last.
 */
function nextLookInSeconds(pending: readonly Pending[], looksLeft: number, rules: SettleRules): number {
  const reachable = pending.filter((key) => key.looksLeft <= looksLeft);
  const graceLeftMs = Math.max(0, ...reachable.map((key) => key.graceLeftMs));
  const waitsForGrace = looksLeft === 1 || reachable.every((key) => key.looksLeft === 0);
  if (!waitsForGrace || graceLeftMs === 0) return rules.settleSeconds;
  return Math.max(rules.settleSeconds, Math.ceil(graceLeftMs / 1000) + CLOCK_READ_JITTER_SECONDS);
}

function unsettledKey({ identity, difference, streak }: Pending, looks: number, rules: SettleRules): UnsettledKey {
  const reason =
    streak < rules.confirmations
      ? `its values moved: the same for ${streak} of the last ${looks} looks, ${rules.confirmations} are needed`
      : `the exchange changed it within ${rules.graceSeconds} s of the last look`;
  return { identity, type: difference.type, symbol: difference.symbol, reason };
}

/**
 * Whether two differences of one identity show the same two values. Times of change and explanations are no part of a
 * value; numbers are compared as decimals.
 */
export function showsSameValues(a: Difference, b: Difference): boolean {
  const family = familyOf(a.type);
  return a.type === b.type && sameValue(family, a.exchange, b.exchange) && sameValue(family, a.internal, b.internal);
}

type Row = Position | OpenOrder | Balance | null;

function sameValue(family: DifferenceFamily, a: Row, b: Row): boolean {
  if (a === null || b === null) return a === b;
  if ('currency' in a) return 'currency' in b && equalDecimals(a.total, b.total);
  if (!('filled' in a)) {
    return !('currency' in b) && !('filled' in b) && equalDecimals(signedAmount(a), signedAmount(b));
  }
  if (!('filled' in b)) return false;
  const sameTerms = (): boolean =>
    a.side === b.side &&
    sameNumber(a.price, b.price) &&
    sameNumber(a.triggerPrice, b.triggerPrice) &&
    sameNumber(a.amount, b.amount);
  const sameFill = (): boolean => equalDecimals(a.filled, b.filled);
  if (family === 'order-fill') return sameFill();
  if (family === 'order-terms') return sameTerms();
  return sameTerms() && sameFill();
}

function sameNumber(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : equalDecimals(a, b);
}
