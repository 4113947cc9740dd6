import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { completed, Clock, stateText, type State } from './state.js';

const clock = new Clock();
/** The newest export by file; the next one waits for it. */
const running = new Map<string, Promise<unknown>>();

/**
 * Writes the internal-state document to a file that Plumbline reads (`internal: {kind: file, path: ...}`), whole or not at all.
 * Call it at the end of each loop, also when nothing changed.
 *
 * The fields `version`, `as_of` (now) and `scopes` (the lists that the state has) are filled in if they are missing. Exports to one file
 * happen in the order of the calls.
 *
 * @returns the document
 * @throws TypeError if the state cannot be written as JSON, the system's error if the file cannot be written; the document before is
 *   then still there
 */
export async function exportState(state: State, path: string): Promise<State> {
  const document = completed(state, clock);
  const content = stateText(document);
  const target = resolve(path);
  const before = running.get(target) ?? Promise.resolve();
  const written = (async () => {
    await before.catch(() => {});
    await writeWhole(target, content);
  })();
  running.set(target, written);
  try {
    await written;
  } finally {
    if (running.get(target) === written) running.delete(target);
  }
  return document;
}

/** Replaces the file: a reader and a power failure find the old content or the new one. */
async function writeWhole(target: string, content: string): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  // Keeps the file's mode, because Plumbline may run as another user.
  const mode = await stat(target).then(
    (known) => known.mode & 0o777,
    () => 0o644,
  );
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows and some file systems cannot sync a folder; the content itself is on the disk.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
