import { atOnce, type Pieces } from '../pieces.js';
import type { Difference } from '../difference/difference.js';
import type { KeyedDifference, Observation, Confirmation, UnconfirmedKey } from '../compare/observation.js';
import type { ConfirmRules } from '../policy/policy.js';
import { firstReadOfLastState, wentBack } from './internal-clocks.js';
import { keyStreaks, type KeyStreak } from './key-streak.js';

/**
 * Decides from all observations of a run, oldest first, whether there is a verdict, or when to observe again. Pure: all
 * times are in the observations.
 *
 * 1. If the last observation has no differences, the run is decided at once.
 * 2. A difference that the last observation does not have is no difference.
 * 3. A key is stable when it shows the same two values in `confirmations` consecutive observations, the last included.
 * 4. Any change of either value, on the exchange or in internal state, restarts the count.
 * 5. An observation that did not compare the key ends the count. An inconsistent read of its symbol does not count.
 * 6. A difference is confirmed when its key is stable and the exchange's last change of it is more than `graceSeconds`
 *    older than the internal state of the observation before the last one, on the exchange's clock. The two reads of one
 *    observation are not simultaneous, so only the last observation shows that the exchange had not changed the key again
 *    when the bot wrote that state.
 * 7. If the exchange gives no time for a change (a position that is gone), the change counts from the first observation of
 *    the key's count. It restarts after a period without an observation that is much longer than `settleSeconds`, because
 *    the key may have reappeared and gone again meanwhile. An order with an exchange id never reappears.
 * 8. The bot wrote the internal state of an observation after the observation before the one that first read it. It is at
 *    most `maxInternalAgeSeconds`, plus how far its clock may run ahead, older than its read. So a file that is written
 *    once a minute cannot confirm a difference with data older than the change. State older than that of an earlier
 *    observation (a bot that restarted) proves only this maximal age. If an observation asked the exchange later than the
 *    bot, the time of the bot's answer counts. The state of several sources counts as first read with its oldest part.
 * 9. Clocks of different sides are never compared with each other.
 * 10. While a difference of the last observation is not confirmed, the run observes again after `settleSeconds`. It waits
 *    longer only if every key is stable and its change has a time: until the grace ends or, if the bot's state was read
 *    before, for one grace, so that the bot can write newer state.
 * 11. After `maxLooks` observations the run keeps observing only keys that are still stable, until the bot must have
 *    written new state after their grace. Then a key that differed in every observation and is not confirmed is
 *    unconfirmed. A key that did not differ in every observation is moving; the next run observes it again.
 */
export function confirm(observations: readonly Observation[], rules: ConfirmRules): Confirmation {
  return atOnce(confirmInPieces(observations, rules));
}

/** Like `confirm`, in pieces: following thousands of keys at once would block the event loop. */
export function* confirmInPieces(observations: readonly Observation[], rules: ConfirmRules): Pieces<Confirmation> {
  const confirmed: KeyedDifference[] = [];
  const pending: Pending[] = [];
  const writtenAfter = stateWrittenAfter(observations.length > 1 ? observations.slice(0, -1) : observations, rules);
  const { exchangeClock: now, exchangeLateMs } = lastOf(observations);
  const graceMs = rules.graceSeconds * 1000;
  for (const keyStreak of yield* keyStreaks(observations, unwatchedMs(rules))) {
    const reportedAt = lastChangeOnExchange(keyStreak.difference);
    const mustBeInSight = reportedAt === null && mayComeBack(keyStreak.difference);
    const changedAt = reportedAt ?? (mustBeInSight ? keyStreak.inSightSince : keyStreak.since);
    // Strictly more than the grace: the bot may not have received a change that is exactly one grace old.
    const graceIsOver = writtenAfter - changedAt > graceMs;
    const standsStill = keyStreak.streak >= rules.confirmations;
    if (graceIsOver && standsStill) confirmed.push(keyStreak);
    else {
      const graceLeftMs = graceIsOver ? 0 : Math.max(0, changedAt + graceMs + 1 + exchangeLateMs - now);
      pending.push({ keyStreak, standsStill, mustBeInSight, graceLeftMs });
    }
  }

  yield;
  const observationsMade = observations.length;
  const worthObserving =
    observationsMade < rules.maxLooks
      ? pending
      : pending.filter((key) => stoodStillInTime(key, observationsMade, rules));
  if (worthObserving.length > 0) {
    return {
      kind: 'observe_again',
      inSeconds: nextObservationInSeconds(worthObserving, observations, rules),
      waitingFor: pending.map(({ keyStreak }) => keyStreak.identity),
    };
  }
  const unconfirmed: UnconfirmedKey[] = [];
  const moving: UnconfirmedKey[] = [];
  for (const { keyStreak } of pending) {
    (keyStreak.seen === observationsMade ? unconfirmed : moving).push(
      unconfirmedKey(keyStreak, observationsMade, rules),
    );
  }
  return { kind: 'decided', confirmed: confirmed.map(keyed), unconfirmed, moving };
}

