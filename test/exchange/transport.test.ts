import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
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
      kind: 'unreadable',
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
      { id: 'binanceusdm', credentials: {}, baseUrl: url, deadlineSeconds: 5 },
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
      { id: 'binanceusdm', credentials: {}, baseUrl: `${wire.url}/binanceusdm/`, deadlineSeconds: 5 },
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

describe('making a reader', () => {
  const config = { id: 'binanceusdm', credentials: {}, baseUrl: 'http://127.0.0.1:1', deadlineSeconds: 1 };

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
