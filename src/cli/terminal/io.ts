import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import type { Redactor } from '../../redaction/redactor.js';

/** A text stream that people or programs read. */
export interface Output {
  write(text: string): void;
  /** Whether it is a terminal. */
  readonly isTTY: boolean;
  /** Width of the terminal in characters; 80 if it is not a terminal, or does not know its width. */
  readonly columns: number;
}

/** Input and output of a terminal. Questions are written to stderr where it is one, so that stdout holds the answer alone. */
export interface Person {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** Everything that a command may use of its process. Tests pass their own. */
export interface Io {
  stdout: Output;
  stderr: Output;
  readStdin(): Promise<string>;
  /** Where a person can be asked: stdin is a terminal, and so is stderr or stdout. Null if nobody can be asked. */
  readonly person: Person | null;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): Date;
  /**
   * From this call on, Ctrl-C, SIGTERM and a closed stdout abort this signal instead of ending the process; the command
   * then ends in order. A second Ctrl-C ends the process at once.
   */
  takeSignals(): AbortSignal;
  /**
   * From this call on, SIGHUP no longer kills the process. If its terminal was closed, which sends the same signal, the process
   * ends in order.
   */
  holdHangups(): void;
  /** Calls back on SIGHUP, and at once if one came since `holdHangups`. */
  onHangup(reload: () => void): void;
}

/** The state of SIGHUP. */
interface Hangups {
  /** Whether one came while `reload` was null. */
  held: boolean;
  reload: (() => void) | null;
}

/**
 * The real process. A reader that closes its end (`| head`) ends the output silently. The exit code stays that of the
 * command, because a verdict must not depend on its reader.
 */
export function processIo(): Io {
  const controller = new AbortController();
  let taken = false;
  let hangups: Hangups | null = null;
  const holdHangups = (): Hangups => {
    if (hangups !== null) return hangups;
    const state: Hangups = { held: false, reload: null };
    hangups = state;
    const hadTerminal = hasTerminal();
    process.on('SIGHUP', () => {
      if (hadTerminal && !hasTerminal()) controller.abort();
      else if (state.reload === null) state.held = true;
      else state.reload();
    });
    return state;
  };
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  return {
    stdout: outputOf(process.stdout, () => controller.abort()),
    stderr: outputOf(process.stderr, () => {}),
    readStdin: async () => text(process.stdin),
    person: personAt(),
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    takeSignals: () => {
      if (!taken) {
        taken = true;
        process.on('SIGINT', stop);
        process.on('SIGTERM', stop);
      }
      return controller.signal;
    },
    holdHangups: () => void holdHangups(),
    onHangup: (reload) => {
      const state = holdHangups();
      state.reload = reload;
      if (state.held) reload();
      state.held = false;
    },
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/**
 * The same process with known secrets redacted in its streams. Each write is redacted separately, so writers must write
 * whole lines or documents.
 */
export function redactingIo(io: Io, redactor: Redactor): Io {
  return { ...io, stdout: redacting(io.stdout, redactor), stderr: redacting(io.stderr, redactor) };
}

function redacting(output: Output, redactor: Redactor): Output {
  return {
    write: (text) => output.write(redactor.text(text)),
    isTTY: output.isTTY,
    get columns() {
      return output.columns;
    },
  };
}

function personAt(): Person | null {
  if (!isatty(0)) return null;
  const output = [process.stderr, process.stdout].find(({ fd }) => isatty(fd));
  // A getter: opening stdin would keep commands alive that ask nothing.
  return output === undefined
    ? null
    : {
        get input() {
          return process.stdin;
        },
        output,
      };
}

function outputOf(stream: NodeJS.WriteStream & { fd: number }, onReaderGone: () => void): Output {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    gone = true;
    onReaderGone();
  });
  return {
    write: (chunk) => {
      if (!gone) stream.write(chunk);
    },
    isTTY: isatty(stream.fd),
    get columns() {
      // A terminal whose size nobody set reports 0, for example one that `ssh -tt` or a build server makes.
      return stream.columns > 0 ? stream.columns : 80;
    },
  };
}

/** Waits, or returns at once when the command is to end. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

/** Resolves when the command is to end. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
