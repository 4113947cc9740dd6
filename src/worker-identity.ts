import { hostname } from 'node:os';
import type { NativeConnection } from '@temporalio/worker';
import { FailureError } from './domain/failure/failure.js';
import { POLLS_WITHIN_MS, workersOf } from './runtime/task-queue-workers.js';

const IDENTITY = /^plumbline\/([0-9a-f-]{36})\//;

/** The identity of this process among Temporal's pollers. It includes the deployment. */
export function workerIdentity(deployment: string): string {
  return `plumbline/${deployment}/${process.pid}@${hostname()}`;
}

/**
 * Refuses to share a task queue with another deployment. Workers on one task queue take each other's work, so each would
 * record the other's accounts in its own ledger, with its own keys.
 *
 * @throws FailureError (configuration) if a worker of another deployment polls the task queue
 */
export async function refuseSharedTaskQueue(
  connection: NativeConnection,
  { namespace, taskQueue, deployment }: { namespace: string; taskQueue: string; deployment: string },
): Promise<void> {
  // Of every version, because each of them can be promoted.
  const { pollers } = await workersOf(connection.workflowService, { namespace, taskQueue });
  for (const { identity, lastPoll } of pollers) {
    const [, other] = IDENTITY.exec(identity) ?? [];
    if (other === undefined || other === deployment) continue;
    if (lastPoll !== null && Date.now() - lastPoll.getTime() > POLLS_WITHIN_MS) continue;
    throw new FailureError({
      kind: 'configuration',
      side: 'plumbline',
      message: `workers of another deployment (${other}) poll the task queue "${taskQueue}" in the namespace "${namespace}"`,
      where: 'worker.task_queue',
      remedy:
        'give each deployment its own task queue (worker.task_queue) or its own namespace (TEMPORAL_NAMESPACE); ' +
        'if the other one has just been stopped, start again in a minute',
      retryAfterMs: null,
    });
  }
}
