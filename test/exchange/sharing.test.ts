import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FailureError } from '../../src/domain/failure/failure.js';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { callContext, type ExchangeCallContext } from '../../src/exchange/transport/call-context.js';
import { RequestThrottle, type SpendingRecord } from '../../src/exchange/budget/request-throttle.js';
import type { Endpoint } from '../../src/exchange/transport/endpoint.js';
import { callGuarded } from '../../src/exchange/profile/read-session.js';
import type { CcxtExchange } from '../../src/exchange/transport/ccxt-exchange.js';
import { EXCHANGE_INFO, PATHS, serveAccount } from './binanceusdm-fixtures.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';
import { failureOf } from './failures.js';

describe('accounts of one exchange in one process', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('load markets once, also when they begin at the same time', async () => {
    const readers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        readerOf('binanceusdm', wire, { credentials: { apiKey: `key-of-${index}`, secret: `secret-of-${index}` } }),
      ),
    );
    const snapshots = await Promise.all(readers.map((reader) => reader.readState()));
    expect(snapshots.map(({ positions }) => positions.length)).toEqual([2, 2, 2, 2, 2]);
    expect(wire.paths.filter((path) => path === PATHS.exchangeInfo)).toHaveLength(1);
    const keys = new Set(wire.requests.map(({ headers }) => headers['x-mbx-apikey']).filter(Boolean));
    expect(keys.size).toBe(5);
  });

  it('all fail when the markets cannot be loaded, and all recover', async () => {
    wire.route(PATHS.exchangeInfo, { symbols: [] });
    const readers = await Promise.all([readerOf('binanceusdm', wire), readerOf('binanceusdm', wire)]);
    const failed = await Promise.allSettled(readers.map((reader) => reader.readState()));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    wire.route(PATHS.exchangeInfo, EXCHANGE_INFO);
    const snapshots = await Promise.all(readers.map((reader) => reader.readState()));
    expect(snapshots.map(({ positions }) => positions.length)).toEqual([2, 2]);
  });

  it('cost little more memory each', async () => {
    await (await readerOf('binanceusdm', wire)).readState();
    const before = process.memoryUsage().heapUsed;
    const readers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        readerOf('binanceusdm', wire, { credentials: { apiKey: `key-of-${index}`, secret: `secret-of-${index}` } }),
      ),
    );
    const perAccount = (process.memoryUsage().heapUsed - before) / readers.length;
    expect(perAccount).toBeLessThan(100_000);
  });

  it.each([
    ['BTC/USDT:USDT', 'BTC/USDT:USDT', '0.001'],
    ['BTCUSDT', 'BTC/USDT:USDT', '0.001'],
    ['1000PEPEUSDT', '1000PEPE/USDT:USDT', '1'],
    ['BTCUSDT_260327', 'BTC/USDT:USDT-260327', '0.001'],
  ])('resolve the market %s', async (asked, symbol, amountStep) => {
    const reader = await readerOf('binanceusdm', wire);
    expect(await reader.resolveMarket(asked)).toEqual({
      kind: 'found',
      symbol,
      facts: { amountStep, minAmount: amountStep },
    });
  });

  it.each(['BTC/USDT', 'NOPEUSDT', '', 'constructor', '__proto__'])('have no market %s', async (asked) => {
    const reader = await readerOf('binanceusdm', wire);
    expect(await reader.resolveMarket(asked)).toMatchObject({ kind: 'unknown' });
  });
});

describe('the lanes of the request throttle', () => {
  const open = { perMinute: 1e9, burst: 1e9 };

  function inContext<T>(lanes: (() => void)[], signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return callContext.run({ allowed: [], lanes, weights: [], signal } as unknown as ExchangeCallContext, work);
  }

  it('let four requests be under way, and the next ones follow in order', async () => {
    const throttle = new RequestThrottle(open);
    const entered: number[] = [];
    const lanes: (() => void)[] = [];
    const all = [0, 1, 2, 3, 4, 5].map((number) =>
      inContext(lanes, undefined, async () => {
        await throttle.throttle(1);
        entered.push(number);
      }),
    );
    await Promise.all(all.slice(0, 4));
    // Time enough for a fifth.
    await setImmediate();
    expect(entered).toEqual([0, 1, 2, 3]);
    lanes.shift()?.();
    await all[4];
    lanes.shift()?.();
    await all[5];
    expect(entered).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are left by one that gives up, without taking the place of another', async () => {
    const throttle = new RequestThrottle(open);
    const lanes: (() => void)[] = [];
    for (let taken = 0; taken < 4; taken++) await inContext(lanes, undefined, () => throttle.throttle(1));
    const caller = new AbortController();
    const givenUp = inContext(lanes, caller.signal, () => throttle.throttle(1));
    const patient = inContext(lanes, undefined, () => throttle.throttle(1));
    caller.abort();
    await expect(givenUp).rejects.toThrow('aborted');
    lanes.shift()?.();
    await patient;
    expect(lanes).toHaveLength(4);
  });
});

