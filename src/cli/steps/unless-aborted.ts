import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { untilAborted } from '../terminal/io.js';

/** How long pending calls get to end after an abort. */
export const END_MS = 2_000;

/** Returns the result of the work, or null if the command is aborted first. */
export type UnlessAborted = <T>(work: () => Promise<T>) => Promise<T | null>;

/**
 * On abort, pending calls to Temporal are cancelled and get `END_MS` to end: the client's own retry of a call fails if its
 * connection is closed meanwhile. The server still carries out what it has accepted.
 */
export function unlessAbortedBy(signal: AbortSignal, connection: ConnectionLike): UnlessAborted {
  // Each call adds a listener, and the client keeps all of them until the end.
  setMaxListeners(0, signal);
  const aborted = untilAborted(signal);
  return async (work) => {
    const working = connection.withAbortSignal(signal, work);
    const settled = Promise.allSettled([working]);
    await Promise.race([settled, aborted]);
    if (!signal.aborted) return working;
    await Promise.race([settled, sleep(END_MS, undefined, { ref: false })]);
    return null;
  };
}
