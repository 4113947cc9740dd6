import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

interface Timer {
  at: number;
  ring: () => void;
}

/** A clock that moves only when it is moved, and lets everything that became ready run before it moves on. */
export class VirtualClock {
  now = 0;
  private timers: Timer[] = [];

  readonly read = (): number => this.now;

  readonly wait = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const timer = { at: this.now + ms, ring: resolve };
      this.timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.timers = this.timers.filter((other) => other !== timer);
        reject(signal.reason);
      });
    });
  };

  /** Moves on by so much, ringing what is due on the way, each at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    await turnOfTheLoop();
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.ring();
      await turnOfTheLoop();
    }
    this.now = end;
  }
}
