import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FailureKind } from '../../../src/domain/failure/failure.js';
import { health, showConfig, type Fields } from './answers.js';
import { failureOf, freqtrade, json, SECRETS, servers, sourceOf, type Bot, type Options } from './bot-server.js';

afterEach(async () => servers.end());

describe('a Freqtrade whose answer is not the state of the account is refused', () => {
  const other = /own api_server\.listen_port/;

  it.each<[string, Bot, Options, FailureKind, string, RegExp]>([
    [
      'dry run',
      { config: { dry_run: true, runmode: 'dry_run' } },
      {},
      'configuration',
      'dry_run is true',
      /dry_run: false/,
    ],
    [
      'dry run, whatever its run mode',
      { config: { dry_run: true } },
      {},
      'configuration',
      'dry_run is true',
      /dry_run: false/,
    ],
    [
      'another run mode',
      { config: { runmode: 'backtest' } },
      {},
      'configuration',
      'runmode is backtest',
      /dry_run: false/,
    ],
    [
      'webserver mode',
      { config: { runmode: 'webserver', state: '', dry_run: true } },
      {},
      'configuration',
      'it is `freqtrade webserver`, which runs no bot',
      /`freqtrade trade`/,
    ],
    ['starting', { health: { last_process: null } }, {}, 'maintenance', 'the bot is starting', /first loop/],
    [
      'stopped',
      { config: { state: 'stopped' } },
      {},
      'internal_stale',
      'the bot is stopped',
      /`\/start` in Telegram, or `POST \/api\/v1\/start`/,
    ],
    ['another bot', {}, { bot: { botName: 'beta' } }, 'configuration', 'bot_name is alpha, expected beta', other],
    ['another exchange', {}, { bot: { exchange: 'okx' } }, 'configuration', 'exchange is binance, expected okx', other],
    [
      'another mode than that of the exchange',
      { config: { trading_mode: 'spot' } },
      {},
      'configuration',
      'trading_mode is spot, expected futures',
      other,
    ],
    [
      'futures of Binance under the id of its spot market',
      {},
      { bot: { exchange: 'binance' } },
      'configuration',
      'trading_mode is futures, expected spot',
      /exchange\.id: binanceusdm/,
    ],
    [
      'another mode than that of the account',
      { config: { exchange: 'okx' } },
      { bot: { exchange: 'okx', tradingMode: 'spot' } },
      'configuration',
      'trading_mode is futures, expected spot',
      other,
    ],
    [
      'another stake currency',
      {},
      { bot: { stakeCurrency: 'USDC' } },
      'configuration',
      'stake_currency is USDT, expected USDC',
      other,
    ],
    [
      'another bot in all, and in dry run',
      { config: { dry_run: true, exchange: 'okx', stake_currency: 'EUR' } },
      { bot: { botName: 'beta', stakeCurrency: 'USDT' } },
      'configuration',
      'bot_name is alpha, expected beta; exchange is okx, expected binance; stake_currency is EUR, expected USDT',
      other,
    ],
    [
      'margin trading',
      { config: { exchange: 'okx', trading_mode: 'margin' } },
      { bot: { exchange: 'okx' } },
      'unsupported',
      'trading_mode is margin',
      /spot or futures/,
    ],
  ])('%s', async (_, bot, options, kind, message, remedy) => {
    const url = await freqtrade(bot);
    expect(await failureOf(sourceOf(url, options))).toMatchObject({
      kind,
      message: expect.stringContaining(message),
      remedy: expect.stringMatching(remedy),
    });
  });

  it.each<[string, Options]>([
    ['a wrong password', { secrets: { ...SECRETS, FT_PASSWORD: 'another-password' } }],
    ['a wrong user name', { secrets: { ...SECRETS, FT_USERNAME: 'somebody' } }],
  ])('%s', async (_, options) => {
    expect(await failureOf(sourceOf(await freqtrade({}), options))).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('GET show_config: it answered HTTP 401: {"detail":"Unauthorized"}'),
      remedy: expect.stringMatching(/username_env and internal\.password_env .* api_server\.username/),
    });
  });

  it('a user name with a colon, before anything is sent', async () => {
    const seen: IncomingMessage[] = [];
    const secrets = { ...SECRETS, FT_USERNAME: 'a:user' };
    expect(await failureOf(sourceOf(await freqtrade({}, {}, seen), { secrets }))).toMatchObject({
      kind: 'configuration',
      where: 'internal.username',
    });
    expect(seen).toEqual([]);
  });
});

