import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { InternalConfig } from '../../src/config/config.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { FailureError, type Failure, type FailureKind } from '../../src/domain/failure/failure.js';
import { createInternalSource } from '../../src/internal/sources/create-internal-source.js';
import { explainNetworkError } from '../../src/internal/http-failures.js';
import type { InternalSource } from '../../src/internal/internal-source.js';
import { Listening } from '../support/listening.js';

const TOKEN = 'bot-token-4f!x(9)';
const DOCUMENT = JSON.stringify({
  version: 1,
  as_of: '2026-11-22T15:00:00Z',
  scopes: ['positions'],
  positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: 0.5 }],
});
type HttpConfig = Extract<InternalConfig, { kind: 'http' }>;

const servers = new Listening();
afterEach(async () => servers.end());

const serve = async (handler: RequestListener): Promise<string> => servers.serve(handler);
/** A server that answers with bytes as they are, right or wrong. */
const serveBytes = async (answer: (socket: Socket) => void): Promise<string> =>
  servers.listen(createSocketServer((socket) => void socket.on('error', () => {}).once('data', () => answer(socket))));

function sourceOf(url: string, overrides: Partial<HttpConfig> = {}, token: string | null = TOKEN): InternalSource {
  const config: HttpConfig = {
    kind: 'http',
    url,
    token: token === null ? null : { env: 'BOT_TOKEN' },
    deadlineSeconds: 5,
    maxBytes: 100_000,
    ...overrides,
  };
  return createInternalSource(config, { resolveSecret: () => token ?? '', redactor: createRedactor(), now: () => 7 });
}

async function failureOf(source: InternalSource): Promise<Failure> {
  const error: unknown = await source.readState().then(
    () => new Error('the state was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  const reported = JSON.stringify([error.failure, error.message, error.stack, error.cause]);
  expect(reported).not.toContain(TOKEN);
  expect(error.failure.side).toBe('internal');
  expect(error.failure.remedy).not.toBe('');
  return error.failure;
}

const json = (response: ServerResponse, body: string, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};

describe('a bot that answers', () => {
  it('is asked with its token and read exactly', async () => {
    const requests: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      requests.push(request);
      json(response, DOCUMENT);
    });
    const snapshot = await sourceOf(`${url}/state?account=main`).readState();
    expect(snapshot).toMatchObject({
      side: 'internal',
      readStartedAt: 7,
      readEndedAt: 7,
      positions: [{ amount: '0.5' }],
    });
    expect(requests.map(({ url: asked, method, headers }) => [method, asked, headers.authorization])).toEqual([
      ['GET', '/state?account=main', `Bearer ${TOKEN}`],
    ]);
  });

  it('without a token gets none', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      json(response, DOCUMENT);
    });
    await sourceOf(url, {}, null).readState();
    expect(seen).toEqual([undefined]);
  });

  it('may compress, chunk, name another content type and begin with a byte order mark', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      const zipped = gzipSync(`\uFEFF${DOCUMENT}`);
      response.write(zipped.subarray(0, 20));
      response.end(zipped.subarray(20));
    });
    await expect(sourceOf(url).readState()).resolves.toMatchObject({ positions: [{ amount: '0.5' }] });
  });

  it('may redirect within its own origin, and the token goes along', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/state') json(response, DOCUMENT);
      else response.writeHead(302, { location: '/state' }).end();
    });
    await sourceOf(`${url}/old`).readState();
    expect(seen).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('is described without secrets', () => {
    expect(sourceOf('http://127.0.0.1:1/state').description).toBe('http http://127.0.0.1:1/state');
  });
});

