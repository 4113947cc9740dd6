import { pause } from '../terminal/io.js';

const POLL_MS = 1000;

/**
 * Emits what `news` brings, now and each second, until the signal. `news` keeps its own place: it gives each thing once.
 * The first question must succeed; later ones that fail are reported and asked again, for who follows wants to outlive
 * a restart of the database.
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
