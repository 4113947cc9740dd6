import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { z } from 'zod';
import { Bans } from '../../src/exchange/transport/bans.js';
import type { Endpoint } from '../../src/exchange/transport/endpoint.js';
import { guardTransport } from '../../src/exchange/transport/guarded-transport.js';
import { createTemplate, deriveAccount, loadCcxtClass } from '../../src/exchange/transport/load-ccxt.js';
import { SecretMask } from '../../src/exchange/transport/secret-mask.js';
import { callGuarded } from '../../src/exchange/profile/read-session.js';
import { createExchangeReader } from '../../src/exchange/create-exchange-reader.js';
import { orderRow, PATHS, serveAccount, SERVER_TIME } from './binanceusdm-fixtures.js';
import { failureOf } from './failures.js';
import { CREDENTIALS, fakeRedactor, readerOf } from './readers.js';
import { sendJson, WireServer } from './wire-server.js';

describe('the guarded transport', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  it.each([
    ['seconds', { 'retry-after': '7' }, '', 7_000],
    ['a date', { 'retry-after': 'Tue, 24 Nov 2026 12:00:09 GMT', date: 'Tue, 24 Nov 2026 12:00:00 GMT' }, '', 9_000],
    [
      'the end of a ban',
      { date: new Date(SERVER_TIME).toUTCString() },
      JSON.stringify({ code: -1003, msg: `Way too many requests; IP(1.2.3.4) banned until ${SERVER_TIME + 60_000}.` }),
      60_000,
    ],
  ])('hands on a wait given as %s, and asks nothing until it is over', async (_name, headers, body, waitMs) => {
    wire.route(PATHS.positions, (_request, response) => void response.writeHead(418, headers).end(body));
    const reader = await readerOf('binanceusdm', wire);
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'rate_limited', retryAfterMs: waitMs });
    const asked = wire.requests.length;
    const second = await failureOf(reader.readState());
    expect(second.kind).toBe('rate_limited');
    expect(second.retryAfterMs).toBeGreaterThan(waitMs - 5_000);
    expect(second.retryAfterMs).toBeLessThanOrEqual(waitMs);
    const other = await readerOf('binanceusdm', wire, {
      credentials: { apiKey: 'another-key', secret: 'another-secret' },
    });
    expect((await failureOf(other.readState())).kind).toBe('rate_limited');
    expect(wire.requests).toHaveLength(asked);
  });

  it('asks again when the wait is over', async () => {
    wire.route(PATHS.positions, (_request, response) => void response.writeHead(429, { 'retry-after': '0.2' }).end());
    const reader = await readerOf('binanceusdm', wire);
    await failureOf(reader.readState());
    serveAccount(wire);
    await sleep(250);
    expect((await reader.readState()).positions).toHaveLength(2);
  });

  it('shows no secret, whatever an answer echoes', async () => {
    wire.route(PATHS.openOrders, (request, response) => {
      const signature = request.query.get('signature') ?? '';
      const key = String(request.headers['x-mbx-apikey']);
      const echo = `${key} ${signature} ${CREDENTIALS.secret} ${encodeURIComponent(key)}`;
      sendJson(response, { code: -1022, msg: `${echo} ${'x'.repeat(80)} ${echo}` }, 400);
      captured.push(signature);
    });
    const captured: string[] = [];
    const reader = await readerOf('binanceusdm', wire);
    const error: unknown = await reader.readState().catch((caught: unknown) => caught);
    const texts = [inspect(error, { depth: 20 }), JSON.stringify(error), String((error as Error).stack)];
    expect(captured[0]).toMatch(/^[0-9a-f]{64}$/);
    for (const secret of [
      CREDENTIALS.apiKey,
      CREDENTIALS.secret,
      encodeURIComponent(CREDENTIALS.apiKey),
      captured[0] ?? '',
    ]) {
      for (const text of texts) expect(text).not.toContain(secret);
    }
    expect(texts[0]).toContain('[redacted]');
  });

  it('quotes at most 200 characters of an answer', async () => {
    wire.route(PATHS.openOrders, (_request, response) => void response.writeHead(500).end('y'.repeat(100_000)));
    const failure = await failureOf((await readerOf('binanceusdm', wire)).readState());
    expect(failure.message).toContain('y'.repeat(200));
    expect(failure.message).not.toContain('y'.repeat(201));
  });

  it('reads a compressed answer, and limits what it unpacks to', async () => {
    const { gzipSync } = await import('node:zlib');
    const rows = Array.from({ length: 2000 }, (_, index) => orderRow('BTCUSDT', index + 1));
    const packed = gzipSync(JSON.stringify(rows));
    wire.route(PATHS.openOrders, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
    });
    expect((await (await readerOf('binanceusdm', wire)).readState()).orders).toHaveLength(2001);
    const narrow = await readerOf('binanceusdm', wire, { maxBytes: 200_000 });
    expect(packed.length).toBeLessThan(200_000);
    expect(await failureOf(narrow.readState())).toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('200000 bytes'),
    });
  });

  it('ends when its caller gives up', async () => {
    const caller = new AbortController();
    wire.route(PATHS.openOrders, () => {
      caller.abort();
      return undefined;
    });
    const reader = await readerOf('binanceusdm', wire);
    const failure = await failureOf(reader.readState({ signal: caller.signal }));
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('given up by its caller') });
  });

  it('reports every question before it is asked', async () => {
    const steps: string[] = [];
    await (await readerOf('binanceusdm', wire)).readState({ onProgress: (step) => void steps.push(step) });
    expect(steps).toEqual([
      'GET /fapi/v1/exchangeInfo',
      'GET /fapi/v1/time',
      'GET /fapi/v3/positionRisk (positions:linear)',
      'GET /fapi/v1/openAlgoOrders (orders:conditional:linear)',
      'GET /sapi/v1/algo/futures/openOrders (orders:conditional:linear)',
      'GET /fapi/v1/openOrders (orders:regular:linear)',
      'GET /fapi/v3/positionRisk (positions:linear)',
    ]);
  });

  it('refuses an old answer: the clock of an exchange does not run backwards', async () => {
    const reader = await readerOf('binanceusdm', wire);
    await reader.readState();
    wire.route(PATHS.time, { serverTime: SERVER_TIME - 1 });
    expect(await failureOf(reader.readState())).toMatchObject({ kind: 'clock_skew' });
  });

  it('signs with the time of the exchange where the clock of this machine is wrong', async () => {
    const reader = await readerOf('binanceusdm', wire, { now: () => Date.now() });
    await reader.readState();
    const signedAt = Number(wire.requests.at(-1)?.query.get('timestamp'));
    expect(Math.abs(signedAt - SERVER_TIME)).toBeLessThan(10_000);
  });

  it('is unreachable where nothing listens', async () => {
    const gone = await WireServer.start();
    const { url } = gone;
    await gone.stop();
    const reader = await createExchangeReader(
      { id: 'binanceusdm', credentials: {}, baseUrl: url, deadlineSeconds: 5, weightPerMinute: null },
      CREDENTIALS,
      { redactor: fakeRedactor() },
    );
    expect(await failureOf(reader.readState())).toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('keeps the prefix of a base URL', async () => {
    wire.route('/binanceusdm/fapi/v1/exchangeInfo', { symbols: [] });
    const reader = await createExchangeReader(
      {
        id: 'binanceusdm',
        credentials: {},
        baseUrl: `${wire.url}/binanceusdm/`,
        deadlineSeconds: 5,
        weightPerMinute: null,
      },
      CREDENTIALS,
      { redactor: fakeRedactor() },
    );
    expect(await failureOf(reader.readState())).toMatchObject({
      kind: 'unreadable',
      where: 'GET /fapi/v1/exchangeInfo',
    });
    expect(wire.paths).toEqual(['/binanceusdm/fapi/v1/exchangeInfo']);
  });
});

