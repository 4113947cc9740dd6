/** The type under which activities throw a Failure to their workflow; its first detail is the Failure itself. */
export const FAILURE_TYPE = 'Failure';
