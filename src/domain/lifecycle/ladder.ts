import { LOG_CHANNEL } from '../policy/channel-name.js';
import type { QuietHours, Rung } from '../policy/policy.js';
import type { Severity } from '../policy/severity.js';
import {
  GATHER_MS,
  isCall,
  PATIENCE_MS,
  type DueMessage,
  type LadderRules,
  type LadderState,
  type LadderTimer,
  type RunningTimer,
} from './ladder-state.js';

/*
 * Who is called for an open intervention, and when: a state machine without I/O. Its methods report what happened (a timer fired,
 * a channel answered, a reason came) and return the messages to send.
 *
 * Each deadline has its own timer, and only a fired timer makes something due. The clock is used to set deadlines, never to decide
 * whether one has passed: a replay may read another clock and must take the same decisions.
 *
 * Invariants:
 * - A call that pages uses the channels of all rungs that it has reached. It starts with the first rung and leaves none.
 * - After the last rung there is one with the log. It is used only if all channels before it fail.
 * - A call that only notifies has one rung, the channels of `notifyChannels`.
 * - While a call is snoozed or answered, only news of its end is sent.
 */

const MINUTE_MS = 60_000;
const DEFAULT_REMINDER_MINUTES = 60;

export class Ladder {
  constructor(
    private rules: LadderRules,
    readonly state: LadderState,
  ) {}

  get severity(): Severity {
    return this.state.severity;
  }

  get quietHours(): QuietHours | null {
    return this.state.severity === 'page' ? null : this.rules.quietHours;
  }

  /** The channels of all rungs that are reached. */
  get reachedChannels(): string[] {
    return [...new Set(this.rungs.slice(0, this.state.reached).flatMap(({ channels }) => channels))];
  }

  /** The timers that must run now. */
  timers(): RunningTimer[] {
    const { state } = this;
    if (state.answered) return [];
    const timers: Record<LadderTimer, number | null> = {
      rung: this.nextRungAtMs(),
      unheard: this.unheardAtMs(),
      reminder: this.isHeld() ? null : state.remindAtMs,
      gather: state.gatherAtMs,
      snooze: state.snoozedUntilMs,
      quiet: state.snoozedUntilMs === null ? state.quietUntilMs : null,
    };
    return (Object.keys(timers) as LadderTimer[]).flatMap((name) => {
      const atMs = timers[name];
      return atMs === null ? [] : { name, atMs };
    });
  }

  /** Begins to call. A snoozed ladder waits for the end of the snooze. */
  begin(nowMs: number): DueMessage[] {
    if (this.state.answered || this.state.reached > 0) return [];
    this.reachDueRungs(nowMs);
    this.remindAfter(nowMs);
    return this.isSnoozed() ? [] : this.call(this.reachedChannels, 'called', nowMs);
  }

  /**
   * @param severity that of all reasons so far
   * @param endsSnooze whether a reason that no message has reported yet ends a snooze
   */
  fired(timer: LadderTimer, severity: Severity, nowMs: number, endsSnooze = false): DueMessage[] {
    const { state } = this;
    switch (timer) {
      case 'rung':
      case 'unheard':
        return this.climb(nowMs);
      case 'reminder':
        return this.remind(nowMs);
      case 'gather':
        state.gatherAtMs = null;
        return this.tellReasons(severity, nowMs, endsSnooze);
      case 'snooze':
        state.snoozedUntilMs = null;
        state.sinceMs = nowMs;
        // This message also names the reasons that are being gathered.
        state.untold ||= state.gatherAtMs !== null;
        state.gatherAtMs = null;
        return this.remind(nowMs);
      case 'quiet':
        return this.endQuiet(nowMs);
    }
  }

  /** A new reason came. It is sent after `GATHER_MS`, together with others that come by then. */
  reasonCame(nowMs: number): void {
    this.state.gatherAtMs ??= nowMs + GATHER_MS;
  }

  delivered(channel: string): void {
    this.state.channels[channel] = { kind: 'delivered' };
    this.hear(channel);
  }

