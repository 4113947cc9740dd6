import { request, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { serve, type Served } from '../../src/http/serve.js';
import { createLedger } from '../../src/ledger/create-ledger.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import { eventually } from '../cli/test-io.js';
import { createLedgerDatabase, type TestDatabase } from '../support/postgres.js';
import { drift, OPENED, verdict } from './ledger-scenario.js';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  body: { account: string; open: boolean; reasons: string[]; as_of: string; age_ms: number };
  ms: number;
}

/** How often the gates are read even without a notification: `LIMITS` of `ledger/read/gate-feed.ts`. */
const POLL_MS = 5_000;
/** The monotonic and the wall clock are read one after the other, and rounded. */
const CLOCKS_MS = 20;
/** The longest time of the feed's statement. */
const STATEMENT_MS = 4_000;
/** How long the acceptance of the test lasts. The gate must open and be seen open within this time. */
const ACCEPTED_MS = 5_000;

let database: TestDatabase;
let ledger: Ledger;
let served: Served;
let accounts = 0;

async function start(): Promise<Served> {
  const destination = { write: () => {} };
  const log = createLogger({ name: 'serve', level: 'silent', redactor: createRedactor(), destination, pretty: false });
  return serve({ ledger, host: '127.0.0.1', port: 0, version: '1.2.3', log });
}

beforeAll(async () => {
  database = await createLedgerDatabase();
  ledger = createLedger(database.url);
  served = await start();
}, 60_000);

afterAll(async () => {
  await served.close();
  await ledger.close();
  await database.drop();
});

/** An account whose gate is open. */
async function matched(): Promise<string> {
  const account = `bot-${++accounts}`;
  await ledger.registerAccount({ account, exchange: 'binanceusdm', policy: DEFAULT_POLICY });
  await ledger.recordVerdict(verdict(account, 1));
  await until(account, ({ status }) => status === 200);
  return account;
}

/** Not `fetch`, which hides 304. */
async function ask(
  account: string,
  options: { query?: string; tag?: string; method?: string; url?: string; signal?: AbortSignal } = {},
): Promise<Answer> {
  const { query = '', tag, method = 'GET', url = served.url, signal } = options;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = tag === undefined ? {} : { 'if-none-match': tag };
    const sent = request(`${url}/v1/accounts/${account}/gate${query}`, { method, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const body = (text === '' ? null : JSON.parse(text)) as Answer['body'];
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body,
          ms: performance.now() - began,
        });
      });
    });
    sent.on('error', reject).end();
  });
}

/** The milliseconds until the gate answers like this. */
async function until(account: string, isSo: (answer: Answer) => boolean): Promise<number> {
  const began = performance.now();
  for (;;) {
    const answer = await ask(account);
    const ms = performance.now() - began;
    if (isSo(answer)) return ms;
    if (ms > 10_000) throw new Error(`after ${ms} ms: ${answer.status} ${answer.text}`);
    await delay(5);
  }
}

/** Until so many requests wait for a change. */
async function waits(url: string, count: number): Promise<void> {
  const counted = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  await eventually(counted, (text) => text.includes(`\ngate_waiting_requests ${count}\n`));
}

it('follows the ledger: drift, intervention, acceptance, acknowledgement, stop', async () => {
  const account = await matched();
  const began = performance.now();
  const told: Record<string, number> = {};
  await ledger.recordVerdict(verdict(account, 2, drift));
  told['drift'] = await until(account, ({ status }) => status === 423);
  await ledger.openIntervention({
    account,
    interventionId: `call-${account}`,
    reasons: [{ action: OPENED.type, text: 'a position', at: new Date().toISOString() }],
  });
  told['intervention'] = await until(account, ({ body }) => body.reasons.some((text) => text.includes('acknowledge')));
  await ledger.acknowledgeIntervention({ interventionId: `call-${account}`, by: 'ann', note: 'mine' });
  told['acknowledged'] = await until(account, ({ body }) => !body.reasons.some((text) => text.includes('acknowledge')));
  expect(await ask(account)).toMatchObject({ status: 423, body: { open: false } });
  const end = new Date(Date.now() + ACCEPTED_MS);
  await ledger.acceptDiscrepancies({ account, discrepancyIds: null, by: 'ann', until: end, note: 'known' });
  told['accepted'] = await until(account, ({ status }) => status === 200);
  await until(account, ({ status }) => status === 423);
  // By the clock of the database, which is this machine's. The gate's age includes the time of the statement, so it closes
  // that much too early, never too late.
  told['acceptance over'] = Date.now() - end.getTime();
  expect(told['acceptance over']).toBeGreaterThanOrEqual(-STATEMENT_MS);
  await ledger.recordVerdict(verdict(account, 3, { agreed: [drift.confirmed[0]!.identity] }));
  told['resolved'] = await until(account, ({ status }) => status === 200);
  await ledger.deactivateAccount(account, 'ann');
  told['stopped'] = await until(account, ({ status }) => status === 423);
  // It takes a tenth of a second for each. A gate that only polled would need a poll for each but the first.
  const polls = (Object.keys(told).length - 1) * POLL_MS;
  expect([performance.now() - began < polls, told]).toEqual([true, told]);
});

