import type { Difference, MissingOrderExplanation } from './difference.js';
import type { OpenOrder } from './snapshot.js';

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