  /** @param mayHaveHeard whether the message may have arrived nevertheless, such as after a timeout */
  failed(channel: string, mayHaveHeard: boolean, nowMs: number): DueMessage[] {
    const { state } = this;
    state.channels[channel] = { kind: 'failed' };
    if (mayHaveHeard) this.hear(channel);
    if (state.answered || this.isHeld()) return [];
    const states = this.reachedChannels.map((each) => state.channels[each]?.kind);
    return states.every((kind) => kind === 'failed') ? this.climb(nowMs) : [];
  }

  /** The message was not sent, because the quiet hours last until then. */
  heldBack(message: DueMessage, untilMs: number, nowMs: number): DueMessage[] {
    const { state } = this;
    const { channel, occasion } = message;
    if (state.answered) return [];
    if (isCall(occasion)) state.channels[channel] = { kind: 'held' };
    state.held = [...state.held.filter((each) => each.channel !== channel), message];
    state.quietUntilMs = untilMs;
    // The severity has risen to `page` since then, so the message is sent now.
    return this.quietHours === null ? this.endQuiet(nowMs) : [];
  }

  snooze(untilMs: number): void {
    this.state.snoozedUntilMs = untilMs;
  }

  /** Somebody acknowledged: news for all channels that were called or are being called. */
  answer(): DueMessage[] {
    const { state } = this;
    state.answered = true;
    for (const [channel, { kind }] of Object.entries(state.channels)) if (kind === 'waiting') this.hear(channel);
    return this.tell('acknowledged');
  }

  /** The ledger refused the acknowledgement, so the call goes on. */
  resume(nowMs: number): DueMessage[] {
    this.state.answered = false;
    return this.isHeld() ? [] : this.remind(nowMs);
  }

  /** All discrepancies are resolved: news for all channels that were called. The call stays open until it is acknowledged. */
  resolve(): DueMessage[] {
    this.state.gatherAtMs = null;
    this.state.untold = false;
    return this.tell('resolved');
  }

  /** The policy has changed. Channels that were added to the reached rungs are called. */
  change(rules: LadderRules, nowMs: number): DueMessage[] {
    const { state } = this;
    const height = this.rungs[state.reached - 1]?.afterMinutes ?? 0;
    this.rules = rules;
    const reached = this.rungs.filter(({ afterMinutes }) => afterMinutes <= height).length;
    state.reached = Math.max(reached, 1);
    if (state.answered || this.isSnoozed()) return [];
    // Messages that were held back are tried again, because the quiet hours may have changed.
    const held = state.quietUntilMs === null ? [] : this.endQuiet(nowMs);
    const added = this.reachedChannels.filter((channel) => state.channels[channel] === undefined);
    return [...held, ...this.call(added, 'called', nowMs)];
  }

  private get rungs(): readonly Rung[] {
    const { rungs, notifyChannels } = this.rules;
    const own = this.state.severity === 'page' ? rungs : [{ afterMinutes: 0, channels: [...notifyChannels] }];
    return [...own, { afterMinutes: Number.POSITIVE_INFINITY, channels: [LOG_CHANNEL] }];
  }

  private isSnoozed(): boolean {
    return this.state.snoozedUntilMs !== null;
  }

  private isHeld(): boolean {
    return this.isSnoozed() || this.state.quietUntilMs !== null;
  }

  private nextRungAtMs(): number | null {
    const { state } = this;
    const next = this.rungs[state.reached];
    if (next === undefined || this.isHeld() || !Number.isFinite(next.afterMinutes)) return null;
    return state.sinceMs + next.afterMinutes * MINUTE_MS;
  }

  /**
   * When the next rung is used before its time, because no channel of the reached rungs has accepted the message. At once if all
   * have refused it, which only a changed policy leaves behind.
   */
  private unheardAtMs(): number | null {
    const { state } = this;
    if (this.isHeld() || this.rungs[state.reached] === undefined) return null;
    let latestMs = state.sinceMs;
    for (const channel of this.reachedChannels) {
      const channelState = state.channels[channel];
      if (channelState?.kind !== 'waiting' && channelState?.kind !== 'failed') return null;
      if (channelState.kind === 'waiting') latestMs = Math.max(latestMs, channelState.sinceMs + PATIENCE_MS);
    }
    return latestMs;
  }

