import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StackError } from './stack-error.js';

const pollMs = 20;

/**
 * Distinguishes a process from a later one with the same id: its start time. Null if no such process runs (a zombie
 * counts as gone). Read from /proc on Linux, where `ps` is often not installed, and from `ps` elsewhere.
 */
export async function processIdentity(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The second field is the command in parentheses and may contain anything, including parentheses and blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined || state === 'Z' || state === 'X') return null;
  return startTicks;
}

/** The command line of a process, or null if it does not run or cannot be read. */
export async function processCommand(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return text === null || text === '' ? null : text.replaceAll('\0', ' ').trim();
}

async function ps(pid: number, column: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}

/** Sends a signal; false if no process received it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Waits until the process is gone; false if it still runs after `seconds`. */
export async function waitForEnd(pid: number, identity: string, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while ((await processIdentity(pid)) === identity) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

/** Ends a process that is not our child: sends `first`, then SIGKILL after `seconds`. */
export async function endProcess(pid: number, first: NodeJS.Signals, seconds: number): Promise<void> {
  const identity = await processIdentity(pid);
  if (identity === null) return;
  signal(pid, first);
  if (await waitForEnd(pid, identity, seconds)) return;
  signal(pid, 'SIGKILL');
  if (!(await waitForEnd(pid, identity, 5))) {
    throw new StackError(`Process ${pid} does not end, not even by SIGKILL`, `See what it waits for: ps -p ${pid}.`);
  }
}
