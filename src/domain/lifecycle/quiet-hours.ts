import type { QuietHours } from '../policy/policy.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * If a time lies in the quiet hours: when they end, milliseconds. Null otherwise.
 *
 * Only for activities. A workflow must not call it: the answer depends on the time zone data of the process, and a replay in
 * another process may get another answer.
 *
 * If this process does not know the time zone, there are no quiet hours: a message at night is better than none.
 */
export function quietUntil({ from, to, timeZone }: QuietHours, nowMs: number): number | null {
  if (!isKnownTimeZone(timeZone)) return null;
  const start = minutesOf(from);
  const end = minutesOf(to);
  const now = localMinutes(timeZone, nowMs);
  if (forward(start, now) >= forward(start, end)) return null;
  const wholeMinute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const untilMs = wholeMinute + forward(now, end) * MINUTE_MS;
  // The clocks may change in between, and may leave out that local time.
  const ahead = forward(end, localMinutes(timeZone, untilMs));
  const correctedMs = untilMs - (ahead > DAY_MINUTES / 2 ? ahead - DAY_MINUTES : ahead) * MINUTE_MS;
  return localMinutes(timeZone, correctedMs) === end ? correctedMs : untilMs;
}

export function isKnownTimeZone(timeZone: string): boolean {
  try {
    return clockOf(timeZone) !== null;
  } catch {
    return false;
  }
}

/** Minutes from one time of day forward to another, over midnight if necessary. */
function forward(from: number, to: number): number {
  return (to - from + DAY_MINUTES) % DAY_MINUTES;
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function localMinutes(timeZone: string, atMs: number): number {
  return minutesOf(clockOf(timeZone).format(atMs));
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
