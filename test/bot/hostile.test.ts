import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../cli/test-io.js';
import { pythonClient, typescriptClient, type BotClient } from './clients.js';
import { hostileServer, httpAnswer, openDocument, type Hostility } from './hostile-server.js';

const TIMEOUT_SECONDS = 0.6;

const answers =
  (text: string): Hostility =>
  (socket) =>
    void socket.end(text);
const says = (status: number, body: string, headers?: Record<string, string>) =>
  answers(httpAnswer(status, body, headers));
const open = (changes: Record<string, unknown>) => says(200, openDocument(changes));
const dripping =
  (head: string, piece: string): Hostility =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 50);
    socket.on('close', () => clearInterval(timer));
  };

/** Each answer is closed. */
const HOSTILE: Record<string, Hostility> = {
  'accepts and never answers': () => {},
  'sends half a head': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-ty'),
  'sends half a body and waits': (socket) => void socket.write(httpAnswer(200, openDocument()).slice(0, -20)),
  'sends half a body and closes': (socket) => void socket.end(httpAnswer(200, openDocument()).slice(0, -1)),
  'sends a head without end': dripping('HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'),
  'sends a body without end': dripping('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', ' '),
  'sends a body without end, and will close': dripping(
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\n',
    ' ',
  ),
  'says "continue" without end': dripping('', 'HTTP/1.1 100 Continue\r\n\r\n'),
  'resets the connection': (socket) => void socket.resetAndDestroy(),
  'closes the connection': (socket) => void socket.end(),
  'speaks no HTTP': answers('220 mail.example ESMTP\r\n'),
  'answers 200 with "open": "true"': open({ open: 'true' }),
  'answers 200 with "open": 1': open({ open: 1 }),
  'answers 200 with "open": {}': open({ open: {} }),
  'answers 200 without open': open({ open: undefined }),
  'answers 200 with "open": false': open({ open: false, reasons: [] }),
  'answers 200 for another account': open({ account: 'other' }),
  'answers 200 for no account': open({ account: undefined }),
  'answers 200 for a list of accounts': open({ account: ['main'] }),
  'answers 200 for an account in other letters': open({ account: 'MAIN' }),
  'answers 200, open, with a reason against it': open({ reasons: ['an intervention is open'] }),
  'answers 200, open, with reasons that are no list': open({ reasons: '' }),
  'answers 200, open, without reasons': open({ reasons: undefined }),
  'answers 200, open, of an hour ago': open({ age_ms: 3_600_000 }),
  'answers 200, open, without an age': open({ age_ms: undefined }),
  'answers 200, open, with an age of null': open({ age_ms: null }),
  'answers 200, open, with an age below 0': open({ age_ms: -1 }),
  'answers 200, open, with an age as a text': open({ age_ms: '40' }),
  'answers 200, open, with an age of true': open({ age_ms: true }),
  'answers 200, open, with an age that is no number': says(200, openDocument().replace('"age_ms":40', '"age_ms":NaN')),
  'answers 200, open, with an age beyond all numbers': says(
    200,
    openDocument().replace('"age_ms":40', '"age_ms":1e999'),
  ),
  'answers 200 with HTML': says(200, '<html><body>{"open":true}</body></html>', { 'content-type': 'text/html' }),
  'answers 200 with nothing': says(200, ''),
  'answers 200 with null': says(200, 'null'),
  'answers 200 with true': says(200, 'true'),
  'answers 200 with a list': says(200, `[${openDocument()}]`),
  'answers 200 with two documents': says(200, openDocument() + openDocument()),
  'answers 200 with deep nesting': says(200, '['.repeat(60_000)),
  'answers 200 with what is no UTF-8': (socket) => {
    const body = Buffer.concat([
      Buffer.from('{"account":"main","open":true,"reasons":[],"age_ms":1,"x":"'),
      Buffer.from([0xff]),
    ]);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length + 2}\r\n\r\n`);
    socket.end(Buffer.concat([body, Buffer.from('"}')]));
  },
  'answers 200 with ten megabytes': says(200, openDocument() + ' '.repeat(10_000_000)),
  'answers 200 with a hundred megabytes, chunked': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  },
  'answers 200 with a chunk of a wrong size': answers(
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n${openDocument()}\r\n0\r\n\r\n`,
  ),
  'answers 200 with two lengths': answers(
    `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 500\r\n\r\n${openDocument()}`,
  ),
  'answers 200 with thousands of headers': says(
    200,
    openDocument(),
    Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'y'.repeat(20)])),
  ),
  'answers 200 with gzip that is none': says(200, openDocument(), { 'content-encoding': 'gzip' }),
  'answers 304 to a request without a tag': answers('HTTP/1.1 304 X\r\netag: "a"\r\nage: 0\r\n\r\n'),
  'answers 301 to an open gate': (socket, _, count) =>
    void socket.end(count === 1 ? httpAnswer(301, '', { location: '/open' }) : httpAnswer(200, openDocument())),
  'answers 307 to an open gate': (socket, _, count) =>
    void socket.end(count === 1 ? httpAnswer(307, '', { location: '/open' }) : httpAnswer(200, openDocument())),
  ...Object.fromEntries(
    [201, 202, 206, 300, 400, 401, 403, 404, 418, 421, 423, 429, 500, 502, 503, 504].map((status) => [
      `answers ${status} with an open document`,
      says(status, openDocument()),
    ]),
  ),
};

