import type { WorkflowService } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';

// The package is CommonJS, so Node cannot import names from it.
const { TaskQueueType, WorkerVersioningMode } = proto.temporal.api.enums.v1;

/** A version of the workers, as Temporal identifies it: by the name of the worker deployment and the build. */
export interface WorkerVersion {
  deployment: string;
  buildId: string;
}

export interface PollingWorker {
  identity: string;
  /** Null: it has no version. */
  version: WorkerVersion | null;
  /** By Temporal's clock. */
  lastPoll: Date | null;
}

/** The workers that poll a task queue, and the versions that get its work. */
export interface TaskQueueWorkers {
  /** The version that gets the work; null: workers without a version get it. */
  current: WorkerVersion | null;
  /** A version that gets a share of the work; null: none. Only Temporal's own command line sets it. */
  ramping: WorkerVersion | null;
  /** Temporal lists a worker for some minutes after it has ended. */
  pollers: PollingWorker[];
}

/** An idle worker polls once a minute. */
export const POLLS_WITHIN_MS = 75_000;

/** @throws the error of the connection if Temporal cannot be reached */
export async function workersOf(
  service: Pick<WorkflowService, 'describeTaskQueue'>,
  { namespace, taskQueue }: { namespace: string; taskQueue: string },
): Promise<TaskQueueWorkers> {
  const { pollers, versioningInfo } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return {
    current: versionOf(versioningInfo?.currentDeploymentVersion),
    ramping: versionOf(versioningInfo?.rampingDeploymentVersion),
    pollers: (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions: options }) => ({
      identity: identity ?? '',
      version:
        options?.workerVersioningMode === WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
          ? versionOf(options)
          : null,
      lastPoll: lastAccessTime ? new Date(tsToMs(lastAccessTime)) : null,
    })),
  };
}

/** How much of the work the workers of a version get. Temporal also lists workers that get none. */
export type WorkShare = 'all' | 'part' | 'none';

export function shareOf(
  { current, ramping }: Pick<TaskQueueWorkers, 'current' | 'ramping'>,
  version: WorkerVersion | null,
): WorkShare {
  if (isSameVersion(current, version)) return 'all';
  // Null here means that no version is ramping, and not that workers without a version are.
  return ramping !== null && isSameVersion(ramping, version) ? 'part' : 'none';
}

/** When a worker of the current version last polled, by Temporal's clock; null if none has for minutes. */
export function lastPollOf(workers: TaskQueueWorkers): Date | null {
  const times = workers.pollers
    .filter(({ version }) => shareOf(workers, version) === 'all')
    .map(({ lastPoll }) => lastPoll?.getTime() ?? 0);
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** Which version gets the work, and which others poll and get none. */
export interface Routing {
  current: WorkerVersion | null;
  /** Null: workers without a version. */
  idle: (WorkerVersion | null)[];
}

/** @param nowMs this machine's time; only a text depends on it */
export function routingOf(workers: TaskQueueWorkers, nowMs: number): Routing {
  const idle: Routing['idle'] = [];
  for (const { version, lastPoll } of workers.pollers) {
    if (shareOf(workers, version) !== 'none') continue;
    if (lastPoll !== null && nowMs - lastPoll.getTime() > POLLS_WITHIN_MS) continue;
    if (!idle.some((known) => isSameVersion(known, version))) idle.push(version);
  }
  return { current: workers.current, idle };
}

/** Why no worker takes the work of a task queue, and what to do. */
export function noWorkerText(taskQueue: string, { current, idle }: Routing): { text: string; remedy: string } {
  const [first] = idle;
  const others = idle.map(workersText).join(' and ');
  const where = `polls the task queue "${taskQueue}"`;
  if (current === null && first === undefined) {
    return { text: `no worker ${where}`, remedy: 'start `plumbline worker`, or find out why it ended' };
  }
  const who = current === null ? 'no worker without a version' : `no worker of the current version ${current.buildId}`;
  if (first === undefined) {
    const remedy = `start a worker of ${current?.buildId}, or start one of another version and run \`plumbline versions promote\``;
    return { text: `${who} ${where}`, remedy };
  }
  const promote = `\`plumbline versions promote ${promotedAs(first)}\``;
  return {
    text: `${who} ${where}; ${others} poll it and get no work`,
    remedy: current === null ? promote : `${promote}, or start a worker of ${current.buildId}`,
  };
}

/** The argument of `plumbline versions promote`. */
export function promotedAs(version: WorkerVersion | null): string {
  return version === null ? '--unversioned' : version.buildId;
}

export function workersText(version: WorkerVersion | null): string {
  return version === null ? 'workers without a version' : `workers of version ${version.buildId}`;
}

export function isSameVersion(one: WorkerVersion | null, other: WorkerVersion | null): boolean {
  return one?.deployment === other?.deployment && one?.buildId === other?.buildId;
}

interface StoredVersion {
  deploymentName?: string | null;
  buildId?: string | null;
}

/** Temporal reports an empty build where there is no version. */
export function versionOf(stored: StoredVersion | null | undefined): WorkerVersion | null {
  const { deploymentName: deployment, buildId } = stored ?? {};
  return deployment && buildId ? { deployment, buildId } : null;
}
