import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { InterventionReason } from '../../src/domain/lifecycle/intervention.js';
import { LIMITS } from '../../src/domain/limits/limits.js';
import type { InterventionInput } from '../../src/workflows/manual-intervention.js';
import type { InterventionStatus } from '../../src/workflows/messages.js';
import { ContinuedAsNew, WorkflowInProcess } from './support/workflow-in-process.js';

const MINUTE = 60_000;
const reason = (text: string) => ({ action: 'UNSETTLED', text, at: '2026-11-22T00:00:00.000Z' });
const INPUT: InterventionInput = {
  account: 'main',
  exchange: 'scripted',
  reminderMinutes: [30],
  reasons: [reason('one')],
};
const ACKNOWLEDGE = { by: 'ada', note: 'done' };

afterAll(() => {
  jest.restoreAllMocks();
});

/** An intervention in this process, up to its first wait. */
async function opened(input: InterventionInput = INPUT, change: (workflow: WorkflowInProcess) => unknown = () => {}) {
  jest.resetModules();
  const workflow = new WorkflowInProcess().installed();
  workflow.info.workflowId = 'manual-intervention/main';
  const notified: string[] = [];
  const recorded: string[] = [];
  workflow.activities = {
    notifyHuman: ({ count }: { count: number }) => {
      notified.push(`${count}`);
      return { acknowledgedBy: null };
    },
    recordIntervention: ({ kind }: { kind: string }) => {
      recorded.push(kind);
      return { acknowledgedBy: null };
    },
  };
  change(workflow);
  const { manualIntervention } = await import('../../src/workflows/manual-intervention.js');
  const ended = manualIntervention(input).then(
    () => 'completed' as const,
    (error: unknown) =>
      error instanceof ContinuedAsNew ? (error.input as unknown as InterventionInput) : Promise.reject(error),
  );
  await workflow.settle();
  return { workflow, ended, notified, recorded };
}

describe('a reason that comes after the acknowledgement', () => {
  it('and before the account is signalled opens a new intervention, and signals nothing to the account', async () => {
    const { workflow, ended } = await opened();
    const acknowledged = workflow.update('acknowledge', ACKNOWLEDGE);
    workflow.signal('addReason', reason('late'));
    await workflow.settle();
    await acknowledged;
    const again = await ended;
    expect(again).toEqual({
      ...INPUT,
      reasons: [reason('late')],
      again: { interventionId: 'a-new-id', late: false },
    });
    expect(workflow.signalled).toEqual([]);
  });

  it('and while the account is signalled opens a new one, which signals `opened` again', async () => {
    let reported: () => void = () => {};
    const { workflow, ended } = await opened(
      INPUT,
      (each) => (each.held = new Promise((resolve) => (reported = resolve))),
    );
    const acknowledged = workflow.update('acknowledge', ACKNOWLEDGE);
    await workflow.settle();
    await acknowledged;
    await workflow.settle();
    expect(workflow.signalled).toEqual([{ workflowId: 'reconciliation/main', signal: 'interventionClosed' }]);
    workflow.signal('addReason', reason('late'));
    reported();
    await workflow.settle();
    const again = await ended;
    expect(again).toEqual({ ...INPUT, reasons: [reason('late')], again: { interventionId: 'a-new-id', late: true } });

    const next = await opened(again as InterventionInput, (each) => (each.info.continuedFromExecutionRunId = 'run-1'));
    expect(next.workflow.signalled).toEqual([{ workflowId: 'reconciliation/main', signal: 'interventionOpened' }]);
    expect([next.notified, next.recorded]).toEqual([['1'], ['opened', 'notified']]);
    expect((next.workflow.query('interventionStatus') as InterventionStatus).interventionId).toBe('a-new-id');
  });

  it('is not needed: without a new reason the intervention ends', async () => {
    const { workflow, ended } = await opened();
    await Promise.all([workflow.update('acknowledge', ACKNOWLEDGE), workflow.settle()]);
    await workflow.settle();
    expect(await ended).toBe('completed');
  });
});

describe('an intervention with as many reasons as it keeps', () => {
  const reasons = Array.from({ length: LIMITS.reasons.value }, (_, index) => reason(`${index}`));

  /** Records with the texts of their reasons. */
  async function full() {
    const records: string[] = [];
    const intervention = await opened({ ...INPUT, reasons }, (each) => {
      each.activities.recordIntervention = (record: { kind: string; reason?: InterventionReason }) => {
        records.push([record.kind, record.reason?.text ?? []].flat().join(' '));
        return { acknowledgedBy: null };
      };
    });
    return { ...intervention, records };
  }

  it('records a further one before the acknowledgement that ends it', async () => {
    const { workflow, ended, records } = await full();
    workflow.signal('addReason', reason('beyond'));
    await Promise.all([workflow.update('acknowledge', ACKNOWLEDGE), workflow.settle()]);
    await workflow.settle();
    expect(await ended).toBe('completed');
    expect(records).toEqual(['opened', 'notified', 'reason 1 more reasons; the newest: beyond', 'acknowledged']);
  });

  it('opens a new intervention with all later reasons, and beyond the limit with the newest', async () => {
    const late = Array.from({ length: LIMITS.reasons.value + 3 }, (_, index) => reason(`late ${index}`));
    for (const some of [late.slice(0, 2), late]) {
      const { workflow, ended } = await full();
      const acknowledged = workflow.update('acknowledge', ACKNOWLEDGE);
      for (const each of some) workflow.signal('addReason', each);
      await workflow.settle();
      await acknowledged;
      const again = ((await ended) as InterventionInput).reasons;
      expect(again).toEqual([...some.slice(0, LIMITS.reasons.value), ...some.slice(LIMITS.reasons.value).slice(-1)]);
    }
  });
});

