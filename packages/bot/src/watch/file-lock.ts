import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Another process, or another `watch` of this one, writes the record. */
export class RecordInUse extends Error {
  override readonly name = 'RecordInUse';
}

/** The locks of this process, by path. */
const held = new Set<string>();
const ATTEMPTS = 5;

/**
 * A lock that is a file with its process. Node.js has no lock of the operating system, so the lock of a process that has ended
 * is taken over. A process is identified by id and start time, because process ids are reused.
 */
export class FileLock {
  /** @throws RecordInUse if somebody has it */
  constructor(private readonly path: string) {
    if (held.has(path)) throw new RecordInUse(`${path}: this process already writes this record`);
    const own = `${path}.${process.pid}`;
    writeFileSync(own, `${process.pid} ${startOf(process.pid) ?? ''}\n`);
    try {
      for (let attempt = 0; !linked(own, path); attempt += 1) {
        const holder = readIfThere(path);
        if (attempt === ATTEMPTS || (holder !== null && isRunning(holder))) {
          throw new RecordInUse(
            `${path}: process ${holder?.trim().split(' ')[0] ?? 'unknown'} writes this record; each bot needs a record of its own. If that process no longer runs, remove the file`,
          );
        }
        if (holder !== null) removeStale(path, holder);
      }
    } finally {
      rmSync(own, { force: true });
    }
    held.add(path);
  }

  release(): void {
    if (held.delete(this.path)) rmSync(this.path, { force: true });
  }
}

/** Links the file under another name; false if that name exists. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that has ended, and no other that was made meanwhile. */
function removeStale(path: string, holder: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readIfThere(aside) !== holder) linkSync(aside, path);
  } catch {
    // Somebody else removed it, or has it.
  }
  rmSync(aside, { force: true });
}

function isRunning(holder: string): boolean {
  const [pid = '', start = ''] = holder.trim().split(' ');
  // This process does not hold it, so an earlier process had the same id.
  if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(Number(pid));
  return now === null || start === '' || now === start;
}

/** When the process started, in ticks of the kernel's clock; null if the system does not say. */
function startOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in brackets may have spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
