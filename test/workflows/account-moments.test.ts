import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { JudgeAnswer, JudgeRequest, RecordRequest } from '../../src/activities/activity-messages.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Carried } from '../../src/workflows/carried.js';
import type { ReconciliationStatus } from '../../src/workflows/messages.js';
import type { ReconciliationInput } from '../../src/workflows/reconciliation.js';
import { nextTick } from '../../src/workflows/schedule.js';
import { known, ledgerAway, recordedRun, refusedForGood, unreadable, UNREADABLE } from './support/answers.js';
import { ContinuedAsNew, WorkflowInProcess } from './support/workflow-in-process.js';

const MINUTE = 60_000;
const POLICY = { ...DEFAULT_POLICY, failureThreshold: 2 };
const INPUT: ReconciliationInput = { account: 'main', exchange: 'scripted', policy: POLICY };

afterAll(() => {
  jest.restoreAllMocks();
});

interface Played {
  workflow: WorkflowInProcess;
  /** Times at which runs began, by the clock that is right. */
  judged: JudgeRequest[];
  recorded: RecordRequest[];
  ended: Promise<'completed' | ReconciliationInput>;
  status: () => ReconciliationStatus;
}

/** The account's workflow in this process, up to its first wait. */
async function started(
  input: ReconciliationInput = INPUT,
  change: (workflow: WorkflowInProcess) => void = () => {},
): Promise<Played> {
  jest.resetModules();
  const workflow = new WorkflowInProcess().installed();
  const judged: JudgeRequest[] = [];
  const recorded: RecordRequest[] = [];
  workflow.activities = {
    fetchExchangeState: () => ({}),
    fetchInternalState: () => ({}),
    judge: (request: JudgeRequest): JudgeAnswer => {
      judged.push(request);
      return { kind: 'recorded', run: recordedRun(request.key.runNumber) };
    },
    record: (request: RecordRequest) => {
      recorded.push(request);
      return { run: null, lastRunNumber: 0, known: request.kind === 'register' ? known() : null };
    },
  };
  change(workflow);
  const { reconciliation } = await import('../../src/workflows/reconciliation.js');
  const ended = reconciliation(input).then(
    () => 'completed' as const,
    (error: unknown) =>
      error instanceof ContinuedAsNew
        ? (error.input as unknown as ReconciliationInput)
        : Promise.reject(error as Error),
  );
  await workflow.settle();
  return { workflow, judged, recorded, ended, status: () => workflow.query('status') as ReconciliationStatus };
}

describe('new rules', () => {
  it('never postpone the run that was next, however often they change', async () => {
    const { workflow, judged } = await started();
    expect(judged).toHaveLength(1);
    const begunMs = workflow.nowMs;
    const planned = nextTick('main', begunMs, 30, begunMs);
    // Every ten seconds, and never for long enough that a tick of the new grid comes.
    for (let minutes = 60; workflow.nowMs < planned; minutes = minutes === 60 ? 120 : 60) {
      await workflow.update('reconfigure', {
        by: 'ada',
        exchange: 'scripted',
        policy: { ...POLICY, intervalMinutes: minutes },
      });
      await workflow.advance(10_000);
    }
    expect(judged).toHaveLength(2);
    expect(workflow.nowMs - planned).toBeLessThan(10_000);
  });
});