describe('an answer that is none is a failure with its kind', () => {
  it.each<[number, FailureKind]>([
    [204, 'unreadable'],
    [206, 'unreadable'],
    [400, 'unreadable'],
    [401, 'authentication'],
    [403, 'authentication'],
    [404, 'configuration'],
    [408, 'timeout'],
    [429, 'rate_limited'],
    [500, 'unreadable'],
    [502, 'network'],
    [503, 'maintenance'],
    [504, 'timeout'],
  ])('HTTP %s: %s', async (status, kind) => {
    const body = status === 204 ? '' : DOCUMENT;
    const url = await serve((_, response) => json(response, body, status));
    expect(await failureOf(sourceOf(url))).toMatchObject({ kind, message: expect.stringContaining(`HTTP ${status}`) });
  });

  it.each<[Record<string, string>, number | null]>([
    [{ 'retry-after': '17' }, 17_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 15:01:00 GMT', date: 'Sun, 22 Nov 2026 15:00:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 14:00:00 GMT', date: 'Sun, 22 Nov 2026 15:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': 'maybe 3000' }, null],
    [{ 'retry-after': '1000000000' }, 600_000],
    [{ 'retry-after': '9'.repeat(400) }, 600_000],
    [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 600_000],
    [{ 'retry-after': '17', date: 'yesterday' }, 17_000],
    [{}, null],
  ])('HTTP 429 with %j asks to wait %s ms', async (headers, retryAfterMs) => {
    const url = await serve((_, response) => json(response, '{}', 429, headers));
    expect(await failureOf(sourceOf(url))).toMatchObject({ kind: 'rate_limited', retryAfterMs });
  });

  it.each([
    ['an empty body', '', 'unreadable', /empty body/],
    ['a page', '<html><body>Please log in</body></html>', 'unreadable', /HTML/],
    ['half a document', DOCUMENT.slice(0, 60), 'unreadable', /ends in the middle/],
    ['words', 'ok', 'unreadable', /not JSON/],
    ['another document', '{"status":"ok"}', 'unreadable', /version is missing/],
    ['a wrong field', DOCUMENT.replace('"as_of":"', '"as_of":"about '), 'unreadable', /as_of is "about /],
    [
      'a named scope without a list',
      DOCUMENT.replace('"positions":', '"position":'),
      'incomplete',
      /no list "positions"/,
    ],
  ])('HTTP 200 with %s', async (_, body, kind, message) => {
    const url = await serve((_request, response) => json(response, body));
    const failure = await failureOf(sourceOf(`${url}/state`));
    expect(failure.kind).toBe(kind);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(`GET ${url}/state: `);
  });

  it('HTTP 200 that is not UTF-8', async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])));
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('UTF-8'),
    });
  });

  it('a body that repeats the token is reported without it, redacted before it is shortened', async () => {
    const url = await serve((_, response) =>
      json(response, `${'x'.repeat(190)}${TOKEN} ${encodeURIComponent(TOKEN)}`, 500),
    );
    const { message } = await failureOf(sourceOf(url));
    expect(message).toContain('xxx[redacted');
    expect(message).not.toContain(TOKEN.slice(0, 6));
  });

  it('a body beyond the limit is not read on', async () => {
    let written = 0;
    const url = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(10_000))) written += 10_000;
      };
      response.on('drain', more);
      more();
    });
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('100000 bytes'),
    });
    expect(written).toBeLessThan(50_000_000);
  });

  it('a small body that unpacks to a large one is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('100000 bytes'),
    });
  });

  it('an endless error page is reported by its beginning', async () => {
    const url = await serve((_, response) => {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed && response.write('y'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    expect((await failureOf(sourceOf(url))).message.length).toBeLessThan(400);
  });

  it('a compressed body that breaks off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(DOCUMENT).subarray(0, 60));
    });
    expect(['unreadable', 'network']).toContain((await failureOf(sourceOf(url))).kind);
  });

  it('a redirect to another host, which never sees the token', async () => {
    const seen: string[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(JSON.stringify(request.headers));
      json(response, DOCUMENT);
    });
    const url = await serve((_, response) => response.writeHead(307, { location: `${elsewhere}/state` }).end());
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(elsewhere),
    });
    expect(seen).toEqual([]);
  });

  it('redirects in a circle', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await failureOf(sourceOf(url))).toMatchObject({ kind: 'configuration' });
  });

  it('a token that no header can carry, which is not reported', async () => {
    const source = sourceOf('http://127.0.0.1:9/', {}, 'two words');
    expect(await failureOf(source)).toMatchObject({ kind: 'configuration', where: 'internal.token' });
  });
});

describe('a connection that breaks', () => {
  it('nobody listens', async () => {
    const url = await serve(() => {});
    await servers.end();
    expect(await failureOf(sourceOf(url))).toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('the host does not exist', async () => {
    expect(await failureOf(sourceOf('http://no-such-host.invalid/state'))).toMatchObject({ kind: 'network' });
  });

  it('a host of several addresses, none of which answers, is reported by the first', () => {
    const refusals = ['::1', '127.0.0.1'].map((address) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}:9`), { code: 'ECONNREFUSED' }),
    );
    const error = Object.assign(new AggregateError(refusals), { code: 'ECONNREFUSED' });
    for (const thrown of [error, new TypeError('request failed', { cause: error })]) {
      const { failure } = explainNetworkError(thrown, createRedactor());
      expect(failure.message).toContain('(connect ECONNREFUSED ::1:9)');
      expect(failure.remedy).toBe('check that the bot runs and listens there');
    }
  });

  it('a port that browsers refuse is asked like any other', async () => {
    expect(await failureOf(sourceOf('http://127.0.0.1:6000/'))).toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['without an answer', (socket) => socket.end()],
    ['reset without an answer', (socket) => socket.resetAndDestroy()],
    ['in the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    [
      'before the promised length',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${DOCUMENT}`),
    ],
    ['in a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"version"')],
    ['between two chunks', (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n')],
    ['with something that is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('%s', async (_, answer) => {
    expect(await failureOf(sourceOf(await serveBytes(answer)))).toMatchObject({ kind: 'network' });
  });

  it('reset in the body', async () => {
    const url = await serveBytes((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${DOCUMENT}`, () => socket.resetAndDestroy());
    });
    expect(await failureOf(sourceOf(url))).toMatchObject({ kind: 'network' });
  });
});

describe('the deadline', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['no answer at all', () => {}],
    ['headers and nothing more', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n')],
    ['half a body', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"version":1')],
    ['a stalled error page', (socket) => socket.write('HTTP/1.1 500 No\r\ncontent-length: 100\r\n\r\noops')],
    [
      'a byte now and then',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 20);
        socket.once('close', () => clearInterval(drip));
      },
    ],
  ])('holds over all of it: %s', async (_, answer) => {
    const url = await serveBytes(answer);
    const began = performance.now();
    const failure = await failureOf(sourceOf(url, { deadlineSeconds: 0.2 }));
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('within 0.2 s') });
    expect(performance.now() - began).toBeGreaterThan(150);
  });

  it('lets go of the connection', async () => {
    const sockets: Socket[] = [];
    const url = await serveBytes((socket) => sockets.push(socket));
    await failureOf(sourceOf(url, { deadlineSeconds: 0.1 }));
    const [socket] = sockets;
    if (socket === undefined) throw new Error('nobody connected');
    if (!socket.closed) await once(socket, 'close');
    expect(socket.closed).toBe(true);
  });

  it("is distinguished from the caller's own end, which is no failure of the bot's", async () => {
    const url = await serveBytes(() => {});
    const controller = new AbortController();
    const reading = sourceOf(url).readState({ signal: controller.signal });
    const reason = new Error('shutting down');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(sourceOf(url).readState({ signal: controller.signal })).rejects.toBe(reason);
  });
});
