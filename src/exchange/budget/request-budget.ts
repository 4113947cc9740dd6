export interface Budget {
  /** Weight (in ccxt's costs, for the exchange) that may be spent a minute. */
  perMinute: number;
  /** Weight that may be spent at once after an idle time. */
  burst: number;
}

/** The exchange's own count of our requests: all that come from this address, whoever sends them. */
export interface Usage {
  used: number;
  limit: number;
  /** Until the count restarts, milliseconds. */
  resetMs: number;
}

/** Share of the exchange's limit at which requests stop until its count restarts. */
const HOLD_AT = 0.75;
/** The longest hold that is accepted: no exchange that reports a count has a window of more than a minute. */
const LONGEST_HOLD_MS = 2 * 60_000;

/**
 * The weight that one process may spend on an exchange: at most `burst + perMinute` in any minute, and none while the
 * exchange's own count is near its limit. A request spends its weight when it is sent; one that gives up while it waits spends
 * nothing.
 */
export class RequestBudget {
  /** Monotonic time at which everything spent so far is earned again. */
  private earnedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time until which no request is sent. */
  private heldUntil = Number.NEGATIVE_INFINITY;
  private msPerWeight = 0;
  private burstMs = 0;

  constructor(budget: Budget) {
    this.change(budget);
  }

  change(budget: Budget): void {
    this.msPerWeight = 60_000 / budget.perMinute;
    this.burstMs = budget.burst * this.msPerWeight;
  }

  /** The time in which a weight is earned, milliseconds. */
  costMs(weight: number): number {
    return weight * this.msPerWeight;
  }

  /** Milliseconds until the weight may be spent; 0 where it may be now. */
  waitMs(weight: number, now: number): number {
    const costMs = this.costMs(weight);
    const aheadMs = Math.max(this.earnedAt, now) + costMs - now;
    return Math.max(0, this.beyondBurst(aheadMs, costMs), this.heldUntil - now);
  }

  spend(weight: number, now: number): void {
    this.earnedAt = Math.max(this.earnedAt, now) + this.costMs(weight);
  }

  /**
   * The wait of a request, where `aheadMs` of the exchange's time are taken, its own cost included. A request that costs more
   * than the burst waits until all that was spent before it is earned again.
   */
  beyondBurst(aheadMs: number, costMs: number): number {
    return aheadMs - Math.max(this.burstMs, costMs);
  }

  /** Applies the exchange's own count. */
  report(usage: Usage, now: number): void {
    if (usage.used < usage.limit * HOLD_AT || !(usage.resetMs > 0)) return;
    this.heldUntil = Math.max(this.heldUntil, now + Math.min(usage.resetMs, LONGEST_HOLD_MS));
  }
}
