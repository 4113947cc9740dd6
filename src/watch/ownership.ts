import type { Execution } from './execution.js';

/** What shows whose an execution is. */
export interface Ownership {
  /** The deployment that asks; null where its ledger did not answer. */
  own: string | null;
  /** The accounts of its ledger. */
  knows: (account: string) => boolean;
}

/**
 * Whether the account's execution belongs to the deployment that asks. One without an id was started by an older version, or
 * by hand: it is own if the ledger knows the account.
 */
export function isOwn(account: string, execution: Execution, { own, knows }: Ownership): boolean {
  if (execution.kind === 'not_found' || own === null) return true;
  return execution.deployment === null ? knows(account) : execution.deployment === own;
}

/** The execution as this deployment may see it: one of another deployment is not there, and says whose it is. */
export function asSeenBy(account: string, execution: Execution, ownership: Ownership): Execution {
  if (execution.kind === 'not_found' || isOwn(account, execution, ownership)) return execution;
  // What has ended keeps nobody from starting it anew.
  if (execution.kind === 'ended') return { kind: 'not_found' };
  return { kind: 'not_found', heldBy: { deployment: execution.deployment, taskQueue: execution.taskQueue } };
}
