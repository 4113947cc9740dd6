import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { isRetryable } from '../../src/domain/failure/failure.js';
import * as bybit from './bybit-fixtures.js';
import { PATHS, serveAccount, SERVER_TIME } from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

const A = { apiKey: 'key-A-aaaaaaaa', secret: 'secret-A-aaaaaaaa' };
const B = { apiKey: 'key-B-bbbbbbbb', secret: 'secret-B-bbbbbbbb' };

describe('a ban of one key of bybit', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = bybit.serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  /** Refuses key A, whatever it asks with its key. */
  function refuseA(): void {
    const now = Math.floor(Date.now() / 1000) * 1000;
    wire.route(bybit.PATHS.positions, (request, response) => {
      if (request.headers['x-bapi-api-key'] !== A.apiKey) return bybit.page([], request);
      response.setHeader('date', new Date(now).toUTCString());
      response.setHeader('x-bapi-limit-reset-timestamp', String(now + 60_000));
      sendJson(response, { retCode: 10006, retMsg: 'Too many visits!', result: {}, time: now });
      return undefined;
    });
  }

  it('stops that key, whichever account reads with it, and neither another key nor the markets', async () => {
    refuseA();
    const a = await readerOf('bybit', wire, { credentials: A });
    const refused = await failureOf(a.readState());
    expect(refused).toMatchObject({ kind: 'rate_limited', retryAfterMs: 60_000 });
    expect(refused.message).toMatch(/was refused: bybit refuses this key until \d{4}-\d\d-\d\dT[\d:.]+Z, HTTP 200/);
    expect(refused.remedy).toMatch(/^wait until \d{4}-.*Z.*uses this key/);

    const asked = wire.requests.length;
    const again = await readerOf('bybit', wire, { credentials: A });
    const unsent = await failureOf(again.readState());
    expect(unsent.message).toMatch(/was not sent: bybit refuses this key until \d{4}-/);
    expect(wire.requests).toHaveLength(asked);

    const b = await readerOf('bybit', wire, { credentials: B });
    expect((await b.readState()).positions).toEqual([]);
  });

  it('that made the first reader does not stop the load of markets for another', async () => {
    refuseA();
    // A is asked before any market is loaded.
    wire.route(bybit.PATHS.instruments, (_request, response) => void response.writeHead(500).end());
    const a = await readerOf('bybit', wire, { credentials: A });
    await failureOf(a.readState());
    wire.route(bybit.PATHS.apiKey, (_request, response) => {
      response.setHeader('retry-after', '60');
      sendJson(response, { retCode: 10006, retMsg: 'Too many visits!', result: {}, time: Date.now() });
    });
    expect((await a.auditKey()).answer).toBe('failed');
    wire.route(bybit.PATHS.instruments, bybit.instruments);
    const b = await readerOf('bybit', wire, { credentials: B });
    expect((await b.countMarkets()).linear).toBeGreaterThan(0);
    expect((await failureOf(a.readState())).message).toContain('refuses this key');
  });

  it('leaves no secret behind, not even as the name of a key', async () => {
    refuseA();
    const a = await readerOf('bybit', wire, { credentials: A });
    await failureOf(a.readState());
    const { bans } = (a as unknown as { shared: { bans: object } }).shared;
    const shown = inspect(bans, { depth: 20, showHidden: true });
    expect(shown).toMatch(/keyEndsAt: Map\(1\)/);
    for (const secret of Object.values(A)) expect(shown).not.toContain(secret);
  });
});

describe('a ban of the address', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it.each<[string, number, Record<string, string>, string, number]>([
    ['in 30 years', 418, { 'retry-after': '1000000000' }, '', 24],
    ['in the year 9999', 418, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, '', 24],
    ['beyond all numbers', 418, { 'retry-after': '9'.repeat(400) }, '', 24],
    ['in a text of the year 2286', 418, {}, 'IP banned until 9999999999999.', 24],
    ['of a mere rate limit, in a day', 429, { 'retry-after': '86400' }, '', 1 / 6],
  ])('that ends %s is believed for hours only, and says so', async (_name, status, headers, msg, hours) => {
    wire.route(PATHS.positions, (_request, response) => {
      response.writeHead(status, headers).end(JSON.stringify({ code: -1003, msg }));
    });
    const reader = await readerOf('binanceusdm', wire);
    const before = Date.now();
    const failure = await failureOf(reader.readState());
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs: hours * 3_600_000 });
    expect(isRetryable(failure.kind)).toBe(true);
    const until = Date.parse(/refuses this address until (\S+Z) /.exec(failure.message)?.[1] ?? '');
    expect(until - before).toBeGreaterThanOrEqual(hours * 3_600_000 - 1);
    expect(until - Date.now()).toBeLessThanOrEqual(hours * 3_600_000);
    expect(failure.message).toMatch(/it asks for \S+ h, and no (?:ban|rate limit) longer than/);
    expect(failure.remedy).toContain('weight_per_minute');
  });

  it.each([
    ['a negative number', { 'retry-after': '-60' }],
    ['a word', { 'retry-after': 'tomorrow' }],
    ['a time that has passed', { 'retry-after': new Date(SERVER_TIME - 1_000_000).toUTCString() }],
  ])('that ends at %s bans nobody', async (_name, headers) => {
    wire.route(PATHS.positions, (_request, response) => void response.writeHead(429, headers).end());
    const reader = await readerOf('binanceusdm', wire);
    const failure = await failureOf(reader.readState());
    expect(failure.message).toContain('was refused: too many requests of this address');
    serveAccount(wire);
    expect((await reader.readState()).positions).toHaveLength(2);
  });

  it('stops all keys and the load of markets', async () => {
    wire.route(PATHS.exchangeInfo, (_request, response) => void response.writeHead(429, { 'retry-after': '60' }).end());
    const reader = await readerOf('binanceusdm', wire, { credentials: CREDENTIALS });
    expect((await failureOf(reader.readState())).message).toContain('refuses this address until');
    serveAccount(wire);
    const other = await readerOf('binanceusdm', wire, { credentials: B });
    const asked = wire.requests.length;
    expect((await failureOf(other.countMarkets())).message).toContain('was not sent: binanceusdm refuses this address');
    expect(wire.requests).toHaveLength(asked);
  });
});
