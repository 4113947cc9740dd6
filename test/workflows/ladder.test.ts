import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { InterventionRecord } from '../../src/activities/activity-messages.js';
import type { InterventionStatus } from '../../src/workflows/messages.js';
import { recordedRun } from './support/answers.js';
import type { ScriptedAccount, Script } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

const MINUTE = 60_000;
const SLACK_MS = 4_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

const reason = (text: string, severity?: 'notify' | 'page') => ({
  action: 'POSITION_OPENED_EXTERNALLY',
  text,
  at: '2026-11-22T15:00:00.000Z',
  ...(severity === undefined ? {} : { severity }),
});

const RULES = {
  escalation: [
    { afterMinutes: 0, channels: ['chat'] },
    { afterMinutes: 10, channels: ['phone'] },
  ],
  notifyChannels: ['chat'],
  reminderMinutes: [30, 60],
  snoozeMaxHours: 24,
};

const ACKNOWLEDGE = { by: 'ada', note: 'closed the position by hand' };

interface Changes {
  rules?: Record<string, unknown>;
  reasons?: ReturnType<typeof reason>[];
}

async function opened(script: Partial<Script> = {}, { rules = {}, reasons = [reason('one')] }: Changes = {}) {
  const account = stage.account(script);
  await account.launchIntervention({
    account: account.name,
    exchange: 'scripted',
    reminderMinutes: [30, 60],
    reasons,
    rules: { ...RULES, ...rules },
  });
  await stage.until(() => account.delivered.length > 0);
  return account;
}

/** What was asked of the channels, with the minutes since the first message; those of one minute sorted. */
function delivered({ delivered: all }: ScriptedAccount): string[] {
  const [first] = all;
  const lines = all.map(({ at, channel, occasion, number }) => ({
    minutes: Math.floor((at - (first?.at ?? 0) + SLACK_MS) / MINUTE),
    text: `${channel} ${occasion} ${number}`,
  }));
  return lines
    .toSorted((a, b) => a.minutes - b.minutes || (a.text < b.text ? -1 : 1))
    .map(({ minutes, text }) => `${minutes}m ${text}`);
}

async function change(account: ScriptedAccount, name: string, payload: unknown): Promise<InterventionStatus> {
  return account.interventionWorkflow.executeUpdate<InterventionStatus, [unknown]>(name, { args: [payload] });
}

function recordsOf<Kind extends InterventionRecord['kind']>({ interventions }: ScriptedAccount, kind: Kind) {
  return interventions.filter((each): each is typeof each & { kind: Kind } => each.kind === kind);
}

