import { setTimeout as delay } from 'node:timers/promises';
import type { PlumblineClient } from '../../client.js';
import type { WorkerReport } from '../../ledger/contract/workers.js';
import { isSameVersion, workersText, type WorkerVersion } from '../../runtime/task-queue-workers.js';
import { CommandError } from '../context/errors.js';
import { readVersions, type VersionRow, type Versions } from './worker-versions.js';

export interface VersionSources {
  client: PlumblineClient;
  /** The name of the worker deployment. */
  deployment: string;
  /** The workers' reports in the ledger; null while it is unavailable. */
  reports: () => Promise<WorkerReport[] | null>;
}

export interface PromoteParts extends VersionSources {
  /** Recorded in Temporal. */
  by: string;
  /** How long a worker of the version may take to start. */
  waitMs: number;
  /** Called once if no worker of the version runs yet. */
  onWaiting: () => void;
}

export interface Promoted {
  changed: boolean;
  version: WorkerVersion | null;
  /** The version that got the work before. */
  before: WorkerVersion | null;
}

/** How long Temporal may take for one answer. */
export const ANSWER_MS = 20_000;
const ASK_EVERY_MS = 500;
/** How long the task queue may take to get the version. */
const ROUTED_WITHIN_MS = 30_000;

/**
 * Makes the version the current one. Refuses a version that no worker runs, which Temporal itself would accept: nothing would be
 * checked then.
 *
 * @param version null: workers without a version
 * @throws CommandError if no worker of it runs, or Temporal refuses
 */
export async function promote(version: WorkerVersion | null, parts: PromoteParts): Promise<Promoted> {
  const { client, deployment, by } = parts;
  const currentVersion = async (): Promise<WorkerVersion | null> =>
    (await client.within(ANSWER_MS, async () => client.workers())).current;
  const before = await currentVersion();
  if (isSameVersion(before, version)) return { changed: false, version, before };
  await untilRunning(version, parts);
  const { namespace } = client.temporal.options;
  try {
    await client.within(ANSWER_MS, async () =>
      client.temporal.connection.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName: version === null ? (before?.deployment ?? deployment) : deployment,
        buildId: version?.buildId ?? '',
        identity: `plumbline/${by}`,
      }),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Temporal refuses to give ${workersText(version)} the work: ${why}`,
      'see `plumbline versions`; the current version stays current',
      { cause: error },
    );
  }
  const deadline = performance.now() + ROUTED_WITHIN_MS;
  while (!isSameVersion(await currentVersion(), version)) {
    if (performance.now() > deadline) {
      throw new CommandError(
        `Temporal accepted the request, but after ${ROUTED_WITHIN_MS / 1000} s the task queue still has another version`,
        'see `plumbline versions`, and run the command again',
      );
    }
    await delay(ASK_EVERY_MS);
  }
  return { changed: true, version, before };
}

/** @throws CommandError if no worker of the version runs within `waitMs` */
async function untilRunning(version: WorkerVersion | null, parts: PromoteParts): Promise<void> {
  const deadline = performance.now() + parts.waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await versionsOf(parts);
    if (rows.some((row) => isSameVersion(row.version, version) && row.workers > 0)) return;
    if (performance.now() >= deadline) {
      const { text, remedy } = notRunning(version, rows);
      throw new CommandError(text, remedy);
    }
    if (isFirst) parts.onWaiting();
    await delay(ASK_EVERY_MS);
  }
}

export async function versionsOf({ client, deployment, reports }: VersionSources): Promise<Versions> {
  const reported = await reports();
  return client.within(ANSWER_MS, async () => readVersions(client, deployment, reported));
}

function notRunning(version: WorkerVersion | null, rows: readonly VersionRow[]): { text: string; remedy: string } {
  const running = rows.filter(({ workers }) => workers > 0).map((row) => workersText(row.version));
  const those = running.length === 0 ? 'no worker runs' : `only ${running.join(' and ')} run`;
  return {
    text: `no ${workersText(version)} run: ${those}. If it were the current version, nothing would be checked`,
    remedy:
      version === null
        ? 'start one with `plumbline worker --unversioned`, then run the command again'
        : 'start one, then run the command again; the log of a worker names its version',
  };
}
