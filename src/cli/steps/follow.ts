import { pause } from '../terminal/io.js';

const POLL_MS = 1000;

/**
 * Emits what `news` returns, now and every second, until the signal. `news` remembers its position and returns each
 * item once. The first call must succeed; later failures are reported and the call is repeated, because a follower must
 * survive a restart of the database.
 */
export async function follow<T>(options: {
  news: () => Promise<readonly T[]>;
  emit: (item: T) => void;
  trouble: (error: unknown) => void;
  signal: AbortSignal;
  pollMs?: number;
}): Promise<void> {
  const { news, emit, trouble, signal, pollMs = POLL_MS } = options;
  for (const item of await news()) emit(item);
  let troubled = false;
  while (!signal.aborted) {
    await pause(pollMs, signal);
    if (signal.aborted) return;
    try {
      for (const item of await news()) emit(item);
      troubled = false;
    } catch (error) {
      if (!troubled) trouble(error);
      troubled = true;
    }
  }
}
