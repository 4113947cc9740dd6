/** ISO 8601, UTC; null where there is no time, and where the stored one was altered to one that is none ("infinity"). */
export function isoOf(time: Date | null): string | null {
  return time === null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}
