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
    const bytes = readUpTo(file, maxBytes, stats.size);
    if (bytes.length > maxBytes) return { kind: 'too large', bytes: bytes.length };
    return { kind: 'text', text: bytes.toString('utf8'), stats };
  } finally {
    closeSync(file);
  }
}

/** Files of /proc report no size. */
const LEAST_BYTES = 1024;

/** The file's bytes; of a longer file `maxBytes` and one more. Takes about as much memory as the file has bytes. */
function readUpTo(file: number, maxBytes: number, reportedBytes: number): Buffer {
  // One byte more than is expected: a read that fills it shows that the file goes on, or has grown meanwhile.
  let bytes = Buffer.alloc(Math.min(Math.max(reportedBytes, LEAST_BYTES), maxBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(file, bytes, length, bytes.length - length, null);
    length += read;
    if (read === 0 || length > maxBytes) return bytes.subarray(0, length);
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, maxBytes + 1));
  }
}
