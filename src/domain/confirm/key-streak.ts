import type { Difference } from '../difference/difference.js';
import { identityOf } from '../difference/identity.js';
import type { KeyedDifference, Observation } from '../compare/observation.js';
import type { Pieces } from '../pieces.js';
import { showsSameValues } from '../difference/same-values.js';

/** How many differences are followed back in one piece. */
const PIECE = 500;

/** A key of the last observation, and how long it has shown the same two values. */
export interface KeyStreak extends KeyedDifference {
  /** Consecutive observations, ending in the last one, with the same two values. */
  streak: number;
  /** The exchange's clock of the first of them. */
  since: number;
  /** The exchange's clock of the first of them after the last pause longer than `unwatchedMs`: rule 7 of `confirm`. */
  inSightSince: number;
  /** Consecutive observations, ending in the last one, in which this key differed, whatever its values. */
  seen: number;
}

/**
 * Returns the keys of the last observation, in its order: rules 2 to 5 of `confirm`, and the pauses of rule 7.
 *
 * Each key is followed back through all observations before the next key. Every observation is sorted the same way, so an
 * account with thousands of differing orders is read only once.
 *
 * @param unwatchedMs the longest time between two observations over which a key counts as observed
 */
export function* keyStreaks(observations: readonly Observation[], unwatchedMs: number): Pieces<KeyStreak[]> {
  const [last, ...earlier] = observations.map((observation) => new SeenObservation(observation)).toReversed();
  if (last === undefined) return [];
  const found: KeyStreak[] = [];
  let before: Difference | null = null;
  for (const [index, difference] of last.differences.entries()) {
    if (index % PIECE === 0) yield;
    // Rows of one side that repeat a key are one key.
    if (before === null || !hasSameKey(before, difference)) found.push(follow(difference, last, earlier, unwatchedMs));
    before = difference;
  }
  return found;
}

/** @param earlier the observations before the last one, the latest first */
function follow(
  difference: Difference,
  last: SeenObservation,
  earlier: readonly SeenObservation[],
  unwatchedMs: number,
): KeyStreak {
  let stands = !last.isInconsistent(difference.symbol);
  let isInSight = true;
  let streak = stands ? 1 : 0;
  let since = last.clock;
  let inSightSince = last.clock;
  let seen = 1;
  for (const observation of earlier) {
    const before = observation.find(difference);
    if (before === undefined) break;
    seen += 1;
    stands &&= !observation.isInconsistent(difference.symbol) && showsSameValues(before, difference);
    if (!stands) continue;
    streak += 1;
    isInSight &&= since - observation.clock <= unwatchedMs;
    since = observation.clock;
    if (isInSight) inSightSince = since;
  }
  return { identity: identityOf(difference), difference, streak, since, inSightSince, seen };
}

class SeenObservation {
  readonly clock: number;
  readonly differences: readonly Difference[];
  private readonly inconsistent: ReadonlySet<string>;
  private next = 0;
  private index: Map<string, number> | null = null;

  constructor({ exchangeClock, comparison }: Observation) {
    this.clock = exchangeClock;
    this.differences = comparison.differences;
    this.inconsistent = new Set(comparison.inconsistent);
  }

  isInconsistent(symbol: string): boolean {
    return this.inconsistent.size > 0 && this.inconsistent.has(symbol);
  }

  /**
   * The observation's difference with the same key; undefined if it has none. Differences are sorted, so it is nearly
   * always the next one. An index is built only if it is not.
   */
  find(difference: Difference): Difference | undefined {
    const expected = this.differences[this.next];
    if (expected !== undefined && hasSameKey(expected, difference)) {
      this.next += 1;
      return expected;
    }
    // Reversed, so that the first of the rows that repeat a key wins.
    this.index ??= new Map(this.differences.map((row, at) => [identityOf(row), at] as const).toReversed());
    const at = this.index.get(identityOf(difference));
    if (at === undefined) return undefined;
    this.next = at + 1;
    return this.differences[at];
  }
}

/** Whether the identities are equal, without composing their texts. */
function hasSameKey(a: Difference, b: Difference): boolean {
  if (a.type !== b.type || a.orderId !== b.orderId || a.symbol !== b.symbol || a.side !== b.side) return false;
  return a.orderId !== null || a.clientOrderId === b.clientOrderId;
}
