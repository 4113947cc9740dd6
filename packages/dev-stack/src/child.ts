import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { z } from 'zod';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { endProcess, signal } from './processes.js';
import { InUseError, StackError } from './stack-error.js';

/**
 * A child process that cannot outlive this one, even if this one is killed with SIGKILL.
 *
 * It is started through `sh`, which first starts a watcher in the background and then becomes the child (`exec`), so
 * the child has the process id that was spawned. The watcher reads a pipe from this process. A word on the pipe means
 * that the child has ended. The end of the pipe means that this process has ended: the watcher then sends the child its
 * stop signal and, after the deadline, SIGKILL to its whole group. The watcher is re-parented to init, because
 * PostgreSQL does not tolerate children that it does not know.
 *
 * The child leads its own session, so that Ctrl-C in the terminal reaches only this process, which stops its children
 * in order.
 */
const watcherScript = `
stop_signal=$1 stop_seconds=$2
shift 2
(
  (
    trap '' HUP INT TERM
    IFS= read -r word <&3 && exit 0
    kill -s "$stop_signal" "$$" || exit 0
    tenths=$((stop_seconds * 10))
    while [ "$tenths" -gt 0 ]; do
      kill -0 "$$" || exit 0
      if sleep 0.1; then tenths=$((tenths - 1)); else sleep 1; tenths=$((tenths - 10)); fi
    done
    kill -s KILL -- "-$$"
  ) >/dev/null 2>&1 &
)
exec 3<&-
exec "$@"
`;

const logRotateBytes = 10 * 1024 * 1024;

export interface ChildOptions {
  /** Used in messages. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Its stdout and stderr are appended here. */
  logFile: string;
  /** Records the child, so that the next start finds one that survived. */
  pidFile: string;
  /** The signal that asks it to end. Default SIGTERM. */
  stopSignal?: 'SIGTERM' | 'SIGINT';
  /** After this many seconds it is killed. Default 10. */
  stopSeconds?: number;
  /** Runs after leftovers have ended, before the child is started. */
  beforeSpawn?: () => Promise<void>;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Null while it runs. */
  readonly exit: Exit | null;
  /** Resolves when it has ended, for any reason. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks it to end and waits; kills it after the deadline. Idempotent. */
  stop(): Promise<Exit>;
  kill(name: NodeJS.Signals): void;
  /** The last lines, at most `lines`, that it wrote to its log since it was started. */
  lastWords(lines?: number): Promise<string>;
}

const processSchema = z.object({ pid: z.number().int().positive(), identity: z.string() });
const pidFileSchema = z.object({ child: processSchema, owner: processSchema });

/**
 * Starts the child, after ending a leftover of an earlier parent that is gone.
 *
 * @throws InUseError if another living process keeps a child of the same pid file; Error if it cannot be started
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, stopSignal = 'SIGTERM', stopSeconds = 10 } = options;
  await endLeftover(options.pidFile, stopSignal, stopSeconds);
  await options.beforeSpawn?.();
  await mkdir(dirname(options.logFile), { recursive: true });
  await rotate(options.logFile);
  const log = await open(options.logFile, 'a', 0o600);
  const { size: logStart } = await log.stat();

  const child = spawn(
    '/bin/sh',
    ['-c', watcherScript, name, stopSignal.slice(3), String(stopSeconds), options.command, ...options.args],
    {
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      detached: true,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    },
  );
  const lifeline = child.stdio[3] as Writable;
  // The watcher may end before this process (killed with the group); that is not an error.
  lifeline.on('error', () => {});

  let exit: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signalName) => {
      exit = { code, signal: signalName };
      lifeline.end('ended\n');
      void rm(options.pidFile, { force: true })
        .catch(() => {})
        .then(() => resolve({ code, signal: signalName }));
    });
  });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  try {
    await started;
  } catch (error) {
    throw new StackError(
      `${name} could not be started (${options.command}): ${messageOf(error)}`,
      'Check that this system allows more processes and has /bin/sh.',
      { cause: error },
    );
  } finally {
    await log.close();
  }
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${name} was started but has no process id.`);
  await writePidFile(options.pidFile, pid);

  let stopping: Promise<Exit> | null = null;
  const stopNow = async (): Promise<Exit> => {
    child.kill(stopSignal);
    const timer = setTimeout(() => signal(-pid, 'SIGKILL'), stopSeconds * 1000);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    name,
    pid,
    logFile: options.logFile,
    get exit() {
      return exit;
    },
    exited,
    stop: async () => exit ?? (await (stopping ??= stopNow())),
    kill: (signalName) => void child.kill(signalName),
    lastWords: async (lines = 20) => readTail(options.logFile, logStart, lines),
  };
}

/** How a child ended, for messages. */
export function describeExit(exit: Exit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

/** Avoids `instanceof`: an error of Node itself may come from another realm (jest, vm). */
export function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage && typeof error.message === 'string' ? error.message : String(error);
}

async function writePidFile(pidFile: string, pid: number): Promise<void> {
  const [identity, ownIdentity] = await Promise.all([processIdentity(pid), processIdentity(process.pid)]);
  if (identity === null) return; // It has already ended; `exited` reports it.
  const content: z.infer<typeof pidFileSchema> = {
    child: { pid, identity },
    owner: { pid: process.pid, identity: ownIdentity ?? '' },
  };
  await mkdir(dirname(pidFile), { recursive: true });
  await writeFile(`${pidFile}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  await rename(`${pidFile}.new`, pidFile);
}

/**
 * Ends the child that the pid file names, if its parent is gone. `startChild` calls it.
 *
 * @throws InUseError if another living process keeps it
 */
export async function endLeftover(
  pidFile: string,
  stopSignal: NodeJS.Signals = 'SIGTERM',
  stopSeconds = 10,
): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const parsed = pidFileSchema.safeParse(jsonOrNull(text));
  if (parsed.success) {
    const { child, owner } = parsed.data;
    const childLives = (await processIdentity(child.pid)) === child.identity;
    const ownerLives = (await processIdentity(owner.pid)) === owner.identity;
    if (childLives && ownerLives) {
      throw new InUseError(
        `${pidFile} belongs to process ${child.pid}, kept by the running process ${owner.pid}`,
        `Stop process ${owner.pid} first, or use another folder.`,
      );
    }
    if (childLives) await endProcess(child.pid, stopSignal, stopSeconds);
  }
  await rm(pidFile, { force: true });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keeps one older log, so that a stack that is started for years does not fill the disk. */
async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (file) => file.size,
    () => 0,
  );
  if (size > logRotateBytes) await rename(logFile, `${logFile}.1`);
}

async function readTail(file: string, from: number, lines: number): Promise<string> {
  const maxBytes = 64 * 1024;
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - maxBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - start)), 0, undefined, start);
    return buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
