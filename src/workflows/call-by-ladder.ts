import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import { endsSnooze, severityOf, type InterventionReason } from '../domain/lifecycle/intervention.js';
import { Ladder } from '../domain/lifecycle/ladder.js';
import {
  isCall,
  ladderOf,
  newLadder,
  type DueMessage,
  type LadderRules,
  type LadderTimer,
} from '../domain/lifecycle/ladder-state.js';
import { LOG_CHANNEL } from '../domain/policy/channel-name.js';
import { Deliveries, MAX_TOLD, type Delivered } from './deliveries.js';
import type { Intervention } from './intervention.js';
import { endsSnoozes } from './release.js';
import { Timers } from './timers.js';

/** At this number of history events the workflow continues as new even if messages are pending. */
const LONG_HISTORY_EVENTS = 10_000;

type Happening =
  { kind: 'fired'; timer: LadderTimer; atMs: number } | { kind: 'tried'; request: DeliverRequest; answer: Delivered };

/** Calls humans on the account's channels until somebody acknowledges, then sends news to all channels that were called. */
export async function callByLadder(intervention: Intervention, rules: LadderRules): Promise<void> {
  await new LadderCall(intervention, rules).run();
}

/**
 * The loop around the ladder. It handles events in the order in which they came, and issues commands at one place only, between
 * two waits.
 */
class LadderCall {
  private readonly ladder: Ladder;
  private readonly deliveries: Deliveries;
  private readonly timers: Timers<LadderTimer>;
  private readonly happened: Happening[] = [];
  /** Reasons that no message has named yet. */
  private readonly untold: InterventionReason[];
  /** Counts the groups of messages that the ladder sends at once. The first delivered message of a group counts as one notification. */
  private rounds = 0;
  private heardRound = 0;
  private readonly roundOf = new Map<DeliverRequest, number>();

  constructor(
    private readonly intervention: Intervention,
    private rules: LadderRules,
  ) {
    const { input, clock, openedAt, notifiedTimes, snoozedUntil, reasons } = intervention;
    const carried = input.carried?.ladder;
    this.ladder = new Ladder(rules, carried ?? newLadder(severityOf(reasons), Date.parse(openedAt), notifiedTimes));
    if (carried === undefined && snoozedUntil !== null) this.ladder.snooze(Date.parse(snoozedUntil));
    this.untold = [...(input.carried?.untold ?? [])];
    this.deliveries = new Deliveries((request, answer) => this.happened.push({ kind: 'tried', request, answer }));
    this.timers = new Timers<LadderTimer>(
      (timer, atMs) => {
        clock.passed(atMs);
        this.happened.push({ kind: 'fired', timer, atMs });
      },
      (timer, atMs) => `${TIMER_NAMES[timer]} ${new Date(atMs).toISOString().slice(0, 16)}Z`,
    );
    intervention.channels = () =>
      Object.entries(this.ladder.state.channels).map(([channel, { kind }]) => ({ channel, state: kind }));
  }

  async run(): Promise<void> {
    const { intervention, ladder, timers } = this;
    const { carried, again } = intervention.input;
    for (const request of carried?.unsent ?? again?.unsent ?? []) this.deliveries.post(request);
    // In the first task the clock is that of the task, even in a replay.
    this.send(ladder.begin(this.nowMs()));
    for (;;) {
      this.takeChanges();
      if (intervention.answer !== null && (await this.isConcluded())) return;
      if (this.mustCarryOn()) await this.carryOn();
      intervention.publish();
      timers.set(ladder.timers(), this.nowMs());
      await condition(() => this.hasNews());
    }
  }

  private hasNews(): boolean {
    const { moved, fresh, answer } = this.intervention;
    return (
      this.happened.length > 0 ||
      fresh.length > 0 ||
      answer !== null ||
      moved.rules ||
      moved.snooze ||
      moved.standing ||
      this.mustCarryOn()
    );
  }

  private takeChanges(): void {
    const { intervention, ladder } = this;
    const { moved } = intervention;
    for (const each of this.happened.splice(0)) {
      if (each.kind === 'fired') this.takeTimer(each.timer);
      else this.takeAnswer(each.request, each.answer);
    }
    if (moved.snooze && intervention.snoozedUntil !== null) ladder.snooze(Date.parse(intervention.snoozedUntil));
    // Reasons that come after an answer belong to a new intervention.
    const news = intervention.answer === null ? intervention.takeNewReasons() : [];
    if (news.length > 0) {
      this.untold.push(...news);
      intervention.standing = true;
      ladder.reasonCame(this.nowMs());
    } else if (moved.standing && !intervention.standing) {
      // Reasons that no message has named yet are over, too.
      this.untold.length = 0;
      this.send(ladder.resolve());
    }
    if (moved.rules) {
      // If the policy names no channel any more, the log is used.
      const none: LadderRules = { ...this.rules, rungs: [{ afterMinutes: 0, channels: [LOG_CHANNEL] }] };
      this.rules = (intervention.rules === null ? null : ladderOf(intervention.rules)) ?? none;
      this.send(ladder.change(this.rules, this.nowMs()));
    }
    Object.assign(moved, { snooze: false, rules: false, standing: false });
  }

  private takeTimer(timer: LadderTimer): void {
    const { intervention, ladder } = this;
    const { reasons } = intervention;
    const isNew = timer === 'gather' && endsSnooze(this.untold, reasons) && endsSnoozes();
    const messages = ladder.fired(timer, severityOf(reasons), this.nowMs(), isNew);
    // The snooze has ended, or the call has become more urgent than when it was snoozed.
    if (ladder.state.snoozedUntilMs === null && !intervention.moved.snooze) intervention.endSnooze();
    this.send(messages);
  }

