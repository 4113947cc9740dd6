import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '@plumbline/primitives/process-identity';
import { StackError } from './stack-error.js';

const pollMs = 20;

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
