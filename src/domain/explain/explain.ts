import type { Difference, MissingOrderExplanation } from '../difference/difference.js';
import type { KeyedDifference, UnconfirmedKey } from '../compare/observation.js';
import type { OpenOrder } from '../snapshot/snapshot.js';

/** The orders whose disappearance nobody has explained yet, the same objects as in the differences, in their order. */
export function explainable(differences: readonly Difference[]): OpenOrder[] {
  return differences.flatMap((difference) =>
    difference.type === 'ORDER_MISSING_ON_EXCHANGE' && difference.explanation === null ? [difference.internal] : [],
  );
}

/** The differences with the explanations that belong to `explainable` of them; those without one stay unexplained. */
export function withExplanations(
  differences: readonly Difference[],
  explanations: readonly MissingOrderExplanation[],
): Difference[] {
  let next = 0;
  return differences.map((difference) => {
    if (difference.type !== 'ORDER_MISSING_ON_EXCHANGE' || difference.explanation !== null) return difference;
    const explanation = explanations[next] ?? null;
    next += 1;
    return { ...difference, explanation };
  });
}

/**
 * Takes out the orders of which the exchange contradicts itself: its list does not have them, and asked for the very order it
 * says that it is open. Such a list was not whole (it leaves out what is old, it was read while the order changed), so
 * that nothing can be said of the order, least of all that it is gone.
 */
export function withoutContradicted(differences: readonly KeyedDifference[]): {
  confirmed: KeyedDifference[];
  contradicted: UnconfirmedKey[];
} {
  const confirmed: KeyedDifference[] = [];
  const contradicted: UnconfirmedKey[] = [];
  for (const keyed of differences) {
    const { identity, difference } = keyed;
    const explanation = difference.type === 'ORDER_MISSING_ON_EXCHANGE' ? difference.explanation : null;
    if (explanation?.stillOpen !== true) confirmed.push(keyed);
    else {
      const { type, symbol } = difference;
      const reason = `the exchange's open orders do not have it, yet asked for it the exchange says: ${explanation.source}`;
      contradicted.push({ identity, type, symbol, reason });
    }
  }
  return { confirmed, contradicted };
}
