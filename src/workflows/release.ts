import { patched } from '@temporalio/workflow';

/**
 * Whether this execution follows the rules of 2026-12: validated start arguments, the tick's own timer, the ledger's state
 * at the start, interventions signalled before they are started. False while a history from before is replayed; such an
 * execution changes over where its history ends.
 */
export function isCurrent(): boolean {
  return patched('2026-12');
}
