const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in at most two units: "45s", "3m 20s", "2h 5m", "4d 1h". */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return pair(ms, MINUTE, 'm', SECOND, 's');
  if (ms < DAY) return pair(ms, HOUR, 'h', MINUTE, 'm');
  return pair(ms, DAY, 'd', HOUR, 'h');
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)}${largeUnit}`;
  return rest === 0 ? whole : `${whole} ${rest}${smallUnit}`;
}

export function ago(at: Date, now: Date): string {
  return `${duration(now.getTime() - at.getTime())} ago`;
}

/** "2026-11-22 15:00:00Z": sorts as text and shows its zone. */
export function stamp(at: Date): string {
  return at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** Parses "90s", "30m", "2h" or "1d" to milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})\s*(s|m|h|d)$/.exec(text.trim());
  if (match === null) return null;
  const unit = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }[match[2] ?? ''];
  return unit === undefined ? null : Number(match[1]) * unit;
}
