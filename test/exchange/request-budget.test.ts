import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { callContext, type ExchangeCallContext } from '../../src/exchange/transport/call-context.js';
import { RequestBudget } from '../../src/exchange/budget/request-budget.js';
import { RequestThrottle, type SpendingRecord } from '../../src/exchange/budget/request-throttle.js';
import { SharedBudget } from '../../src/exchange/budget/shared-budget.js';
import { VirtualClock } from './virtual-clock.js';

const BUDGET = { perMinute: 60, burst: 10 };
const MS_PER_WEIGHT = 1_000;

/** One budget, spent as the throttle does. */
function spender(budget = BUDGET) {
  const clock = { now: 0 };
  const own = new RequestBudget(budget);
  const spend = (weight: number): number => {
    const waitMs = own.waitMs(weight, clock.now);
    clock.now += waitMs;
    own.spend(weight, clock.now);
    return waitMs;
  };
  return { clock, own, spend };
}

describe('the request budget of a process', () => {
  it('lets a burst through and then spends what it earns', () => {
    const { clock, spend } = spender();
    expect([4, 4, 2].map(spend)).toEqual([0, 0, 0]);
    expect([spend(1), spend(2)]).toEqual([1_000, 2_000]);
    clock.now += 10_000;
    expect([spend(10), spend(1)]).toEqual([0, 1_000]);
  });

  it('lets through a question that is heavier than its burst', () => {
    const { spend } = spender();
    expect([spend(40), spend(1)]).toEqual([0, 31_000]);
  });

  it('spends nothing by asking how long to wait', () => {
    const { clock, own, spend } = spender();
    spend(10);
    expect(own.waitMs(40, clock.now)).toBe(10_000);
    expect(own.waitMs(40, clock.now)).toBe(10_000);
  });

  it('is held when the exchange counts three quarters of its limit, until its count starts again', () => {
    const { clock, own } = spender();
    own.report({ used: 1799, limit: 2400, resetMs: 30_000 }, clock.now);
    expect(own.waitMs(1, clock.now)).toBe(0);
    own.report({ used: 1800, limit: 2400, resetMs: 30_000 }, clock.now);
    expect(own.waitMs(1, clock.now)).toBe(30_000);
    expect(own.waitMs(1, 30_000)).toBe(0);
  });

  it.each([
    ['in the year 9999', 2.5e14, 120_000],
    ['without end', Infinity, 120_000],
    ['before now', -1, 0],
    ['that is no number', NaN, 0],
  ])('is not held for long by a count that starts again %s', (_name, resetMs, waitMs) => {
    const { clock, own } = spender();
    own.report({ used: 2400, limit: 2400, resetMs }, clock.now);
    expect(own.waitMs(1, clock.now)).toBe(waitMs);
  });
});

interface Sent {
  at: number;
  weight: number;
}

/** A read that retries, gives up, or waits: asks with a weight after a while, and leaves after another. */
interface Ask {
  worker: number;
  afterMs: number;
  weight: number;
  /** Null: it waits as long as it takes. */
  givesUpAfterMs: number | null;
}

/** The ledger's budget, on the same clock: see src/ledger/write/request-budget.ts. */
class Budget implements SpendingRecord {
  earnedAt = 0;

  constructor(private readonly clock: VirtualClock) {}

  async spend(_exchange: string, costMs: number): Promise<number> {
    const { now } = this.clock;
    this.earnedAt = Math.max(Math.max(this.earnedAt, now) + costMs, now);
    return this.earnedAt - now;
  }
}

class Workers {
  readonly clock = new VirtualClock();
  readonly budget = new Budget(this.clock);
  readonly sent: Sent[] = [];
  private readonly throttles: RequestThrottle[];

  constructor(count: number, shared: boolean) {
    this.throttles = Array.from(
      { length: count },
      () => new RequestThrottle(BUDGET, { now: this.clock.read, wait: this.clock.wait }),
    );
    if (shared) for (const throttle of this.throttles) throttle.shareBy(this.budget, 'somewhere');
  }

