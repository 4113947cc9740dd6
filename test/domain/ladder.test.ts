import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Ladder } from '../../src/domain/lifecycle/ladder.js';
import {
  ladderOf,
  newLadder,
  type DueMessage,
  type LadderRules,
  type LadderState,
} from '../../src/domain/lifecycle/ladder-state.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Severity } from '../../src/domain/policy/severity.js';

const MINUTE = 60_000;
const RULES: LadderRules = {
  rungs: [
    { afterMinutes: 0, channels: ['chat'] },
    { afterMinutes: 10, channels: ['phone', 'mail'] },
    { afterMinutes: 30, channels: ['boss'] },
  ],
  notifyChannels: ['chat'],
  quietHours: { from: '22:00', to: '07:00', timeZone: 'UTC' },
  reminderMinutes: [20, 60],
};

/** A ladder whose timers fire by themselves, and whose channels answer at once unless a test says otherwise. */
class Play {
  readonly sent: string[] = [];
  ladder: Ladder;
  nowMs = 0;
  severity: Severity;
  /** What a channel answers; `null`: nothing yet. */
  answers: Record<string, 'failed' | 'quiet' | null> = {};
  quietUntilMs = 540 * MINUTE;
  endsSnooze = false;

  constructor(
    severity: Severity = 'page',
    readonly rules = RULES,
  ) {
    this.severity = severity;
    this.ladder = new Ladder(rules, newLadder(severity, 0));
  }

  begin(): this {
    this.send(this.ladder.begin(this.nowMs));
    return this;
  }

  send(messages: DueMessage[]): void {
    for (const message of messages) {
      const { channel, occasion, number } = message;
      const answer = channel in this.answers ? this.answers[channel] : 'delivered';
      if (answer === 'quiet' && this.ladder.quietHours !== null) {
        this.send(this.ladder.heldBack(message, this.quietUntilMs, this.nowMs));
        continue;
      }
      this.sent.push(`${this.nowMs / MINUTE}m ${channel} ${occasion} ${number}`);
      if (occasion === 'acknowledged' || occasion === 'resolved') continue;
      if (answer === 'failed') this.send(this.ladder.failed(channel, false, this.nowMs));
      else if (answer !== null) this.ladder.delivered(channel);
    }
  }

  to(minutes: number): this {
    const untilMs = minutes * MINUTE;
    for (;;) {
      const [next] = this.ladder.timers().toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(next.atMs, this.nowMs);
      this.send(this.ladder.fired(next.name, this.severity, this.nowMs, this.endsSnooze));
    }
    this.nowMs = untilMs;
    return this;
  }

  reason(severity: Severity = this.severity): this {
    if (severity === 'page') this.severity = 'page';
    this.ladder.reasonCame(this.nowMs);
    return this;
  }

  /** What was sent since the last time. */
  heard(): string[] {
    return this.sent.splice(0);
  }
}

