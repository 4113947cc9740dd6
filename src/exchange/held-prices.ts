import type { Prices } from './profile/profile.js';

/** Wait after prices that could not be read. */
const RETRY_MS = 5 * 60 * 1000;

/** The prices of one public list, which all accounts of an exchange share. */
export class HeldPrices {
  private prices: Prices = new Map();
  private dueAt = 0;
  private asking: Promise<void> = Promise.resolve();

  /** @param maxAgeMs how old they may be before they are asked for again */
  constructor(private readonly maxAgeMs: number) {}

  /** Empty before the first answer. Never throws: after a failure the last prices stay. */
  async now(ask: () => Promise<Prices> | undefined): Promise<Prices> {
    if (performance.now() >= this.dueAt) {
      this.dueAt = performance.now() + RETRY_MS;
      const asked = ask();
      if (asked === undefined) this.dueAt = Number.POSITIVE_INFINITY;
      else this.asking = this.take(asked);
    }
    await this.asking;
    return this.prices;
  }

  private async take(asked: Promise<Prices>): Promise<void> {
    try {
      this.prices = await asked;
      this.dueAt = performance.now() + this.maxAgeMs;
    } catch {
      // The last prices stay; they are asked for again soon.
    }
  }
}
