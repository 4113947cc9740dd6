const MINUTE_MS = 60_000;

/**
 * The offset of an account's ticks within the interval, milliseconds in [0, interval). It is a hash of the name (FNV-1a),
 * so that accounts that start together do not read together, and it survives restarts. Whole seconds, because timers
 * have no finer resolution.
 */
export function staggerMs(account: string, intervalMinutes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < account.length; i++) {
    hash = Math.imul(hash ^ account.charCodeAt(i), 0x01000193) >>> 0;
  }
  return (hash % (intervalMinutes * 60)) * 1000;
}

/**
 * The first tick after `now` on the grid `anchor + stagger + k x interval`. Fixed rate: long runs and late timers do not
 * shift the grid. Ticks that passed meanwhile are skipped.
 */
export function nextTick(account: string, anchorMs: number, intervalMinutes: number, nowMs: number): number {
  const interval = intervalMinutes * MINUTE_MS;
  const first = anchorMs + staggerMs(account, intervalMinutes);
  if (nowMs < first) return first;
  return first + (Math.floor((nowMs - first) / interval) + 1) * interval;
}
