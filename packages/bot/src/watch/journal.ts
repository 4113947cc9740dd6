import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { RecordLine } from './book.js';
import { fieldsOf, isFields, type Fields } from './fields.js';
import { FileLock } from './file-lock.js';

/** Bytes from which the file is rewritten at the next export, and from which it is rewritten at once. */
export const COMPACT_BYTES = 1 << 20;
export const FULL_BYTES = 1 << 24;

/** The record's file is damaged, or is the record of something else. */
export class RecordUnreadable extends Error {
  override readonly name = 'RecordUnreadable';
}

export type JournalLine = RecordLine & { problem?: string | null };

const LISTS = ['orders', 'positions', 'trades', 'attached', 'seen'];

/**
 * The file of a bot's record: its first line is the whole record, each further line is what one call changed.
 *
 * A line is written before its request is sent, so the record of a process that is killed has each order that may
 * be on the exchange. One process writes. The file is the same in each language.
 */
export class Journal {
  readonly path: string;
  bytes = 0;
  /** Whether a line could not be written: only a whole record repairs the file. */
  isBehind = false;
  readonly #lock: FileLock;
  #handle: number | null = null;

  /** @throws RecordInUse if another process writes the record */
  constructor(
    path: string,
    private readonly head: Fields,
  ) {
    this.path = resolve(path);
    this.#lock = new FileLock(`${this.path}.lock`);
  }

  /** The lines of an earlier process. @throws RecordUnreadable */
  read(): JournalLine[] {
    const lines = (readIfThere(this.path) ?? '').split('\n');
    // A power failure may have cut the last line; its request was then not sent, or was not answered.
    lines.pop();
    return lines.map((line, index) => {
      const parsed = parsedLine(line);
      if (parsed === null) {
        throw new RecordUnreadable(
          `${this.path}, line ${index + 1} cannot be read: restore the file, or remove it and state the positions`,
        );
      }
      if (index === 0) this.#requireHead(parsed);
      return parsed;
    });
  }

  #requireHead(line: JournalLine): void {
    const told = Object.fromEntries(Object.keys(this.head).map((name) => [name, fieldsOf(line)[name]]));
    if (JSON.stringify(told) === JSON.stringify(this.head)) return;
    const [is, not] = [JSON.stringify(told), JSON.stringify(this.head)];
    throw new RecordUnreadable(`${this.path} is the record of ${is}, not of ${not}: give each bot its own file`);
  }

  /** Adds a line. @throws the system's error */
  append(line: JournalLine): void {
    const content = Buffer.from(`${JSON.stringify(line)}\n`);
    if (this.#handle === null) throw new Error('the record is closed');
    this.isBehind = true;
    if (writeSync(this.#handle, content) !== content.length) throw new Error(`${this.path}: the disk is full`);
    this.isBehind = false;
    this.bytes += content.length;
  }

  /** Replaces the file by one line that has the whole record. @throws the system's error */
  rewrite(whole: JournalLine): void {
    const content = Buffer.from(`${JSON.stringify({ ...this.head, ...whole })}\n`);
    const temporary = join(dirname(this.path), `.${basename(this.path)}.tmp`);
    try {
      const file = openSync(temporary, 'w', 0o644);
      try {
        if (writeSync(file, content) !== content.length) throw new Error(`${temporary}: the disk is full`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    const before = this.#handle;
    this.#handle = openSync(this.path, 'a');
    if (before !== null) closeSync(before);
    this.bytes = content.length;
    this.isBehind = false;
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
    this.#lock.release();
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parsedLine(text: string): JournalLine | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isFields(parsed) && LISTS.every((name) => Array.isArray(parsed[name]))
      ? (parsed as unknown as JournalLine)
      : null;
  } catch {
    return null;
  }
}
