import { upsertSearchAttributes } from '@temporalio/workflow';
import type { ReconciliationStatus } from './messages.js';
import { STATE, STATE_SINCE } from './search-attributes.js';

/**
 * The state of an account in the Web UI's list: the first of these that is true. `failing`: the last run failed.
 * `call open`: everything is resolved, but nobody has acknowledged yet.
 */
export type AccountState = 'paused' | 'failing' | 'drifted' | 'call open' | 'matched';

/** Null before the first run. */
export function stateOf({ paused, lastRun, interventionOpen }: ReconciliationStatus): AccountState | null {
  if (paused !== null) return 'paused';
  if (lastRun === null) return null;
  if (lastRun.outcome === 'failed') return 'failing';
  if (lastRun.openDiscrepancies > 0) return 'drifted';
  return interventionOpen ? 'call open' : 'matched';
}

/** Writes the state, and since when the account has it. */
export function showState(state: AccountState, since: Date): void {
  upsertSearchAttributes([
    { key: STATE, value: state },
    { key: STATE_SINCE, value: since },
  ]);
}
