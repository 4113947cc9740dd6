import type { Difference } from './difference.js';
import { identityOf } from './identity.js';
import type { KeyedDifference, Look } from './look.js';
import { showsSameValues } from './same-values.js';

/** A key of the last look, and for how long it has shown the same two values. */
export interface Standing extends KeyedDifference {
  /** Consecutive looks, ending in the last one, with the same two values. */
  streak: number;
  /** The exchange's clock of the first of them after which the key was never out of sight: see rule 7 of `settle`. */
  since: number;
  /** Consecutive looks, ending in the last one, with any difference of this key. */
  seen: number;
}

/**
 * The keys of the last look in its order: rules 2 to 5 of `settle`, and the watching of rule 7.
 *
 * @param unwatchedMs a stretch between two looks in which a key is out of sight: one longer than this
 */
export function standings(looks: readonly Look[], unwatchedMs: number): Standing[] {
  let before: Standing[] = [];
  let clockBefore = -Infinity;
  for (const { exchangeClock, comparison } of looks) {
    const find = finderIn(before);
    const torn = comparison.torn.length === 0 ? null : new Set(comparison.torn);
    const isWatched = exchangeClock - clockBefore <= unwatchedMs;
    const now: Standing[] = [];
    let last: Standing | undefined;
    for (const difference of comparison.differences) {
      const earlier = find(difference);
      const isTorn = torn !== null && torn.has(difference.symbol);
      if (earlier === undefined) {
        const identity = identityOf(difference);
        // Rows that repeat a key on one side are one key.
        if (identity === last?.identity) continue;
        last = { identity, difference, streak: isTorn ? 0 : 1, since: exchangeClock, seen: 1 };
      } else {
        if (earlier === last) continue;
        const stood = !isTorn && earlier.streak > 0 && showsSameValues(earlier.difference, difference);
        // The key's one object through all looks: a book of 5,000 differing orders is judged without making 30,000.
        last = earlier;
        last.difference = difference;
        last.streak = stood ? earlier.streak + 1 : isTorn ? 0 : 1;
        last.since = stood && isWatched ? earlier.since : exchangeClock;
        last.seen += 1;
      }
      now.push(last);
    }
    before = now;
    clockBefore = exchangeClock;
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
