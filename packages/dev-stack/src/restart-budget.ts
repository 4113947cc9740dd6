/** How often a part may end unasked within the window before the stack counts as broken. */
export const RESTART_LIMIT = 5;
export const RESTART_WINDOW_MINUTES = 10;
const FIRST_WAIT_MS = 1_000;

/** Decides whether, and after which wait, a part that ended is restarted. */
export class RestartBudget {
  private times: number[] = [];

  /** @param now milliseconds of a monotonic clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Uses one restart. The wait doubles with each; null if the limit is reached. */
  next(): { number: number; waitMs: number } | null {
    const now = this.now();
    this.times = this.times.filter((time) => now - time < RESTART_WINDOW_MINUTES * 60_000);
    if (this.times.length >= RESTART_LIMIT) return null;
    this.times.push(now);
    return { number: this.times.length, waitMs: FIRST_WAIT_MS * 2 ** (this.times.length - 1) };
  }
}
