/** How many refused requests an address may send in one window before it is banned. */
const REFUSALS_BEFORE_BAN = 10;
const BAN_MS = 120_000;

export interface RateWindowOptions {
  /** Weight allowed per window. */
  limit: number;
  windowMs: number;
  /** Refusals in one window before a ban; infinite means never. */
  refusalsBeforeBan?: number;
  now: () => number;
  /** How long a ban lasts, 2 minutes by default. */
  banMs?: number;
}

export interface RateVerdict {
  verdict: 'ok' | 'limited' | 'banned';
  /** Weight used in this window, this request included. */
  used: number;
  /** When the window or the ban ends, milliseconds since the epoch. */
  until: number;
}

/** A fixed window of weight, as exchanges count it per minute. A client that continues after refusals is banned. */
export class RateWindow {
  limit: number;
  private windowEnd = 0;
  private used = 0;
  private refusals = 0;
  private bannedUntil = 0;

  constructor(private readonly options: RateWindowOptions) {
    this.limit = options.limit;
  }

  take(weight: number): RateVerdict {
    const now = this.options.now();
    if (now < this.bannedUntil) return { verdict: 'banned', used: this.used, until: this.bannedUntil };
    if (now >= this.windowEnd) {
      this.windowEnd = (Math.floor(now / this.options.windowMs) + 1) * this.options.windowMs;
      this.used = 0;
      this.refusals = 0;
    }
    this.used += weight;
    if (this.used <= this.limit) return { verdict: 'ok', used: this.used, until: this.windowEnd };
    this.refusals += 1;
    if (this.refusals <= (this.options.refusalsBeforeBan ?? REFUSALS_BEFORE_BAN))
      return { verdict: 'limited', used: this.used, until: this.windowEnd };
    this.bannedUntil = now + (this.options.banMs ?? BAN_MS);
    return { verdict: 'banned', used: this.used, until: this.bannedUntil };
  }

  clear(): void {
    this.windowEnd = 0;
    this.used = 0;
    this.refusals = 0;
    this.bannedUntil = 0;
  }
}
