import type { Logger } from './logging/logger.js';
import {
  getsWork,
  isSameVersion,
  promotedAs,
  workersText,
  type TaskQueueWorkers,
  type WorkerVersion,
} from './runtime/task-queue-workers.js';

const ASK_EVERY_MS = 15_000;

export interface OwnStanding {
  close(): Promise<void>;
}

interface StandingParts {
  /** Of this worker; null: it has none. */
  version: WorkerVersion | null;
  taskQueue: string;
  ask: () => Promise<TaskQueueWorkers>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Writes into the log whether this worker gets work, at once and whenever that changes. A worker whose version is not the current
 * one is connected and polls, but Temporal gives it no work. Never throws: while Temporal cannot be asked, nothing is known.
 */
export function watchOwnStanding(parts: StandingParts, everyMs = ASK_EVERY_MS): OwnStanding {
  const { version, log, ask } = parts;
  let said: string | null = null;
  let work = Promise.resolve();
  const look = async (): Promise<void> => {
    const workers = await ask().catch(() => null);
    if (workers === null) return;
    const standing = standingOf(workers, version);
    const seen = `${standing} ${workers.current?.buildId ?? ''}`;
    const isFirst = said === null;
    if (seen === said) return;
    said = seen;
    const text = textOf(standing, workers.current, parts);
    if (standing === 'idle') log.warn({ version: version?.buildId ?? null }, text);
    // A worker without a version that gets work is the usual case, and needs no line.
    else if (version !== null || !isFirst) log.info({ version: version?.buildId ?? null }, text);
  };
  const next = (): void => void (work = work.then(look));
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

type Standing = 'current' | 'ramping' | 'idle';

function standingOf(workers: TaskQueueWorkers, version: WorkerVersion | null): Standing {
  if (getsWork(workers, version)) return 'current';
  return workers.ramping !== null && isSameVersion(workers.ramping, version) ? 'ramping' : 'idle';
}

function textOf(standing: Standing, current: WorkerVersion | null, { version, taskQueue }: StandingParts): string {
  const own = version === null ? 'This worker has no version' : `This worker has version ${version.buildId}`;
  if (standing === 'current') return `${own}, which gets the work of the task queue "${taskQueue}"`;
  if (standing === 'ramping') return `${own}, which gets a share of the work of the task queue "${taskQueue}"`;
  return (
    `${own} and gets no work: ${workersText(current)} get it. To let this one work: ` +
    `\`plumbline versions promote ${promotedAs(version)}\`. If another version has replaced it, it may be stopped`
  );
}
