/** What a refusal for too many requests stops: one key (its account), or the address that all keys share. */
export type Stopped = 'key' | 'address';

/** What an exchange means by one refusal. */
export interface LimitRule {
  /** `asker`: the key of a signed request, the address of a public one. */
  stops: Stopped | 'asker';
  /** Its length where the answer names none, milliseconds. Absent: the exchange documents none. */
  lastsMs?: number;
}

/**
 * An exchange's refusals for too many requests, by its own error code or by "HTTP 429". The code takes precedence. A refusal
 * that is not listed stops the address, so no account continues while it is unclear what the exchange limits.
 */
export type RequestLimits = Readonly<Record<string, LimitRule>>;

/** What a refusal for too many requests means. */
export interface Limit {
  stops: Stopped;
  /** The wait, milliseconds; null where neither the answer nor the documentation names one. */
  waitMs: number | null;
  /** The wait that the answer named, where it was longer than is accepted, milliseconds. */
  disbelievedMs: number | null;
}

/**
 * The longest waits that are accepted. A rate limit counts in windows; the longest documented one is Kraken's /history pool,
 * which refills in ten minutes. A ban may last days (Binance: up to three). With this cap the account asks once a day, so a
 * nonsensical end of a ban cannot stop it forever.
 */
export const LONGEST_RATE_LIMIT_MS = 10 * 60_000;
export const LONGEST_BAN_MS = 24 * 60 * 60_000;

/** Statuses that mean a ban on every exchange: the server refuses every request of this address for longer than a window. */
const BAN_STATUSES: ReadonlySet<number> = new Set([403, 418]);

interface Refusal {
  status: number;
  /** The exchange's own error code; null where there is none. */
  code: string | null;
  /** Whether the refused request carried a key. */
  signed: boolean;
  /** The wait that the answer asks for; null where it does not. */
  reportedMs: number | null;
  /** Whether the answer calls itself a ban. */
  saysBan: boolean;
}

export function limitOf(limits: RequestLimits, { status, code, signed, reportedMs, saysBan }: Refusal): Limit {
  const byStatus = rowOf(limits, `HTTP ${status}`);
  const rule = (code === null ? undefined : rowOf(limits, code)) ?? byStatus;
  const stops = rule?.stops ?? 'address';
  const longestMs = saysBan || BAN_STATUSES.has(status) ? LONGEST_BAN_MS : LONGEST_RATE_LIMIT_MS;
  const askedMs = reportedMs ?? rule?.lastsMs ?? byStatus?.lastsMs ?? null;
  return {
    // The exchange can count a request without a key only for its address.
    stops: stops === 'address' || !signed ? 'address' : 'key',
    waitMs: askedMs === null ? null : Math.min(askedMs, longestMs),
    disbelievedMs: askedMs !== null && askedMs > longestMs ? askedMs : null,
  };
}

/** Codes come from outside, so "constructor" must not match. */
function rowOf(limits: RequestLimits, name: string): LimitRule | undefined {
  return Object.hasOwn(limits, name) ? limits[name] : undefined;
}