describe('a history that grows long', () => {
  it('is continued with all that the account knows', async () => {
    const { workflow, ended, status } = await started();
    const anchorMs = workflow.nowMs;
    const tick = nextTick('main', anchorMs, 30, anchorMs);
    await workflow.advance(tick - anchorMs);
    const lastSuccessAt = status().lastSuccessAt;
    // Something of everything: two failed runs that the ledger does not know, a call, a refusal, a record set aside, a pause.
    workflow.activities.fetchExchangeState = () => {
      throw unreadable();
    };
    workflow.activities.record = (request: RecordRequest) => {
      if (request.kind === 'refused') throw refusedForGood();
      throw ledgerAway();
    };
    workflow.signal('resume', { by: 'eve' });
    await workflow.settle();
    for (let runs = 0; runs < 2; runs++) {
      workflow.signal('forceRun', { by: 'ada' });
      await workflow.settle();
    }
    expect(status()).toMatchObject({ runNumber: 4, consecutiveFailures: 2, unrecordedRuns: 2, setAside: 1 });
    workflow.signal('pause', { by: 'ada', reason: 'maintenance' });
    await workflow.settle();
    // A tick passes, and is due when the pause ends.
    await workflow.advance(31 * MINUTE);
    const before = status();
    workflow.info.continueAsNewSuggested = true;
    await workflow.advance(MINUTE);
    const again = (await ended) as ReconciliationInput;
    const expected: Carried = {
      anchorMs,
      servedTickMs: tick + 30 * MINUTE,
      plannedTickMs: null,
      due: true,
      runNumber: 4,
      hasRun: true,
      consecutiveFailures: 2,
      streakReported: true,
      paused: { by: 'ada', reason: 'maintenance', since: new Date(tick).toISOString() },
      forced: null,
      forcedBy: [],
      forcedVia: [],
      lastRun: expect.objectContaining({
        outcome: 'failed',
        runNumber: 4,
        failure: UNREADABLE,
      }) as unknown as Carried['lastRun'],
      lastSuccessAt,
      interventionOpen: true,
      interventionSaid: null,
      adopted: true,
      pauseTouched: true,
      toldStanding: true,
      answered: [],
      rulesMoved: false,
      display: null,
      shownState: null,
      refused: { message: 'resume', by: 'eve', reason: 'it is not paused', at: new Date(tick).toISOString() },
      outbox: [
        expect.objectContaining({ kind: 'failure', thresholdReached: false }),
        expect.objectContaining({ kind: 'failure', thresholdReached: true }),
        expect.objectContaining({ kind: 'pause', by: 'ada' }),
      ] as unknown[] as Carried['outbox'],
      inbox: [],
      setAside: [
        { item: expect.objectContaining({ kind: 'refused' }) as unknown as RecordRequest, problem: 'a year 12345' },
      ],
    };
    expect(again).toEqual({ ...INPUT, carried: expected });

    const next = await started(again, (each) => {
      each.info.continuedFromExecutionRunId = 'run-1';
      each.info.runId = 'run-2';
      each.startAt(workflow.nowMs);
      each.activities.record = () => {
        throw ledgerAway();
      };
    });
    expect(next.status()).toEqual(before);
    expect(next.judged).toEqual([]);
    next.workflow.signal('resume', { by: 'ada' });
    await next.workflow.settle();
    // The tick that was due is served, with the next number.
    expect(next.status()).toMatchObject({ runNumber: 5, paused: null });
  });

  it('takes a request for a run along', async () => {
    const { workflow, judged, ended } = await started();
    workflow.info.continueAsNewSuggested = true;
    workflow.signal('forceRun', { by: 'ada' });
    await workflow.settle();
    expect(judged).toHaveLength(1);
    expect(((await ended) as ReconciliationInput).carried).toMatchObject({
      runNumber: 1,
      forced: 'forced',
      forcedBy: ['ada'],
    });
  });

  it('is continued although signals ask for runs without end, and the next execution makes the run', async () => {
    let asking = true;
    const { workflow, ended } = await started(INPUT, (each) => {
      const { judge } = each.activities;
      each.activities.judge = (request: JudgeRequest) => {
        // Each run meets the next request, so that one is always waiting.
        if (asking) each.signal('forceRun', { by: `bot ${request.key.runNumber}` });
        return judge?.(request as never);
      };
      each.info.continueAsNewSuggested = true;
    });
    asking = false;
    const again = (await ended) as ReconciliationInput;
    expect(again.carried).toMatchObject({ runNumber: 1, forced: 'forced', forcedBy: ['bot 1'] });
    const next = await started(again, (each) => {
      each.info.continuedFromExecutionRunId = 'run-1';
      each.startAt(workflow.nowMs);
    });
    expect(next.judged.map(({ trigger, requestedBy }) => [trigger, requestedBy])).toEqual([['forced', ['bot 1']]]);
  });

  it('refuses further waiting callers, so that endless requests cannot prevent continue-as-new', async () => {
    const { workflow, status } = await started();
    workflow.info.historyLength = 10_000;
    await expect(workflow.update('runNow', { by: 'ada' })).rejects.toMatchObject({ type: 'Busy' });
    await expect(workflow.update('retrySetAside', { by: 'ada' })).rejects.toMatchObject({ type: 'Busy' });
    // What is answered at once is taken.
    const policy = { ...POLICY, intervalMinutes: 60 };
    await workflow.update('reconfigure', { by: 'ada', exchange: 'scripted', policy });
    expect(status().policy.intervalMinutes).toBe(60);
    workflow.info.historyLength = 9_999;
    const answer = workflow.update<{ runNumber: number }>('runNow', { by: 'ada' });
    await workflow.settle();
    expect((await answer).runNumber).toBe(2);
  });

  it('does not continue as new while a caller waits for an answer', async () => {
    const { workflow, ended } = await started();
    let give: () => void = () => {};
    const held = new Promise<void>((resolve) => (give = resolve));
    workflow.activities.fetchInternalState = async () => held;
    const answer = workflow.update<{ runNumber: number }>('runNow', { by: 'ada' });
    await workflow.settle();
    workflow.info.continueAsNewSuggested = true;
    give();
    await workflow.settle();
    expect((await answer).runNumber).toBe(2);
    await workflow.settle();
    expect(await ended).not.toBe('completed');
    expect(workflow.unanswered).toBe(0);
  });

  it('makes a due run while a caller waits for an unavailable ledger', async () => {
    const { workflow, judged } = await started();
    const tick = nextTick('main', workflow.nowMs, 30, workflow.nowMs);
    await workflow.advance(tick - workflow.nowMs - 1_000);
    workflow.activities.record = () => {
      throw ledgerAway();
    };
    workflow.signal('resume', { by: 'eve' });
    const answer = workflow.update('retrySetAside', { by: 'ada' });
    workflow.info.continueAsNewSuggested = true;
    await workflow.settle();
    expect(judged).toHaveLength(1);
    const observed: number[] = [];
    workflow.activities.fetchExchangeState = () => {
      observed.push(workflow.nowMs);
      throw unreadable();
    };
    await workflow.advance(1_000);
    expect(observed).toEqual([tick]);
    await workflow.advance(MINUTE);
    expect(await answer).toBe(0);
  });

  it('continues as new at once, even if only signals made it long', async () => {
    const { workflow, judged, ended } = await started();
    workflow.info.continueAsNewSuggested = true;
    workflow.signal('interventionOpened', { interventionId: 'i-1' });
    await workflow.settle();
    expect(((await ended) as ReconciliationInput).carried).toMatchObject({ interventionSaid: 'opened', runNumber: 1 });
    expect(judged).toHaveLength(1);
  });

  it('continues as new at once, even if unhandled signals made it long', async () => {
    const { workflow, ended } = await started();
    workflow.info.continueAsNewSuggested = true;
    workflow.signal('nobodyHandlesThis');
    await workflow.settle();
    const first = await Promise.race([ended, Promise.resolve('goes on')]);
    expect(first).toMatchObject({ carried: { runNumber: 1 } });
  });

  it('fails a run that reaches no verdict', async () => {
    const failures: RecordRequest[] = [];
    const { workflow, status } = await started(INPUT, (each) => {
      each.activities.judge = (): JudgeAnswer => ({ kind: 'look_again', inSeconds: 10, waitingFor: 1 });
      const { record } = each.activities;
      each.activities.record = (request: RecordRequest) => {
        if (request.kind === 'failure') failures.push(request);
        return record?.(request as never);
      };
    });
    for (let observation = 0; observation < 5; observation++) await workflow.advance(10_000);
    expect(status()).toMatchObject({ phase: 'settling', lastRun: null });
    workflow.info.historyLength = 20_001;
    await workflow.advance(10_000);
    expect(status()).toMatchObject({
      phase: 'waiting',
      lastRun: {
        outcome: 'failed',
        looks: 7,
        failure: { kind: 'incomplete', message: expect.stringContaining('7 observations without a verdict') },
      },
    });
    expect(failures).toMatchObject([{ looks: 7 }]);
  });
});

