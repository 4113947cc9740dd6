import type { Difference } from '../difference/difference.js';
import type { KeyedDifference, UnconfirmedKey } from '../compare/observation.js';
import { showsSameValues } from '../difference/same-values.js';

/** What a verdict says of account's keys. */
export interface VerdictOnKeys<Confirmed extends KeyedDifference> {
  confirmed: readonly Confirmed[];
  /** Identities on which the last observation positively agrees: see `agreedIdentities`. */
  agreed: readonly string[];
}

/** A confirmed difference and what it means for the discrepancy of its identity. */
export interface Sighting<Known, Confirmed> {
  /**
   * - `opened`: it is seen for the first time
   * - `reopened`: it was resolved once, and is back
   * - `changed`: it is open, and one of its two values moved: one event, no new discrepancy
   * - `seen`: it is open, and stands as it stood
   */
  change: 'opened' | 'reopened' | 'changed' | 'seen';
  confirmed: Confirmed;
  /** The open discrepancy, or the last one that was resolved where it is reopened; null where it is new. */
  before: Known | null;
}

/** What one verdict means for an account's discrepancies. */
export interface LifecycleStep<Known, Confirmed> {
  sightings: Sighting<Known, Confirmed>[];
  resolved: Known[];
  /** Neither seen nor agreed on: they stay open as they were. */
  unchanged: Known[];
}

interface KnownDiscrepancy {
  identity: string;
  difference: Difference;
}

/**
 * The life of discrepancies over runs. Pure.
 *
 * 1. A confirmed difference whose identity is open is that discrepancy: seen again, or changed if one of its two values
 *    moved. The same drift over a hundred runs is one discrepancy seen a hundred times.
 * 2. One whose identity is not open opens a discrepancy; it is reopened if its identity was resolved before.
 * 3. An open discrepancy is resolved by positive agreement alone.
 * 4. One that is neither confirmed nor agreed on stays as it was: its scope was not covered, or it is moving. A failed run
 *    has no verdict and changes nothing.
 * 5. A verdict that confirms a key twice, or confirms and agrees on it, contradicts itself: RangeError.
 */
export function advance<Known extends KnownDiscrepancy, Confirmed extends KeyedDifference>(
  open: readonly Known[],
  verdict: VerdictOnKeys<Confirmed>,
  resolvedBefore: ReadonlyMap<string, Known> = new Map(),
): LifecycleStep<Known, Confirmed> {
  const openByIdentity = new Map(open.map((discrepancy) => [discrepancy.identity, discrepancy]));
  const agreed = new Set(verdict.agreed);
  const confirmedIdentities = new Set<string>();
  const sightings = verdict.confirmed.map((confirmed): Sighting<Known, Confirmed> => {
    const { identity, difference } = confirmed;
    if (confirmedIdentities.has(identity)) throw new RangeError(`"${identity}" is confirmed twice in one verdict`);
    if (agreed.has(identity)) throw new RangeError(`"${identity}" is confirmed and agreed on in one verdict`);
    confirmedIdentities.add(identity);
    const before = openByIdentity.get(identity);
    if (before !== undefined) {
      const stands = showsSameValues(before.difference, difference);
      return { change: stands ? 'seen' : 'changed', confirmed, before };
    }
    const earlier = resolvedBefore.get(identity) ?? null;
    return { change: earlier === null ? 'opened' : 'reopened', confirmed, before: earlier };
  });
  return {
    sightings,
    resolved: open.filter(({ identity }) => agreed.has(identity)),
    unchanged: open.filter(({ identity }) => !agreed.has(identity) && !confirmedIdentities.has(identity)),
  };
}

/**
 * For how many runs in a row each key has been unconfirmed, this run included. A key that was confirmed or agrees is
 * forgotten; a failed run does not ask.
 */
export function countUnconfirmed(
  before: ReadonlyMap<string, number>,
  unconfirmed: readonly UnconfirmedKey[],
): Map<string, number> {
  return new Map(unconfirmed.map(({ identity }) => [identity, (before.get(identity) ?? 0) + 1]));
}
