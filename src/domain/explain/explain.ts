import type { Difference, MissingOrderExplanation } from '../difference/difference.js';
import type { KeyedDifference, UnconfirmedKey } from '../compare/observation.js';
import { orderName } from '../difference/wording.js';
import type { OpenOrder } from '../snapshot/snapshot.js';

/** The missing orders without an explanation: the same objects as in the differences, in the same order. */
export function explainable(differences: readonly Difference[]): OpenOrder[] {
  return differences.flatMap((difference) =>
    difference.type === 'ORDER_MISSING_ON_EXCHANGE' && difference.explanation === null ? [difference.internal] : [],
  );
}

/**
 * The differences with explanations filled in.
 *
 * @param explanations one for each order that `explainable` returned, in its order; orders beyond them stay unexplained
 */
export function withExplanations(
  differences: readonly Difference[],
  explanations: readonly MissingOrderExplanation[],
): Difference[] {
  let next = 0;
  const all = differences.map((difference): Difference => {
    if (difference.type !== 'ORDER_MISSING_ON_EXCHANGE' || difference.explanation !== null) return difference;
    const explanation = explanations[next] ?? null;
    next += 1;
    return { ...difference, explanation };
  });
  return withOriginals(all);
}

/** Marks orders that continue a missing order with the hint `lives_on`, so that no remedy cancels them. */
function withOriginals(differences: readonly Difference[]): Difference[] {
  const originals = new Map<string, Difference>();
  for (const difference of differences) {
    const became = difference.type === 'ORDER_MISSING_ON_EXCHANGE' ? difference.explanation?.becameOpen : undefined;
    if (became !== undefined) originals.set(`${difference.symbol}|${became}`, difference);
  }
  if (originals.size === 0) return [...differences];
  return differences.map((difference): Difference => {
    const { type, symbol, orderId } = difference;
    const original = type === 'ORDER_PLACED_EXTERNALLY' ? originals.get(`${symbol}|${orderId}`) : undefined;
    if (original === undefined) return difference;
    return { ...difference, hint: { kind: 'lives_on', text: `it is what became of ${orderName(original)}` } };
  });
}

/**
 * Removes the orders about which the exchange contradicts itself: its list of open orders does not have them, but its
 * order query says that they are open. Such a list was incomplete (the exchange omits old orders, or the order changed
 * during the read), so it does not show that the order is gone.
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
      const reason = `the exchange's open orders do not list it, but its order query answers: ${explanation.source}`;
      contradicted.push({ identity, type, symbol, reason });
    }
  }
  return { confirmed, contradicted };
}
