/** The id of an account's workflow. One account, one workflow: Temporal allows no second under the same id. */
export const reconciliationWorkflowId = (account: string): string => `reconciliation/${account}`;
/** The id of the workflow that calls a human for the account. */
export const interventionWorkflowId = (account: string): string => `manual-intervention/${account}`;
