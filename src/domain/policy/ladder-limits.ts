import { isMap } from '../text/is-map.js';
import { CHANNEL_NAME, MAX_CHANNELS } from './channel-name.js';
import type { QuietHours, Rung } from './policy.js';

// The rules of a policy's ladder. The configuration and the workflows both check them.

/** Rungs of a ladder. */
export const MAX_RUNGS = 10;
/** Minutes after the call at which a rung may begin: a week. */
export const RUNG_MINUTES = [0, 10_080] as const;
/** How far ahead the end of a snooze may be, hours: up to a year. */
export const SNOOZE_HOURS = [1, 8_760] as const;
export const DEFAULT_SNOOZE_MAX_HOURS = 24;
export const CHANNEL_NAME_TEXT = 'at most 40 of a-z, 0-9, _ and -';
/** A time of day, HH:MM. */
export const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
/** The form of an IANA name. Only the worker knows which zones exist: workflows must not depend on its time zone data. */
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,3}$/;
const MAX_ZONE_LENGTH = 64;

/** Why the rungs are no ladder; null if they are one. */
export function rungsProblem(rungs: readonly Rung[]): string | null {
  const [first] = rungs;
  if (first === undefined || rungs.length > MAX_RUNGS) return `it must list 1 to ${MAX_RUNGS} rungs`;
  if (first.afterMinutes !== 0)
    return `its first rung begins after ${first.afterMinutes} minutes; it must begin after 0`;
  for (const [index, { afterMinutes }] of rungs.entries()) {
    const before = rungs[index - 1]?.afterMinutes ?? -1;
    if (afterMinutes <= before) {
      return `rung ${index + 1} begins after ${afterMinutes} minutes, and the one before it after ${before}; each must begin later`;
    }
  }
  return null;
}

/** Why a list of channel names is refused; null if it is valid. */
export function channelsProblem(channels: unknown): string | null {
  const isValid =
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.length <= MAX_CHANNELS &&
    channels.every((name) => typeof name === 'string' && CHANNEL_NAME.test(name)) &&
    new Set(channels).size === channels.length;
  return isValid ? null : `it must list 1 to ${MAX_CHANNELS} different channels; a name has ${CHANNEL_NAME_TEXT}`;
}

export function escalationProblem(escalation: unknown): string | null {
  if (!Array.isArray(escalation)) return 'it must list rungs';
  if (escalation.length > MAX_RUNGS) return `it must list 1 to ${MAX_RUNGS} rungs`;
  for (const rung of escalation as unknown[]) {
    if (!hasOnly(rung, ['afterMinutes', 'channels'])) return 'a rung must have afterMinutes and channels';
    const [min, max] = RUNG_MINUTES;
    const after = rung['afterMinutes'];
    if (!Number.isInteger(after) || (after as number) < min || (after as number) > max) {
      return `afterMinutes of a rung must be a whole number from ${min} to ${max}`;
    }
    const problem = channelsProblem(rung['channels']);
    if (problem !== null) return `of each rung: ${problem}`;
  }
  return rungsProblem(escalation as Rung[]);
}

export function quietHoursProblem(quietHours: unknown): string | null {
  if (!hasOnly(quietHours, ['from', 'to', 'timeZone'])) return 'it must have from, to and timeZone';
  const { from, to, timeZone } = quietHours as unknown as QuietHours;
  for (const time of [from, to]) {
    if (typeof time !== 'string' || !TIME_OF_DAY.test(time)) return 'from and to must be times of day (HH:MM)';
  }
  if (from === to) return `from and to are both ${from}; they must differ`;
  return isTimeZoneName(timeZone) ? null : 'timeZone must be an IANA name, such as Europe/Berlin';
}

export function isTimeZoneName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= MAX_ZONE_LENGTH && TIME_ZONE.test(name);
}

function hasOnly(value: unknown, names: readonly string[]): value is Readonly<Record<string, unknown>> {
  return isMap(value) && Object.keys(value).every((name) => names.includes(name));
}
