import type { Failure } from '../domain/failure/failure.js';
import { FURTHEST_AHEAD_SECONDS } from '../domain/confirm/confirm.js';
import { isoOffset, offsetText, zoneOffsetMinutes } from './clock-offset.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';

/**
 * Checks that internal state is fresh enough: returns null, or the failure. A frozen bot serves its last state forever.
 *
 * `nowMs` is the reader's clock. If a bot's clock runs more than FURTHEST_AHEAD_SECONDS ahead of it, its state may be old
 * and look fresh. This is the only place that compares the bot's clock with the reader's, with a tolerance of minutes.
 */
export function checkFreshness(snapshot: Snapshot, nowMs: number, maxAgeSeconds: number): Failure | null {
  const ageSeconds = (nowMs - snapshot.asOf) / 1000;
  const isAhead = ageSeconds < -FURTHEST_AHEAD_SECONDS;
  if (!isAhead && ageSeconds <= maxAgeSeconds) return null;
  const asOf = new Date(snapshot.asOf).toISOString();
  const behind = zoneOffsetMinutes(ageSeconds);
  const zone =
    behind === null ? null : `${offsetText(behind)} ${isAhead ? 'ahead' : 'behind'}: local time written as UTC?`;
  const withOffset =
    behind === null
      ? ''
      : `write as_of in UTC, or with the offset of the local time (${isoOffset(behind)}) instead of Z`;
  if (isAhead) {
    return {
      kind: 'clock_skew',
      side: snapshot.side,
      message: `the internal state is of ${asOf}, ${zone ?? `${duration(-ageSeconds)} ahead of this machine's clock`}`,
      where: 'as_of',
      remedy:
        behind === null
          ? 'synchronise the clocks of both machines (NTP), and check that as_of has the right offset'
          : withOffset,
      retryAfterMs: null,
    };
  }
  return {
    kind: 'internal_stale',
    side: snapshot.side,
    message: `the internal state is of ${asOf}, ${zone ?? `${duration(ageSeconds)} old`}; at most ${duration(maxAgeSeconds)} is accepted`,
    where: 'as_of',
    remedy:
      behind === null
        ? 'check that the bot runs and updates its state, or raise max_internal_age_seconds'
        : `check that the bot runs and updates its state; if it does, ${withOffset}`,
    retryAfterMs: null,
  };
}

/** "45 s", "12 min", "3.5 h", "8 days". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