it('an acknowledgement that the ledger refuses ends nothing', async () => {
  const { workflow, notified } = await opened(INPUT, (each) => {
    each.activities.recordIntervention = ({ kind }: { kind: string }) => {
      if (kind === 'acknowledged') throw new Error('the ledger refuses it');
      return { acknowledgedBy: null };
    };
  });
  await Promise.all([
    expect(workflow.update('acknowledge', ACKNOWLEDGE)).rejects.toThrow('the ledger refuses it'),
    workflow.settle(),
  ]);
  await workflow.advance(30 * MINUTE);
  expect(notified).toEqual(['1', '2']);
  expect((workflow.query('interventionStatus') as InterventionStatus).state).toBe('open');
});

describe('an intervention whose history grows long', () => {
  it('continues as new with its id, its start, its notifications and its snooze', async () => {
    const { workflow, ended, notified } = await opened();
    const { interventionId, openedAt } = workflow.query('interventionStatus') as InterventionStatus;
    await workflow.advance(30 * MINUTE);
    const until = new Date(workflow.nowMs + 90 * MINUTE).toISOString();
    workflow.info.continueAsNewSuggested = true;
    await Promise.all([workflow.update('snooze', { by: 'ada', note: 'on it', until }), workflow.settle()]);
    await workflow.settle();
    const again = await ended;
    expect(notified).toEqual(['1', '2']);
    const snooze = { snoozedUntil: until, snoozedBy: 'ada', snoozeNote: 'on it' };
    const carried = { interventionId, openedAt, notifiedTimes: 2, ...snooze };
    expect(again).toEqual({ ...INPUT, carried });

    const next = await opened(again as InterventionInput, (each) => {
      each.info.continuedFromExecutionRunId = 'run-1';
      each.info.runId = 'run-2';
      each.startAt(workflow.nowMs);
    });
    expect(next.workflow.query('interventionStatus') as InterventionStatus).toMatchObject({
      interventionId,
      openedAt,
      state: 'snoozed',
      notifiedTimes: 2,
    });
    expect([next.notified, next.recorded]).toEqual([[], []]);
  });

  /** It is about to go on as new, and waits until its records are through. */
  async function awaitingRecords(input: InterventionInput) {
    let give: () => void = () => {};
    const held = new Promise<void>((resolve) => (give = resolve));
    const records: { kind: string; reason?: InterventionReason }[] = [];
    const intervention = await opened(input, (each) => {
      each.info.continueAsNewSuggested = true;
      each.activities.recordIntervention = async (record: { kind: string }) => {
        await held;
        records.push(record);
        return { acknowledgedBy: null };
      };
    });
    return { ...intervention, give, records };
  }

  it('keeps a reason that arrives while its records are awaited', async () => {
    const { workflow, ended, notified, give } = await awaitingRecords(INPUT);
    expect(notified).toEqual(['1']);
    workflow.signal('addReason', reason('two'));
    give();
    await workflow.settle();
    // Notified of it first, and then continued with it.
    expect(((await ended) as InterventionInput).reasons).toEqual([reason('one'), reason('two')]);
    expect(notified).toEqual(['1', '2']);
  });

  it('keeps a reason beyond the limit that arrives while its records are awaited', async () => {
    const reasons = Array.from({ length: LIMITS.reasons.value }, (_, index) => reason(`${index}`));
    const { workflow, ended, notified, give, records } = await awaitingRecords({ ...INPUT, reasons });
    workflow.signal('addReason', reason('beyond'));
    give();
    await workflow.settle();
    // Recorded with the next reminder.
    await workflow.advance(30 * MINUTE);
    expect(((await ended) as InterventionInput).reasons).toEqual(reasons);
    expect(notified).toEqual(['1', '2']);
    expect(records.flatMap(({ reason: added }) => added?.text ?? [])).toEqual(['1 more reasons; the newest: beyond']);
  });

  it('ends with an acknowledgement that arrives while its records are awaited', async () => {
    const { workflow, ended, give, records } = await awaitingRecords(INPUT);
    const acknowledged = workflow.update('acknowledge', ACKNOWLEDGE);
    give();
    await workflow.settle();
    expect(await ended).toBe('completed');
    expect(records.map(({ kind }) => kind)).toEqual(['opened', 'notified', 'acknowledged']);
    expect(await acknowledged).toMatchObject({ acknowledgedBy: 'ada' });
  });
});

describe('a clock that is behind its timers', () => {
  it('does not lengthen a snooze', async () => {
    const { workflow, notified } = await opened();
    const until = new Date(workflow.nowMs + 60 * MINUTE).toISOString();
    await Promise.all([workflow.update('snooze', { by: 'ada', note: 'on it', until }), workflow.settle()]);
    workflow.isClockStale = true;
    await workflow.advance(60 * MINUTE);
    expect(notified).toEqual(['1', '2']);
    expect((workflow.query('interventionStatus') as InterventionStatus).state).toBe('open');
  });
});
