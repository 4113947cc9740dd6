const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time in one unit, for people: "less than a minute", "30 minutes", "2 hours", "3 days". */
export function spanText(milliseconds: number): string {
  if (!(milliseconds >= MINUTE)) return 'less than a minute';
  if (milliseconds < 2 * HOUR) return counted(Math.floor(milliseconds / MINUTE), 'minute', 60, 'hour');
  if (milliseconds < 2 * DAY) return counted(Math.floor(milliseconds / HOUR), 'hour', 24, 'day');
  return `${Math.floor(milliseconds / DAY)} days`;
}

/** "1 minute", "90 minutes", and "1 hour" for exactly 60 of them. */
function counted(count: number, unit: string, perLarger: number, larger: string): string {
  if (count === perLarger) return `1 ${larger}`;
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

/** "2026-11-29 02:00 UTC". */
export function timeText(at: Date): string {
  if (!Number.isFinite(at.getTime())) return 'an unknown time';
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** "2026-11-29 02:00 UTC (10 minutes)". */
export function sinceText(at: Date, now: Date): string {
  return `${timeText(at)} (${spanText(now.getTime() - at.getTime())})`;
}
