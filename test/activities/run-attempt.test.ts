import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runAttempt, showSign } from '../../src/activities/run-attempt.js';
import { boundedFailure, boundedRun } from '../../src/domain/lifecycle/bounded.js';
import { lostIntervention, recordIntervention } from '../../src/activities/interventions.js';
import { createActivities } from '../../src/activities/activities.js';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import type { OpenIntervention } from '../../src/domain/lifecycle/known-account.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { recordedRun } from '../workflows/support/answers.js';

const workflowExecution = { workflowId: 'reconciliation/main', runId: 'run' };
const AWAY: Failure = {
  kind: 'network',
  side: 'exchange',
  message: 'no connection',
  where: null,
  remedy: 'wait',
  retryAfterMs: null,
};

interface Tried {
  /** What the activity ended with. */
  failure: ApplicationFailure;
  /** Seconds within which the next sign of life was promised. */
  signs: number[];
}

interface Trouble {
  retryBudgetMs?: number;
  /** What earlier attempts took. */
  spentMs?: number;
  attemptMs?: number;
  count?: number;
  phase?: 'exchange' | null;
}

/** One attempt that fails like this. */
async function tried(
  error: unknown,
  { retryBudgetMs = 60_000, spentMs = 0, attemptMs = 0, count = 1, phase = 'exchange' }: Trouble = {},
): Promise<Tried> {
  const signs: number[] = [];
  const environment = new MockActivityEnvironment({
    workflowExecution,
    attempt: count,
    scheduledTimestampMs: 0,
    currentAttemptScheduledTimestampMs: spentMs,
  });
  let now = 0;
  const deps = {
    ledger: { expectSign: async (_: string, seconds: number) => void signs.push(seconds) } as unknown as Ledger,
    redact: (text: string) => text.replaceAll('s3cret', '***'),
    observe: () => {},
    now: () => now,
  };
  const failing = async (): Promise<never> => {
    now = attemptMs;
    throw error;
  };
  try {
    await environment.run(async () => runAttempt({ deps, account: 'main', phase, retryBudgetMs }, failing));
  } catch (failure) {
    if (failure instanceof ApplicationFailure) return { failure, signs };
  }
  throw new Error('it did not fail as an activity does');
}

describe('an attempt that fails', () => {
  it('is tried again within the budget, later each time', async () => {
    const first = await tried(new FailureError(AWAY));
    expect(first.failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 1_000, details: [AWAY] });
    expect((await tried(new FailureError(AWAY), { count: 4 })).failure).toMatchObject({ nextRetryDelay: 8_000 });
    expect((await tried(new FailureError(AWAY), { count: 20 })).failure).toMatchObject({ nextRetryDelay: 30_000 });
  });

  it.each([
    ['the time that earlier attempts took', { spentMs: 59_500 }],
    ['the time that this one took', { attemptMs: 59_500 }],
    ['a budget of nothing', { retryBudgetMs: 0 }],
    ['a wait that is longer than the budget', { count: 7, retryBudgetMs: 20_000 }],
  ])('is the last one by %s', async (_, options) => {
    expect((await tried(new FailureError(AWAY), options)).failure.nonRetryable).toBe(true);
  });

  it('waits as long as the exchange asks for, or is not tried again', async () => {
    const patient = await tried(new FailureError({ ...AWAY, retryAfterMs: 40_000 }));
    expect(patient.failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 40_000 });
    const impatient = await tried(new FailureError({ ...AWAY, retryAfterMs: 61_000 }));
    expect(impatient.failure.nonRetryable).toBe(true);
  });

  it('is not retried if a retry cannot help', async () => {
    expect((await tried(new FailureError({ ...AWAY, kind: 'authentication' }))).failure.nonRetryable).toBe(true);
    const { failure } = await tried(new TypeError('x is not a function'));
    expect(failure).toMatchObject({
      nonRetryable: true,
      details: [{ kind: 'bug', message: 'TypeError: x is not a function' }],
    });
  });

  it('redacts secrets, whatever was thrown', async () => {
    const secret = { ...AWAY, message: 'https://x?key=s3cret', where: 's3cret', remedy: 'ask s3cret' };
    for (const error of [new FailureError(secret), new Error('s3cret'), 's3cret']) {
      expect(JSON.stringify((await tried(error)).failure)).not.toContain('s3cret');
    }
  });

  it('of a read expects the next sign of life after the wait', async () => {
    expect((await tried(new FailureError({ ...AWAY, retryAfterMs: 40_000 }))).signs).toEqual([70]);
    expect((await tried(new FailureError(AWAY), { phase: null })).signs).toEqual([]);
  });

  it('has texts of bounded length', async () => {
    const long = { ...AWAY, message: 'm'.repeat(9_000), where: 'w'.repeat(9_000), remedy: 'r'.repeat(9_000) };
    const [failure] = (await tried(new FailureError(long))).failure.details as [Failure];
    expect([failure.message.length, failure.where?.length, failure.remedy.length]).toEqual([1_000, 500, 500]);
    expect((await tried(new Error('m'.repeat(9_000)))).failure.message.length).toBeLessThan(1_100);
  });
});

