import type { Difference, MissingOrderExplanation } from '../domain/difference/difference.js';
import { explainable, withExplanations } from '../domain/explain/explain.js';
import type { OpenOrder } from '../domain/snapshot/snapshot.js';

/**
 * The differences, in their order, with what the exchange reports of missing orders. It is asked only if an order is missing.
 * The exchange reader bounds how many orders it asks about; the cause of the others is `unknown`.
 */
export async function explained(
  differences: readonly Difference[],
  askExchange: (missing: OpenOrder[]) => Promise<MissingOrderExplanation[]>,
): Promise<Difference[]> {
  const missing = explainable(differences);
  return missing.length === 0 ? [...differences] : withExplanations(differences, await askExchange(missing));
}