describe('an exchange that does not answer', () => {
  const open = { perMinute: 1e9, burst: 1e9 };

  /** So many requests at once, each in a context of its own; how each ended, or null while it waits. */
  function ask(throttle: RequestThrottle, count: number, lanes: (() => void)[]): { ends: (string | null)[] } {
    const ends = Array.from({ length: count }, (): string | null => null);
    for (const index of ends.keys()) {
      const context = { allowed: [], lanes, weights: [], failures: [] } as unknown as ExchangeCallContext;
      callContext
        .run(context, async () => throttle.throttle(1))
        .then(
          () => (ends[index] = 'sent'),
          (error: unknown) => (ends[index] = error instanceof FailureError ? error.failure.kind : String(error)),
        );
    }
    return { ends };
  }
  const count = (ends: readonly (string | null)[]) => ({
    sent: ends.filter((end) => end === 'sent').length,
    turnedAway: ends.filter((end) => end === 'timeout').length,
    waiting: ends.filter((end) => end === null).length,
  });

  it('is asked by a few only, until it answers; the others fail at once and come again', async () => {
    const throttle = new RequestThrottle(open);
    const lanes: (() => void)[] = [];
    const early = ask(throttle, 40, lanes);
    await setImmediate();
    expect(count(early.ends)).toEqual({ sent: 4, turnedAway: 0, waiting: 36 });
    for (let request = 0; request < 8; request++) throttle.timedOut();
    const late = ask(throttle, 10, []);
    lanes.shift()?.();
    await setImmediate();
    expect(count(early.ends)).toEqual({ sent: 5, turnedAway: 27, waiting: 8 });
    expect(count(late.ends)).toEqual({ sent: 0, turnedAway: 10, waiting: 0 });
    throttle.answered();
    const after = ask(throttle, 10, []);
    await setImmediate();
    expect(count(after.ends)).toEqual({ sent: 0, turnedAway: 0, waiting: 10 });
  });

  it('is asked by all where they are few', async () => {
    const throttle = new RequestThrottle(open);
    for (let request = 0; request < 50; request++) throttle.timedOut();
    const few = ask(throttle, 12, []);
    await setImmediate();
    expect(count(few.ends)).toEqual({ sent: 4, turnedAway: 0, waiting: 8 });
  });

  it('fails the calls that are turned away as a timeout, with the time when they may come again', async () => {
    const throttle = new RequestThrottle(open);
    for (let request = 0; request < 8; request++) throttle.timedOut();
    ask(throttle, 12, []);
    const question: Endpoint<unknown> = { method: 'GET', path: '/time', call: null, shape: z.unknown() };
    expect(await failureOf(callGuarded({} as CcxtExchange, [question], {}, () => throttle.throttle(1)))).toMatchObject({
      kind: 'timeout',
      where: 'GET /time',
      message: expect.stringContaining('GET /time was not asked'),
      retryAfterMs: 20_000,
    });
  });
});

describe('the shared budget of all workers', () => {
  const minute = { perMinute: 60, burst: 10 };

  /** What the ledger does, with a clock that stands still. */
  function budget(): { spending: SpendingRecord; ahead: Record<string, number> } {
    const ahead: Record<string, number> = {};
    return { ahead, spending: { spend: async (name, ms) => (ahead[name] = (ahead[name] ?? 0) + ms) } };
  }

  it('makes a request wait for what other workers spent', async () => {
    const { spending, ahead } = budget();
    const throttle = new RequestThrottle(minute, { now: () => 0 });
    throttle.shareBy(spending, 'somewhere');
    ahead['somewhere'] = 3_600_000;
    const caller = new AbortController();
    const waiting = callContext.run(
      { allowed: [], lanes: [], weights: [], signal: caller.signal } as unknown as ExchangeCallContext,
      () => throttle.throttle(5),
    );
    waiting.catch(() => undefined);
    await setImmediate();
    expect(ahead['somewhere']).toBe(3_605_000);
    caller.abort();
    await expect(waiting).rejects.toThrow('aborted');
    expect(ahead['somewhere']).toBe(3_600_000);
  });

  it('that does not answer is left alone for a while, and own count and lanes go on', async () => {
    let now = 0;
    let asked = 0;
    const throttle = new RequestThrottle(minute, { now: () => now });
    const spend = async (): Promise<number> => {
      asked += 1;
      throw new Error('the ledger is away');
    };
    throttle.shareBy({ spend }, 'somewhere');
    await throttle.throttle(1);
    await throttle.throttle(1);
    expect(asked).toBe(1);
    now = 30_000;
    await throttle.throttle(1);
    expect(asked).toBe(2);
  });

  it('is kept for a server on this machine only where a limit was set, and the least limit counts', async () => {
    const wire = serveAccount(await WireServer.start());
    try {
      const { spending, ahead } = budget();
      const unlimited = await readerOf('binanceusdm', wire, { spending });
      await unlimited.readState();
      expect(ahead).toEqual({});
      const generous = await readerOf('binanceusdm', wire, { spending, weightPerMinute: 50_000_000 });
      const modest = await readerOf('binanceusdm', wire, { spending, weightPerMinute: 5_000_000 });
      expect([generous, modest, unlimited].map(({ budgetPerMinute }) => budgetPerMinute)).toEqual([5e6, 5e6, 5e6]);
      await unlimited.readState();
      const [spentMs] = Object.values(ahead);
      expect(spentMs).toBeGreaterThan(0);
    } finally {
      await wire.stop();
    }
  });
});
