import type { Execution } from './execution.js';

/** What is needed to decide which deployment an execution belongs to. */
export interface Ownership {
  /** The deployment that asks; null if its ledger did not answer. */
  own: string | null;
  /** Whether its ledger has the account. */
  knows: (account: string) => boolean;
}

/**
 * Whether the account's execution belongs to the deployment that asks. An execution without a deployment id was started by
 * an older version or by hand; it belongs to the deployment if the ledger knows the account.
 */
export function isOwn(account: string, execution: Execution, { own, knows }: Ownership): boolean {
  if (execution.kind === 'not_found' || own === null) return true;
  return execution.deployment === null ? knows(account) : execution.deployment === own;
}

/** The execution as this deployment sees it: one of another deployment is `not_found`, with the other in `heldBy`. */
export function asSeenBy(account: string, execution: Execution, ownership: Ownership): Execution {
  if (execution.kind === 'not_found' || isOwn(account, execution, ownership)) return execution;
  // An ended execution does not prevent this deployment from starting its own.
  if (execution.kind === 'ended') return { kind: 'not_found' };
  return { kind: 'not_found', heldBy: { deployment: execution.deployment, taskQueue: execution.taskQueue } };
}
