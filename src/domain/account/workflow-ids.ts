/** The id of an account's workflow. Temporal runs at most one workflow under an id, so an account has at most one. */
export const reconciliationWorkflowId = (account: string): string => `reconciliation/${account}`;
/** The id of the workflow that calls a human for the account. */
export const interventionWorkflowId = (account: string): string => `manual-intervention/${account}`;
