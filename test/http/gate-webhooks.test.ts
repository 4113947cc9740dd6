import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { GateCache } from '../../src/http/gate-cache.js';
import { GateWebhookSender, type GateWebhookLimits } from '../../src/http/gate-webhooks.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { NO_WATCH } from '../../src/watch/finding.js';
import { eventually } from '../cli/test-io.js';
import { ToldGates, totals } from './totals.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const FAST: Partial<GateWebhookLimits> = { requestMs: 60_000, retryMs: 10, maxRetryMs: 40 };
/** For servers that never answer. A request to a server that does may take longer on a busy machine, and is repeated then. */
const IMPATIENT: Partial<GateWebhookLimits> = { ...FAST, requestMs: 300 };

interface Message {
  headers: IncomingHttpHeaders;
  text: string;
  body: { type: string; data: { account: string; open: boolean; reasons: string[] } };
  at: number;
}

/** What the address does with the n-th message; the default takes it. */
type Behaviour = (response: ServerResponse, message: Message, count: number) => void;

let messages: Message[];
let behave: Behaviour;
let server: ReturnType<typeof createServer>;
let url: string;
let gates: ToldGates;
let cache: GateCache;
let lines: { msg: string }[];
const senders: GateWebhookSender[] = [];

const take: Behaviour = (response) => void response.writeHead(204).end();

beforeEach(async () => {
  messages = [];
  behave = take;
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      // Throws, and so fails the test by a missing message, if the signature is wrong.
      const headers = request.headers as Record<string, string>;
      const body = new Webhook(SECRET).verify(text, headers) as Message['body'];
      const message = { headers: request.headers, text, body, at: performance.now() };
      messages.push(message);
      behave(response, message, messages.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  lines = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) };
  const log = createLogger({ name: 'serve', level: 'info', redactor: createRedactor(), destination, pretty: false });
  gates = new ToldGates([totals(), totals({ account: 'other' })]);
  cache = new GateCache({ ledger: gates, watch: NO_WATCH, log });
});

afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  await cache.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function send(accounts: readonly string[] | null = ['main'], limits: Partial<GateWebhookLimits> = FAST) {
  const log = createLogger({
    name: 'serve',
    level: 'info',
    redactor: createRedactor(),
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) },
    pretty: false,
  });
  const sender = new GateWebhookSender({ number: 1, url, secret: SECRET, accounts }, cache, log, limits);
  senders.push(sender);
  tell();
  return sender;
}

function tell(changes: Parameters<typeof totals>[0] = {}): void {
  gates.tell([totals(changes)]);
}

/** Waits for so many messages, and then a moment for messages that should not come. */
async function received(count: number): Promise<Message[]> {
  await eventually(
    async () => messages.length,
    (length) => length >= count,
  );
  await delay(30);
  return messages;
}

/** Waits until the newest state of every account is accepted. */
async function delivered(sender: GateWebhookSender): Promise<void> {
  await eventually(
    async () => sender.counts,
    ({ pending, sentTotal }) => pending === 0 && sentTotal > 0,
  );
}

const openOf = (list: Message[]) => list.map(({ body }) => body.data.open);
const idOf = ({ headers }: Message) => headers['webhook-id'];

