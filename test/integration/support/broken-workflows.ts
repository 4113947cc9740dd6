/**
 * Workflow code that fails every workflow task: an error that is not a Temporal failure counts as a fault in the code.
 */
export async function reconciliation(): Promise<void> {
  throw new Error('this version of the workflow code is broken');
}

export async function manualIntervention(): Promise<void> {
  throw new Error('this version of the intervention code is broken');
}