describe('what leaves the process', () => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
  });
  afterEach(() => wire.stop());

  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '1' };
  const question: Endpoint<unknown> = { method: 'GET', path: PATHS.order, call: null, shape: z.unknown() };

  /** An account of ccxt under the transport, with one endpoint allowed. */
  async function account() {
    const template = createTemplate(await loadCcxtClass('binanceusdm'), {});
    const exchange = deriveAccount(template, CREDENTIALS);
    exchange.throttler = { throttle: async () => undefined };
    exchange.urls = { api: { fapiPrivate: `${wire.url}/fapi/v1` } };
    guardTransport(exchange, {
      deadlineMs: 1000,
      maxBytes: 1000,
      bans: new Bans(),
      key: 'key',
      limits: {},
      onHeaders: () => undefined,
      onTimeout: () => undefined,
      codes: {},
      codeOf: () => null,
      retryAfterMs: () => null,
      mask: new SecretMask(fakeRedactor()),
      nowMs: Date.now,
    });
    return { template, exchange };
  }

  it.each(['fapiPrivatePostOrder', 'fapiPrivateDeleteOrder', 'fapiPrivatePutOrder', 'fapiPrivatePostLeverage'])(
    'is never %s, even if something called it',
    async (method) => {
      const { exchange } = await account();
      const call = async () => (exchange[method] as (params: object) => Promise<unknown>)(order);
      expect(await failureOf(callGuarded(exchange, [question], {}, call))).toMatchObject({
        kind: 'bug',
        message: expect.stringContaining('was not sent'),
      });
      expect(wire.requests).toHaveLength(0);
    },
  );

  it('is nothing outside of a call, and nothing from the template', async () => {
    const { template, exchange } = await account();
    const ask = (instance: Record<string, unknown>) =>
      (instance['fapiPrivateGetOrder'] as (params: object) => Promise<unknown>)({ symbol: 'BTCUSDT' });
    await expect(async () => ask(template)).rejects.toThrow('outside of any call');
    await expect(async () => ask(exchange)).rejects.toThrow('outside of any call');
    await expect(callGuarded(template, [question], {}, async () => ask(template))).rejects.toThrow(
      'could not be asked',
    );
    expect(wire.requests).toHaveLength(0);
  });

  it('fails the call even where ccxt swallows the failure', async () => {
    const { exchange } = await account();
    wire.route(PATHS.order, (_request, response) => void response.writeHead(500).end());
    const swallow = async () => {
      await (exchange['fapiPrivateGetOrder'] as (params: object) => Promise<unknown>)(order).catch(() => ({}));
    };
    expect(await failureOf(callGuarded(exchange, [question], {}, swallow))).toMatchObject({ kind: 'network' });
  });
});

describe('making a reader', () => {
  const config = {
    id: 'binanceusdm',
    credentials: {},
    baseUrl: 'http://127.0.0.1:1',
    deadlineSeconds: 1,
    weightPerMinute: null,
  };

  it.each<[string, typeof config, Record<string, string>, string]>([
    ['an id that ccxt does not have', { ...config, id: 'nosuchexchange' }, CREDENTIALS, 'unsupported'],
    ['an id that leaves the folder', { ...config, id: '../base/Exchange' }, CREDENTIALS, 'unsupported'],
    ['no secret', config, { apiKey: 'a-key' }, 'configuration'],
    ['an empty key', config, { apiKey: '', secret: 'a-secret' }, 'configuration'],
  ])('fails with %s', async (_name, exchange, credentials, kind) => {
    const made = createExchangeReader(exchange, credentials, { redactor: fakeRedactor() });
    expect(await failureOf(made)).toMatchObject({ kind, side: 'exchange' });
  });

  it('makes every credential known to the redactor', async () => {
    const redactor = fakeRedactor();
    await createExchangeReader(config, CREDENTIALS, { redactor });
    expect(redactor.secrets).toEqual(Object.values(CREDENTIALS));
  });
});