describe('a sign of life', () => {
  it('is expected within the pause and half a minute, and an unavailable ledger does not matter', async () => {
    const seconds: number[] = [];
    await showSign({ expectSign: async (_, within) => void seconds.push(within) }, 'main', 10.2);
    expect(seconds).toEqual([41]);
    await showSign({ expectSign: async () => Promise.reject(new Error('away')) }, 'main');
  });
});

describe('an answer that passes through workflow history', () => {
  it('is bounded in every text and list', () => {
    const long = 'x'.repeat(9_000);
    const run = boundedRun(
      recordedRun(1, {
        opened: [{ id: '1', type: 'ORDER_PLACED_EXTERNALLY', description: long }],
        calls: [{ action: 'X', text: long }],
        notCompared: Array.from({ length: 500 }, () => long),
        failure: { ...AWAY, message: long },
      }),
    );
    expect(JSON.stringify(run).length).toBeLessThan(60_000);
    expect(run.opened[0]?.description).toHaveLength(1_000);
    expect(run.calls[0]?.text).toHaveLength(1_000);
    expect(run.notCompared).toHaveLength(101);
    expect(run.notCompared.at(-1)).toBe('and 400 more');
    expect(run.failure?.message).toHaveLength(1_000);
    const short = recordedRun(1, { notCompared: ['orders'], failure: AWAY });
    expect(boundedRun(short)).toEqual(short);
    expect(boundedFailure(AWAY)).toEqual(AWAY);
  });
});

const OPEN: OpenIntervention = {
  interventionId: 'i-1',
  openedAt: '2026-11-22T00:00:00.000Z',
  reasons: [],
  notifiedTimes: 1,
  snoozedUntil: null,
};

describe('an intervention that is open in the ledger', () => {
  const ledger = { openInterventionOf: async () => OPEN };

  it('is lost exactly if no workflow serves it', async () => {
    expect(await lostIntervention(ledger, async () => false, 'main')).toEqual(OPEN);
    expect(await lostIntervention(ledger, async () => true, 'main')).toBeNull();
    expect(await lostIntervention({ openInterventionOf: async () => null }, async () => false, 'main')).toBeNull();
  });

  it('is not lost if Temporal or the ledger does not answer', async () => {
    const away = async (): Promise<never> => Promise.reject(new Error('away'));
    expect(await lostIntervention(ledger, away, 'main')).toBeNull();
    expect(await lostIntervention({ openInterventionOf: away }, async () => false, 'main')).toBeNull();
  });

  it('is opened again in a ledger that was restored from before it', async () => {
    const done: string[] = [];
    let isKnown = false;
    const unknown = new FailureError({ ...AWAY, kind: 'ledger', side: 'ledger', where: 'i-1' });
    const restored = {
      openIntervention: async () => {
        isKnown = true;
        done.push('open');
      },
      recordNotification: async () => {
        if (!isKnown) throw unknown;
        done.push('notified');
      },
      acknowledgedBy: async () => null,
    } as unknown as Ledger;
    const record = { kind: 'notified', account: 'main', interventionId: 'i-1', requestId: 'r' } as const;
    expect(await recordIntervention(restored, record)).toEqual({ acknowledgedBy: null });
    expect(done).toEqual(['open', 'notified']);
  });

  it('and acknowledged there notifies nobody, and returns by whom', async () => {
    const called: unknown[] = [];
    const notify = async (acknowledgedBy: () => Promise<string | null>) => {
      const activities = createActivities({
        ledger: { acknowledgedBy } as unknown as Ledger,
        sides: () => {
          throw new Error('not asked');
        },
        notify: async (request) => void called.push(request),
        channel: () => undefined,
        compose: async () => Promise.reject(new Error('not asked')),
        redact: (text) => text,
        observe: () => {},
        now: Date.now,
      });
      const request = { account: 'main', exchange: 'x', interventionId: 'i-1', count: 1, reasons: [] };
      return new MockActivityEnvironment({ workflowExecution }).run(async () => activities.notifyHuman(request));
    };
    expect(await notify(async () => 'ada')).toEqual({ acknowledgedBy: 'ada' });
    expect(called).toEqual([]);
    expect(await notify(async () => null)).toEqual({ acknowledgedBy: null });
    // A ledger that is away keeps nobody from being called.
    expect(await notify(async () => Promise.reject(new Error('away')))).toEqual({ acknowledgedBy: null });
    expect(called).toHaveLength(2);
  });
});
