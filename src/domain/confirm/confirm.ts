import { atOnce, type Pieces } from '../pieces.js';
import type { Difference } from '../difference/difference.js';
import type { KeyedDifference, Observation, Confirmation, UnconfirmedKey } from '../compare/observation.js';
import type { ConfirmRules } from '../policy/policy.js';
import { keyStreaks, type KeyStreak } from './key-streak.js';

/**
 * Decides from all observations of a run, oldest first, whether there is a verdict, or when to observe again. Pure: it is
 * handed all times.
 *
 * 1. A last observation without differences decides the run at once.
 * 2. A difference that is gone in the last observation is no difference.
 * 3. A key stands still when it shows the same two values in `confirmations` consecutive observations, the last included.
 * 4. Any change of either value, on the exchange or in the internal state, restarts the count.
 * 5. An observation that did not compare the key breaks the count; one in which its symbol moved while it was read does
 *    not count.
 * 6. A difference is confirmed when its key stands still and the exchange's last change of it lies more than
 *    `graceSeconds`, on the exchange's own clock, before the bot wrote the internal state of the observation before the
 *    last one. The two reads of one observation are not simultaneous, so only the last observation shows that the exchange
 *    had not changed the key again when that state was written.
 * 7. A key whose change the exchange does not date (a position that is gone) counts as changed at the exchange's clock of
 *    the first observation of its count. Its time restarts after a stretch without an observation that is far longer than
 *    `settleSeconds`, because it may have come back and gone again meanwhile. An order with an id of the exchange never
 *    comes back.
 * 8. The bot wrote the internal state of an observation after the observation before the one that first read it, and at
 *    most `maxInternalAgeSeconds`, and as much as its clock may be ahead, before it was read. So a file that is written
 *    once a minute cannot confirm a difference with data older than the change. State older than that of an earlier
 *    observation (a bot that restarted) proves no more than its maximal age. Where an observation asked the exchange later
 *    than the bot, the time of the bot's answer counts.
 * 9. Clocks of different sides are never compared with each other.
 * 10. While a difference of the last observation is not confirmed, the run observes again after `settleSeconds`. It waits
 *    longer only if every key stands still and is dated: until the grace is over, or, where the bot's state was read
 *    before, a grace longer for newer state.
 * 11. After `maxLooks` observations it keeps observing only keys that stood still then and still do, until the bot must
 *    have written new state after their grace. A key that differed in every observation and is not confirmed is
 *    unconfirmed then; one that did not differ in every observation is moving: the next run observes it again.
 */
export function confirm(observations: readonly Observation[], rules: ConfirmRules): Confirmation {
  return atOnce(confirmInPieces(observations, rules));
}

/** The same for a caller that must do other work in between: thousands of keys take longer than others can wait. */
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
    // "More than": a change exactly one grace ago may still be on its way.
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
  /** Whether it may have changed and come back while nobody observed: rule 7. */
  mustBeInSight: boolean;
  /** Milliseconds until an observation can be the one after which the bot must have known. */
  graceLeftMs: number;
}

/** Reading both sides takes time, and so much more where an answer is slow; seconds. */
const SLOW_OBSERVATION_SECONDS = 20;

/** A stretch between two observations in which a key may have changed and come back: rule 7. */
function unwatchedMs({ settleSeconds }: ConfirmRules): number {
  return (settleSeconds + Math.max(SLOW_OBSERVATION_SECONDS, 2 * settleSeconds)) * 1000;
}

/**
 * Whether more observations than `maxLooks` are made for a key: rule 11. As many as fill the time in which its grace
 * ends and the bot must write new state, so that this ends, whatever else moves and however slow the observations are.
 */
function stoodStillInTime({ keyStreak, standsStill }: Pending, observationsMade: number, rules: ConfirmRules): boolean {
  const { confirmations, maxLooks, settleSeconds, graceSeconds, maxInternalAgeSeconds } = rules;
  const extraObservations = observationsMade - maxLooks;
  const most = Math.ceil((graceSeconds + maxInternalAgeSeconds) / Math.max(settleSeconds, 1)) + confirmations;
  return standsStill && keyStreak.streak >= confirmations + extraObservations && extraObservations < most;
}

/** By as much a bot's clock may run ahead of the reader's and its state still be read: it may be older by as much. */
export const FURTHEST_AHEAD_SECONDS = 300;

/**
 * The exchange's clock after which the internal state of the last of these observations was certainly written: rule 8.
 */
function stateWrittenAfter(observations: readonly Observation[], { maxInternalAgeSeconds }: ConfirmRules): number {
  const firstRead = firstReadOfLastState(observations);
  const believedSeconds = maxInternalAgeSeconds + FURTHEST_AHEAD_SECONDS;
  const oldest = askedTheBotAt(observationAt(observations, firstRead)) - believedSeconds * 1000;
  const { internalClock } = lastOf(observations);
  // A bot that restarted may show what it had saved before an earlier observation.
  if (observations.some((observation) => observation.internalClock > internalClock)) return oldest;
  return firstRead === 0 ? oldest : Math.max(oldest, askedTheBotAt(observationAt(observations, firstRead - 1)));
}

/** Not later than the bot was asked, on the exchange's clock. */
function askedTheBotAt({ exchangeClock, exchangeLateMs }: Observation): number {
  return exchangeClock - exchangeLateMs;
}

/**
 * Index of the observation that first read the internal state which the last observation read; other state may have
 * been read in between.
 */
function firstReadOfLastState(observations: readonly Observation[]): number {
  const { internalClock } = lastOf(observations);
  return observations.findIndex((observation) => observation.internalClock === internalClock);
}

function lastOf(observations: readonly Observation[]): Observation {
  return observationAt(observations, observations.length - 1);
}

function observationAt(observations: readonly Observation[], index: number): Observation {
  const observation = observations[index];
  if (observation === undefined) throw new RangeError('confirm needs at least one observation');
  return observation;
}

/** The exchange's own time; null where it reports none. */
function lastChangeOnExchange(difference: Difference): number | null {
  if (difference.type === 'ORDER_MISSING_ON_EXCHANGE') return difference.explanation?.at ?? null;
  if (difference.type === 'BALANCE_CHANGED_EXTERNALLY') return null;
  return difference.exchange?.changedAt ?? null;
}

/** What is gone and may be there again, with the same values, when it is observed next. */
function mayComeBack({ type, orderId }: Difference): boolean {
  return type !== 'ORDER_MISSING_ON_EXCHANGE' || orderId === null;
}

/** How much earlier in its read the next observation may ask the exchange for its clock. */
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
  // A bot that answers with its state of the moment will have newer state at once.
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
