import { eq } from 'drizzle-orm';
import { FailureError } from '../../domain/failure/failure.js';
import type { RunKey } from '../../domain/lifecycle/run.js';
import type { DatabaseSession } from '../store/database.js';
import { execution } from '../store/schema.js';

/**
 * Binds an execution of a workflow to the account of the first run or snapshot that is recorded under it, and refuses
 * those of any other account. An execution checks one account, so a second account under its id is an error.
 *
 * @param boundTo the account that it is already bound to, as `clockAndAnswer` read it
 * @throws FailureError of kind `bug`, which no retry can help
 */
export async function bindExecution(session: DatabaseSession, key: RunKey, boundTo: string | null): Promise<void> {
  const owner = boundTo ?? (await bind(session, key));
  if (owner === key.account) return;
  throw new FailureError({
    kind: 'bug',
    side: 'ledger',
    message: `A run of the account "${key.account}" came under the execution ${key.workflowRunId}, which belongs to the account "${owner}": it is not recorded.`,
    where: key.workflowRunId,
    remedy: `Restart the worker, then run \`plumbline verify ${owner}\` and \`plumbline verify ${key.account}\`, and report this.`,
    retryAfterMs: null,
  });
}

/** Returns the account that the execution belongs to from now on. */
async function bind(session: DatabaseSession, { workflowRunId, account }: RunKey): Promise<string> {
  // Waits for another transaction that binds it at the same time, so that the read below sees the result.
  await session.insert(execution).values({ workflowRunId, account }).onConflictDoNothing();
  const [row] = await session
    .select({ owner: execution.account })
    .from(execution)
    .where(eq(execution.workflowRunId, workflowRunId));
  if (row === undefined) throw new TypeError(`PostgreSQL bound the execution ${workflowRunId} and does not find it`);
  return row.owner;
}