const clients = [typescriptClient, pythonClient].map((make) => ({ name: make.name.replace('Client', ''), make }));

describe.each(clients)('the client in $name, before a hostile server', ({ make }) => {
  let client: BotClient;
  beforeAll(() => {
    client = make();
  });
  afterAll(async () => client.end());

  it('is open for a proper answer, so the others are closed for their own reasons', async () => {
    const server = await hostileServer(says(200, openDocument()));
    try {
      expect(await client.ask(server.url, 'main')).toEqual({ called: true, closed: null });
      expect((await client.ask(server.url, 'main', { maxAge: 1 })).called).toBe(true);
    } finally {
      await server.close();
    }
  });

  it.each(Object.entries(HOSTILE))('is closed and calls no order function if it %s', async (_, behave) => {
    const server = await hostileServer(behave);
    const began = performance.now();
    try {
      const held = await client.ask(server.url, 'main', { timeout: TIMEOUT_SECONDS });
      const ms = performance.now() - began;
      expect(held.called).toBe(false);
      expect(held.closed?.reasons.length).toBeGreaterThan(0);
      expect(held.closed?.reasons.every((reason) => /\w/.test(reason))).toBe(true);
      expect(held.closed?.text).toMatch(/^the trading gate of main is closed: ./);
      // The server may never end its answer, so the bound shows that the client does.
      expect(ms).toBeLessThan(20_000);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1'],
    ['the name does not exist', 'http://gate.invalid'],
  ])('is closed if %s', async (_, url) => {
    expect((await client.ask(url, 'main', { timeout: TIMEOUT_SECONDS })).called).toBe(false);
  });

  it('is closed if the server speaks no TLS', async () => {
    const server = await hostileServer(says(200, openDocument()));
    try {
      const held = await client.ask(server.url.replace('http:', 'https:'), 'main', { timeout: TIMEOUT_SECONDS });
      expect(held.called).toBe(false);
    } finally {
      await server.close();
    }
  });

  it('sends the token, and escapes the name of the account', async () => {
    const heads: string[] = [];
    const server = await hostileServer((socket, head) => {
      heads.push(head);
      socket.end(httpAnswer(200, openDocument({ account: 'a/b?c' })));
    });
    try {
      expect((await client.ask(`${server.url}/plumbline/`, 'a/b?c', { token: 'bot-7' })).called).toBe(true);
      expect(heads[0]).toMatch(/^GET \/plumbline\/v1\/accounts\/a%2Fb%3Fc\/gate HTTP\/1\.1\r\n/);
      expect(heads[0]).toMatch(/^authorization: bearer bot-7\r$/im);
    } finally {
      await server.close();
    }
  });
});

/** What a server does to a watcher, after it was open once. */
const WATCHED: Record<string, Hostility> = {
  'goes silent': () => {},
  'resets every connection': (socket) => void socket.resetAndDestroy(),
  'answers 304 with another tag': answers('HTTP/1.1 304 X\r\netag: "b"\r\nage: 0\r\n\r\n'),
  'answers 304 without a tag': answers('HTTP/1.1 304 X\r\nage: 0\r\n\r\n'),
  'answers 304 without an age': answers('HTTP/1.1 304 X\r\netag: "a"\r\n\r\n'),
  'answers 304 with an age that is none': answers('HTTP/1.1 304 X\r\netag: "a"\r\nage: -1\r\n\r\n'),
  'answers 304 of an hour ago': answers('HTTP/1.1 304 X\r\netag: "a"\r\nage: 3600\r\n\r\n'),
  'answers 503': says(503, '{}', { 'retry-after': '1' }),
  'answers for another account': open({ account: 'other' }),
};

describe.each(clients)('a watcher of the client in $name', ({ make }) => {
  let client: BotClient;
  beforeAll(() => {
    client = make();
  });
  afterAll(async () => client.end());

  it.each(Object.entries(WATCHED))('closes, within the age that is allowed, if the server %s', async (_, behave) => {
    let hasOpened = false;
    const server = await hostileServer((socket, head, count) =>
      hasOpened ? behave(socket, head, count) : void socket.end(httpAnswer(200, openDocument(), { etag: '"a"' })),
    );
    const watched = await client.watch(server.url, 'main', { maxAge: 3, timeout: 0.5 });
    try {
      await eventually(
        async () => watched.changes.some((each) => each.open),
        (isOpen) => isOpen,
      );
      hasOpened = true;
      const opened = performance.now();
      // When the last question began that was answered with an open gate.
      let openAtMs = 0;
      for (let askedMs = 0; (await watched.now()).called; askedMs = performance.now() - opened) {
        openAtMs = askedMs;
        if (askedMs > 20_000) throw new Error('it stays open');
        await delay(20);
      }
      expect(openAtMs).toBeLessThan(3_000);
    } finally {
      await watched.close();
      await server.close();
    }
  });

  it('stays open while the server says that nothing changed, and asks it to wait', async () => {
    const heads: string[] = [];
    const server = await hostileServer((socket, head) => {
      const isKnown = /^if-none-match: "a"\r$/im.test(head);
      if (isKnown) heads.push(head);
      if (!isKnown) socket.end(httpAnswer(200, openDocument(), { etag: '"a"' }));
      else setTimeout(() => socket.end('HTTP/1.1 304 X\r\netag: "a"\r\nage: 0\r\n\r\n'), 500);
    });
    const watched = await client.watch(server.url, 'main', { maxAge: 3 });
    try {
      const began = performance.now();
      while (!(await watched.now()).called) await delay(10);
      while (performance.now() - began < 4_500) {
        expect((await watched.now()).called).toBe(true);
        await delay(50);
      }
      expect(watched.changes).toEqual([{ open: true, reasons: [], accepted: 0 }]);
      expect(heads[0]).toMatch(/^GET \/v1\/accounts\/main\/gate\?wait=1 /);
      expect(heads.length).toBeLessThan(12);
    } finally {
      await watched.close();
      await server.close();
    }
  });

  it('does not hammer a server that answers at once, or that fails', async () => {
    let requests = 0;
    const server = await hostileServer((socket, _, count) => {
      requests = count;
      socket.end(count % 2 === 0 ? httpAnswer(500, '') : httpAnswer(200, openDocument(), { etag: `"${count}"` }));
    });
    const watched = await client.watch(server.url, 'main', { maxAge: 3 });
    const began = performance.now();
    await delay(2_000);
    await eventually(
      async () => requests,
      (count) => count > 2,
    );
    const seconds = (performance.now() - began) / 1_000;
    await watched.close();
    await server.close();
    expect(requests).toBeLessThan(12.5 * seconds);
  });
});
