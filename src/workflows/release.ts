import { patched } from '@temporalio/workflow';

/**
 * Whether this execution follows the rules of 2026-12: it validates its start arguments, waits with one timer per tick,
 * adopts the ledger's state at the start, and signals an intervention before it starts one. False while an older history is
 * replayed; such an execution switches to the new rules where its history ends.
 */
export function isCurrent(): boolean {
  return patched('2026-12');
}
