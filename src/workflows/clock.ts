/**
 * The workflow's clock. It is never earlier than a time that is known to have passed.
 *
 * `Date.now()` may return the time of an earlier workflow task if a query came with newer events (`cold-query.ts`). Use the
 * clock only to choose how long to wait and what to show, never to decide whether something is due: a replay may read
 * another time and decide differently, and then the workflow cannot continue.
 */
export class Clock {
  private knownMs = 0;

  nowMs(): number {
    return Math.max(Date.now(), this.knownMs);
  }

  nowText(): string {
    return new Date(this.nowMs()).toISOString();
  }

  /** Records that this time has passed: a timer fired, or an activity's answer has the server's time. */
  passed(ms: number): void {
    this.knownMs = Math.max(this.knownMs, ms);
  }
}
