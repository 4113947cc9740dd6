import { spawn, type ChildProcess } from 'node:child_process';

/** How long output is read after the command has ended, because a process that it started may keep the pipe open. */
const LAST_OUTPUT_MS = 250;

export interface CommandRun {
  /** Program and arguments. No shell interprets them. */
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  /** What it reads on stdin, up to the end of the stream. */
  stdin: string;
  /** The time after which it is killed together with everything that it started. */
  timeoutMs: number;
  /** Characters of stderr that are kept. */
  keptOutput: number;
  /** Kills the command when it aborts. */
  signal?: AbortSignal;
}

export type CommandEnd = {
  /** The beginning of stderr, trimmed. Not redacted. */
  stderr: string;
} & (
  | { kind: 'exited'; code: number }
  | { kind: 'killed'; signal: NodeJS.Signals }
  /** It was killed because its time had passed, or because of the caller's signal. */
  | { kind: 'late' }
  | { kind: 'aborted' }
  /** The program cannot be started. */
  | { kind: 'not_started'; error: NodeJS.ErrnoException }
);

/** Runs a program with a text on stdin, in its own process group, for a bounded time. Never throws. */
export async function runCommand(run: CommandRun): Promise<CommandEnd> {
  const [program = '', ...args] = run.command;
  if (run.signal?.aborted === true) return { kind: 'aborted', stderr: '' };
  let child: ReturnType<typeof start>;
  try {
    child = start(program, args, run.env);
  } catch (error) {
    // Such as an argument with a null byte.
    return { kind: 'not_started', error: error as NodeJS.ErrnoException, stderr: '' };
  }
  let output = '';
  let cut: 'late' | 'aborted' | null = null;
  child.stderr.on('data', (chunk: Buffer) => {
    if (output.length < run.keptOutput) output = (output + chunk.toString('utf8')).slice(0, run.keptOutput);
  });
  // A command may ignore its input.
  child.stdin.on('error', () => {});
  child.stdin.end(`${run.stdin}\n`);

  const end = (why: 'late' | 'aborted'): void => {
    cut ??= why;
    killGroup(child.pid);
  };
  const abort = (): void => end('aborted');
  const timer = setTimeout(() => end('late'), run.timeoutMs);
  run.signal?.addEventListener('abort', abort, { once: true });
  try {
    const ended = await untilEnd(child);
    const stderr = output.trim();
    if ('error' in ended) return { kind: 'not_started', ...ended, stderr };
    if (cut !== null) return { kind: cut, stderr };
    const { code, signal } = ended;
    return code === null ? { kind: 'killed', signal: signal ?? 'SIGKILL', stderr } : { kind: 'exited', code, stderr };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', abort);
  }
}

// Its own process group, so that the processes that it started can be killed with it.
const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
  spawn(program, args, { env, stdio: ['pipe', 'ignore', 'pipe'], detached: true });

type ProcessEnd = { error: NodeJS.ErrnoException } | { code: number | null; signal: NodeJS.Signals | null };

function untilEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('exit', (code, signal) => {
      const stop = setTimeout(() => child.stderr?.destroy(), LAST_OUTPUT_MS);
      // After the last output, or once the pipe is destroyed.
      child.once('close', () => {
        clearTimeout(stop);
        resolve({ code, signal });
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}
