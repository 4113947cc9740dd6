import { sleep } from '@temporalio/workflow';
import { reconciliation as unchanged, type ReconciliationInput } from '../../src/workflows/reconciliation.js';

export { manualIntervention } from '../../src/workflows/manual-intervention.js';

/** The loop with one timer more at its beginning, without `patched`: what must not be released. */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  await sleep('1 second');
  await unchanged(input);
}