describe('a gate webhook', () => {
  it('gets the state at the start and each change, signed, and nothing else', async () => {
    const began = Date.now();
    send();
    await received(1);
    tell({ successTotal: 13 });
    tell({ blockingDiscrepancies: 1 });
    const [first, second] = await received(2);
    expect(openOf(messages)).toEqual([true, false]);
    expect(idOf(first!)).toMatch(/^gate_[0-9a-f-]{36}$/);
    expect(idOf(second!)).not.toBe(idOf(first!));
    expect(second!.body).toMatchObject({
      type: 'gate.changed',
      data: { account: 'main', open: false, reasons: [expect.stringContaining('1 discrepancy')], accepted: 0 },
    });
    const sentAt = Number(second!.headers['webhook-timestamp']) * 1_000;
    expect(sentAt).toBeGreaterThan(began - 1_000);
    expect(sentAt).toBeLessThanOrEqual(Date.now());
  });

  it('gets only the accounts that it names, or all', async () => {
    send(['main', 'not-registered']);
    gates.tell([totals({ account: 'other', openInterventions: 1 })]);
    tell({ openInterventions: 1 });
    await received(1);
    expect(messages.map(({ body }) => body.data.account)).not.toContain('other');
    send(null);
    gates.tell([totals(), totals({ account: 'other' })], true);
    await received(messages.length + 2);
    expect(new Set(messages.map(({ body }) => body.data.account))).toEqual(new Set(['main', 'other']));
  });

  const failures: [string, Behaviour, Partial<GateWebhookLimits>?][] = [
    ['500', (response) => void response.writeHead(500).end('no')],
    ['a redirect', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['410', (response) => void response.writeHead(410).end()],
    ['a reset', (response) => response.destroy()],
    ['silence', () => {}, IMPATIENT],
    [
      'half an answer',
      (response) => void response.writeHead(200, { 'content-length': '100' }).write('half'),
      IMPATIENT,
    ],
  ];
  it.each(failures)('is sent the same message again after %s', async (_, failure, limits = FAST) => {
    behave = (response, message, count) => (count <= 2 ? failure : take)(response, message, count);
    const sender = send(['main'], limits);
    await delivered(sender);
    await received(3);
    expect(new Set(messages.map(idOf)).size).toBe(1);
    expect(new Set(messages.map(({ text }) => text)).size).toBe(1);
    // An impatient sender may repeat a request that this machine was too slow to answer.
    const isExact = limits === FAST;
    const failed = isExact ? 2 : messages.length - 1;
    expect(messages).toHaveLength(failed + 1);
    expect(sender.counts).toEqual({ number: 1, sentTotal: 1, failureTotal: failed, pending: 0 });
    expect(lines.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^Gate webhook 1 did not accept a message: .*; tried again in 1 s$/),
      ...Array.from({ length: failed - 1 }, () => expect.stringMatching(/^Gate webhook 1 did not accept a message/)),
      'Gate webhook 1 accepts messages again',
    ]);
    expect(JSON.stringify(lines)).not.toContain(SECRET.slice(6));
  });

  it('respects Retry-After within the limit', async () => {
    behave = (response, message, count) =>
      count === 1 ? void response.writeHead(429, { 'retry-after': '3600' }).end() : take(response, message, count);
    send(['main'], { ...FAST, maxRetryMs: 400 });
    const [first, second] = await received(2);
    expect(second!.at - first!.at).toBeGreaterThan(390);
  });

  it('gets only the newest state when it can be reached again', async () => {
    behave = (response) => void response.writeHead(503).end();
    const sender = send();
    await received(1);
    for (let blocking = 1; blocking <= 50; blocking++) tell({ blockingDiscrepancies: blocking });
    const newest = [expect.stringContaining('50 discrepancies')];
    // The request that was under way has ended, and the newest state is refused as well.
    await eventually(
      async () => messages.at(-1)!.body.data.reasons.join(),
      (reasons) => reasons.includes('50 discrepancies'),
    );
    expect(sender.counts.pending).toBe(1);
    behave = take;
    await delivered(sender);
    await delay(100);
    expect(messages.at(-1)!.body.data.reasons).toEqual(newest);
    expect(sender.counts).toMatchObject({ sentTotal: 1, pending: 0 });
  });

  it('gets the states of one account in order, one at a time, without delaying those of others', async () => {
    let release = (): void => {};
    behave = (response, message, count) => {
      if (message.body.data.account === 'main' && count === 1) release = () => take(response, message, count);
      else take(response, message, count);
    };
    send(null);
    await received(1);
    tell({ blockingDiscrepancies: 1 });
    tell({ blockingDiscrepancies: 2 });
    gates.tell([totals({ account: 'other' })]);
    await received(2);
    expect(messages.map(({ body }) => body.data.account)).toEqual(['main', 'other']);
    release();
    await received(3);
    expect(messages[2]!.body.data).toMatchObject({ account: 'main', reasons: [expect.stringContaining('2 disc')] });
  });

  it('never delays the gate, and ends with the process', async () => {
    behave = () => {};
    const sender = send(null);
    await received(1);
    expect(cache.answer('main').status).toBe(200);
    sender.close();
    tell({ blockingDiscrepancies: 1 });
    await delay(50);
    expect(openOf(messages)).not.toContain(false);
    expect(cache.answer('main').status).toBe(423);
  });
});
