import type { Policy, QuietHours, Rung } from '../policy/policy.js';
import type { Severity } from '../policy/severity.js';
import type { InterventionOccasion } from './occasion.js';

/** The ladder of an account's policy. */
export interface LadderRules {
  rungs: readonly Rung[];
  notifyChannels: readonly string[];
  quietHours: QuietHours | null;
  /** Minutes before each reminder; the last value repeats. */
  reminderMinutes: readonly number[];
}

/** How long a channel may take before the next rung is used, too. */
export const PATIENCE_MS = 120_000;
/** Reasons that come within this time are sent as one message. */
export const GATHER_MS = 3_000;

/** The ladder of a policy; null if it names no channel. Then the log line is the only call. */
export function ladderOf(
  policy: Pick<Policy, 'escalation' | 'notifyChannels' | 'quietHours' | 'reminderMinutes'>,
): LadderRules | null {
  const { escalation, notifyChannels, quietHours, reminderMinutes } = policy;
  const rungs = escalation ?? (notifyChannels === undefined ? [] : [{ afterMinutes: 0, channels: notifyChannels }]);
  const [first] = rungs;
  if (first === undefined) return null;
  return {
    rungs,
    notifyChannels: notifyChannels ?? first.channels,
    quietHours: quietHours ?? null,
    reminderMinutes,
  };
}

/** A message that is due on a channel. */
export interface DueMessage {
  channel: string;
  occasion: InterventionOccasion;
  /** The count of this occasion in this intervention, from 1. */
  number: number;
}

/**
 * The state of the newest call on a channel. `waiting`: it is being delivered since the given time. `held`: it waits for the end
 * of the quiet hours.
 */
export type ChannelState =
  { kind: 'waiting'; sinceMs: number } | { kind: 'delivered' } | { kind: 'failed' } | { kind: 'held' };

/** The state of a ladder, as JSON. Times are milliseconds. */
export interface LadderState {
  severity: Severity;
  /** From when the rungs count: the call, its rise to `page`, or the end of a snooze. */
  sinceMs: number;
  /** How many rungs are in use. */
  reached: number;
  /** By channel: the channels that have been called. */
  channels: Record<string, ChannelState>;
  /** Channels that accepted a message, or may have: they get the news of the end. */
  heard: string[];
  /** The messages that wait for the end of the quiet hours: at most one for each channel. */
  held: DueMessage[];
  numbers: Record<Exclude<InterventionOccasion, 'called'>, number>;
  remindAtMs: number | null;
  /** When the reasons that were gathered are sent. */
  gatherAtMs: number | null;
  /** Whether there are reasons that were not sent yet, because the call is snoozed or its channels are quiet. */
  untold: boolean;
  snoozedUntilMs: number | null;
  quietUntilMs: number | null;
  answered: boolean;
}

/** `rung`: the next one begins. `unheard`: no channel has accepted the message in time. The others name what ends or is due. */
export type LadderTimer = 'rung' | 'unheard' | 'reminder' | 'gather' | 'snooze' | 'quiet';

export interface RunningTimer {
  name: LadderTimer;
  atMs: number;
}

/** @param count the number from which reminders and other repeated messages are counted */
export function newLadder(severity: Severity, nowMs: number, count = 0): LadderState {
  return {
    severity,
    sinceMs: nowMs,
    reached: 0,
    channels: {},
    heard: [],
    held: [],
    numbers: { reminder: count, reason: count, resolved: count, acknowledged: 0 },
    remindAtMs: null,
    gatherAtMs: null,
    untold: false,
    snoozedUntilMs: null,
    quietUntilMs: null,
    answered: false,
  };
}

/** Whether the message calls somebody; the others are news. */
export function isCall(occasion: InterventionOccasion): boolean {
  return occasion === 'called' || occasion === 'reminder' || occasion === 'reason';
}
