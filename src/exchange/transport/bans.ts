import type { Stopped } from './request-limits.js';

export interface Ban {
  stops: Stopped;
  remainingMs: number;
}

/**
 * The waits that one exchange has imposed on our address or on single keys. A request under a ban is not sent, because a request
 * during a ban extends it (Binance: 418 after repeated 429s, from two minutes to three days).
 *
 * Keys are named by `keyIdentity`, never by their value.
 */
export class Bans {
  /** Monotonic milliseconds. */
  private addressEndsAt = Number.NEGATIVE_INFINITY;
  private readonly keyEndsAt = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  banAddress(waitMs: number): void {
    this.addressEndsAt = Math.max(this.addressEndsAt, this.now() + waitMs);
  }

  banKey(key: string, waitMs: number): void {
    const now = this.now();
    for (const [banned, endsAt] of this.keyEndsAt) if (endsAt <= now) this.keyEndsAt.delete(banned);
    this.keyEndsAt.set(key, Math.max(this.keyEndsAt.get(key) ?? now, now + waitMs));
  }

  /** The ban that applies to a request, the longer one of two; null where none does. `key` is null for public requests. */
  met(key: string | null): Ban | null {
    const now = this.now();
    const address = this.addressEndsAt - now;
    const own = (key === null ? Number.NEGATIVE_INFINITY : (this.keyEndsAt.get(key) ?? now)) - now;
    const remainingMs = Math.ceil(Math.max(address, own));
    return remainingMs <= 0 ? null : { stops: own > address ? 'key' : 'address', remainingMs };
  }
}
