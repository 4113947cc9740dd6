import { untilAborted } from '../transport/until-aborted.js';

/** Where all workers write down together what they ask of an exchange. */
export interface SpendingRecord {
  /**
   * Takes `costMs` of an exchange's time and answers how far ahead all workers have taken it, milliseconds. A negative cost
   * gives back; what time has already earned cannot be given back.
   */
  spend(exchange: string, costMs: number): Promise<number>;
}

/** A request waits so long for the shared budget at most: a shared budget that hangs must not stop the reads. */
const PATIENCE_MS = 2_000;
/** Back-off before a shared budget that failed is asked again. */
const REST_MS = 30_000;

/** A place in the shared budget: how far it lies ahead, and how to leave it unused. */
export interface Place {
  aheadMs: number;
  giveBack: () => void;
}

/** No shared budget, or one that does not answer: nothing is ahead, and nothing can be given back. */
const NO_PLACE: Place = { aheadMs: 0, giveBack: () => undefined };

/** One exchange's share of the budget. While the shared budget does not answer, requests go on without it. */
export class SharedBudget {
  private restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly spending: SpendingRecord,
    private readonly exchange: string,
    private readonly now: () => number,
  ) {}

  /**
   * Rejects only with the signal's reason; a place that is taken nevertheless is given back when the shared budget
   * answers.
   */
  async take(costMs: number, signal: AbortSignal | undefined): Promise<Place> {
    if (this.now() < this.restsUntil) return NO_PLACE;
    const taken = this.askFor(costMs);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), PATIENCE_MS);
    });
    try {
      const place = await untilAborted(Promise.race([taken, patience]), signal);
      if (place !== null) return place;
    } catch {
      if (signal?.aborted === true) {
        taken.then(({ giveBack }) => giveBack()).catch(() => undefined);
        throw signal.reason;
      }
    } finally {
      clearTimeout(timer);
    }
    // The place of a late answer stays taken: the request goes out now, and counts.
    this.restsUntil = this.now() + REST_MS;
    return NO_PLACE;
  }

  private async askFor(costMs: number): Promise<Place> {
    const askedAt = this.now();
    return this.place(await this.spending.spend(this.exchange, costMs), costMs, askedAt);
  }

  /**
   * Gives back what of the place still lies ahead. What lies behind was earned by time and would be earned twice. Requests
   * that already wait behind this place keep theirs, so a later minute may hold as much more as was given back: at most one
   * request of each worker, as each has one place at a time that it waits for.
   */
  private place(aheadMs: number, costMs: number, askedAt: number): Place {
    return {
      aheadMs,
      giveBack: () => {
        const unearnedMs = Math.min(costMs, aheadMs - (this.now() - askedAt));
        if (unearnedMs > 0) this.spending.spend(this.exchange, -unearnedMs).catch(() => undefined);
      },
    };
  }
}
