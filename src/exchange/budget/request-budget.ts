export interface Budget {
  /** Weight (in ccxt's costs, for the exchange) that may be spent a minute. */
  perMinute: number;
  /** Weight that may be spent at once after a rest. */
  burst: number;
}

/** What an exchange says of its own count of our requests: all of this address, whoever sent them. */
export interface Usage {
  used: number;
  limit: number;
  /** Until the count starts again, milliseconds. */
  resetMs: number;
}

/** Share of the exchange's limit from which on nothing more is asked until its count starts again. */
const HOLD_AT = 0.75;
/** The longest hold that is believed: no exchange that reports its count counts over more than a minute. */
const LONGEST_HOLD_MS = 2 * 60_000;

/**
 * The weight that one process may spend on an exchange: at most `burst + perMinute` in any minute, and nothing while the
 * exchange itself counts us near its limit. Weight is spent only when a request goes out: one that gives up while it waits
 * has spent nothing.
 */
export class RequestBudget {
  /** Monotonic time at which everything spent so far is earned again. */
  private earnedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time until which nothing is asked. */
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

  /** How long to wait where so much is taken ahead; a request that costs more than the burst waits for what came before. */
  beyondBurst(aheadMs: number, costMs: number): number {
    return aheadMs - Math.max(this.burstMs, costMs);
  }

  /** Takes note of the exchange's own count. */
  report(usage: Usage, now: number): void {
    if (usage.used < usage.limit * HOLD_AT || !(usage.resetMs > 0)) return;
    this.heldUntil = Math.max(this.heldUntil, now + Math.min(usage.resetMs, LONGEST_HOLD_MS));
  }
}
