import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { InterventionRecord } from '../../src/activities/activity-messages.js';
import { interventionWorkflowId, type InterventionStatus } from '../../src/workflows/messages.js';
import { failedTasks } from '../support/failed-tasks.js';
import type { ScriptedAccount } from './support/scripted-account.js';
import { startStage, type Stage } from './support/stage.js';

const MINUTE = 60_000;
const SLACK_MS = 3_000;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterEach(async () => stage.clear());
afterAll(async () => stage.close());

const reason = (text: string) => ({ action: 'POSITION_OPENED_EXTERNALLY', text, at: '2026-11-22T15:00:00.000Z' });

function input(account: ScriptedAccount, changes: Record<string, unknown> = {}) {
  return {
    account: account.name,
    exchange: 'scripted',
    reminderMinutes: [30, 60],
    reasons: [reason('one')],
    ...changes,
  };
}

/** An intervention that has called a human once. */
async function opened(account = stage.account(), changes: Record<string, unknown> = {}): Promise<ScriptedAccount> {
  await account.launchIntervention(input(account, changes));
  await stage.until(() => account.notified.length === 1);
  return account;
}

async function change(account: ScriptedAccount, name: string, payload: unknown): Promise<InterventionStatus> {
  return account.interventionWorkflow.executeUpdate<InterventionStatus, [unknown]>(name, { args: [payload] });
}

async function refusalOf(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.catch((each: unknown) => each);
  if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? '';
  throw new Error('it was taken');
}

function recordsOf<Kind extends InterventionRecord['kind']>({ interventions }: ScriptedAccount, kind: Kind) {
  return interventions.filter((each): each is typeof each & { kind: Kind } => each.kind === kind);
}

const ACKNOWLEDGE = { by: 'ada', note: 'closed the position by hand' };

describe('an intervention', () => {
  it('is recorded, calls a human at once, and reminds at the minutes of the ladder, the last one repeating', async () => {
    const account = await opened();
    for (const [count, minutes] of [
      [2, 30],
      [3, 60],
      [4, 60],
    ] as const) {
      await stage.skip(minutes * MINUTE + 100);
      await stage.until(() => account.notified.length === count);
    }
    const [first = 0, ...later] = account.notified.map(({ at }) => at);
    for (const [index, minutes] of [30, 90, 150].entries()) {
      expect(Math.abs((later[index] ?? Number.NaN) - first - minutes * MINUTE)).toBeLessThan(SLACK_MS);
    }
    expect(account.notified.map(({ count }) => count)).toEqual([1, 2, 3, 4]);
    await stage.until(() => recordsOf(account, 'notified').length === 4);
    expect(account.interventions[0]).toMatchObject({ kind: 'opened', reasons: [reason('one')] });
    expect(new Set(recordsOf(account, 'notified').map(({ requestId }) => requestId)).size).toBe(4);
    expect(await account.intervention()).toMatchObject({ state: 'open', notifiedTimes: 4 });
  });

  it('notifies of a later reason at once, and records it', async () => {
    const account = await opened();
    await account.interventionWorkflow.signal('addReason', reason('two'));
    await stage.until(() => account.notified.length === 2);
    expect(account.notified[1]?.reasons).toEqual([reason('one'), reason('two')]);
    await stage.until(() => recordsOf(account, 'reason').length === 1);
    expect(recordsOf(account, 'reason')).toMatchObject([{ reason: reason('two') }]);
  });

  it('refuses an invalid reason, and continues', async () => {
    const account = await opened();
    for (const bad of [undefined, 7, {}, { action: 'X', text: 'y', at: 'today' }]) {
      await account.interventionWorkflow.signal('addReason', bad);
    }
    await account.interventionWorkflow.signal('addReason', reason('two'));
    await stage.until(() => account.notified.at(-1)?.reasons.length === 2);
    expect((await account.intervention()).reasons).toEqual([reason('one'), reason('two')]);
    expect(failedTasks((await account.interventionWorkflow.fetchHistory()).events ?? [])).toEqual([]);
  });

  it('keeps a hundred reasons and counts those beyond', async () => {
    const reasons = Array.from({ length: 99 }, (_, index) => reason(`${index}`));
    const account = await opened(stage.account(), { reasons });
    for (let each = 1; each <= 8; each++)
      await account.interventionWorkflow.signal('addReason', reason(`more ${each}`));
    await stage.until(async () => (await account.intervention()).reasons.length === 100);
    // Those beyond are recorded as one, with the next reminder.
    await stage.skip(61 * MINUTE);
    await stage.until(() => recordsOf(account, 'reason').some((each) => each.reason.text.includes('more 8')));
    const texts = recordsOf(account, 'reason').map((each) => each.reason.text);
    expect(texts[0]).toBe('more 1');
    const counted = texts.slice(1).map((text) => Number(/^(\d+) more reasons; the newest: more \d$/.exec(text)?.[1]));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(7);
    expect((await account.intervention()).reasons).toHaveLength(100);
  });

  it('is not ended by a cancellation', async () => {
    const account = await opened();
    await account.interventionWorkflow.cancel();
    await stage.skip(30 * MINUTE + 100);
    await stage.until(() => account.notified.length === 2);
    expect((await account.interventionWorkflow.describe()).status.name).toBe('RUNNING');
    const until = new Date((await stage.now()) + MINUTE).toISOString();
    expect(await change(account, 'snooze', { by: 'ada', until, note: 'on it' })).toMatchObject({ state: 'snoozed' });
    expect(await change(account, 'acknowledge', ACKNOWLEDGE)).toMatchObject({ state: 'acknowledged' });
    await account.interventionWorkflow.result();
    expect(account.interventions.at(-1)).toMatchObject({ kind: 'acknowledged', ...ACKNOWLEDGE });
  });
});