/** A difference of the last observation that is not confirmed, and what it lacks. */
interface Pending {
  keyStreak: KeyStreak;
  standsStill: boolean;
  /** Whether it may have changed and returned to the same values between two observations: rule 7. */
  mustBeInSight: boolean;
  /** Milliseconds until the exchange's clock of an observation can lie after the grace. */
  graceLeftMs: number;
}

/** How long an observation with slow answers may take, seconds. */
const SLOW_OBSERVATION_SECONDS = 20;

/** The longest time between two observations that rule 7 accepts, milliseconds. After a longer one the count restarts. */
function unwatchedMs({ settleSeconds }: ConfirmRules): number {
  return (settleSeconds + Math.max(SLOW_OBSERVATION_SECONDS, 2 * settleSeconds)) * 1000;
}

/**
 * Whether a key gets more observations than `maxLooks`: rule 11. The number is bounded by the time in which its grace ends
 * and the bot must write new state, so the run ends even if other keys move or observations are slow.
 */
function stoodStillInTime({ keyStreak, standsStill }: Pending, observationsMade: number, rules: ConfirmRules): boolean {
  const { confirmations, maxLooks, settleSeconds, graceSeconds, maxInternalAgeSeconds } = rules;
  const extraObservations = observationsMade - maxLooks;
  const most = Math.ceil((graceSeconds + maxInternalAgeSeconds) / Math.max(settleSeconds, 1)) + confirmations;
  return standsStill && keyStreak.streak >= confirmations + extraObservations && extraObservations < most;
}

/** How far a bot's clock may run ahead of the reader's, seconds. Its state may be older by as much. */
export const FURTHEST_AHEAD_SECONDS = 300;

/**
 * The latest time on the exchange's clock after which the bot certainly wrote the internal state of the last observation:
 * rule 8.
 */
function stateWrittenAfter(observations: readonly Observation[], { maxInternalAgeSeconds }: ConfirmRules): number {
  const firstRead = firstReadOfLastState(observations);
  const believedSeconds = maxInternalAgeSeconds + FURTHEST_AHEAD_SECONDS;
  const oldest = askedTheBotAt(observationAt(observations, firstRead)) - believedSeconds * 1000;
  if (wentBack(observations)) return oldest;
  return firstRead === 0 ? oldest : Math.max(oldest, askedTheBotAt(observationAt(observations, firstRead - 1)));
}

/** A time on the exchange's clock that is not later than the request to the bot. */
function askedTheBotAt({ exchangeClock, exchangeLateMs }: Observation): number {
  return exchangeClock - exchangeLateMs;
}

function lastOf(observations: readonly Observation[]): Observation {
  return observationAt(observations, observations.length - 1);
}

function observationAt(observations: readonly Observation[], index: number): Observation {
  const observation = observations[index];
  if (observation === undefined) throw new RangeError('confirm needs at least one observation');
  return observation;
}

/** The exchange's own time of the last change, milliseconds; null if it reports none. */
function lastChangeOnExchange(difference: Difference): number | null {
  if (difference.type === 'ORDER_MISSING_ON_EXCHANGE') return difference.explanation?.at ?? null;
  if (difference.type === 'BALANCE_CHANGED_EXTERNALLY') return null;
  return difference.exchange?.changedAt ?? null;
}

/** Whether a key may change and be back with the same values at the next observation. A missing exchange id never is. */
function mayComeBack({ type, orderId }: Difference): boolean {
  return type !== 'ORDER_MISSING_ON_EXCHANGE' || orderId === null;
}

/** By how many seconds the next observation may read the exchange's clock earlier in its read than this one did. */
const CLOCK_READ_JITTER_SECONDS = 1;

/** The wait until the next observation: rule 10. */
function nextObservationInSeconds(
  keys: readonly Pending[],
  observations: readonly Observation[],
  rules: ConfirmRules,
): number {
  const { settleSeconds, graceSeconds } = rules;
  if (keys.some(({ standsStill, mustBeInSight }) => !standsStill || mustBeInSight)) return settleSeconds;
  const graceLeftMs = keys.reduce((most, key) => Math.max(most, key.graceLeftMs), 0);
  if (graceLeftMs > 0) return Math.max(settleSeconds, Math.ceil(graceLeftMs / 1000) + CLOCK_READ_JITTER_SECONDS);
  // State that was read before gets time to be replaced. A bot that serves current state has newer state at once.
  const stateWasReadBefore = firstReadOfLastState(observations) < observations.length - 1;
  return stateWasReadBefore ? Math.max(settleSeconds, graceSeconds) : settleSeconds;
}

function unconfirmedKey(
  { identity, difference, streak }: KeyStreak,
  observations: number,
  rules: ConfirmRules,
): UnconfirmedKey {
  const reason =
    streak < rules.confirmations
      ? `it moved: the same in the last ${streak} of ${observations} observations, ${rules.confirmations} are needed`
      : `the exchange changed it less than ${rules.graceSeconds} s before the bot wrote its state`;
  return { identity, type: difference.type, symbol: difference.symbol, reason };
}

function keyed({ identity, difference }: KeyedDifference): KeyedDifference {
  return { identity, difference };
}