  /** Asks, sends at once when it may, and is answered at once. */
  async ask(worker: number, weight: number, signal?: AbortSignal): Promise<void> {
    const lanes: (() => void)[] = [];
    const context = { allowed: [], lanes, weights: [], signal } as unknown as ExchangeCallContext;
    await callContext.run(context, async () => this.throttles[worker]?.throttle(weight));
    this.sent.push({ at: this.clock.now, weight });
    for (const release of lanes) release();
  }

  /** Lets all ask; says when all have been sent or given up, and how many gave up. */
  async run(asks: readonly Ask[]): Promise<{ gaveUp: number; endedAt: number }> {
    let gaveUp = 0;
    let endedAt = 0;
    const all: Promise<void>[] = [];
    for (const { worker, afterMs, weight, givesUpAfterMs } of asks) {
      await this.clock.advance(afterMs);
      const caller = new AbortController();
      if (givesUpAfterMs !== null) void this.clock.wait(givesUpAfterMs, undefined).then(() => caller.abort());
      const asked = this.ask(worker, weight, caller.signal).catch(() => void (gaveUp += 1));
      all.push(asked.then(() => void (endedAt = this.clock.now)));
    }
    await this.clock.advance(1e9);
    await Promise.all(all);
    return { gaveUp, endedAt };
  }
}

const asksOf = (workers: number) =>
  fc.array(
    fc.record({
      worker: fc.nat(workers - 1),
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })),
      weight: fc.integer({ min: 1, max: 15 }),
      givesUpAfterMs: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 20_000 })),
    }),
    { maxLength: 40 },
  );

/** By how much the most was sent beyond what time earned, over all spans from one request to another. */
function mostAtOnce(sent: readonly Sent[]): number {
  let most = 0;
  for (const [first, { at }] of sent.entries()) {
    let weight = 0;
    for (const last of sent.slice(first)) {
      weight += last.weight;
      most = Math.max(most, weight - (last.at - at) / MS_PER_WEIGHT);
    }
  }
  return most;
}

/** What the shared budget would hold of these requests alone, had each been taken when it was sent. */
function budgetOf(sent: readonly Sent[], now: number): number {
  let earnedAt = 0;
  for (const { at, weight } of sent) earnedAt = Math.max(earnedAt, at) + weight * MS_PER_WEIGHT;
  return Math.max(earnedAt, now);
}

function heaviestOf(asks: readonly Ask[]): number {
  return Math.max(0, ...asks.map(({ weight }) => weight));
}

