import { setTimeout as sleep } from 'node:timers/promises';
import { callContext } from './call-context.js';

export interface Budget {
  /** Weight (in ccxt's costs, for the exchange) that may be spent a minute. */
  perMinute: number;
  /** Weight that may be spent at once after a rest. */
  burst: number;
}

/**
 * Spends one exchange's request weight for all accounts of this process, in the order of asking. It takes the place of
 * ccxt's own throttler, which forgets the rest between two looks and so makes every look after the first wait.
 *
 * In any minute at most `burst + perMinute` is spent; both together stay below the exchange's limit, since the bot
 * usually asks from the same address.
 */
export class RequestThrottle {
  /** Monotonic time at which everything spent so far is earned again. */
  private earnedAt = 0;
  private readonly msPerWeight: number;
  private readonly burstMs: number;

  constructor(
    budget: Budget,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.msPerWeight = 60_000 / budget.perMinute;
    this.burstMs = budget.burst * this.msPerWeight;
  }

  /** Resolves when the weight may be spent. ccxt calls it before it signs, so that a signature is never old. */
  async throttle(weight = 1): Promise<void> {
    const waitMs = this.reserve(weight);
    if (waitMs <= 0) return;
    const signal = callContext.getStore()?.signal;
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }

  /** Spends the weight and says how many milliseconds to wait first. */
  reserve(weight: number): number {
    const now = this.now();
    this.earnedAt = Math.max(this.earnedAt, now) + weight * this.msPerWeight;
    return this.earnedAt - now - Math.max(this.burstMs, weight * this.msPerWeight);
  }
}