describe('an answer that is none is a failure with its kind', () => {
  const answering =
    (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
    (_, response) =>
      void response.writeHead(status, headers).end(body);

  it.each<[string, string, RequestListener, FailureKind, RegExp]>([
    ['404', 'show_config', answering(404, '{"detail":"Not Found"}'), 'configuration', /HTTP 404/],
    [
      '502 of a bot that does not run',
      'health',
      answering(502, '{"error":"Error querying"}'),
      'maintenance',
      /GET health: .*HTTP 502/,
    ],
    [
      '503 of webserver mode',
      'status',
      answering(503, '{"detail":"Bot is not in the correct state."}'),
      'maintenance',
      /GET status: .*HTTP 503: {"detail":"Bot is not in the correct state."}/,
    ],
    ['500', 'status', answering(500, 'Internal Server Error'), 'unreadable', /HTTP 500: Internal Server Error/],
    ['429', 'status', answering(429, '', { 'retry-after': '17' }), 'rate_limited', /HTTP 429: an empty body/],
    ['403', 'status', answering(403, 'no'), 'authentication', /HTTP 403/],
    [
      '401 of a token that a proxy sends in place of the password',
      'show_config',
      answering(401, '{"detail":"Could not validate credentials"}'),
      'authentication',
      /HTTP 401: {"detail":"Could not validate credentials"}/,
    ],
    ['a status of its own', 'status', answering(418, ''), 'unreadable', /HTTP 418/],
    ['a page', 'show_config', answering(200, '<!DOCTYPE html><html></html>'), 'unreadable', /a web page, not JSON/],
    ['no JSON', 'show_config', answering(200, '{"dry_run": fal'), 'unreadable', /GET show_config/],
    ['nothing', 'status', answering(200, ''), 'unreadable', /GET status/],
    [
      'no UTF-8',
      'status',
      (_, response) => void response.end(Buffer.from([0x5b, 0xff, 0x5d])),
      'unreadable',
      /not UTF-8/,
    ],
    ['an object instead of trades', 'status', answering(200, '{"error":"x"}'), 'unreadable', /no list of trades/],
    ['null instead of trades', 'status', answering(200, 'null'), 'unreadable', /no list of trades/],
    [
      'a config without dry_run',
      'show_config',
      answering(200, '{"runmode":"live"}'),
      'unreadable',
      /dry_run is missing, expected true or false/,
    ],
    ['a health without its time', 'health', answering(200, '{}'), 'unreadable', /last_process is missing/],
    [
      'a time without an offset',
      'health',
      answering(200, '{"last_process":"2026-11-29 15:20:24"}'),
      'unreadable',
      /last_process is "2026-11-29 15:20:24", expected a time/,
    ],
    ['too much', 'status', answering(200, `[${'1,'.repeat(60_000)}1]`), 'too_large', /more than 100000 bytes/],
  ])('%s', async (_, name, answer, kind, message) => {
    const failure = await failureOf(sourceOf(await freqtrade({}, { [name]: answer })));
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  it('429 asks to wait', async () => {
    const url = await freqtrade({}, { health: answering(429, '', { 'retry-after': '17' }) });
    expect(await failureOf(sourceOf(url))).toMatchObject({ retryAfterMs: 17_000 });
  });

  it('follows no redirect, also not on its own host, so that the password goes nowhere else', async () => {
    const seen: IncomingMessage[] = [];
    const url = await freqtrade({}, { show_config: answering(302, '', { location: '/api/v1/health' }) }, seen);
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('it redirects to /api/v1/health (HTTP 302)'),
    });
    expect(seen).toHaveLength(1);
  });

  it('a bot that is not there', async () => {
    expect(await failureOf(sourceOf('http://127.0.0.1:1'))).toMatchObject({
      kind: 'network',
      remedy: expect.stringContaining('api_server.enabled: true'),
    });
  });

  it.each(['show_config', 'health', 'status'])('a suspended bot that never answers %s', async (name) => {
    const url = await freqtrade({}, { [name]: () => undefined });
    expect(await failureOf(sourceOf(url, { config: { deadlineSeconds: 0.2 } }))).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining(`GET ${name}: it did not answer within 0.2 s`),
    });
  });

  it('one deadline covers all three answers', async () => {
    const late =
      (body: Fields | []): RequestListener =>
      (_, response) =>
        void setTimeout(() => json(response, body), 150);
    const url = await freqtrade({}, { show_config: late(showConfig()), health: late(health()), status: late([]) });
    expect(await failureOf(sourceOf(url, { config: { deadlineSeconds: 0.35 } }))).toMatchObject({ kind: 'timeout' });
  });

  it('a bot that breaks off', async () => {
    const url = await freqtrade({}, { status: (request) => void request.socket.destroy() });
    expect(await failureOf(sourceOf(url))).toMatchObject({ kind: 'network' });
  });

  it('a read that the caller cancels is no failure of the bot', async () => {
    const url = await freqtrade({}, { status: () => undefined });
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const reading = sourceOf(url).readState({ signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(reading).rejects.toBe(reason);
  });
});
