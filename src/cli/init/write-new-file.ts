import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../runtime/error-shape.js';
import { CommandError } from '../context/errors.js';

/** Refuses a path that cannot be written, before any question. A dangling link also counts as taken. */
export function refuseUnwritable(path: string, { overwrite, how }: { overwrite: boolean; how: string }): void {
  try {
    accessSync(dirname(path), constants.W_OK);
    if (!overwrite && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw taken(path, how);
  } catch (error) {
    throw asReported(error, path, how);
  }
}

function taken(path: string, how: string): CommandError {
  return new CommandError(`${path} exists and is not overwritten`, how);
}

/**
 * Writes a whole file or nothing: a reader never sees a part, and no other process's file is overwritten unless `overwrite` is
 * set. Synchronous, so that Ctrl-C cannot come between its steps and leave something behind.
 *
 * @param how what a person does if the path is taken, for the error
 * @throws CommandError
 */
export function writeNewFile(
  path: string,
  text: string,
  { overwrite, mode, how }: { overwrite: boolean; mode: number; how: string },
): void {
  // The file behind a link is replaced, not the link.
  const target = overwrite ? realPathOf(path) : path;
  const draft = `${target}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = openSync(draft, 'wx', mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (overwrite) renameSync(draft, target);
    else place(draft, target, text, mode);
  } catch (error) {
    throw asReported(error, path, how);
  } finally {
    rmSync(draft, { force: true });
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'create its folder first',
  ENOTDIR: 'choose a path in a folder',
  EISDIR: 'name a file, not a folder',
  EACCES: 'choose a folder in which this user may write',
  EROFS: 'choose a folder in which this user may write',
  ENOSPC: 'free some space',
};

function asReported(error: unknown, path: string, how: string): unknown {
  const code = errorCode(error);
  if (code === null) return error;
  if (code === 'EEXIST') return taken(path, how);
  return new CommandError(`${path} cannot be written (${code})`, REMEDIES[code] ?? 'choose another path', {
    cause: error,
  });
}

/** `link` fails if the name is taken. On file systems without links the file is created under its own name. */
function place(draft: string, target: string, text: string, mode: number): void {
  try {
    linkSync(draft, target);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw error;
    const file = openSync(target, 'wx', mode);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
