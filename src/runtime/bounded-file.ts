import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** The text of a file, or why it was not read. */
export type BoundedFile =
  | { kind: 'text'; text: string; stats: Stats }
  | { kind: 'directory' }
  | { kind: 'not regular' }
  | { kind: 'too large'; bytes: number };

/**
 * Reads a small text file synchronously, at most `maxBytes`. Does not wait for the writer of a pipe, and reads only regular
 * files, because a device may have no end.
 *
 * Throws the operating system's error if the file cannot be opened or read.
 */
export function readBoundedFile(path: string, maxBytes: number): BoundedFile {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { kind: 'directory' };
    if (!stats.isFile()) return { kind: 'not regular' };
    if (stats.size > maxBytes) return { kind: 'too large', bytes: stats.size };
    // One byte more than the limit, because the file may grow while it is read, and files in /proc report no size.
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
