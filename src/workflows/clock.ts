/**
 * The workflow's clock, never earlier than a time it is known to have passed.
 *
 * `Date.now()` may be an earlier workflow task's time, where a query came with newer events (`cold-query.ts`). Use the clock
 * to choose how long to wait and what to show, never to decide whether something is due: a replay reads another time, decides
 * otherwise, and the workflow is lost.
 */
export class Clock {
  private knownMs = 0;

  nowMs(): number {
    return Math.max(Date.now(), this.knownMs);
  }

  nowText(): string {
    return new Date(this.nowMs()).toISOString();
  }

  /** Learns that this time has passed: a timer that fired, or the server's time of an activity. */
  passed(ms: number): void {
    this.knownMs = Math.max(this.knownMs, ms);
  }
}