describe('a call that pages', () => {
  it('uses each rung when its time has come, and reminds on all channels that it has reached', () => {
    expect(new Play().begin().to(45).heard()).toEqual([
      '0m chat called 1',
      '10m phone called 1',
      '10m mail called 1',
      '20m chat reminder 1',
      '20m phone reminder 1',
      '20m mail reminder 1',
      '30m boss called 1',
    ]);
  });

  it('repeats the last interval of the reminders', () => {
    const rules = { ...RULES, rungs: RULES.rungs.slice(0, 1) };
    expect(new Play('page', rules).begin().to(210).heard()).toEqual([
      '0m chat called 1',
      '20m chat reminder 1',
      '80m chat reminder 2',
      '140m chat reminder 3',
      '200m chat reminder 4',
    ]);
  });

  it('uses the next rung at once if every channel so far refuses, down to the log', () => {
    const play = new Play();
    play.answers = { chat: 'failed', phone: 'failed', mail: 'failed', boss: 'failed' };
    expect(play.begin().heard()).toEqual([
      '0m chat called 1',
      '0m phone called 1',
      '0m mail called 1',
      '0m boss called 1',
      '0m log called 1',
    ]);
    expect(play.to(20).heard()).toEqual([
      '20m chat reminder 1',
      '20m phone reminder 1',
      '20m mail reminder 1',
      '20m boss reminder 1',
      '20m log reminder 1',
    ]);
  });

  it('uses the next rung after two minutes in which no channel takes the message', () => {
    const play = new Play();
    play.answers = { chat: null, phone: null, mail: 'failed' };
    play.begin().to(3);
    expect(play.heard()).toEqual(['0m chat called 1', '2m phone called 1', '2m mail called 1']);
    play.to(5);
    expect(play.heard()).toEqual(['4m boss called 1']);
  });

  it('is patient with a slow channel while another one takes the message', () => {
    const play = new Play();
    play.answers = { phone: null };
    expect(play.begin().to(19).heard()).toEqual(['0m chat called 1', '10m phone called 1', '10m mail called 1']);
  });

  it('does not start the two minutes anew with each reason', () => {
    const play = new Play();
    play.answers = { chat: null };
    play.begin().to(1).reason().to(1.9).reason().to(3);
    expect(play.heard().filter((each) => each.includes('phone'))).toEqual(['2m phone called 1']);
  });

  it('sends reasons that come within seconds once, on the rungs that it has reached', () => {
    const play = new Play().begin().to(11);
    play.heard();
    play.reason().reason().to(12);
    expect(play.heard()).toEqual(['11.05m chat reason 1', '11.05m phone reason 1', '11.05m mail reason 1']);
    // Reminders count from there.
    expect(play.to(31.1).heard()).toEqual([
      '30m boss called 1',
      '31.05m chat reminder 1',
      '31.05m phone reminder 1',
      '31.05m mail reminder 1',
      '31.05m boss reminder 1',
    ]);
  });

  it('sends nothing during a snooze, and begins its rungs anew at the end', () => {
    const play = new Play().begin().to(5);
    play.ladder.snooze(65 * MINUTE);
    play.heard();
    expect(play.to(64).heard()).toEqual([]);
    expect(play.to(80).heard()).toEqual(['65m chat reminder 1', '75m phone called 1', '75m mail called 1']);
  });

  it('sends what came during a snooze at its end', () => {
    const play = new Play().begin().to(5);
    play.ladder.snooze(65 * MINUTE);
    play.reason().to(64);
    expect(play.heard()).toEqual(['0m chat called 1']);
    expect(play.to(66).heard()).toEqual(['65m chat reason 1']);
  });

  it('leaves a snooze for a reason that ends it, and counts its rungs from there', () => {
    const play = new Play().begin().to(5);
    play.ladder.snooze(65 * MINUTE);
    play.endsSnooze = true;
    play.to(20).reason().to(31);
    expect(play.heard()).toEqual([
      '0m chat called 1',
      '20.05m chat reason 1',
      '30.05m phone called 1',
      '30.05m mail called 1',
    ]);
  });

  it('sends news of the answer to those that were called, and goes no further', () => {
    const play = new Play();
    play.answers = { phone: 'failed', mail: null };
    play.begin().to(11);
    play.heard();
    play.send(play.ladder.answer());
    expect(play.heard()).toEqual(['11m chat acknowledged 1', '11m mail acknowledged 1']);
    expect(play.ladder.timers()).toEqual([]);
    expect(play.to(500).heard()).toEqual([]);
  });

  it('continues if the answer does not count', () => {
    const play = new Play().begin().to(1);
    play.ladder.answer();
    play.heard();
    play.send(play.ladder.resume(play.nowMs));
    expect(play.heard()).toEqual(['1m chat reminder 1']);
    expect(play.to(10).heard()).toEqual(['10m phone called 1', '10m mail called 1']);
  });

  it('sends news that all is resolved to those that were called, and stays open', () => {
    const play = new Play().begin().to(5);
    play.heard();
    play.send(play.ladder.resolve());
    expect(play.to(11).heard()).toEqual(['5m chat resolved 1', '10m phone called 1', '10m mail called 1']);
    play.send(play.ladder.resolve());
    expect(play.heard()).toEqual(['11m chat resolved 2', '11m phone resolved 2', '11m mail resolved 2']);
  });

  it('that is restored late has reached the rungs whose time has passed', () => {
    const ladder = new Ladder(RULES, newLadder('page', 0, 3));
    expect(ladder.begin(12 * MINUTE).map(({ channel }) => channel)).toEqual(['chat', 'phone', 'mail']);
    ladder.delivered('chat');
    expect(ladder.fired('reminder', 'page', 72 * MINUTE)).toContainEqual({
      channel: 'chat',
      occasion: 'reminder',
      number: 4,
    });
  });
});

describe('a call that only notifies', () => {
  it('uses its channels alone', () => {
    expect(new Play('notify').begin().to(85).heard()).toEqual([
      '0m chat called 1',
      '20m chat reminder 1',
      '80m chat reminder 2',
    ]);
  });

  it('waits in quiet hours, without reminders', () => {
    const play = new Play('notify');
    play.answers = { chat: 'quiet' };
    expect(play.begin().to(539).heard()).toEqual([]);
    play.answers = {};
    expect(play.to(541).heard()).toEqual(['540m chat called 1']);
  });

  it('leaves the quiet hours when it rises, and goes up the ladder from there', () => {
    const play = new Play('notify');
    play.answers = { chat: 'quiet' };
    play.begin().to(100).reason('page').to(115);
    expect(play.heard()).toEqual(['100.05m chat called 1', '110.05m phone called 1', '110.05m mail called 1']);
  });

  it('leaves a snooze when it rises', () => {
    const play = new Play('notify').begin();
    play.ladder.snooze(500 * MINUTE);
    play.to(100).reason('page').to(101);
    expect(play.heard()).toEqual(['0m chat called 1', '100.05m chat reason 1']);
  });

  it('sends at the end of the quiet hours what came during them, once', () => {
    const play = new Play('notify').begin();
    play.to(1);
    play.answers = { chat: 'quiet' };
    play.reason().to(300).reason().to(539);
    play.answers = {};
    expect(play.to(541).heard()).toEqual(['0m chat called 1', '540m chat reason 2']);
  });

  it('holds back the news that all is resolved', () => {
    const play = new Play('notify').begin().to(5);
    play.answers = { chat: 'quiet' };
    play.heard();
    play.send(play.ladder.resolve());
    expect(play.to(539).heard()).toEqual([]);
    play.answers = {};
    expect(play.to(541).heard()).toEqual(['540m chat resolved 1']);
  });
});

