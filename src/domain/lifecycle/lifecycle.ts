import type { Difference } from '../difference/difference.js';
import type { KeyedDifference, UnconfirmedKey } from '../compare/observation.js';
import { showsSameValues } from '../difference/same-values.js';

/** What a verdict says about an account's keys. */
export interface VerdictOnKeys<Confirmed extends KeyedDifference> {
  confirmed: readonly Confirmed[];
  /** Identities on which both sides agree in the last observation: see `agreedIdentities`. */
  agreed: readonly string[];
}

/** A confirmed difference, and how it changes the discrepancy of its identity. */
export interface Sighting<Known, Confirmed> {
  /**
   * - `opened`: the discrepancy is new
   * - `reopened`: a discrepancy with the same two values was resolved before
   * - `changed`: the discrepancy is open, and one of its two values changed: one event, no new discrepancy
   * - `seen`: the discrepancy is open with the same values
   */
  change: 'opened' | 'reopened' | 'changed' | 'seen';
  confirmed: Confirmed;
  /** The open discrepancy; if it is reopened, the last resolved one; null if it is new. */
  before: Known | null;
}

/** How one verdict changes an account's discrepancies. */
export interface LifecycleStep<Known, Confirmed> {
  sightings: Sighting<Known, Confirmed>[];
  resolved: Known[];
  /** Neither confirmed nor agreed on: they stay open unchanged. */
  unchanged: Known[];
}

interface KnownDiscrepancy {
  identity: string;
  difference: Difference;
}

/**
 * Applies a verdict to the account's discrepancies. Pure.
 *
 * 1. A confirmed difference whose identity is open belongs to that discrepancy: it is seen again, or changed if one of its
 *    two values changed. The same drift over a hundred runs is one discrepancy that was seen a hundred times.
 * 2. A confirmed difference whose identity is not open opens a discrepancy. It reopens the last one of the identity if that
 *    was resolved and had the same two values.
 * 3. Only agreement of both sides resolves an open discrepancy.
 * 4. A discrepancy that is neither confirmed nor agreed on stays unchanged: its scope was not covered, or it is moving. A
 *    failed run has no verdict and changes nothing.
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
    // With other values it is a new discrepancy of the same key, not the old one reopened.
    const isSame = earlier !== null && showsSameValues(earlier.difference, difference);
    return { change: isSame ? 'reopened' : 'opened', confirmed, before: isSame ? earlier : null };
  });
  return {
    sightings,
    resolved: open.filter(({ identity }) => agreed.has(identity)),
    unchanged: open.filter(({ identity }) => !agreed.has(identity) && !confirmedIdentities.has(identity)),
  };
}

/**
 * For how many runs in a row each key has been unconfirmed, this run included. A key that is confirmed or agrees loses its
 * count. A failed run does not change the counts.
 */
export function countUnconfirmed(
  before: ReadonlyMap<string, number>,
  unconfirmed: readonly UnconfirmedKey[],
): Map<string, number> {
  return new Map(unconfirmed.map(({ identity }) => [identity, (before.get(identity) ?? 0) + 1]));
}
