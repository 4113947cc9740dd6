import { DISCREPANCY_TYPES } from '../domain/difference/difference.js';
import type { InterventionReason } from '../domain/lifecycle/intervention.js';
import type { DiscrepancyRow } from '../ledger/contract/ledger.js';

/**
 * Why an intervention is about more than the discrepancies that are accepted now; null if it is about them alone. Reasons do
 * not name discrepancies, so an intervention counts as being about every open discrepancy of their types.
 */
export function beyondAcceptance(
  reasons: readonly InterventionReason[],
  standing: readonly Pick<DiscrepancyRow, 'type' | 'description'>[],
  blocking: number,
): string | null {
  const types: readonly string[] = DISCREPANCY_TYPES;
  const other = reasons.find(({ action }) => !types.includes(action));
  if (other !== undefined) return `it is also about ${other.action}: ${other.text}`;
  const called = new Set(reasons.map(({ action }) => action));
  const open = standing.find(({ type }) => blocking > 0 || called.has(type));
  if (open !== undefined) return `this is not accepted: ${open.description}`;
  return blocking > 0 ? 'not everything that closes the gate is accepted' : null;
}