  private takeAnswer(request: DeliverRequest, answer: Delivered): void {
    const { intervention, ladder } = this;
    const { account, interventionId, channel, occasion, number } = request;
    const round = this.roundOf.get(request) ?? this.rounds;
    this.roundOf.delete(request);
    if (answer.kind === 'delivered' && answer.unrecorded !== undefined) {
      void intervention.records.addQuietly({ kind: 'receipt', account, interventionId, ...answer.unrecorded });
    }
    // This was news of an earlier intervention.
    if (interventionId !== intervention.id) return;
    switch (answer.kind) {
      case 'delivered':
        if (!isCall(occasion)) return;
        ladder.delivered(channel);
        if (round <= this.heardRound) return;
        this.heardRound = round;
        intervention.notified();
        return;
      case 'failed':
      case 'lost':
        if (isCall(occasion)) this.send(ladder.failed(channel, answer.kind === 'lost', this.nowMs()));
        return;
      case 'quiet':
        this.send(ladder.heldBack({ channel, occasion, number }, Date.parse(answer.until), this.nowMs()));
        return;
      case 'acknowledged':
        intervention.answer ??= { by: answer.by, note: null };
        return;
      case 'cancelled':
    }
  }

  private send(messages: readonly DueMessage[]): void {
    if (messages.length === 0) return;
    const { intervention, untold } = this;
    const round = ++this.rounds;
    // Reasons beyond the limit are recorded as one, so the number of records stays bounded.
    if (intervention.answer === null) intervention.takeOverflow();
    const told = { reason: untold.slice(-MAX_TOLD), all: intervention.reasons.slice(-MAX_TOLD) };
    if (messages.some(({ occasion }) => isCall(occasion))) untold.length = 0;
    for (const message of messages) {
      const isReason = message.occasion === 'reason' && told.reason.length > 0;
      const request = this.requestOf(message, isReason ? told.reason : told.all);
      this.roundOf.set(request, round);
      this.deliveries.post(request);
    }
  }

  private requestOf(
    message: DueMessage,
    reasons: readonly InterventionReason[] = this.intervention.reasons.slice(-MAX_TOLD),
  ): DeliverRequest {
    const { intervention, ladder } = this;
    const isUrgent = message.occasion === 'acknowledged' || ladder.quietHours === null;
    return {
      account: intervention.account,
      exchange: intervention.input.exchange,
      interventionId: intervention.id,
      ...message,
      severity: ladder.severity,
      openedAt: intervention.openedAt,
      reasons: [...reasons],
      ...(!isCall(message.occasion) && intervention.answer !== null
        ? { answer: { by: intervention.answer.by, note: intervention.answer.note ?? '' } }
        : {}),
      ...(isUrgent || ladder.quietHours === null ? {} : { quietHours: ladder.quietHours }),
    };
  }

  /** Ends the call, unless the ledger refuses the acknowledgement. */
  private async isConcluded(): Promise<boolean> {
    const { intervention, ladder, deliveries } = this;
    this.timers.set([], this.nowMs());
    deliveries.cancelCalls();
    await condition(allHandlersFinished);
    await intervention.records.written();
    this.takeTried();
    if (intervention.answer === null) {
      this.send(ladder.resume(this.nowMs()));
      return false;
    }
    this.send(ladder.answer());
    intervention.publish();
    await this.openAnewIfNeeded(false);
    const isOver = !intervention.standing;
    await intervention.reportToParent(
      'closed',
      isOver ? [] : ladder.resolve().map((message) => this.requestOf(message)),
    );
    await condition(() => deliveries.isIdle || intervention.fresh.length > 0 || intervention.overflow !== null);
    this.takeTried();
    // Nothing may be awaited between this check and the end.
    await this.openAnewIfNeeded(true);
    return true;
  }

  private takeTried(): void {
    for (const each of this.happened.splice(0)) {
      if (each.kind === 'tried') this.takeAnswer(each.request, each.answer);
    }
  }

  /** Waits only if a new intervention must be opened. */
  private async openAnewIfNeeded(late: boolean): Promise<void> {
    const { intervention, deliveries } = this;
    intervention.keepOverflow();
    if (intervention.fresh.length > 0) await intervention.openAnew(late, deliveries.unsent());
  }

  private mustCarryOn(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    const isTime = (continueAsNewSuggested && this.deliveries.isIdle) || historyLength > LONG_HISTORY_EVENTS;
    return isTime && this.happened.length === 0 && allHandlersFinished();
  }

  /** Does not wait for the ledger or a channel: pending messages are sent again with the same keys. */
  private async carryOn(): Promise<void> {
    const { intervention, ladder, deliveries, untold } = this;
    intervention.takeOverflow();
    await intervention.continueAsNew({
      carried: {
        ...intervention.carried(),
        ladder: ladder.state,
        unsent: deliveries.unsent(),
        unrecorded: [...intervention.records.waiting],
        untold,
        standing: intervention.standing,
      },
    });
  }

  private nowMs(): number {
    return this.intervention.clock.nowMs();
  }
}

const TIMER_NAMES: Readonly<Record<LadderTimer, string>> = {
  rung: 'next rung',
  unheard: 'next rung, if no channel takes the call,',
  reminder: 'reminder',
  gather: 'tell new reasons',
  snooze: 'snoozed until',
  quiet: 'quiet until',
};
