/**
 * Detects since when no worker has polled. Uses changes of Temporal's timestamp and does not compare clocks, because this
 * machine's clock may be wrong.
 */
export class PollWatch {
  private seen: { stampMs: number | null; changedMs: number } | null = null;

  constructor(private readonly goneAfterMs: number) {}

  /**
   * @param lastPoll the newest poll by Temporal's clock; null if it knows none
   * @param at this machine's time of the answer
   * @param elapsedMs a monotonic clock
   */
  noWorkerSince(lastPoll: Date | null, at: Date, elapsedMs: number): Date | null {
    const stampMs = lastPoll?.getTime() ?? null;
    if (this.seen === null || this.seen.stampMs !== stampMs) this.seen = { stampMs, changedMs: elapsedMs };
    const quietMs = elapsedMs - this.seen.changedMs;
    if (stampMs !== null && quietMs <= this.goneAfterMs) return null;
    return new Date(at.getTime() - quietMs);
  }
}
