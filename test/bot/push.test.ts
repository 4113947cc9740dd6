import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve, type Served } from '../../src/http/serve.js';
import { hashToken } from '../../src/http/tokens.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { hostileServer, httpAnswer, type Hostility } from './hostile-server.js';
import { pythonPusher, typescriptPusher, type PushClient } from './pushers.js';

const TIMEOUT_SECONDS = 0.6;
/** These servers never end their answer, so each bound shows that the client does. */
const ENDED_MS = 20_000;
const clients = [
  { name: 'typescript', make: typescriptPusher },
  { name: 'python', make: pythonPusher },
];
const LONG = { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.10' };

describe.each(clients)('the client in $name, before serve', ({ name, make }) => {
  let database: TestDatabase;
  let ledger: Ledger;
  let served: Served;
  let client: PushClient;
  const account = name;

  beforeAll(async () => {
    database = await createLedgerDatabase();
    ledger = createLedger(database.url);
    const destination = { write: () => {} };
    const log = createLogger({
      name: 'serve',
      level: 'silent',
      redactor: createRedactor(),
      destination,
      pretty: false,
    });
    served = await serve({
      ledger,
      host: '127.0.0.1',
      port: 0,
      version: '1.2.3',
      log,
      tokens: [{ name: 'bot', role: 'push', accounts: new Set([account]), sha256: hashToken('bot-7') }],
      pushes: new Map([[account, { maxBytes: 1_000_000, runEverySeconds: null }]]),
    });
    client = make();
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await served.close();
    await ledger.close();
    await database.drop();
  });

  const stored = async (): Promise<Record<string, unknown>> =>
    JSON.parse(Buffer.from((await ledger.pushedState(account))?.document ?? []).toString()) as Record<string, unknown>;

  it('fills in version, time and scopes, and is taken', async () => {
    const began = Date.now();
    const { pushed, failed } = await client.push(served.url, account, { positions: [LONG], orders: [] });
    expect(failed).toBeNull();
    expect(pushed?.unread).toEqual([]);
    expect(await stored()).toEqual({
      version: 1,
      as_of: pushed?.as_of,
      scopes: ['positions', 'orders'],
      positions: [LONG],
      orders: [],
    });
    expect(Date.parse(pushed?.as_of ?? '')).toBeGreaterThanOrEqual(began);
  });

  it('gives each state a later time, however fast it pushes', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, async () => client.push(served.url, account, { positions: [] })),
    );
    expect(outcomes.map(({ failed }) => failed)).toEqual(outcomes.map(() => null));
    expect(new Set(outcomes.map(({ pushed }) => pushed?.as_of)).size).toBe(10);
  });

  it('keeps what the bot says itself', async () => {
    const as_of = new Date(Date.now() + 60_000).toISOString();
    const state = { as_of, scopes: ['positions:linear:USDT'], positions: [LONG], position_mode: 'hedge' };
    expect((await client.push(served.url, account, state)).pushed?.as_of).toBe(as_of);
    expect(await stored()).toMatchObject(state);
  });

  it('answers to a state that is older, of rows that cannot be read, and of wrong fields', async () => {
    const older = await client.push(served.url, account, { as_of: '2026-11-29T12:00:00Z', positions: [] });
    expect(older.failed).toMatchObject({ status: 409, reason: expect.stringContaining('2026-11-29T12:00:00.000Z') });
    const as_of = new Date(Date.now() + 120_000).toISOString();
    const rows = await client.push(served.url, account, { as_of, positions: [LONG, { ...LONG, amount: 'much' }] });
    expect(rows.pushed?.unread).toMatchObject([
      { symbol: 'BTC/USDT:USDT', reason: expect.stringContaining('positions[1]') },
    ]);
    const wrong = await client.push(served.url, account, { as_of: 'today', scopes: ['orders'] });
    expect(wrong.failed).toMatchObject({ status: 422, fields: [{ path: 'as_of' }] });
    expect(wrong.failed?.text).toContain(`the state of ${account} was not pushed: HTTP 422`);
  });

  it('answers to a token that is not for the account', async () => {
    const { failed } = await client.push(served.url, 'other', { positions: [] });
    expect(failed).toMatchObject({ status: 403, reason: expect.stringContaining('not for the account "other"') });
  });
});

const answers =
  (text: string): Hostility =>
  (socket) =>
    void socket.end(text);
const dripping =
  (head: string, piece: string): Hostility =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 50);
    socket.on('close', () => clearInterval(timer));
  };
const unread = (changes: object) =>
  JSON.stringify({ account: 'main', unread: [{ scope: 'orders', symbol: null, reason: 'x' }], ...changes });

