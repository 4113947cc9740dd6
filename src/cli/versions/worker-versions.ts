import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { PlumblineClient } from '../../client.js';
import type { WorkerReport } from '../../ledger/contract/workers.js';
import {
  isSameVersion,
  POLLS_WITHIN_MS,
  shareOf,
  versionOf,
  type PollingWorker,
  type TaskQueueWorkers,
  type WorkerVersion,
} from '../../runtime/task-queue-workers.js';
import { CommandError } from '../context/errors.js';

// The package is CommonJS, so Node cannot import names from it.
const { WorkerDeploymentVersionStatus: Status } = proto.temporal.api.enums.v1;
/** gRPC's code. */
const NOT_FOUND = 5;

/**
 * `waiting`: it was never current. `draining`: it was current, and Temporal does not know yet whether a workflow still needs it.
 * `drained`: no workflow needs it.
 */
export type VersionState = 'current' | 'ramping' | 'waiting' | 'draining' | 'drained';

export interface VersionRow {
  /** Null: workers without a version. */
  version: WorkerVersion | null;
  state: VersionState;
  /** How many workers of it run. */
  workers: number;
  /** Of the current version: since when it is current. Of another: until when it was. Null if never, or not known. */
  currentAt: Date | null;
}

export interface Versions {
  /** Newest first. */
  rows: VersionRow[];
  /** The version that was current before; null: workers without a version; undefined: no other was ever current. */
  previous: WorkerVersion | null | undefined;
}

/**
 * The versions of the worker deployment, and the workers of the task queue.
 *
 * @param reports the workers' reports in the ledger; null while it is unavailable
 */
export async function readVersions(
  client: PlumblineClient,
  deployment: string,
  reports: readonly Pick<WorkerReport, 'worker'>[] | null,
): Promise<Versions> {
  const [workers, known] = await Promise.all([client.workers(), knownVersions(client, deployment)]);
  const living = livingWorkers(workers, reports, Date.now());
  const count = (version: WorkerVersion | null): number =>
    living.filter((worker) => isSameVersion(worker.version, version)).length;
  const rows: VersionRow[] = known.map(({ version, status, currentAt }) => ({
    version,
    state: stateOf(version, status, workers),
    workers: count(version),
    currentAt,
  }));
  const unversioned = count(null);
  if (workers.current === null || unversioned > 0) {
    rows.push({
      version: null,
      state: workers.current === null ? 'current' : 'drained',
      workers: unversioned,
      currentAt: null,
    });
  }
  return { rows, previous: previousOf(rows) };
}

/** The version that was current before. Before the first version, workers had none. */
function previousOf(rows: readonly VersionRow[]): WorkerVersion | null | undefined {
  const [last] = rows
    .filter(({ state, version, currentAt }) => state !== 'current' && version !== null && currentAt !== null)
    .toSorted((one, other) => (other.currentAt?.getTime() ?? 0) - (one.currentAt?.getTime() ?? 0));
  if (last !== undefined) return last.version;
  return rows.some(({ version, state }) => version === null && state !== 'current') ? null : undefined;
}

interface KnownVersion {
  version: WorkerVersion;
  status: number | null | undefined;
  currentAt: Date | null;
}

/** Empty if no worker of the deployment has ever polled. */
async function knownVersions(client: PlumblineClient, deployment: string): Promise<KnownVersion[]> {
  const { namespace } = client.temporal.options;
  const { workflowService } = client.temporal.connection;
  try {
    const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({
      namespace,
      deploymentName: deployment,
    });
    return (workerDeploymentInfo?.versionSummaries ?? []).flatMap((summary) => {
      const version = versionOf(summary.deploymentVersion);
      const at = summary.currentSinceTime ?? (summary.lastCurrentTime ? summary.lastDeactivationTime : null);
      return version === null ? [] : [{ version, status: summary.status, currentAt: at ? new Date(tsToMs(at)) : null }];
    });
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    const code: number = error.code;
    if (code === NOT_FOUND) return [];
    throw new CommandError(
      `Temporal does not list the versions of the worker deployment "${deployment}": ${error.details}`,
      'check the Temporal server and the permissions of this client, then run the command again',
      { cause: error },
    );
  }
}

function stateOf(version: WorkerVersion, status: KnownVersion['status'], workers: TaskQueueWorkers): VersionState {
  const share = shareOf(workers, version);
  if (share !== 'none') return share === 'all' ? 'current' : 'ramping';
  if (status === Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED) return 'drained';
  return status === Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING ? 'draining' : 'waiting';
}

/**
 * The workers that run. Temporal lists a worker for some minutes after it has ended. A worker with a version has ended if the
 * ledger has no report of it: such a worker repeats its report, and removes it when it ends.
 */
export function livingWorkers(
  { pollers }: Pick<TaskQueueWorkers, 'pollers'>,
  reports: readonly Pick<WorkerReport, 'worker'>[] | null,
  nowMs: number,
): PollingWorker[] {
  const reported = reports === null ? null : new Set(reports.map(({ worker }) => processOf(worker)));
  const newest = new Map<string, PollingWorker>();
  for (const poller of pollers) {
    const other = newest.get(poller.identity);
    if (other === undefined || msOf(other) < msOf(poller)) newest.set(poller.identity, poller);
  }
  return [...newest.values()].filter((poller) => {
    if (nowMs - msOf(poller) > POLLS_WITHIN_MS) return false;
    return reported === null || poller.version === null || reported.has(processOf(poller.identity));
  });
}

/** Without the workers that run and get no work. */
export function withoutIdle<Report extends Pick<WorkerReport, 'worker'>>(
  reports: readonly Report[],
  workers: TaskQueueWorkers,
): Report[] {
  const idle = new Set(
    livingWorkers(workers, reports, Date.now())
      .filter(({ version }) => shareOf(workers, version) === 'none')
      .map(({ identity }) => processOf(identity)),
  );
  return reports.filter(({ worker }) => !idle.has(processOf(worker)));
}

/** The process, as `pid@host`, in the identity of a poller or in the name of a report. */
function processOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).split(' ')[0] ?? '';
}

function msOf({ lastPoll }: PollingWorker): number {
  return lastPoll?.getTime() ?? 0;
}
