import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { z } from 'zod';
import { ANY_PATH, type Endpoint } from '../../src/exchange/transport/endpoint.js';
import { SharedExchange } from '../../src/exchange/shared-exchange.js';
import type { CcxtExchange } from '../../src/exchange/transport/ccxt-exchange.js';
import { createTemplate, loadCcxtClass } from '../../src/exchange/transport/load-ccxt.js';
import { RequestThrottle } from '../../src/exchange/budget/request-throttle.js';
import { callGuarded } from '../../src/exchange/profile/read-session.js';
import { EXCHANGE_INFO, PATHS, serveAccount } from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { readerOf } from './readers.js';
import { VirtualClock } from './virtual-clock.js';
import { WireServer } from './wire-server.js';

/** Resolves when the server has been asked at this path. */
async function askedFor(wire: WireServer, path: string, answer: object | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    wire.route(path, () => {
      resolve();
      return answer;
    });
  });
}

describe('a server that never answers', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it.each([PATHS.exchangeInfo, PATHS.time, PATHS.openOrders, PATHS.positions])(
    'at %s holds a read no longer than its caller wants it',
    async (path) => {
      const asked = askedFor(wire, path, undefined);
      const reader = await readerOf('binanceusdm', wire, { deadlineSeconds: 3_600 });
      const caller = new AbortController();
      const failure = failureOf(reader.readState({ signal: caller.signal }));
      await asked;
      caller.abort();
      expect(await failure).toMatchObject({
        kind: 'timeout',
        message: expect.stringContaining('given up by its caller'),
      });
    },
  );

  it.each([
    ['resolves a market', 'resolveMarket' as const],
    ['counts markets', 'countMarkets' as const],
  ])('holds what %s no longer than its caller wants it', async (_name, question) => {
    const asked = askedFor(wire, PATHS.exchangeInfo, undefined);
    const reader = await readerOf('binanceusdm', wire, { deadlineSeconds: 3_600 });
    const caller = new AbortController();
    const options = { signal: caller.signal };
    const failure = failureOf(
      question === 'resolveMarket' ? reader.resolveMarket('BTCUSDT', options) : reader.countMarkets(options),
    );
    await asked;
    caller.abort();
    expect(await failure).toMatchObject({ kind: 'timeout' });
  });

  it('gives its lanes back: other accounts are read when it answers again', async () => {
    const open = new AbortController();
    wire.route(PATHS.time, () => undefined);
    const readers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        readerOf('binanceusdm', wire, { credentials: { apiKey: `key-of-${index}`, secret: `secret-of-${index}` } }),
      ),
    );
    const failures = readers.map(async (reader) => failureOf(reader.readState({ signal: open.signal })));
    while (wire.paths.filter((path) => path === PATHS.time).length < 4) await once(wire.events, 'request');
    open.abort();
    expect((await Promise.all(failures)).map(({ kind }) => kind)).toEqual(readers.map(() => 'timeout'));
    serveAccount(wire);
    const snapshots = await Promise.all(readers.map(async (reader) => reader.readState()));
    expect(snapshots.map(({ positions }) => positions.length)).toEqual(readers.map(() => 2));
  });
});

describe('markets that several accounts wait for', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it('are loaded for the others when the account that began gives up', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      wire.route(PATHS.exchangeInfo, (_request, response) => {
        answer = () =>
          void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(EXCHANGE_INFO));
        resolve();
      });
    });
    const [first, second] = [await readerOf('binanceusdm', wire), await readerOf('binanceusdm', wire)];
    const caller = new AbortController();
    const givenUp = failureOf(first.readState({ signal: caller.signal }));
    await asked;
    const read = second.readState();
    caller.abort();
    expect(await givenUp).toMatchObject({ kind: 'timeout', where: 'markets' });
    answer();
    expect((await read).positions).toHaveLength(2);
    // The next attempt of the first finds what was loaded meanwhile.
    expect((await first.readState()).positions).toHaveLength(2);
    expect(wire.paths.filter((path) => path === PATHS.exchangeInfo)).toHaveLength(1);
  });

  async function shared(deadlineMs: number): Promise<SharedExchange> {
    const template = createTemplate(await loadCcxtClass('binanceusdm'), {});
    return new SharedExchange(template, 'test', { perMinute: 60, burst: 10 }, true, { marketsDeadlineMs: deadlineMs });
  }

  it('have a deadline of their own, after which they are loaded anew', async () => {
    const exchange = await shared(50);
    let loads = 0;
    const hang = async (_template: unknown, signal: AbortSignal): Promise<void> => {
      loads += 1;
      await once(signal, 'abort');
      throw signal.reason;
    };
    const waiting = [exchange.loadMarkets(hang), exchange.loadMarkets(hang)];
    const ended = await Promise.allSettled(waiting);
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(loads).toBe(1);
    await exchange.loadMarkets(async () => void (loads += 1));
    await exchange.loadMarkets(hang);
    expect(loads).toBe(2);
  });
});

describe('a call of which one question fails', () => {
  it('ends the others that ccxt asks beside it: none goes on waiting, none keeps a lane', async () => {
    const clock = new VirtualClock();
    const throttle = new RequestThrottle({ perMinute: 60, burst: 1 }, { now: clock.read, wait: clock.wait });
    const anything: Endpoint<unknown> = { method: 'GET', path: ANY_PATH, call: null, shape: z.unknown() };
    let beside: Promise<void> = Promise.resolve();
    const failing = callGuarded({} as CcxtExchange, [anything], {}, async () => {
      await throttle.throttle(1);
      beside = throttle.throttle(1_000);
      beside.catch(() => undefined);
      await clock.advance(10);
      throw new TypeError('what ccxt throws');
    });
    expect(await failureOf(failing)).toMatchObject({ message: expect.stringContaining('TypeError') });
    await expect(beside).rejects.toThrow('the call has ended');
    await clock.advance(60_000);
    await Promise.all([1, 2, 3, 4, 5].map(async () => throttle.throttle(0)));
  });
});
