const HOUR = 60;
/**
 * Offsets from UTC that zones have (IANA), in minutes: whole hours, and the few half and quarter hours. A zone ahead of UTC
 * makes a local time that is written with Z lie in the future, a zone behind UTC in the past.
 */
const AHEAD: readonly number[] = [
  ...Array.from({ length: 14 }, (_, hour) => (hour + 1) * HOUR),
  ...[3, 4, 5, 6, 9, 10].map((hour) => hour * HOUR + 30),
  ...[5, 8, 12, 13].map((hour) => hour * HOUR + 45),
];
const BEHIND: readonly number[] = [
  ...Array.from({ length: 12 }, (_, hour) => (hour + 1) * HOUR),
  ...[2, 3, 9].map((hour) => hour * HOUR + 30),
];

/** How old the state of a bot with a wrong offset may really be, and how far its clock may be ahead; seconds. */
const REALLY_OLD_SECONDS = 120;
const REALLY_AHEAD_SECONDS = 30;

/**
 * The offset from UTC of the zone whose local time explains the age of a state, in minutes; null if none does. Positive: the
 * state is behind by that much.
 */
export function zoneOffsetMinutes(ageSeconds: number): number | null {
  const isNear = (offset: number): boolean => {
    const reallyOld = ageSeconds - offset * 60;
    return reallyOld >= -REALLY_AHEAD_SECONDS && reallyOld <= REALLY_OLD_SECONDS;
  };
  if (ageSeconds > 0) return BEHIND.find(isNear) ?? null;
  const ahead = AHEAD.find((offset) => isNear(-offset));
  return ahead === undefined ? null : -ahead;
}

/** "5 h", "5 h 45 min". */
export function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / HOUR), Math.abs(minutes) % HOUR];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** "-05:00": the offset to write behind a local time whose state looks `behind` minutes old. */
export function isoOffset(behind: number): string {
  const [hours, minutes] = [Math.floor(Math.abs(behind) / HOUR), Math.abs(behind) % HOUR];
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${behind > 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}