it('answers with its age, and forbids caching', async () => {
  const account = await matched();
  const askedAt = Date.now();
  const { headers, body } = await ask(account);
  const answeredAt = Date.now();
  expect(headers).toMatchObject({ age: expect.stringMatching(/^\d$/), 'cache-control': 'no-store' });
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(body).toMatchObject({ account, open: true, reasons: [] });
  // An older answer would not open the gate.
  expect(body.age_ms).toBeLessThanOrEqual(10_000);
  // Both together are the time of the answer. The age counts from the question, so it includes the time of the statement.
  const saidAt = Date.parse(body.as_of) + body.age_ms;
  expect(saidAt).toBeGreaterThanOrEqual(askedAt - CLOCKS_MS);
  expect(saidAt).toBeLessThanOrEqual(answeredAt + STATEMENT_MS);
});

it('answers 304 to a bot that knows the open gate, and a closed gate in full', async () => {
  const account = await matched();
  const { headers } = await ask(account);
  const tag = headers.etag!;
  const unchanged = await ask(account, { tag });
  expect(unchanged).toMatchObject({ status: 304, text: '', headers: { etag: tag, age: expect.any(String) } });
  expect((await ask(account, { tag: `"other", ${tag}` })).status).toBe(304);
  expect((await ask(account, { tag: tag.replace('W/', '') })).status).toBe(304);
  expect((await ask(account, { tag: '"other"' })).status).toBe(200);
  await ledger.deactivateAccount(account, 'ann');
  await until(account, ({ status }) => status === 423);
  const closed = await ask(account, { tag });
  expect(closed).toMatchObject({ status: 423, body: { open: false } });
  expect(await ask(account, { tag: closed.headers.etag! })).toMatchObject({ status: 423, body: { open: false } });
});

it('answers HEAD with the status and the headers', async () => {
  const account = await matched();
  const whole = await ask(account);
  const head = await ask(account, { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, text: '', headers: { etag: whole.headers.etag } });
  expect((await ask(account, { method: 'HEAD', tag: whole.headers.etag! })).status).toBe(304);
  expect((await ask('nobody', { method: 'HEAD' })).status).toBe(404);
});

it('answers a wait at once if the bot knows something else, or nothing', async () => {
  const account = await matched();
  expect(await ask(account, { query: '?wait=30', tag: '"old"' })).toMatchObject({ status: 200 });
  expect(await ask(account, { query: '?wait=30' })).toMatchObject({ status: 200 });
});

it('answers a wait when the gate changes, and again when it opens', async () => {
  const account = await matched();
  const { headers } = await ask(account);
  const closing = ask(account, { query: '?wait=30', tag: headers.etag! });
  await waits(served.url, 1);
  await ledger.recordVerdict(verdict(account, 2, drift));
  const closed = await closing;
  expect(closed).toMatchObject({ status: 423, body: { open: false } });
  expect(closed.ms).toBeLessThan(25_000);
  const reasons = [{ action: OPENED.type, text: 'a position', at: new Date().toISOString() }];
  await ledger.openIntervention({ account, interventionId: `call-${account}`, reasons });
  await ledger.acknowledgeIntervention({ interventionId: `call-${account}`, by: 'ann', note: 'mine' });
  await until(account, ({ body }) => body.reasons.length === 1);
  const { headers: now } = await ask(account);
  const opening = ask(account, { query: '?wait=30', tag: now.etag! });
  await waits(served.url, 1);
  await ledger.recordVerdict(verdict(account, 3, { agreed: [drift.confirmed[0]!.identity] }));
  expect(await opening).toMatchObject({ status: 200, body: { open: true } });
});

it('answers a wait when its time is over: 304 if open, the same document if closed', async () => {
  const account = await matched();
  const { headers } = await ask(account);
  const over = await ask(account, { query: '?wait=1', tag: headers.etag! });
  expect(over.status).toBe(304);
  expect(over.ms).toBeGreaterThan(950);
  await ledger.deactivateAccount(account, 'ann');
  await until(account, ({ status }) => status === 423);
  const { headers: closed } = await ask(account);
  const still = await ask(account, { query: '?wait=1', tag: closed.etag! });
  expect(still).toMatchObject({ status: 423, body: { open: false } });
  expect(still.ms).toBeGreaterThan(950);
});

it.each(['0', '61', '-1', '1.5', 'x', '', '30&wait=30'])('refuses wait=%s, closed', async (wait) => {
  const account = await matched();
  expect(await ask(account, { query: `?wait=${wait}` })).toMatchObject({ status: 400, body: { open: false } });
});

it('ends waits when the server closes, and forgets clients that have disconnected', async () => {
  const account = await matched();
  const other = await start();
  const { headers } = await ask(account, { url: other.url });
  const gone = new AbortController();
  const left = ask(account, { url: other.url, query: '?wait=60', tag: headers.etag!, signal: gone.signal });
  const waiting = ask(account, { url: other.url, query: '?wait=60', tag: headers.etag! });
  await waits(other.url, 2);
  gone.abort();
  await expect(left).rejects.toThrow('aborted');
  await waits(other.url, 1);
  const began = performance.now();
  await other.close();
  expect((await waiting).status).toBe(304);
  expect(performance.now() - began).toBeLessThan(30_000);
});