  private reachDueRungs(nowMs: number): void {
    const { state } = this;
    state.reached = 1;
    for (let at = this.nextRungAtMs(); at !== null && at <= nowMs; at = this.nextRungAtMs()) state.reached += 1;
  }

  /** Uses the next rung. */
  private climb(nowMs: number): DueMessage[] {
    const { state } = this;
    const next = this.rungs[state.reached];
    if (next === undefined || state.answered || this.isSnoozed()) return [];
    state.reached += 1;
    return this.call(next.channels, 'reminder', nowMs);
  }

  private remind(nowMs: number): DueMessage[] {
    const { state } = this;
    if (state.answered || this.isSnoozed()) return [];
    if (state.reached === 0) return this.begin(nowMs);
    const occasion = state.untold ? 'reason' : 'reminder';
    state.untold = false;
    const messages = this.call(this.reachedChannels, occasion, nowMs);
    this.remindAfter(nowMs);
    return messages;
  }

  private tellReasons(severity: Severity, nowMs: number, endsSnooze: boolean): DueMessage[] {
    const { state } = this;
    state.untold = true;
    const rises = severity === 'page' && state.severity !== 'page';
    if (rises) {
      // The call is now more urgent than when it was snoozed.
      state.severity = 'page';
      state.snoozedUntilMs = null;
      state.quietUntilMs = null;
      state.sinceMs = nowMs;
      state.reached = 1;
    } else if (endsSnooze && this.isSnoozed()) {
      state.snoozedUntilMs = null;
      state.sinceMs = nowMs;
    }
    return this.isHeld() ? [] : this.remind(nowMs);
  }

  private endQuiet(nowMs: number): DueMessage[] {
    const { state } = this;
    state.quietUntilMs = null;
    const { held } = state;
    if (state.untold) return this.remind(nowMs);
    state.held = [];
    this.remindAfter(nowMs);
    for (const { channel, occasion } of held) {
      if (isCall(occasion)) state.channels[channel] = { kind: 'waiting', sinceMs: nowMs };
    }
    return held;
  }

  /** Messages on these channels; the first one on each is a call, whatever the occasion. */
  private call(channels: readonly string[], occasion: 'called' | 'reminder' | 'reason', nowMs: number): DueMessage[] {
    const { state } = this;
    const uncalled = new Set(state.held.flatMap((each) => (each.occasion === 'called' ? each.channel : [])));
    const isFirst = (channel: string): boolean => state.channels[channel] === undefined || uncalled.has(channel);
    if (occasion !== 'called' && channels.some((channel) => !isFirst(channel))) state.numbers[occasion] += 1;
    return channels.map((channel) => {
      const message: DueMessage =
        occasion === 'called' || isFirst(channel)
          ? { channel, occasion: 'called', number: 1 }
          : { channel, occasion, number: state.numbers[occasion] };
      const before = state.channels[channel];
      // If the channel has not accepted the previous message, it counts as silent since that one.
      state.channels[channel] = before?.kind === 'waiting' ? before : { kind: 'waiting', sinceMs: nowMs };
      state.held = state.held.filter((each) => each.channel !== channel);
      return message;
    });
  }

  private tell(occasion: 'acknowledged' | 'resolved'): DueMessage[] {
    const { state } = this;
    state.numbers[occasion] += 1;
    return state.heard.map((channel) => ({ channel, occasion, number: state.numbers[occasion] }));
  }

  private hear(channel: string): void {
    if (!this.state.heard.includes(channel)) this.state.heard.push(channel);
  }

  /** Sets the time of the next reminder. Reaching a rung does not change it. */
  private remindAfter(nowMs: number): void {
    const { reminderMinutes } = this.rules;
    const sent = Math.max(this.state.numbers.reminder, 0);
    const minutes = reminderMinutes[Math.min(sent, reminderMinutes.length - 1)] ?? DEFAULT_REMINDER_MINUTES;
    this.state.remindAtMs = nowMs + minutes * MINUTE_MS;
  }
}
