import { hostname } from 'node:os';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { FailureError } from './domain/failure/failure.js';

// CommonJS: Node finds no named exports in it.
const { TaskQueueType } = proto.temporal.api.enums.v1;

const IDENTITY = /^plumbline\/([0-9a-f-]{36})\//;
/** A worker without work polls once a minute; Temporal names one for minutes after it has ended. */
const POLLS_WITHIN_MS = 75_000;

/** By which Temporal names this process among those that poll, with the deployment that it works for. */
export function workerIdentity(deployment: string): string {
  return `plumbline/${deployment}/${process.pid}@${hostname()}`;
}

/**
 * Workers that poll one task queue take each other's work. Of two deployments, each would record the other's accounts in its
 * ledger, with its own keys.
 *
 * @throws FailureError (configuration) where a worker of another deployment polls the task queue
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
        'give each deployment a task queue of its own (worker.task_queue) or a namespace of its own (TEMPORAL_NAMESPACE); ' +
        'if the other one was stopped just now, start again in a minute',
      retryAfterMs: null,
    });
  }
}
