import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ObserveRequest } from '../../src/activities/activity-messages.js';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import { decisive, readBothSides } from '../../src/activities/observation.js';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { Side, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { onlySource } from '../../src/internal/account-source.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { snapshot } from '../domain/snapshots.js';

const request: ObserveRequest = {
  key: { account: 'main', workflowRunId: 'run', runNumber: 1 },
  look: 1,
  trigger: 'schedule',
  startedAt: new Date(0).toISOString(),
  policy: DEFAULT_POLICY,
  retryBudgetMs: 60_000,
};
const AWAY: Failure = {
  kind: 'network',
  side: 'exchange',
  message: 'no connection',
  where: null,
  remedy: 'wait',
  retryAfterMs: null,
};

interface Sides {
  exchange?: () => Promise<Snapshot>;
  internal?: () => Promise<Snapshot>;
}

/** One attempt at reading both sides. */
async function attempted(sides: Sides, { attempt = 1, stored = [] as Side[], storing = async () => {} } = {}) {
  const read: Side[] = [];
  const put: Side[] = [];
  const measured: string[] = [];
  const answer = async (side: Side): Promise<Snapshot> => {
    read.push(side);
    return sides[side]?.() ?? { ...snapshot(side), asOf: Date.now() };
  };
  const reader = { readState: async () => answer('exchange') } as unknown as ExchangeInspector;
  const deps: ActivityDependencies = {
    ledger: {
      storedSides: async () => stored,
      putSnapshots: async (_: unknown, __: unknown, snapshots: Snapshot[]) => {
        await storing();
        put.push(...snapshots.map(({ side }) => side));
        return [];
      },
    } as unknown as Ledger,
    sides: () => ({
      exchange: async () => reader,
      internal: onlySource({ description: 'bot', readState: async () => answer('internal') }),
      aliases: { symbols: {}, currencies: {} },
    }),
    notify: async () => {},
    channel: () => undefined,
    compose: async () => Promise.reject(new Error('not asked')),
    redact: (text) => text,
    observe: (_, phase) => void measured.push(phase),
    now: Date.now,
  };
  const environment = new MockActivityEnvironment({ attempt });
  const thrown = await environment.run(async () =>
    readBothSides(deps, async () => {}, request, {}).then(
      () => null,
      (error: unknown) => error,
    ),
  );
  return { thrown, read, put, measured };
}

const failing = (failure: Partial<Failure>) => async (): Promise<never> => {
  throw new FailureError({ ...AWAY, ...failure });
};

describe('an attempt at an observation', () => {
  it('reads both sides, stores both and measures both', async () => {
    const { thrown, read, put, measured } = await attempted({});
    expect(thrown).toBeNull();
    for (const sides of [read, put, measured]) expect(sides.toSorted()).toEqual(['exchange', 'internal']);
  });

  it.each([
    ['exchange', 'internal'],
    ['internal', 'exchange'],
  ] as const)('that cannot read one side (%s) stores the other', async (away, other) => {
    const { thrown, put } = await attempted({ [away]: failing({ side: away }) });
    expect(thrown).toMatchObject({ failure: { ...AWAY, side: away } });
    expect(put).toEqual([other]);
  });

  it('after a failed one reads only the side that is not stored', async () => {
    const { thrown, read, put } = await attempted({}, { attempt: 2, stored: ['exchange'] });
    expect(thrown).toBeNull();
    expect([read, put]).toEqual([['internal'], ['internal']]);
  });

  it('after one that stored both reads nothing', async () => {
    const { read, put } = await attempted({}, { attempt: 3, stored: ['internal', 'exchange'] });
    expect([read, put]).toEqual([[], []]);
  });

  it('fails if it cannot store what it read', async () => {
    const storing = failing({ kind: 'ledger', side: 'ledger' });
    expect((await attempted({}, { storing })).thrown).toMatchObject({ failure: { kind: 'ledger' } });
    const { thrown } = await attempted({ internal: failing({ side: 'internal' }) }, { storing });
    expect(thrown).toMatchObject({ failure: { kind: 'network', side: 'internal' } });
  });

  describe('that does not end', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
    afterEach(() => void jest.useRealTimers());

    it('has failed after two minutes, although the read ignores that it is aborted', async () => {
      const answer = attempted({ internal: async () => new Promise(() => {}) });
      await jest.advanceTimersByTimeAsync(119_000);
      expect(await Promise.race([answer, Promise.resolve('under way')])).toBe('under way');
      await jest.advanceTimersByTimeAsync(1_000);
      const { thrown, put } = await answer;
      expect(thrown).toMatchObject({ failure: { kind: 'timeout', side: 'internal' } });
      expect(put).toEqual(['exchange']);
    });
  });
});

describe('of two failures', () => {
  const exchange = new FailureError({ ...AWAY, retryAfterMs: 2_000 });
  const internal = new FailureError({ ...AWAY, side: 'internal', retryAfterMs: 40_000 });
  const final = new FailureError({ ...AWAY, kind: 'authentication', side: 'internal' });

  it("the exchange's counts, and the next attempt waits as long as either side asks for", () => {
    expect(decisive([exchange, internal])).toMatchObject({ failure: { side: 'exchange', retryAfterMs: 40_000 } });
  });

  it('the one that no retry helps decides', () => {
    expect(decisive([exchange, final])).toBe(final);
    const bug = new TypeError('x is not a function');
    expect(decisive([exchange, bug])).toBe(bug);
  });
});