describe('a clock that is behind its timers', () => {
  it('neither delays a run nor begins one twice', async () => {
    const { workflow, judged } = await started(INPUT, (each) => (each.isClockStale = true));
    const anchorMs = workflow.nowMs;
    const tick = nextTick('main', anchorMs, 30, anchorMs);
    await workflow.advance(tick - anchorMs - 1);
    expect(judged).toHaveLength(1);
    const timers = workflow.timersStarted.length;
    await workflow.advance(1);
    expect(judged).toHaveLength(2);
    for (const expected of [3, 4]) {
      await workflow.advance(30 * MINUTE);
      expect(judged).toHaveLength(expected);
    }
    // One timer a tick, each of a whole interval: nothing is waited for twice.
    expect(workflow.timersStarted.slice(timers)).toEqual([30 * MINUTE, 30 * MINUTE, 30 * MINUTE]);
  });
});

describe('a tick timer', () => {
  it('is one timer, whatever else wakes the workflow', async () => {
    const { workflow, judged } = await started();
    for (let each = 0; each < 5; each++) {
      workflow.signal('pause', { by: 'ada', reason: 'x' });
      workflow.signal('forceRun', { by: 'ada' });
      await workflow.settle();
      workflow.signal('resume', { by: 'ada' });
      await workflow.settle();
    }
    expect(judged).toHaveLength(6);
    expect(workflow.timersStarted).toHaveLength(1);
  });
});
