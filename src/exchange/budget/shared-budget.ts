import { untilAborted } from '../transport/until-aborted.js';

/** The record in which all workers count their requests to an exchange. */
export interface SpendingRecord {
  /**
   * Takes `costMs` of an exchange's time and returns how far ahead all workers have taken it, milliseconds. A negative cost
   * gives time back; time that has passed cannot be given back.
   */
  spend(exchange: string, costMs: number): Promise<number>;
}

/** The longest wait for the shared budget. One that hangs must not stop the reads. */
const PATIENCE_MS = 2_000;
/** Back-off before retrying a shared budget that failed. */
const REST_MS = 30_000;

/** A place in the shared budget: how far ahead it is, and how to give it back unused. */
export interface Place {
  aheadMs: number;
  giveBack: () => void;
}

/** For no shared budget, or one that does not answer: nothing is ahead, and nothing can be given back. */
const NO_PLACE: Place = { aheadMs: 0, giveBack: () => undefined };

/** The shared budget of one exchange. While it does not answer, requests continue without it. */
export class SharedBudget {
  private restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly spending: SpendingRecord,
    private readonly exchange: string,
    private readonly now: () => number,
  ) {}

  /**
   * Rejects only with the signal's reason. A place that was taken all the same is given back when the shared budget answers.
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
    // The place of a late answer stays taken, because the request is sent now and counts.
    this.restsUntil = this.now() + REST_MS;
    return NO_PLACE;
  }

  private async askFor(costMs: number): Promise<Place> {
    const askedAt = this.now();
    return this.place(await this.spending.spend(this.exchange, costMs), costMs, askedAt);
  }

  /**
   * Gives back the part of the place that is still ahead. The part in the past was already earned by time. Requests that wait
   * behind this place keep their own, so a later minute may hold more by what was given back: at most one request of each
   * worker, because each waits for one place at a time.
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
