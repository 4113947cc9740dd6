import { hostname } from 'node:os';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { FailureError } from './domain/failure/failure.js';

// The package is CommonJS, so Node cannot import names from it.
const { TaskQueueType } = proto.temporal.api.enums.v1;

const IDENTITY = /^plumbline\/([0-9a-f-]{36})\//;
/** An idle worker polls once a minute. Temporal still lists a worker for minutes after it has ended. */
const POLLS_WITHIN_MS = 75_000;

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
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  for (const { identity, lastAccessTime } of pollers ?? []) {
    const [, other] = IDENTITY.exec(identity ?? '') ?? [];
    if (other === undefined || other === deployment) continue;
    if (lastAccessTime && Date.now() - tsToMs(lastAccessTime) > POLLS_WITHIN_MS) continue;
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
