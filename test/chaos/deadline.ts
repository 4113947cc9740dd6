import { setTimeout as sleep } from 'node:timers/promises';

/** The error of `within`. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * The result of `work`, or DeadlineError after `ms`. The work itself continues and its result is then ignored. Every
 * wait of the driver uses this function, so that nothing that hangs can hang the driver.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what}: no answer within ${Math.round(ms / 1_000)} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Repeats `ask` until the answer is not null. Errors count as "not yet". @throws DeadlineError with the last error */
export async function until<T>(ms: number, what: string, ask: () => Promise<T | null>, everyMs = 500): Promise<T> {
  const deadline = performance.now() + ms;
  let trouble = '';
  for (;;) {
    const left = deadline - performance.now();
    try {
      const answer = await within(Math.max(left, 1), what, ask());
      if (answer !== null) return answer;
    } catch (error) {
      trouble = ` (${String(error).slice(0, 300)})`;
    }
    if (performance.now() > deadline)
      throw new DeadlineError(`${what}: not within ${Math.round(ms / 1_000)} s${trouble}`);
    await sleep(everyMs);
  }
}

/** Sleeps, and wakes early when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Runs at most `limit` at a time. `work` must not reject. */
export async function inParallel<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const next = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, next));
}