describe('an acknowledgement', () => {
  it('ends the reminders and the workflow, is recorded, and is reported to the account', async () => {
    const account = await stage.account().start();
    await opened(account);
    await account.signal('interventionOpened', { interventionId: 'x' });
    await stage.until(async () => (await account.status()).interventionOpen);
    expect(await change(account, 'acknowledge', ACKNOWLEDGE)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'ada',
    });
    await account.interventionWorkflow.result();
    expect(account.interventions.at(-1)).toMatchObject({ kind: 'acknowledged', ...ACKNOWLEDGE });
    await stage.until(async () => !(await account.status()).interventionOpen);
    expect(account.notified).toHaveLength(1);
  });

  it('without a name or a note is refused', async () => {
    const account = await opened();
    expect(await refusalOf(change(account, 'acknowledge', { note: 'done' }))).toMatch(/say who acknowledges \(by\)/);
    expect(await refusalOf(change(account, 'acknowledge', { by: 'ada', note: ' ' }))).toMatch(/\(note\)/);
    expect(await refusalOf(change(account, 'acknowledge', null))).toMatch(/\(by\)/);
    expect(await account.intervention()).toMatchObject({ state: 'open' });
  });

  it('is refused while another one is being recorded, and so is a snooze', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = await opened(
      stage.account({
        intervene: async ({ kind }) => {
          if (kind === 'acknowledged') await held;
          return { acknowledgedBy: null };
        },
      }),
    );
    const first = change(account, 'acknowledge', ACKNOWLEDGE);
    await stage.until(async () => (await account.intervention()).state === 'acknowledged');
    const until = new Date((await stage.now()) + MINUTE).toISOString();
    expect(await refusalOf(change(account, 'acknowledge', { by: 'bob', note: 'me too' }))).toMatch(
      /acknowledged by ada already/,
    );
    expect(await refusalOf(change(account, 'snooze', { by: 'bob', note: 'later', until }))).toMatch(/by ada already/);
    release();
    expect(await first).toMatchObject({ acknowledgedBy: 'ada' });
    await account.interventionWorkflow.result();
    expect(recordsOf(account, 'acknowledged')).toHaveLength(1);
  });

  it('does not cover a reason that arrives while it is recorded; that reason opens a new intervention', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const account = await opened(
      stage.account({
        intervene: async ({ kind }) => {
          if (kind === 'acknowledged') await held;
          return { acknowledgedBy: null };
        },
      }),
    );
    const { interventionId } = await account.intervention();
    const acknowledged = change(account, 'acknowledge', ACKNOWLEDGE);
    await stage.until(async () => (await account.intervention()).state === 'acknowledged');
    await account.interventionWorkflow.signal('addReason', reason('late'));
    await stage.until(async () => (await account.intervention()).reasons.length === 2);
    release();
    expect(await acknowledged).toMatchObject({ state: 'acknowledged' });
    await stage.until(() => account.notified.length === 2);
    expect(account.notified[1]).toMatchObject({ count: 1, reasons: [reason('late')] });
    expect(account.notified[1]?.interventionId).not.toBe(interventionId);
    await stage.until(() => recordsOf(account, 'opened').length === 2);
  });

  it('that the ledger got is learned from the answer to a record', async () => {
    let count = 0;
    const account = stage.account({
      intervene: ({ kind }) => ({ acknowledgedBy: kind === 'notified' && ++count === 2 ? 'bob' : null }),
    });
    await opened(account);
    await stage.skip(30 * MINUTE + 100);
    await account.interventionWorkflow.result();
    expect(recordsOf(account, 'acknowledged')).toEqual([]);
    expect(account.notified).toHaveLength(2);
  });

  it('that the ledger got before a reason does not take that reason along', async () => {
    let isAcknowledged = true;
    const account = await opened(
      stage.account({
        intervene: ({ kind }) => {
          if (kind !== 'reason' || !isAcknowledged) return { acknowledgedBy: null };
          isAcknowledged = false;
          return { acknowledgedBy: 'bob' };
        },
      }),
    );
    const [first] = account.notified;
    await account.interventionWorkflow.signal('addReason', reason('two'));
    await stage.until(() => recordsOf(account, 'opened').length === 2);
    const anew = await stage.until(() =>
      account.notified.find(({ interventionId }) => interventionId !== first?.interventionId),
    );
    expect(anew?.reasons).toEqual([reason('two')]);
    expect(await account.intervention()).toMatchObject({ state: 'open', interventionId: anew?.interventionId });
  });

  it('that the ledger got is learned before a reminder, which is not made then', async () => {
    const account = await opened(
      stage.account({ notify: ({ count }) => ({ acknowledgedBy: count > 1 ? 'bob' : null }) }),
    );
    await stage.skip(30 * MINUTE + 100);
    await account.interventionWorkflow.result();
    await stage.until(() => recordsOf(account, 'notified').length === 1);
    expect(recordsOf(account, 'notified')).toHaveLength(1);
  });
});

