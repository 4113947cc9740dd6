import type { Failure } from '../domain/failure/failure.js';
import { FURTHEST_AHEAD_SECONDS } from '../domain/confirm/confirm.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';

/**
 * Whether internal state is fresh enough to be believed: null, or why not. A frozen bot serves its last state for ever.
 *
 * `nowMs` is the reader's clock. A bot whose clock runs further ahead of it than FURTHEST_AHEAD_SECONDS cannot be
 * distinguished from one whose state is old. It is the one place where the bot's clock is held against ours, with
 * minutes of room.
 */
export function checkFreshness(snapshot: Snapshot, nowMs: number, maxAgeSeconds: number): Failure | null {
  const ageSeconds = (nowMs - snapshot.asOf) / 1000;
  const asOf = new Date(snapshot.asOf).toISOString();
  if (ageSeconds < -FURTHEST_AHEAD_SECONDS) {
    return {
      kind: 'clock_skew',
      side: snapshot.side,
      message: `the internal state is of ${asOf}, ${duration(-ageSeconds)} ahead of this machine's clock`,
      where: 'as_of',
      remedy: 'set the clocks of both machines by NTP, and check that as_of carries its right offset',
      retryAfterMs: null,
    };
  }
  if (ageSeconds <= maxAgeSeconds) return null;
  return {
    kind: 'internal_stale',
    side: snapshot.side,
    message: `the internal state is of ${asOf}, ${duration(ageSeconds)} old; at most ${duration(maxAgeSeconds)} is believed`,
    where: 'as_of',
    remedy: 'check that the bot runs and renews its state; or raise max_internal_age_seconds',
    retryAfterMs: null,
  };
}

/** "45 s", "12 min", "3.5 h", "8 days". */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
