/** Shared by all requests, because `abort()` would otherwise create an error with a stack for each of them. */
const PASSED = new Error('the deadline of a request');

/** Aborts a request after some milliseconds or with the caller's signal. Call `end` when the request is done. */
export class Deadline {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(milliseconds: number, callers: AbortSignal | undefined) {
    this.timer = setTimeout(() => this.controller.abort(PASSED), milliseconds);
    const own = this.controller.signal;
    this.signal = callers === undefined ? own : AbortSignal.any([own, callers]);
  }

  /** Whether the time has passed, regardless of the caller's signal. */
  get hasPassed(): boolean {
    return this.controller.signal.aborted;
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
