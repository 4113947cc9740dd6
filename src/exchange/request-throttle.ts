import { setTimeout as sleep } from 'node:timers/promises';
import { callContext } from './call-context.js';

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

/** Requests of one process under way at once; with the hold below, what bounds several workers on one address. */
const LANES = 4;
/** Share of the exchange's limit from which on nothing more is asked until its count starts again. */
const HOLD_AT = 0.75;

/**
 * Spends one exchange's request weight for all accounts of this process, in the order of asking. It takes the place of
 * ccxt's own throttler, which forgets the rest between two looks and so makes every look after the first wait.
 *
 * Two bounds. By our own count: in any minute at most `burst + perMinute`. By the exchange's count where it tells one:
 * nothing is asked above three quarters of its limit. The second sees the bot and other workers on the same address too: with
 * four requests under way each, they cannot pass the limit together before all have seen it near.
 */
export class RequestThrottle {
  /** Monotonic time at which everything spent so far is earned again. */
  private earnedAt = 0;
  /** Monotonic time until which nothing is asked. */
  private heldUntil = 0;
  private readonly msPerWeight: number;
  private readonly burstMs: number;
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    budget: Budget,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.msPerWeight = 60_000 / budget.perMinute;
    this.burstMs = budget.burst * this.msPerWeight;
  }

  /** Resolves when the weight may be spent. ccxt calls it before it signs, so that a signature is never old. */
  async throttle(weight = 1): Promise<void> {
    const context = callContext.getStore();
    const release = await this.takeLane(context?.signal);
    if (context === undefined) release();
    else {
      context.lanes.push(release);
      context.weights.push(weight);
    }
    const waitMs = this.reserve(weight);
    if (waitMs > 0) await sleep(waitMs, undefined, context?.signal === undefined ? {} : { signal: context.signal });
  }

  /** Spends the weight and says how many milliseconds to wait first. */
  reserve(weight: number): number {
    const now = this.now();
    this.earnedAt = Math.max(this.earnedAt, now) + weight * this.msPerWeight;
    const byOwnCount = this.earnedAt - now - Math.max(this.burstMs, weight * this.msPerWeight);
    return Math.max(byOwnCount, this.heldUntil - now);
  }

  /** Takes note of the exchange's own count. */
  report(usage: Usage): void {
    if (usage.used < usage.limit * HOLD_AT) return;
    this.heldUntil = Math.max(this.heldUntil, this.now() + usage.resetMs);
  }

  /** A lane is handed from the one that ends to the first that waits. */
  private async takeLane(signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.underWay < LANES) this.underWay += 1;
    else await this.waitForLane(signal);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.waiting.shift();
      if (next === undefined) this.underWay -= 1;
      else next();
    };
  }

  private async waitForLane(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        reject(new DOMException('given up while waiting for a lane', 'AbortError'));
      };
      const take = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(take);
    });
  }
}