describe('a change of the policy', () => {
  it('calls channels that the reached rungs have now, and keeps to the times of the rest', () => {
    const play = new Play().begin().to(12);
    play.heard();
    const rungs = [
      { afterMinutes: 0, channels: ['chat', 'ntfy'] },
      { afterMinutes: 15, channels: ['phone'] },
    ];
    play.send(play.ladder.change({ ...RULES, rungs }, play.nowMs));
    expect(play.to(16).heard()).toEqual(['12m ntfy called 1', '15m phone reminder 1']);
  });

  it('uses the next rung at once if it leaves only channels that refused', () => {
    const play = new Play();
    play.answers = { phone: 'failed' };
    const rungs = (...channels: string[]) => [
      { afterMinutes: 0, channels },
      { afterMinutes: 30, channels: ['boss'] },
    ];
    play.send(play.ladder.change({ ...RULES, rungs: rungs('chat', 'phone') }, play.nowMs));
    play.begin().to(1);
    expect(play.heard()).toEqual(['0m chat called 1', '0m phone called 1']);
    play.send(play.ladder.change({ ...RULES, rungs: rungs('phone') }, play.nowMs));
    expect(play.to(2).heard()).toEqual(['1m boss called 1']);
  });

  it('tries again what the quiet hours held back', () => {
    const play = new Play('notify');
    play.answers = { chat: 'quiet' };
    play.begin().to(3);
    play.answers = {};
    play.send(play.ladder.change({ ...RULES, quietHours: null }, play.nowMs));
    expect(play.heard()).toEqual(['3m chat called 1']);
  });
});

describe('the ladder of a policy', () => {
  it('is none without channels', () => {
    expect(ladderOf(DEFAULT_POLICY)).toBeNull();
  });

  it('takes channels for notifying from the first rung, and rungs from the channels for notifying', () => {
    const escalation = [{ afterMinutes: 0, channels: ['chat'] }];
    expect(ladderOf({ ...DEFAULT_POLICY, escalation })).toMatchObject({ rungs: escalation, notifyChannels: ['chat'] });
    expect(ladderOf({ ...DEFAULT_POLICY, notifyChannels: ['chat'] })).toMatchObject({ rungs: escalation });
  });
});

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 90 }) }),
    fc.record({ kind: fc.constant('reason' as const), severity: fc.constantFrom<Severity>('page', 'notify') }),
    fc.record({ kind: fc.constant('snooze' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ kind: fc.constant('resolve' as const) }),
    fc.record({ kind: fc.constant('carry' as const) }),
    fc.record({
      kind: fc.constant('channels' as const),
      answers: fc.dictionary(
        fc.constantFrom('chat', 'phone', 'mail', 'boss'),
        fc.constantFrom('failed' as const, 'quiet' as const, null),
      ),
    }),
  );

  it('an open call that pages and is not snoozed has a timer, calls each channel first once, and numbers no message twice', () => {
    fc.assert(
      fc.property(fc.constantFrom<Severity>('page', 'notify'), fc.array(step, { maxLength: 30 }), (severity, steps) => {
        const play = new Play(severity).begin();
        for (const each of steps) {
          if (each.kind === 'wait') play.to(play.nowMs / MINUTE + each.minutes);
          else if (each.kind === 'reason') play.reason(each.severity);
          else if (each.kind === 'snooze') play.ladder.snooze(play.nowMs + each.minutes * MINUTE);
          else if (each.kind === 'resolve') play.send(play.ladder.resolve());
          else if (each.kind === 'carry')
            play.ladder = new Ladder(RULES, JSON.parse(JSON.stringify(play.ladder.state)) as LadderState);
          else play.answers = each.answers;
          expect(play.ladder.timers().length).toBeGreaterThan(0);
        }
        const keys = play.sent.map((line) => line.slice(line.indexOf(' ') + 1));
        expect(keys.length).toBe(new Set(keys).size);
      }),
      { numRuns: 500 },
    );
  });
});