describe('a call that pages', () => {
  it('uses its rungs in time, reminds on all of them, and counts what people got', async () => {
    const account = await opened();
    await stage.skip(29 * MINUTE);
    await stage.skipUntil(() => account.delivered.length === 4, 2 * MINUTE);
    expect(delivered(account)).toEqual([
      '0m chat called 1',
      '10m phone called 1',
      '30m chat reminder 1',
      '30m phone reminder 1',
    ]);
    expect(account.notified).toEqual([]);
    await stage.until(() => recordsOf(account, 'notified').length === 3);
    expect(await account.intervention()).toMatchObject({
      notifiedTimes: 3,
      channels: [
        { channel: 'chat', state: 'delivered' },
        { channel: 'phone', state: 'delivered' },
      ],
    });
  });

  it('uses the next rung at once if a channel refuses', async () => {
    const account = await opened({
      deliver: ({ channel }) =>
        channel === 'chat' ? { kind: 'failed', reason: 'no such chat' } : { kind: 'delivered' },
    });
    await stage.until(() => account.delivered.length === 2);
    expect(delivered(account)).toEqual(['0m chat called 1', '0m phone called 1']);
  });

  it('does not wait for a channel that is down, and uses the log if every channel fails', async () => {
    let isAway = true;
    const account = await opened({
      deliver: ({ channel }) => {
        if (channel === 'chat' && isAway)
          throw ApplicationFailure.create({ message: 'away', nextRetryDelay: '1 hour' });
        return channel === 'phone' ? { kind: 'failed', reason: 'no such phone' } : { kind: 'delivered' };
      },
    });
    await stage.skipUntil(() => account.delivered.length === 3, 5 * MINUTE);
    expect(delivered(account)).toEqual(['0m chat called 1', '2m log called 1', '2m phone called 1']);
    isAway = false;
    await stage.skip(61 * MINUTE);
    await stage.until(async () => (await account.intervention()).channels[0]?.state === 'delivered');
  });

  it('sends new reasons together, on the rungs that it has reached, and no reason twice', async () => {
    const account = await opened();
    for (const text of ['two', 'three', 'two', 'one']) {
      await account.interventionWorkflow.signal('addReason', reason(text));
    }
    await stage.skipUntil(() => account.delivered.length === 2, MINUTE);
    expect(account.delivered[1]).toMatchObject({ channel: 'chat', occasion: 'reason', number: 1 });
    expect(account.delivered[1]?.reasons.map(({ text }) => text)).toEqual(['two', 'three']);
    await account.interventionWorkflow.signal('addReason', reason('two'));
    await stage.skip(5 * MINUTE);
    expect(account.delivered).toHaveLength(2);
    await stage.until(() => recordsOf(account, 'reason').length === 5);
    expect((await account.intervention()).reasons.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it('sends news of the acknowledgement to all who were called, with its author and note', async () => {
    const account = await opened();
    await stage.skipUntil(() => account.delivered.length === 2, 11 * MINUTE);
    await change(account, 'acknowledge', ACKNOWLEDGE);
    await account.interventionWorkflow.result();
    expect(account.delivered.slice(2).toSorted((a, b) => (a.channel < b.channel ? -1 : 1))).toMatchObject([
      { channel: 'chat', occasion: 'acknowledged', answer: ACKNOWLEDGE },
      { channel: 'phone', occasion: 'acknowledged', answer: ACKNOWLEDGE },
    ]);
  });

  it('ends if the channel learns that somebody has acknowledged in the ledger', async () => {
    const account = await opened({ deliver: () => ({ kind: 'acknowledged', by: 'bob' }) });
    await account.interventionWorkflow.result();
    expect(recordsOf(account, 'acknowledged')).toEqual([]);
    expect((await account.intervention()).acknowledgedBy).toBe('bob');
  });

  it('continues if the ledger refuses the acknowledgement', async () => {
    const account = await opened({
      intervene: ({ kind }) => {
        if (kind === 'acknowledged') throw ApplicationFailure.nonRetryable('refused');
        return { acknowledgedBy: null };
      },
    });
    // The skipping server may lose an update that meets the end of an activity whose cancellation it requests.
    await stage.until(async () => (await account.intervention()).channels.some(({ state }) => state === 'delivered'));
    await expect(change(account, 'acknowledge', ACKNOWLEDGE)).rejects.toThrow(WorkflowUpdateFailedError);
    await stage.until(() => account.delivered.length === 2);
    expect(delivered(account)).toEqual(['0m chat called 1', '0m chat reminder 1']);
    expect(await account.intervention()).toMatchObject({ state: 'open' });
  });

  it('opens a new call for a reason that comes after the acknowledgement, while news of it is being sent', async () => {
    let give: () => void = () => {};
    const held = new Promise<void>((resolve) => (give = resolve));
    const account = await opened({
      deliver: async ({ occasion }) => {
        if (occasion === 'acknowledged') await held;
        return { kind: 'delivered' };
      },
    });
    const { interventionId } = await account.intervention();
    await change(account, 'acknowledge', ACKNOWLEDGE);
    await stage.until(() => account.delivered.some(({ occasion }) => occasion === 'acknowledged'));
    await account.interventionWorkflow.signal('addReason', reason('late'));
    const anew = await stage.until(() =>
      account.delivered.find((each) => each.occasion === 'called' && each.interventionId !== interventionId),
    );
    expect(anew?.reasons.map(({ text }) => text)).toEqual(['late']);
    give();
    await stage.until(
      () =>
        account.delivered.filter((each) => each.occasion === 'acknowledged' && each.interventionId === interventionId)
          .length > 0,
    );
  });
});

describe('a call that only notifies', () => {
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };

  it('waits in quiet hours, and rises above them with a reason that pages', async () => {
    let until = '';
    const account = stage.account({
      deliver: ({ quietHours: quiet }) => (quiet === undefined ? { kind: 'delivered' } : { kind: 'quiet', until }),
    });
    until = new Date((await stage.now()) + 300 * MINUTE).toISOString();
    await account.launchIntervention({
      account: account.name,
      exchange: 'scripted',
      reminderMinutes: [30],
      reasons: [reason('one', 'notify')],
      rules: { ...RULES, quietHours },
    });
    await stage.until(() => account.delivered.length === 1);
    expect(account.delivered[0]).toMatchObject({ severity: 'notify', quietHours });
    await stage.skip(120 * MINUTE);
    expect(account.delivered).toHaveLength(1);
    expect((await account.intervention()).channels).toEqual([{ channel: 'chat', state: 'held' }]);
    await account.interventionWorkflow.signal('addReason', reason('two', 'page'));
    await stage.skipUntil(() => account.delivered.length === 2, MINUTE);
    expect(account.delivered[1]).toMatchObject({ occasion: 'called', severity: 'page' });
    expect(account.delivered[1]?.quietHours).toBeUndefined();
    await stage.skipUntil(() => account.delivered.length === 3, 11 * MINUTE);
    expect(account.delivered[2]).toMatchObject({ channel: 'phone', occasion: 'called' });
  });

  it('is sent when the quiet hours end', async () => {
    const until = new Date((await stage.now()) + 300 * MINUTE).toISOString();
    let isQuiet = true;
    const account = await opened(
      { deliver: () => (isQuiet ? { kind: 'quiet', until } : { kind: 'delivered' }) },
      { rules: { quietHours }, reasons: [reason('one', 'notify')] },
    );
    await stage.until(async () => (await account.intervention()).channels[0]?.state === 'held');
    isQuiet = false;
    await stage.skip(299 * MINUTE);
    await stage.skipUntil(() => account.delivered.length === 2, 2 * MINUTE);
    expect(delivered(account)).toEqual(['0m chat called 1', '300m chat called 1']);
    expect(await account.intervention()).toMatchObject({ severity: 'notify', notifiedTimes: 1 });
  });
});

describe('a snooze of a call with channels', () => {
  it('silences it until its end, names its author, and begins the rungs anew', async () => {
    const account = await opened();
    const until = new Date((await stage.now()) + 60 * MINUTE).toISOString();
    const status = await change(account, 'snooze', { by: 'ada', until, note: 'on it' });
    expect(status).toMatchObject({ state: 'snoozed', snoozedUntil: until, snoozedBy: 'ada', snoozeNote: 'on it' });
    await stage.skip(55 * MINUTE);
    expect(account.delivered).toHaveLength(1);
    await stage.skipUntil(() => account.delivered.length === 3, 16 * MINUTE);
    expect(delivered(account)).toEqual(['0m chat called 1', '60m chat reminder 1', '70m phone called 1']);
    expect(await account.intervention()).toMatchObject({ state: 'open', snoozedUntil: null, snoozedBy: null });
  });

  it('ends with a new reason that pages, but not with more failed runs', async () => {
    const failed = { ...reason('runs failed'), action: 'RECONCILIATION_FAILURE_THRESHOLD' };
    const account = await opened({}, { reasons: [failed] });
    const until = new Date((await stage.now()) + 600 * MINUTE).toISOString();
    await change(account, 'snooze', { by: 'ada', until, note: 'on it' });
    await account.interventionWorkflow.signal('addReason', { ...failed, text: 'more runs failed' });
    await stage.skip(30 * MINUTE);
    expect(await account.intervention()).toMatchObject({ state: 'snoozed' });
    expect(delivered(account)).toEqual(['0m chat called 1']);
    await account.interventionWorkflow.signal('addReason', reason('BTC differs'));
    await stage.skipUntil(() => account.delivered.length === 2, MINUTE);
    expect(delivered(account)).toEqual(['0m chat called 1', '30m chat reason 1']);
    expect(await account.intervention()).toMatchObject({ state: 'open', snoozedUntil: null });
  });

  it('is refused beyond the limit of the policy, which the refusal names', async () => {
    const account = await opened({}, { rules: { snoozeMaxHours: 2 } });
    const now = await stage.now();
    const snooze = async (hours: number): Promise<unknown> => {
      const until = new Date(now + hours * 60 * MINUTE).toISOString();
      return change(account, 'snooze', { by: 'ada', until, note: 'on it' }).catch((error: unknown) => error);
    };
    const error = await snooze(3);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((error as WorkflowUpdateFailedError).cause?.message).toMatch(/over 2 hours ahead.*snooze_max_hours/);
    expect(await snooze(2)).toMatchObject({ state: 'snoozed' });
  });
});

describe("the account's workflow", () => {
  const call = { action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC long 0.5' };
  const escalation = [{ afterMinutes: 0, channels: ['chat'] }];

  it('sends the open call a changed policy and the resolution, each once', async () => {
    let drifted = true;
    let isFirst = true;
    const account = await stage
      .account({
        policy: { escalation },
        judge: ({ key }) => {
          const calls = isFirst ? [call] : [];
          isFirst = false;
          const changes = drifted ? ({ outcome: 'drifted', openDiscrepancies: 1, calls } as const) : {};
          return { kind: 'recorded', run: recordedRun(key.runNumber, changes) };
        },
      })
      .start();
    await stage.until(() => account.delivered.length === 1);
    const added = [{ afterMinutes: 0, channels: ['chat', 'phone'] }];
    const policy = { ...account.policy, escalation: added };
    await account.update('reconfigure', { by: 'ada', exchange: 'scripted', policy });
    await stage.until(() => account.delivered.length === 2);
    expect(account.delivered[1]).toMatchObject({ channel: 'phone', occasion: 'called' });
    drifted = false;
    await account.runNow();
    await stage.until(() => account.delivered.length === 4);
    await account.runNow();
    expect(await account.intervention()).toMatchObject({ state: 'open', standing: false });
    drifted = true;
    await account.runNow();
    drifted = false;
    await account.runNow();
    await stage.until(() => account.delivered.length === 6);
    const news = account.delivered.slice(2).map(({ channel, occasion, number }) => `${occasion} ${number} ${channel}`);
    expect(news.toSorted()).toEqual(['resolved 1 chat', 'resolved 1 phone', 'resolved 2 chat', 'resolved 2 phone']);
  });

  it('tells the people of an acknowledged call when nothing stands any more, once', async () => {
    let drifted = true;
    const account = await stage
      .account({
        policy: { escalation },
        judge: ({ key: { runNumber } }) => {
          const changes = { outcome: 'drifted', openDiscrepancies: 1, calls: runNumber === 1 ? [call] : [] } as const;
          return { kind: 'recorded', run: recordedRun(runNumber, drifted ? changes : {}) };
        },
      })
      .start();
    await stage.until(() => account.delivered.length === 1);
    const { interventionId } = await account.intervention();
    await change(account, 'acknowledge', ACKNOWLEDGE);
    await account.interventionWorkflow.result();
    await account.runNow();
    expect(delivered(account)).toEqual(['0m chat acknowledged 1', '0m chat called 1']);
    // Anybody may send the signal. Nothing is delivered for another account.
    const [first] = account.delivered;
    const foreign = { interventionId: 'x', messages: [{ ...first, account: 'other', occasion: 'resolved' }] };
    await account.signal('interventionClosed', { interventionId: 'x', answered: foreign });
    await account.signal('interventionClosed', { interventionId: 'x', answered: { messages: 7 } });
    drifted = false;
    await account.runNow();
    await stage.until(() => account.delivered.length === 3);
    await account.runNow();
    expect(account.delivered.slice(2)).toMatchObject([
      { account: account.name, interventionId, channel: 'chat', occasion: 'resolved', number: 1 },
    ]);
  });

  it('calls although the address of its page cannot be shown as a link', async () => {
    const account = stage.account({
      policy: { escalation },
      judge: ({ key }) => ({
        kind: 'recorded',
        run: recordedRun(key.runNumber, { outcome: 'drifted', openDiscrepancies: 1, calls: [call] }),
        display: { indexed: false, statusUrl: 'https://plumbline.example/(a)/v1/accounts/main' },
      }),
    });
    await account.start();
    await stage.until(() => account.delivered.length === 1);
    expect(await account.intervention()).toMatchObject({ state: 'open' });
  });

  it('gives an open call without channels those that are configured later', async () => {
    const account = await stage
      .account({
        judge: ({ key }) => ({
          kind: 'recorded',
          run: recordedRun(key.runNumber, { outcome: 'drifted', openDiscrepancies: 1, calls: [call] }),
        }),
      })
      .start();
    await stage.until(() => account.notified.length === 1);
    const { interventionId } = await account.intervention();
    await account.update('reconfigure', { by: 'ada', exchange: 'scripted', policy: { ...account.policy, escalation } });
    await stage.until(() => account.delivered.length === 1);
    expect(account.delivered[0]).toMatchObject({ channel: 'chat', occasion: 'called', interventionId });
  });
});
