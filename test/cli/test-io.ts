import { PassThrough, Writable } from 'node:stream';
import type { Io, Output } from '../../src/cli/terminal/io.js';
import { main } from '../../src/cli/program.js';

export interface TestIo extends Io {
  out(): string;
  err(): string;
  stop(): void;
}

/** A simulated process: keeps what is written, and has the environment, folder and time that a test sets. */
export function testIo(
  options: {
    stdin?: string;
    /** What a person types on a terminal; lines end with \n, and \u0003 is Ctrl-C. */
    typed?: string;
    env?: Record<string, string>;
    cwd?: string;
    now?: Date;
    tty?: boolean;
    width?: number;
  } = {},
): TestIo {
  const written = { out: '', err: '' };
  const controller = new AbortController();
  const output = (to: keyof typeof written): Output => ({
    write: (text) => {
      written[to] += text;
    },
    isTTY: options.tty ?? false,
    columns: options.width ?? 100,
  });
  // What a person sees between the answers goes with stderr.
  const terminal = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.err += chunk.toString();
      done();
    },
  });
  return {
    stdout: output('out'),
    stderr: output('err'),
    readStdin: async () => options.stdin ?? '',
    person: options.typed === undefined ? null : { input: typing(options.typed), output: terminal },
    env: { ...options.env },
    cwd: options.cwd ?? '/nonexistent',
    now: () => options.now ?? new Date(),
    takeSignals: () => controller.signal,
    holdHangups: () => {},
    onHangup: () => {},
    out: () => written.out,
    err: () => written.err,
    stop: () => controller.abort(),
  };
}

function typing(text: string): PassThrough {
  const input = new PassThrough();
  // A question without an answer fails at once, as at the end of a terminal.
  input.end(text);
  return input;
}

/** Runs one command line in this process. */
export async function plumbline(
  argv: readonly string[],
  options: Parameters<typeof testIo>[0] = {},
): Promise<{ code: number; out: string; err: string }> {
  const io = testIo(options);
  const code = await main(argv, io);
  return { code, out: io.out(), err: io.err() };
}

/** Below the time of a test, so that the last answer is reported. */
const PATIENCE_MS = 50_000;

/**
 * Repeats the command until the answer is the wanted one, for states that no event reports. Fails with the last answer.
 */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still not the wanted answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