describe('a snooze', () => {
  it('holds reminders back until its end, and records reasons meanwhile', async () => {
    const account = await opened();
    const until = new Date((await stage.now()) + 120 * MINUTE).toISOString();
    const status = await change(account, 'snooze', { by: 'ada', until, note: 'on it' });
    expect(status).toMatchObject({ state: 'snoozed', snoozedUntil: until });
    await stage.until(() => recordsOf(account, 'snoozed').length === 1);
    expect(recordsOf(account, 'snoozed')).toMatchObject([{ by: 'ada', until, note: 'on it' }]);
    await account.interventionWorkflow.signal('addReason', reason('two'));
    await stage.until(() => recordsOf(account, 'reason').length === 1);
    await stage.skip(100 * MINUTE);
    expect(account.notified).toHaveLength(1);
    await stage.skip(21 * MINUTE);
    await stage.until(() => account.notified.length === 2);
    expect(Math.abs((account.notified[1]?.at ?? 0) - Date.parse(until))).toBeLessThan(SLACK_MS);
    expect(account.notified[1]?.reasons).toHaveLength(2);
    expect(await account.intervention()).toMatchObject({ state: 'open', snoozedUntil: null });
  });

  it('can be made longer and shorter', async () => {
    const account = await opened();
    const from = await stage.now();
    const at = (minutes: number): string => new Date(from + minutes * MINUTE).toISOString();
    await change(account, 'snooze', { by: 'ada', until: at(20), note: 'on it' });
    await change(account, 'snooze', { by: 'ada', until: at(90), note: 'longer' });
    await stage.skip(60 * MINUTE);
    expect(account.notified).toHaveLength(1);
    await change(account, 'snooze', { by: 'ada', until: at(70), note: 'shorter' });
    await stage.skip(11 * MINUTE);
    await stage.until(() => account.notified.length === 2);
  });

  it('that ends in the past, too late, or never is refused', async () => {
    const account = await opened();
    const now = await stage.now();
    for (const [until, says] of [
      [new Date(now - MINUTE).toISOString(), /not in the future/],
      [new Date(now + 400 * 24 * 60 * MINUTE).toISOString(), /over a year ahead/],
      ['tomorrow', /must be a time/],
      [undefined, /until is missing/],
    ] as const) {
      expect(await refusalOf(change(account, 'snooze', { by: 'ada', note: 'x', until }))).toMatch(says);
    }
    expect(await account.intervention()).toMatchObject({ state: 'open' });
  });
});

describe('an intervention started by hand', () => {
  const WRONG: [what: string, changes: Record<string, unknown>, says: RegExp][] = [
    ['without an exchange', { exchange: null }, /exchange is null/],
    ['with reminders that never wait', { reminderMinutes: [0] }, /reminderMinutes is a list/],
    ['without a reason', { reasons: [] }, /reasons is a list/],
    ['with a reason that is none', { reasons: [{ action: 'X' }] }, /text/],
    ['with broken carried state', { carried: { interventionId: 7 } }, /interventionId is 7/],
  ];
  it.each(WRONG)('%s ends with the reason', async (_, changes, says) => {
    const account = stage.account();
    await account.launchIntervention(input(account, changes));
    const error: unknown = await account.interventionWorkflow.result().catch((each: unknown) => each);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause?.message).toMatch(says);
    expect([account.notified, account.interventions]).toEqual([[], []]);
  });

  it("under an id that is not its account's ends", async () => {
    const account = stage.account();
    const workflowId = interventionWorkflowId(`${account.name}-2`);
    await account.launchIntervention(input(account), workflowId);
    const error: unknown = await stage.client.workflow
      .getHandle(workflowId)
      .result()
      .catch((each: unknown) => each);
    expect((error as WorkflowFailedError).cause?.message).toMatch(/has its interventions under the workflow id/);
  });
});
