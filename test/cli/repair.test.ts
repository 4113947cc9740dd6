import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { RecordRequest } from '../../src/activities/activity-messages.js';
import { isNothing, planOf, stepsOf, type Found } from '../../src/cli/repair/plan.js';
import { unrecordedIn } from '../../src/cli/repair/unrecorded.js';
import { minutesAgo, NOW, totals } from '../http/totals.js';

const running = (taskAttempt = 0): Found['workflow'] => ({
  kind: 'running',
  runId: 'r1',
  taskQueue: 'q',
  taskAttempt,
  taskSince: NOW,
  activities: [],
  deployment: null,
});
const ended = (status: string): Found['workflow'] => ({
  kind: 'ended',
  runId: 'r1',
  taskQueue: 'q',
  status,
  at: NOW,
  deployment: null,
});
const open: NonNullable<Found['open']> = {
  interventionId: 'i1',
  openedAt: NOW.toISOString(),
  reasons: [],
  notifiedTimes: 1,
  snoozedUntil: null,
};
const deactivate: RecordRequest = { kind: 'deactivate', account: 'main', by: 'ann' };

function found(changes: Partial<Found> = {}): Found {
  return {
    account: 'main',
    totals: totals(),
    workflow: running(),
    taskFailure: null,
    setAside: 0,
    records: [],
    signals: [],
    open: null,
    intervention: { kind: 'not_found' },
    interventionRecords: [],
    interventionSignals: [],
    ...changes,
  };
}

const steps = (changes: Partial<Found>): string[] => stepsOf(planOf(found(changes)), totals());

describe('the plan of a repair', () => {
  it.each<[string, Partial<Found>]>([
    ['an account that is well', {}],
    ['one with an open intervention that is served', { open, intervention: running() }],
    ['one that was stopped', { totals: totals({ active: false }), workflow: ended('completed') }],
    ['one that nobody started', { totals: null, workflow: { kind: 'not_found' } }],
    ['a past intervention', { intervention: ended('completed') }],
  ])('does nothing about %s', (_, changes) => {
    expect(isNothing(planOf(found(changes)))).toBe(true);
  });

  it.each<[string, Partial<Found>, RegExp[]]>([
    ['starts what was terminated', { workflow: ended('terminated') }, [/^start the workflow again .*run 15 next/]],
    ['starts what is gone', { workflow: { kind: 'not_found' } }, [/^start the workflow again/]],
    ['replaces what is stuck', { workflow: running(2) }, [/^terminate the workflow$/, /^start the workflow again/]],
    ['starts a lost intervention', { open, intervention: ended('terminated') }, [/^start the workflow of the inter/]],
    [
      'replaces a stuck intervention',
      { open, intervention: running(3) },
      [/^terminate the workflow of the intervention$/, /^start the workflow of the intervention/],
    ],
    [
      'starts an intervention that was due when the workflow stuck',
      { workflow: running(2), totals: totals({ callDueSince: minutesAgo(1) }) },
      [/^terminate/, /^start the workflow again/, /^start the workflow of the intervention/],
    ],
    ['offers again what was set aside', { setAside: 2 }, [/^send the refused records to the ledger again/]],
    [
      'only records the stop of a workflow that ended by one',
      { workflow: ended('completed'), records: [deactivate] },
      [/not recorded in the ledger: deactivate$/],
    ],
    [
      'repeats a pending request for a run, once',
      { workflow: running(2), signals: [1, 2, 3].map(() => ({ name: 'forceRun', args: [{ by: 'ann' }] })) },
      [/^terminate/, /^start/, /^send again .*: forceRun$/],
    ],
  ])('%s', (_, changes, expected) => {
    expect(steps(changes)).toEqual(expected.map((line) => expect.stringMatching(line)));
  });

  it('does not repeat a stop that was asked of a stuck workflow', () => {
    expect(planOf(found({ workflow: running(2), records: [deactivate] })).record).toEqual([]);
  });

  it('records pauses and resumes that were never handled, those that change something', () => {
    const signals = [
      { name: 'resume', args: [{ by: 'ann' }] },
      { name: 'pause', args: [{ by: 'ben', reason: 'upgrade' }] },
      { name: 'pause', args: [{ by: 'eve', reason: 'again' }] },
      { name: 'resume', args: [{ by: 'ben' }] },
      { name: 'resume', args: [{ by: 'eve' }] },
    ];
    const { record } = planOf(found({ workflow: running(2), signals }));
    expect(record).toMatchObject([
      { kind: 'pause', paused: true, by: 'ben', reason: 'upgrade' },
      { kind: 'pause', paused: false, by: 'ben', reason: null },
    ]);
    const paused = planOf(
      found({ workflow: running(2), totals: totals({ paused: true }), signals: signals.slice(1, 3) }),
    );
    expect(paused.record).toEqual([]);
  });
});

describe('the records of a history that the ledger does not have', () => {
  const { EventType } = proto.temporal.api.enums.v1;
  const payloads = (...values: unknown[]) => ({
    payloads: values.map((value) => defaultPayloadConverter.toPayload(value)),
  });
  const scheduled = (eventId: number, item: unknown, name = 'record') => ({
    eventId,
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    activityTaskScheduledEventAttributes: { activityType: { name }, input: payloads(item) },
  });
  const completed = (scheduledEventId: number) => ({
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    activityTaskCompletedEventAttributes: { scheduledEventId },
  });
  const signaled = (signalName: string, ...args: unknown[]) => ({
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    workflowExecutionSignaledEventAttributes: { signalName, input: payloads(...args) },
  });
  const taskDone = { eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED };
  const read = async (...events: unknown[]) => {
    const client = {
      workflow: { getHandle: () => ({ fetchHistory: async () => ({ events }) }) },
      options: {
        loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [], failureConverter: null },
      },
    } as unknown as Client;
    return unrecordedIn(client, { workflowId: 'w', runId: 'r' }, 'record', (argument) =>
      argument === undefined ? [] : ['carried'],
    );
  };

  it('are those of activities that were scheduled and never completed, in order', async () => {
    const { records } = await read(scheduled(5, 'a'), scheduled(6, 'b'), scheduled(7, 'c'), completed(6));
    expect(records).toEqual(['a', 'c']);
  });

  it('exclude those that a later attempt recorded', async () => {
    expect((await read(scheduled(5, { x: 1 }), scheduled(9, { x: 1 }), completed(9))).records).toEqual([]);
  });

  it('exclude items of other activities', async () => {
    expect((await read(scheduled(5, 'a', 'judge'))).records).toEqual([]);
  });

  it('include those that a previous execution handed over', async () => {
    const started = {
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
      workflowExecutionStartedEventAttributes: { input: payloads({ carried: {} }) },
    };
    expect((await read(started, scheduled(5, 'a'))).records).toEqual(['carried', 'a']);
    expect((await read(started, scheduled(5, 'carried'), completed(5))).records).toEqual([]);
  });

  it('come with the signals since the last completed task', async () => {
    const { signals } = await read(signaled('pause', 1), taskDone, signaled('resume', 2), signaled('forceRun'));
    expect(signals).toEqual([
      { name: 'resume', args: [2] },
      { name: 'forceRun', args: [] },
    ]);
  });
});
