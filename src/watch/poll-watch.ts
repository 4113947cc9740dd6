/**
 * Since when no worker has polled, derived from Temporal's stamps changing, not from comparing clocks: this machine's
 * clock may be off.
 */
export class PollWatch {
  private seen: { stampMs: number | null; changedMs: number } | null = null;

  constructor(private readonly goneAfterMs: number) {}

  /**
   * @param lastPoll the newest poll by Temporal's clock; null where it knows of none
   * @param at this machine's time of the answer
   * @param elapsedMs a clock that only goes forward
   */
  noWorkerSince(lastPoll: Date | null, at: Date, elapsedMs: number): Date | null {
    const stampMs = lastPoll?.getTime() ?? null;
    if (this.seen === null || this.seen.stampMs !== stampMs) this.seen = { stampMs, changedMs: elapsedMs };
    const quietMs = elapsedMs - this.seen.changedMs;
    if (stampMs !== null && quietMs <= this.goneAfterMs) return null;
    return new Date(at.getTime() - quietMs);
  }
}
