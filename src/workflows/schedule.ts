const MINUTE_MS = 60_000;

/**
 * Where an account's ticks lie within the interval, milliseconds in [0, interval): a hash of its name (FNV-1a), so that
 * accounts started together do not read together, and the place survives restarts. Whole seconds: a timer has no finer.
 */
export function staggerMs(account: string, intervalMinutes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < account.length; i++) {
    hash = Math.imul(hash ^ account.charCodeAt(i), 0x01000193) >>> 0;
  }
  return (hash % (intervalMinutes * 60)) * 1000;
}

/**
 * The first tick after `now` on the grid `anchor + stagger + k x interval`. Fixed rate: however long a run took and
 * however late a timer fired, the grid stays; ticks that passed meanwhile are skipped.
 */
export function nextTick(account: string, anchorMs: number, intervalMinutes: number, nowMs: number): number {
  const interval = intervalMinutes * MINUTE_MS;
  const first = anchorMs + staggerMs(account, intervalMinutes);
  if (nowMs < first) return first;
  return first + (Math.floor((nowMs - first) / interval) + 1) * interval;
}
