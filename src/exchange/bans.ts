/**
 * Waits that an exchange imposed, by what it imposed them on: a key, or the address that all keys share. A banned
 * question is not sent: asking during a ban makes it longer (Binance: 418 after repeated 429s, two minutes to three days).
 */
export class Bans {
  /** Monotonic milliseconds at which the ban of a name ends. */
  private readonly ends = new Map<string, number>();

  impose(name: string, waitMs: number): void {
    const end = performance.now() + waitMs;
    if (end > (this.ends.get(name) ?? 0)) this.ends.set(name, end);
  }

  /** Milliseconds until every one of the names is free; 0 where none is banned. */
  remainingMs(names: readonly string[]): number {
    const now = performance.now();
    return Math.ceil(Math.max(0, ...names.map((name) => (this.ends.get(name) ?? 0) - now)));
  }
}
