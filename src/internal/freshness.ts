import type { Failure } from '../domain/failure.js';
import type { Snapshot } from '../domain/snapshot.js';

/** An `as_of` this far ahead of the worker's clock is a wrong clock, not a fresh answer. */
const MAX_AHEAD_SECONDS = 300;

/**
 * Whether the internal state is too old to be believed: a frozen bot goes on serving its last books. Null when fresh.
 *
 * @param nowMs the worker's clock, milliseconds
 */
export function checkFreshness(snapshot: Snapshot, nowMs: number, maxAgeSeconds: number): Failure | null {
  const ageSeconds = (nowMs - snapshot.asOf) / 1000;
  const asOf = new Date(snapshot.asOf).toISOString();
  if (ageSeconds > maxAgeSeconds) {
    return {
      kind: 'internal_stale',
      side: 'internal',
      message: `the internal state is of ${asOf}, ${Math.round(ageSeconds)} s ago; at most ${maxAgeSeconds} s are allowed`,
      where: 'as_of',
      remedy: 'Look at the bot: it seems frozen, or writes its state too seldom for max_internal_age_seconds.',
      retryAfterMs: null,
    };
  }
  if (ageSeconds < -MAX_AHEAD_SECONDS) {
    return {
      kind: 'clock_skew',
      side: 'internal',
      message: `the internal state is of ${asOf}, ${Math.round(-ageSeconds)} s in the future`,
      where: 'as_of',
      remedy: "Set the clock of the bot's machine or of the worker's machine (NTP).",
      retryAfterMs: null,
    };
  }
  return null;
}
