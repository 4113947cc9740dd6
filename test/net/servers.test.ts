import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { KnownToken } from '../../src/http/tokens.js';
import { serve, type ServedLedger } from '../../src/http/serve.js';
import type { ServerLimits } from '@plumbline/primitives/server-limits';
import { DEMO_BOT_TOKEN, startSimulator } from '../../packages/exchange-simulator/src/simulator.js';
import { serveWorkerMetrics } from '../../src/worker-metrics.js';
import { ToldGates } from '../http/totals.js';
import { get, open, readToEnd, send } from './raw-client.js';

const LIMITS: Partial<ServerLimits> = { connections: 3, headMs: 300, requestMs: 600, bodyBytes: 1_000 };

interface Served {
  url: string;
  close(): Promise<unknown>;
}

function quietLog() {
  return createLogger({
    name: 'test',
    level: 'silent',
    redactor: createRedactor(),
    destination: { write: () => {} },
    pretty: false,
  });
}

/** PostgreSQL refuses a text with a NUL character. */
const asked: string[] = [];
const ledger: ServedLedger = {
  accounts: async () => [],
  account: async (account) => {
    asked.push(account);
    if (account.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
    return null;
  },
  runs: async () => [],
  events: async () => [],
  interventions: async () => [],
  overview: async () => [],
  timeline: async () => ({ spans: [], cutAt: null }),
  loadObservations: async () => [],
  discrepancies: async () => [],
  ping: async () => {},
  channelTotals: async () => [],
  storePush: async () => ({ result: 'stored' }),
  followGates: new ToldGates().followGates,
};

/** Beyond loopback `serve` needs one. */
const ANY_TOKEN: KnownToken = { name: 'ada', role: 'viewer', accounts: null, sha256: '0'.repeat(64) };

interface Kind {
  name: string;
  path: string;
  /** A path that takes a body. */
  bodyPath: string;
  start: (host: string, limits: Partial<ServerLimits>) => Promise<Served>;
  odd: [path: string, status: number][];
}

const KINDS: Kind[] = [
  {
    name: 'serve',
    path: '/healthz',
    bodyPath: '/healthz',
    start: async (host, limits) => {
      const tokens = host === '0.0.0.0' ? [ANY_TOKEN] : [];
      return serve({ ledger, host, port: 0, version: '1', log: quietLog(), limits, tokens });
    },
    odd: [
      ['/v1/accounts/%00', 404],
      ['/v1/accounts/%00/gate', 404],
      ['/v1/accounts/a%00b/runs', 404],
      ['/v1/accounts/%01/events', 404],
      [`/v1/accounts/${'a'.repeat(64)}/gate`, 404],
      ['/v1/accounts/main/events?limit=%00', 400],
      ['/v1/accounts/%zz/gate', 400],
      ['/v1/accounts/%ff', 400],
      ['/v1/accounts/%ed%a0%80', 400],
      ['/%', 400],
    ],
  },
  {
    name: "the worker's metrics",
    path: '/metrics',
    bodyPath: '/metrics',
    start: async (host, limits) => serveWorkerMetrics({ host, port: 0, sdkUrl: null, limits }),
    odd: [
      ['/%00', 404],
      ['/metrics%zz', 404],
    ],
  },
  {
    name: 'the simulator',
    path: '/sim/truth',
    bodyPath: '/sim/orders',
    start: async (host, limits) => startSimulator({ host, port: 0, limits }),
    odd: [
      ['/sim/%00', 404],
      ['/bot/%00/state', 404],
      ['/bot/%zz/state', 400],
      ['/%ff', 400],
    ],
  },
];

const loopback = ({ url }: Served): string => `http://127.0.0.1:${new URL(url).port}`;

describe.each(KINDS)('$name', ({ path, bodyPath, start, odd }) => {
  let served: Served;
  let url: string;
  beforeEach(async () => {
    served = await start('127.0.0.1', LIMITS);
    url = loopback(served);
  });
  afterEach(async () => {
    await served.close();
  });

  it('answers loopback names and refuses the name of a web page', async () => {
    expect((await send(url, get(path, 'localhost:1'))).status).toBe(200);
    expect((await send(url, get(path, 'rebound.example'))).status).toBe(421);
    expect((await send(url, get(path, '10.0.0.1'))).status).toBe(421);
  });

  it('refuses what a page of another site sends', async () => {
    expect((await send(url, get(path, '127.0.0.1', ['Origin: https://evil.example']))).status).toBe(403);
  });

  it('checks the host even if it listens on all addresses', async () => {
    const open = await start('0.0.0.0', LIMITS);
    try {
      const everywhere = loopback(open);
      expect((await send(everywhere, get(path, 'rebound.example'))).status).toBe(421);
      expect((await send(everywhere, get(path, '172.18.0.4:9400'))).status).toBe(200);
    } finally {
      await open.close();
    }
  });

  it('ends a request whose head does not come', async () => {
    const { status, endedAfterMs } = await send(url, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: `);
    expect([0, 408]).toContain(status);
    expect(endedAfterMs).toBeLessThan(3_000);
  });

  it('ends a connection without data', async () => {
    const { endedAfterMs } = await send(url, '');
    expect(endedAfterMs).toBeLessThan(3_000);
  });

  it('ends a request whose head comes a byte at a time', async () => {
    const socket = await open(url);
    const started = performance.now();
    const ended = readToEnd(socket, started);
    for (const byte of `GET ${path} HTTP/1.1\r\nX-Slow: ${'a'.repeat(60)}`) {
      if (socket.destroyed) break;
      socket.write(byte);
      await delay(50);
    }
    expect((await ended).endedAfterMs).toBeLessThan(4_000);
  });

  it('ends a request whose body does not come', async () => {
    const head = `POST ${bodyPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{`;
    const { status, endedAfterMs } = await send(url, head);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(endedAfterMs).toBeLessThan(4_000);
  });

  it('refuses a body above its limit', async () => {
    const body = `{"a":"${'x'.repeat(2_000)}"}`;
    const { status } = await send(
      url,
      `POST ${bodyPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect([405, 413]).toContain(status);
  });

  it('closes connections above its limit, and serves again once others have ended', async () => {
    const sockets = await Promise.all([open(url), open(url), open(url)]);
    expect((await send(url, get(path))).status).toBe(0);
    await Promise.all(sockets.map(async (socket) => readToEnd(socket)));
    expect((await send(url, get(path))).status).toBe(200);
  });

  it.each(odd)('answers %s with %i', async (odd, status) => {
    const authorized = [`Authorization: Bearer ${DEMO_BOT_TOKEN}`];
    expect((await send(url, get(odd, '127.0.0.1', authorized))).status).toBe(status);
  });
});

describe('serve', () => {
  it('ends although a request is never finished', async () => {
    const served = await KINDS[0]!.start('127.0.0.1', LIMITS);
    const socket = await open(loopback(served));
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    await delay(50);
    await served.close();
    expect((await readToEnd(socket)).endedAfterMs).toBeLessThan(3_000);
  });

  it('does not ask the ledger for what is no account name', async () => {
    asked.length = 0;
    const served = await KINDS[0]!.start('127.0.0.1', {});
    await send(loopback(served), get('/v1/accounts/%00'));
    await send(loopback(served), get('/v1/accounts/main'));
    await served.close();
    expect(asked).toEqual(['main']);
  });
});
