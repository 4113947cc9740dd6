import { constants, open, stat, type FileHandle } from 'node:fs/promises';
import type { InternalConfig } from '../config/config.js';
import { errorCode } from '../runtime/error-shape.js';
import type { Redactor } from '../redaction/redactor.js';
import { inTurns } from '../runtime/turns.js';
import { utf8Text } from '../runtime/utf8.js';
import { FailureError } from '../domain/failure/failure.js';
import { LIMITS } from '../domain/limits/limits.js';
import type { InternalSource } from './internal-source.js';
import { sourceFailure } from './source-failure.js';
import { stateDocument } from './state-document.js';

interface Dependencies {
  redactor: Redactor;
  now: () => number;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'check internal.path, and that the bot has written the file',
  EACCES: 'let the user of this process read the file and enter its folders',
  EPERM: 'let the user of this process read the file',
  ENOTDIR: 'check internal.path: a part of it is a file, not a folder',
};

/** Reads internal state from a file. The bot should write another file and rename it, so that it is never read half-written. */
export function createFileSource(
  config: Extract<InternalConfig, { kind: 'file' }>,
  { redactor, now }: Dependencies,
): InternalSource {
  const { path } = config;
  const name = redactor.text(path);

  return {
    description: `file ${name}`,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      const startedAt = now();
      let text: string;
      try {
        text = await readWhole(path, config.maxBytes, signal);
      } catch (error) {
        throw explain(error);
      }
      return redacted(async () =>
        inTurns(stateDocument(text, { side: 'internal', receivedAt: { startedAt, endedAt: now() } })),
      );
    },
  };

  function explain(error: unknown): unknown {
    if (error instanceof FileTrouble) return sourceFailure(error.kind, `${name}: ${error.message}`, error.remedy);
    const code = errorCode(error);
    if (code === null || code === 'ABORT_ERR') return error;
    const remedy = REMEDIES[code] ?? 'check the file and its disk';
    // A file that is being replaced may be missing for a moment, so the read is retried. A forbidden one stays forbidden.
    const kind = code === 'EACCES' || code === 'EPERM' ? 'permission' : 'unreadable';
    return sourceFailure(kind, `${name} cannot be read (${code})`, remedy, { cause: redactor.value(error) });
  }

  async function redacted<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      const message = redactor.text(`${name}: ${error.failure.message}`);
      throw new FailureError({ ...error.failure, message });
    }
  }
}

/** A problem with the file itself. */
class FileTrouble extends Error {
  constructor(
    readonly kind: 'unreadable' | 'configuration' | 'too_large',
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

async function readWhole(path: string, maxBytes: number, signal: AbortSignal | undefined): Promise<string> {
  // Checked before opening, because opening a pipe may wait for a writer.
  const kind = await stat(path);
  if (kind.isDirectory()) throw new FileTrouble('configuration', 'it is a directory', 'name the file in internal.path');
  if (!kind.isFile())
    throw new FileTrouble('configuration', 'it is not a regular file', 'name a file in internal.path');
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await readOpened(file, maxBytes, signal);
  } finally {
    await file.close();
  }
}

async function readOpened(file: FileHandle, maxBytes: number, signal: AbortSignal | undefined): Promise<string> {
  const before = await file.stat({ bigint: true });
  if (before.size > maxBytes) {
    throw new FileTrouble(
      'too_large',
      `it has ${before.size} bytes; at most ${maxBytes} are read`,
      LIMITS.internalBytes.remedy,
    );
  }
  const bytes = await file.readFile(signal === undefined ? {} : { signal });
  const after = await file.stat({ bigint: true });
  if (before.size !== after.size || before.mtimeNs !== after.mtimeNs || BigInt(bytes.length) !== after.size) {
    throw new FileTrouble(
      'unreadable',
      'it changed while it was read',
      'let the bot write to another file in the same folder and rename it when it is complete',
    );
  }
  const text = utf8Text(bytes);
  if (text === null) throw new FileTrouble('unreadable', 'it is not UTF-8', 'write the document in UTF-8');
  return text;
}