describe('a request that gives up while it waits', () => {
  it('has spent nothing: a heavy read that is retried is not charged for each attempt', async () => {
    const workers = new Workers(1, false);
    await workers.ask(0, 10);
    for (let attempt = 0; attempt < 5; attempt++) {
      const caller = new AbortController();
      const asked = workers.ask(0, 10, caller.signal);
      asked.catch(() => undefined);
      await workers.clock.advance(1_000);
      caller.abort();
      await expect(asked).rejects.toThrow('aborted');
    }
    const last = workers.ask(0, 10);
    await workers.clock.advance(5_000);
    await last;
    expect(workers.sent.map(({ at }) => at)).toEqual([0, 10_000]);
  });

  it('keeps its turn until then: a heavy request is not overtaken by light ones', async () => {
    const workers = new Workers(1, false);
    await workers.ask(0, 10);
    const waiting = [10, 1, 1].map(async (weight) => workers.ask(0, weight));
    await workers.clock.advance(60_000);
    await Promise.all(waiting);
    expect(workers.sent.map(({ at }) => at)).toEqual([0, 10_000, 11_000, 12_000]);
  });

  it('gives its place in the shared budget of all workers back', async () => {
    const workers = new Workers(2, true);
    await workers.ask(1, 10);
    for (let attempt = 0; attempt < 5; attempt++) {
      const caller = new AbortController();
      const asked = workers.ask(0, 10, caller.signal);
      asked.catch(() => undefined);
      await workers.clock.advance(1_000);
      caller.abort();
      await expect(asked).rejects.toThrow('aborted');
    }
    await workers.clock.advance(0);
    expect(workers.budget.earnedAt).toBe(10_000);
  });

  it('gives back a place that the shared budget grants only later', async () => {
    const clock = new VirtualClock();
    const asked: number[] = [];
    let grant = (_aheadMs: number): void => undefined;
    const throttle = new RequestThrottle(BUDGET, { now: clock.read, wait: clock.wait });
    throttle.shareBy(
      {
        spend: async (_exchange, costMs) => {
          asked.push(costMs);
          return new Promise((resolve) => (grant = resolve));
        },
      },
      'somewhere',
    );
    const caller = new AbortController();
    const context = { allowed: [], lanes: [], weights: [], signal: caller.signal } as unknown as ExchangeCallContext;
    const waiting = callContext.run(context, async () => throttle.throttle(5));
    waiting.catch(() => undefined);
    await clock.advance(0);
    caller.abort();
    await expect(waiting).rejects.toThrow('aborted');
    grant(60_000);
    await clock.advance(0);
    expect(asked).toEqual([5_000, -5_000]);
  });

  it('leaves lanes and turns to others, in any order of asking and giving up, and the budget is kept', async () => {
    await fc.assert(
      fc.asyncProperty(asksOf(1), async (asks) => {
        const workers = new Workers(1, false);
        const { gaveUp } = await workers.run(asks);
        expect(workers.sent.length + gaveUp).toBe(asks.length);
        expect(gaveUp).toBeLessThanOrEqual(asks.filter((ask) => ask.givesUpAfterMs !== null).length);
        expect(mostAtOnce(workers.sent)).toBeLessThanOrEqual(Math.max(BUDGET.burst, heaviestOf(asks)) + 1e-6);
        // Nothing leaked: after a rest a whole burst and all lanes are there.
        const before = workers.sent.length;
        const { now } = workers.clock;
        await Promise.all([2, 3, 2, 3].map(async (weight) => workers.ask(0, weight)));
        expect(workers.sent.slice(before).map(({ at }) => at)).toEqual([now, now, now, now]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the budget of three workers in any order, up to one request of each, and leaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(asksOf(3), async (asks) => {
        const workers = new Workers(3, true);
        const heaviest = heaviestOf(asks);
        await workers.run(asks);
        expect(mostAtOnce(workers.sent)).toBeLessThanOrEqual(Math.max(BUDGET.burst, heaviest) + 3 * heaviest);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves in the shared budget what was sent, and nothing else, when all who wait give up together', async () => {
    await fc.assert(
      fc.asyncProperty(asksOf(3), async (asks) => {
        const workers = new Workers(3, true);
        const caller = new AbortController();
        const all: Promise<void>[] = [];
        for (const { worker, afterMs, weight } of asks) {
          await workers.clock.advance(afterMs);
          all.push(workers.ask(worker, weight, caller.signal));
        }
        await workers.clock.advance(0);
        caller.abort();
        await Promise.allSettled(all);
        await workers.clock.advance(0);
        expect(workers.budget.earnedAt).toBeLessThanOrEqual(budgetOf(workers.sent, workers.clock.now) + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('gives back only what time has not earned meanwhile', async () => {
    const clock = new VirtualClock();
    const asked: number[] = [];
    const spending: SpendingRecord = { spend: async (_exchange, costMs) => (asked.push(costMs), 10_000) };
    const budget = new SharedBudget(spending, 'somewhere', clock.read);
    const places = [await budget.take(10_000, undefined), await budget.take(10_000, undefined)];
    clock.now = 4_000;
    places[0]?.giveBack();
    clock.now = 10_000;
    places[1]?.giveBack();
    expect(asked).toEqual([10_000, 10_000, -6_000]);
  });
});

describe('a shared budget that hangs', () => {
  it('lets a request go on without it after two seconds, and is left alone for a while', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const spend = async (): Promise<number> => {
      asked += 1;
      return new Promise(() => undefined);
    };
    const throttle = new RequestThrottle(BUDGET, { now: clock.read, wait: clock.wait });
    throttle.shareBy({ spend }, 'somewhere');
    await throttle.throttle(1);
    await throttle.throttle(1);
    expect(asked).toBe(1);
  });
});
