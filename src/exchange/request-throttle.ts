import { setTimeout as sleep } from 'node:timers/promises';
import { callContext, type CallContext } from './call-context.js';

export interface Budget {
  /** Weight (in ccxt's costs, for the exchange) that may be spent a minute. */
  perMinute: number;
  /** Weight that may be spent at once after a rest. */
  burst: number;
}

/** Where all workers write down together what they ask of an exchange. */
export interface SpendingBook {
  /** Takes `costMs` of an exchange's time and answers how far ahead all workers have taken it, milliseconds. */
  spend(exchange: string, costMs: number): Promise<number>;
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
/** For so long a book that did not answer is not asked again: each question waits for its failure. */
const BOOK_REST_MS = 30_000;

/**
 * Spends one exchange's request weight for all accounts of this process, in the order of asking. It takes the place of
 * ccxt's own throttler, which forgets the rest between two looks and so makes every look after the first wait.
 *
 * Three bounds. By our own count: in any minute at most `burst + perMinute`. By the book that all workers keep together,
 * where there is one: the same bound for all of them. By the exchange's count where it tells one: nothing is asked above three
 * quarters of its limit. That sees the bot on the same address too: with four requests under way each, workers cannot
 * pass the limit together before all have seen it near. While the book does not answer (the ledger is away, and with it
 * every verdict), the other two hold.
 */
export class RequestThrottle {
  /** Monotonic time at which everything spent so far is earned again. */
  private earnedAt = 0;
  /** Monotonic time until which nothing is asked. */
  private heldUntil = 0;
  private msPerWeight = 0;
  private burstMs = 0;
  private book: { spending: SpendingBook; name: string; restsUntil: number } | null = null;
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    budget: Budget,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.spendBy(budget);
  }

  /** Goes on by another budget. */
  spendBy(budget: Budget): void {
    this.msPerWeight = 60_000 / budget.perMinute;
    this.burstMs = budget.burst * this.msPerWeight;
  }

  /** From now on what is spent is also written in the book that all workers keep, under this exchange's name. */
  shareBy(spending: SpendingBook, name: string): void {
    this.book ??= { spending, name, restsUntil: Number.NEGATIVE_INFINITY };
  }

  /** Resolves when the weight may be spent. ccxt calls it before it signs, so that a signature is never old. */
  async throttle(cost: number | string = 1): Promise<void> {
    const context = callContext.getStore();
    // ccxt, told to make texts of numbers, makes them of costs too.
    const weight = documentedWeight(context) ?? Number(cost);
    const release = await this.takeLane(context?.signal);
    if (context === undefined) release();
    else {
      context.lanes.push(release);
      context.weights.push(weight);
    }
    const waitMs = Math.max(this.reserve(weight), await this.reserveWithOthers(weight));
    if (waitMs > 0) await sleep(waitMs, undefined, context?.signal === undefined ? {} : { signal: context.signal });
  }

  /** Spends the weight and says how many milliseconds to wait first. */
  reserve(weight: number): number {
    const now = this.now();
    const costMs = weight * this.msPerWeight;
    this.earnedAt = Math.max(this.earnedAt, now) + costMs;
    return Math.max(this.beyondBurst(this.earnedAt - now, costMs), this.heldUntil - now);
  }

  /** The same by the common count; what it costs to ask for it is part of the wait. */
  private async reserveWithOthers(weight: number): Promise<number> {
    const { book } = this;
    if (book === null || this.now() < book.restsUntil) return 0;
    const costMs = weight * this.msPerWeight;
    try {
      return this.beyondBurst(await book.spending.spend(book.name, costMs), costMs);
    } catch {
      book.restsUntil = this.now() + BOOK_REST_MS;
      return 0;
    }
  }

  /** How long to wait where so much is taken ahead; a request that costs more than the burst waits for what came before. */
  private beyondBurst(aheadMs: number, costMs: number): number {
    return aheadMs - Math.max(this.burstMs, costMs);
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

/** Where a call asks a single question: of several, ccxt does not tell here which one it is about to ask. */
function documentedWeight(context: CallContext | undefined): number | undefined {
  return context?.allowed.length === 1 ? context.allowed[0]?.weight : undefined;
}
