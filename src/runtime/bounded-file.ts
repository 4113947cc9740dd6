import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** What was found where a file was named: its text, or why it was not read. */
export type BoundedFile =
  | { kind: 'text'; text: string; stats: Stats }
  | { kind: 'directory' }
  | { kind: 'not regular' }
  | { kind: 'too large'; bytes: number };

/**
 * Reads a small text file at once, never more than `maxBytes`. A pipe is opened without waiting for its writer, and only
 * regular files are read: a device may have no end.
 *
 * Throws the operating system's error where the file cannot be opened or read.
 */
export function readBoundedFile(path: string, maxBytes: number): BoundedFile {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { kind: 'directory' };
    if (!stats.isFile()) return { kind: 'not regular' };
    if (stats.size > maxBytes) return { kind: 'too large', bytes: stats.size };
    // One byte more than is allowed: it may grow while it is read, and files of /proc report no size.
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > maxBytes) return { kind: 'too large', bytes: length };
    return { kind: 'text', text: bytes.toString('utf8', 0, length), stats };
  } finally {
    closeSync(file);
  }
}
