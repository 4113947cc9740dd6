import type { Logger } from './logging/logger.js';
import {
  promotedAs,
  shareOf,
  workersText,
  type TaskQueueWorkers,
  type WorkerVersion,
  type WorkShare,
} from './runtime/task-queue-workers.js';

const ASK_EVERY_MS = 15_000;

export interface RoutingLog {
  close(): Promise<void>;
}

interface RoutingLogParts {
  /** Of this worker; null: it has none. */
  version: WorkerVersion | null;
  taskQueue: string;
  ask: () => Promise<TaskQueueWorkers>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Logs whether this worker gets work, at once and whenever that changes. A worker whose version is not the current one is
 * connected and polls, but Temporal gives it no work. Never throws. While Temporal cannot be asked, it logs nothing.
 */
export function logRouting(parts: RoutingLogParts, everyMs = ASK_EVERY_MS): RoutingLog {
  const { version, log, ask } = parts;
  let logged: string | null = null;
  let work = Promise.resolve();
  const check = async (): Promise<void> => {
    const workers = await ask().catch(() => null);
    if (workers === null) return;
    const share = shareOf(workers, version);
    const routing = `${share} ${workers.current?.buildId ?? ''}`;
    if (routing === logged) return;
    const isFirst = logged === null;
    logged = routing;
    const text = textOf(share, workers.current, parts);
    if (share === 'none') log.warn({ version: version?.buildId ?? null }, text);
    // A worker without a version that gets work is the usual case, and needs no line.
    else if (version !== null || !isFirst) log.info({ version: version?.buildId ?? null }, text);
  };
  const next = (): void => void (work = work.then(check));
  next();
  const timer = setInterval(next, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await work;
    },
  };
}

function textOf(share: WorkShare, current: WorkerVersion | null, { version, taskQueue }: RoutingLogParts): string {
  const own = version === null ? 'This worker has no version' : `This worker has version ${version.buildId}`;
  if (share === 'all') return `${own}, which gets the work of the task queue "${taskQueue}"`;
  if (share === 'part') return `${own}, which gets a share of the work of the task queue "${taskQueue}"`;
  return (
    `${own} and gets no work: ${workersText(current)} get it. To give it the work: ` +
    `\`plumbline versions promote ${promotedAs(version)}\`. If another version has replaced it, it may be stopped`
  );
}
