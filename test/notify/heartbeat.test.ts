import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HeartbeatConfig } from '../../src/config/config.js';
import { createHeartbeats, type HEARTBEAT_LIMITS } from '../../src/notify/heartbeat.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { Listening } from '../support/listening.js';

const TOKEN = '2f4a-secret-uuid-91bb';
type Answer = (request: IncomingMessage, response: ServerResponse, number: number) => void;
const OK: Answer = (_request, response) => void response.end('OK');

describe("a dead man's switch", () => {
  const servers = new Listening();
  afterEach(async () => servers.end());

  async function start(
    answer: Answer,
    config: Partial<HeartbeatConfig> & { path?: string } = {},
    limits: Partial<typeof HEARTBEAT_LIMITS> = {},
  ) {
    const asked: string[] = [];
    const url = await servers.serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response, asked.length);
    });
    const { path = `/${TOKEN}`, ...rest } = config;
    const heartbeat: HeartbeatConfig = {
      kind: 'healthchecks',
      url: { env: 'URL' },
      reportFailures: true,
      allowPlainHttp: false,
      ...rest,
    };
    const warnings: string[] = [];
    const failed: string[] = [];
    const heartbeats = createHeartbeats(
      [{ name: 'main', heartbeat }, { name: 'second', heartbeat }, { name: 'none' }],
      {
        resolveSecret: () => (path.startsWith('http') ? path : `${url}${path}`),
        redactor: createRedactor(),
        log: { warn: (fields) => void warnings.push(JSON.stringify(fields)) },
        onFailure: (account) => void failed.push(account),
        limits: { retryMs: [5, 10], deadlineMs: 60_000, ...limits },
      },
    );
    return { heartbeats, asked, warnings, failed };
  }

  // https://healthchecks.io/docs/http_api/ and /docs/signaling_failures/; louislam/uptime-kuma, server/routers/api-router.js
  it.each([
    ['healthchecks', 'verdict', `/${TOKEN}`, `GET /${TOKEN}`],
    ['healthchecks', 'failed', `/${TOKEN}`, `GET /${TOKEN}/fail`],
    ['healthchecks', 'verdict', '/ping-key/bot-{account}?create=1', 'GET /ping-key/bot-main?create=1'],
    ['healthchecks', 'failed', '/ping-key/bot-{account}?create=1', 'GET /ping-key/bot-main/fail?create=1'],
    [
      'uptime_kuma',
      'verdict',
      `/api/push/${TOKEN}?status=up&msg=OK&ping=`,
      `GET /api/push/${TOKEN}?status=up&msg=OK&ping=`,
    ],
    ['uptime_kuma', 'failed', `/api/push/${TOKEN}`, `GET /api/push/${TOKEN}?status=down&msg=the+run+failed`],
    ['plain', 'verdict', '/any?a=b', 'GET /any?a=b'],
  ] as const)('of kind %s receives a ping for a run that ended as %s', async (kind, state, path, expected) => {
    const { heartbeats, asked, failed } = await start((_, response) => void response.end('{"ok":true}'), {
      kind,
      path,
    });
    heartbeats.ping('main', state);
    await heartbeats.idle();
    expect({ asked, failed }).toEqual({ asked: [expected], failed: [] });
  });

  it('gets no failed runs unless the configuration says so, and nothing of other accounts', async () => {
    const { heartbeats, asked } = await start(OK, { reportFailures: false });
    heartbeats.ping('main', 'failed');
    heartbeats.ping('none', 'verdict');
    await heartbeats.idle();
    expect(asked).toEqual([]);
  });

  it.each<[string, HeartbeatConfig['kind'], Answer, number, Partial<typeof HEARTBEAT_LIMITS>?]>([
    [
      'an unknown UUID, which Healthchecks.io answers with 200',
      'healthchecks',
      (_, r) => void r.end('OK (not found)'),
      1,
    ],
    ['a rate limit that says 200', 'healthchecks', (_, r) => void r.end('OK (rate limited)'), 3],
    ['an unknown slug', 'healthchecks', (_, r) => void r.writeHead(404).end('not found'), 1],
    ['an unknown push token', 'uptime_kuma', (_, r) => void r.writeHead(500).end(KUMA_UNKNOWN), 1],
    ['a page instead of an answer', 'uptime_kuma', (_, r) => void r.end('<html>login</html>'), 3],
    ['an error', 'plain', (_, r) => void r.writeHead(503).end(), 3],
    ['a broken connection', 'plain', (request) => void request.socket.resetAndDestroy(), 3],
    ['no answer in time', 'plain', () => {}, 3, { deadlineMs: 300 }],
  ])('counts and reports %s, without the address', async (_, kind, answer, attempts, limits = {}) => {
    const { heartbeats, asked, warnings, failed } = await start(answer, { kind }, limits);
    heartbeats.ping('main', 'verdict');
    await heartbeats.idle();
    expect(asked).toHaveLength(attempts);
    expect(failed).toEqual(['main']);
    expect(warnings).toEqual([expect.stringContaining('"account":"main"')]);
    expect(warnings.join()).not.toMatch(/secret-uuid|127\.0\.0\.1/);
  });
  const KUMA_UNKNOWN = '{"ok":false,"msg":"Monitor not found or not active."}';

  it('is pinged again when the first attempt fails', async () => {
    const { heartbeats, asked, failed } = await start((_, response, number) => {
      response.writeHead(number === 1 ? 502 : 200).end('OK');
    });
    heartbeats.ping('main', 'verdict');
    await heartbeats.idle();
    expect({ attempts: asked.length, failed }).toEqual({ attempts: 2, failed: [] });
  });

  it('gets one ping at a time for an account; of those that wait, only the newest is sent', async () => {
    const held: (() => void)[] = [];
    const { heartbeats, asked } = await start((_, response) => void held.push(() => response.end('OK')));
    heartbeats.ping('main', 'verdict');
    heartbeats.ping('main', 'verdict');
    heartbeats.ping('main', 'failed');
    heartbeats.ping('second', 'verdict');
    await until(() => held.length === 2);
    expect(asked).toEqual([`GET /${TOKEN}`, `GET /${TOKEN}`]);
    for (const end of held.splice(0)) end();
    await until(() => held.length === 1);
    for (const end of held) end();
    await heartbeats.idle();
    expect(asked.slice(2)).toEqual([`GET /${TOKEN}/fail`]);
  });

  it.each([
    ['http://198.51.100.1/x', /unencrypted/],
    ['ftp://example.com/x', /no http:/],
    ['not an address', /no http:/],
  ])('is not sent to %s', async (path, problem) => {
    const { heartbeats, warnings, failed } = await start(OK, { path });
    heartbeats.ping('main', 'verdict');
    await heartbeats.idle();
    expect(failed).toEqual(['main']);
    expect(warnings.join()).toMatch(problem);
  });

  it('delays the end of a worker by a bounded time', async () => {
    const { heartbeats, asked } = await start(() => {}, {}, { deadlineMs: 60_000, lastMs: 50 });
    heartbeats.ping('main', 'verdict');
    await until(() => asked.length === 1);
    const began = performance.now();
    await heartbeats.close();
    expect(performance.now() - began).toBeLessThan(30_000);
    heartbeats.ping('main', 'verdict');
    await heartbeats.idle();
    expect(asked).toHaveLength(1);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
