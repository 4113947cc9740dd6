/** Made once: the error that `abort()` would make for each request takes the stack with it. */
const PASSED = new Error('the deadline of a request');

/** Aborts a request after so many milliseconds, or together with the caller's own signal. `end` must be called. */
export class Deadline {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(milliseconds: number, callers: AbortSignal | undefined) {
    this.timer = setTimeout(() => this.controller.abort(PASSED), milliseconds);
    const own = this.controller.signal;
    this.signal = callers === undefined ? own : AbortSignal.any([own, callers]);
  }

  /** Whether the time is over, whatever the caller's signal says. */
  get hasPassed(): boolean {
    return this.controller.signal.aborted;
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