/** None of them took the state. */
const HOSTILE: Record<string, Hostility> = {
  'accepts and never answers': () => {},
  'sends half a head': (socket) => void socket.write('HTTP/1.1 204 X\r\ncontent-ty'),
  'sends a head without end': dripping('HTTP/1.1 204 X\r\n', 'x-more: 1\r\n'),
  'sends a body without end': dripping('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', ' '),
  'sends half a body and closes': (socket) => void socket.end(httpAnswer(200, unread({})).slice(0, -1)),
  'resets the connection': (socket) => void socket.resetAndDestroy(),
  'closes the connection': (socket) => void socket.end(),
  'speaks no HTTP': answers('220 mail.example ESMTP\r\n'),
  'answers 200 with nothing': answers(httpAnswer(200, '')),
  'answers 200 with HTML': answers(httpAnswer(200, '<html></html>', { 'content-type': 'text/html' })),
  'answers 200 with a list': answers(httpAnswer(200, '[]')),
  'answers 200 with deep nesting': answers(httpAnswer(200, '['.repeat(60_000))),
  'answers 200 for another account': answers(httpAnswer(200, unread({ account: 'other' }))),
  'answers 200 without unread rows': answers(httpAnswer(200, unread({ unread: [] }))),
  'answers 200 with unread rows that are none': answers(httpAnswer(200, unread({ unread: 'x' }))),
  'answers 200 with ten megabytes': answers(httpAnswer(200, ' '.repeat(10_000_000))),
  'answers 301 to a server that takes it': (socket, _, count) =>
    void socket.end(count === 1 ? httpAnswer(301, '', { location: '/open' }) : 'HTTP/1.1 204 X\r\n\r\n'),
  'answers 307 to a server that takes it': (socket, _, count) =>
    void socket.end(count === 1 ? httpAnswer(307, '', { location: '/open' }) : 'HTTP/1.1 204 X\r\n\r\n'),
  ...Object.fromEntries(
    [201, 202, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503].map((status) => [
      `answers ${status}`,
      answers(httpAnswer(status, '{}')),
    ]),
  ),
};

describe.each(clients)('the client in $name, before a hostile server', ({ make }) => {
  let client: PushClient;
  beforeAll(() => {
    client = make();
  });
  afterAll(async () => client.end());

  it.each(Object.entries(HOSTILE))('fails within its timeout if it %s', async (_, behave) => {
    const server = await hostileServer(behave);
    try {
      const { pushed, failed, ms } = await client.push(server.url, 'main', { positions: [] }, TIMEOUT_SECONDS);
      expect(pushed).toBeNull();
      expect(failed?.text).toMatch(/^the state of main was not pushed: .*\w/);
      expect(ms).toBeLessThan(ENDED_MS);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1'],
    ['the name does not exist', 'http://gate.invalid'],
  ])('fails within its timeout if %s', async (_, url) => {
    const { failed, ms } = await client.push(url, 'main', { positions: [] }, TIMEOUT_SECONDS);
    expect(failed).not.toBeNull();
    expect(ms).toBeLessThan(ENDED_MS);
  });

  it('waits no longer than its timeout', async () => {
    const server = await hostileServer(dripping('HTTP/1.1 204 X\r\n', 'x-more: 1\r\n'));
    try {
      // One quick push of several is enough: a pause of the machine only makes a push longer.
      const waited: number[] = [];
      while (waited.length < 5 && !waited.some((ms) => ms < TIMEOUT_SECONDS * 1_000 + 500)) {
        waited.push((await client.push(server.url, 'main', { positions: [] }, TIMEOUT_SECONDS)).ms);
      }
      expect(Math.min(...waited)).toBeLessThan(TIMEOUT_SECONDS * 1_000 + 500);
      expect(Math.min(...waited)).toBeGreaterThan(TIMEOUT_SECONDS * 1_000 - 100);
    } finally {
      await server.close();
    }
  });

  it('goes on with the next push after one that failed', async () => {
    const server = await hostileServer((socket, _, count) => {
      if (count > 1) socket.end('HTTP/1.1 204 X\r\n\r\n');
    });
    try {
      expect((await client.push(server.url, 'main', { positions: [] }, TIMEOUT_SECONDS)).pushed).toBeNull();
      expect((await client.push(server.url, 'main', { positions: [] })).pushed).not.toBeNull();
    } finally {
      await server.close();
    }
  });

  it('says how long the server asks to wait, and why', async () => {
    const body = JSON.stringify({ error: { message: 'the ledger is away', remedy: 'wait' } });
    const server = await hostileServer(answers(httpAnswer(503, body, { 'retry-after': '2' })));
    try {
      expect((await client.push(server.url, 'main', { positions: [] })).failed).toMatchObject({
        status: 503,
        reason: 'HTTP 503: the ledger is away (wait)',
        retry_after: 2,
      });
    } finally {
      await server.close();
    }
  });

  it('sends one PUT with the token, and escapes the name of the account', async () => {
    const heads: string[] = [];
    const server = await hostileServer((socket, head) => {
      heads.push(head);
      socket.end('HTTP/1.1 204 X\r\n\r\n');
    });
    try {
      const { pushed } = await client.push(`${server.url}/plumbline/`, 'a/b?c', { positions: [] });
      expect(pushed).not.toBeNull();
      expect(heads).toHaveLength(1);
      expect(heads[0]).toMatch(/^PUT \/plumbline\/v1\/accounts\/a%2Fb%3Fc\/state HTTP\/1\.1\r\n/);
      expect(heads[0]).toMatch(/^authorization: bearer bot-7\r$/im);
      expect(heads[0]).toMatch(/^content-type: application\/json\r$/im);
    } finally {
      await server.close();
    }
  });
});
