import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@plumbline/primitives/free-port';
import type { FailureKind } from '../../src/domain/failure/failure.js';
import type { SMTPServerOptions } from 'smtp-server';
import { Listening } from '../support/listening.js';
import { channelOf, SECRET } from './channel-of.js';
import { MailServer } from './mail-server.js';
import { delivered, type Sent } from './sent.js';

const servers = new Listening();
const mailServers: MailServer[] = [];
afterEach(async () => {
  await servers.end();
  for (const server of mailServers.splice(0)) await server.close();
});

/** What a person reads and the ledger keeps has no secret. */
function withoutSecret(outcome: unknown): void {
  expect(JSON.stringify(outcome)).not.toMatch(
    new RegExp(`${SECRET}|${Buffer.from(SECRET).toString('base64').slice(4, 20)}`),
  );
}

/** For faults that only the deadline ends. Everything else has the default, so that a busy machine is no fault. */
const HURRIED = ', deadline_seconds: 1';

const KINDS: [kind: string, fields: (url: string, more?: string) => string][] = [
  ['pagerduty', (url, more = '') => `{ kind: pagerduty, routing_key_env: SECRET, base_url: "${url}"${more} }`],
  ['opsgenie', (url, more = '') => `{ kind: opsgenie, api_key_env: SECRET, base_url: "${url}"${more} }`],
  ['alertmanager', (url, more = '') => `{ kind: alertmanager, url: "${url}", token_env: SECRET${more} }`],
  [
    'alertmanager',
    (url, more = '') => `{ kind: alertmanager, url: "${url}", username: u, password_env: SECRET${more} }`,
  ],
  ['apprise', (url, more = '') => `{ kind: apprise, url: "${url}", key_env: SECRET${more} }`],
  ['apprise', (url, more = '') => `{ kind: apprise, url: "${url}", urls_env: SECRET${more} }`],
];

/** Every answer repeats what was sent, as careless services and proxies do. */
const answering =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse, sent: string): void =>
    void response.writeHead(status, headers).end(`you sent ${sent}`);

interface Fault {
  fault: string;
  kind: FailureKind;
  retryable: boolean;
  retryAfterMs?: number | null;
  server: () => Server;
}

const echoing = (answer: (response: ServerResponse, sent: string) => void): Server =>
  createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(response, `${request.url} ${JSON.stringify(request.headers)} ${body}`));
  });

const FAULTS: Fault[] = [
  { fault: 'no answer in time', kind: 'timeout', retryable: true, server: () => echoing(() => {}) },
  {
    fault: 'an answer that stalls',
    kind: 'timeout',
    retryable: true,
    server: () => echoing((response) => void response.writeHead(200, { 'content-length': '100' }).write('{')),
  },
  { fault: '500', kind: 'maintenance', retryable: true, server: () => echoing(answering(500)) },
  {
    fault: '503 with Retry-After',
    kind: 'maintenance',
    retryable: true,
    retryAfterMs: 7_000,
    server: () => echoing(answering(503, { 'retry-after': '7' })),
  },
  {
    fault: '429 with Retry-After',
    kind: 'rate_limited',
    retryable: true,
    retryAfterMs: 30_000,
    server: () => echoing(answering(429, { 'retry-after': '30' })),
  },
  { fault: '401', kind: 'authentication', retryable: false, server: () => echoing(answering(401)) },
  { fault: '404', kind: 'configuration', retryable: false, server: () => echoing(answering(404)) },
  {
    fault: 'a redirect to another host',
    kind: 'configuration',
    retryable: false,
    server: () => echoing(answering(302, { location: 'https://evil.example/' })),
  },
  {
    fault: 'a reset',
    kind: 'network',
    retryable: true,
    server: () => createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
  },
  {
    fault: 'a connection that ends without an answer',
    kind: 'network',
    retryable: true,
    server: () => createTcpServer((socket) => socket.once('data', () => socket.end())),
  },
];

describe.each(KINDS)('a message for %s', (_kind, fields) => {
  it.each(FAULTS)('fails for $fault as $kind', async ({ kind, retryable, retryAfterMs = null, server }) => {
    const more = kind === 'timeout' ? HURRIED : '';
    const channel = channelOf(fields(await servers.listen(server()), more));
    const failure = await delivered(channel);
    expect(failure).toMatchObject({ kind, retryable, retryAfterMs, side: 'channel' });
    expect(failure).toMatchObject({ message: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) });
    withoutSecret(failure);
  });

  it('fails if nobody listens', async () => {
    const failure = await delivered(channelOf(fields(`http://127.0.0.1:${await freePort()}`)));
    expect(failure).toMatchObject({ kind: 'network', retryable: true });
    withoutSecret(failure);
  });

  it('fails for a certificate of an unknown authority, before anything is sent', async () => {
    const sent: unknown[] = [];
    const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
    const options = { key: fixture('localhost-key.pem'), cert: fixture('localhost.pem') };
    const secure = createTlsServer(options, (request, response) => {
      sent.push(request.url);
      response.end();
    });
    const address = (await servers.listen(secure)).replace('http:', 'https:');
    const failure = await delivered(channelOf(fields(address)));
    expect(failure).toMatchObject({
      kind: 'configuration',
      retryable: false,
      remedy: expect.stringMatching(/EXTRA_CA/),
    });
    expect(sent).toEqual([]);
  });

  it('is not sent without its secret', async () => {
    const sent: Sent[] = [];
    const address = await servers.serve((_request, response) => void response.end());
    const failure = await delivered(channelOf(fields(address).replace('SECRET', 'MISSING')));
    expect(failure).toMatchObject({
      kind: 'configuration',
      where: expect.stringMatching(/^notify\.channels\.it\.\w+_env$/),
    });
    expect(sent).toEqual([]);
  });
});

const refusing = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });

interface MailFault {
  fault: string;
  kind: FailureKind;
  retryable: boolean;
  options?: SMTPServerOptions;
  more?: string;
  /** In place of the mail server. */
  server?: () => Server;
}

const MAIL_FAULTS: MailFault[] = [
  {
    fault: '421 as a greeting',
    kind: 'maintenance',
    retryable: true,
    options: { onConnect: (_, done) => done(refusing(421, 'too busy')) },
  },
  {
    fault: '421 for the sender',
    kind: 'maintenance',
    retryable: true,
    options: { onMailFrom: (_a, _s, done) => done(refusing(421, 'closing')) },
  },
  {
    fault: '451 (greylisted)',
    kind: 'maintenance',
    retryable: true,
    options: { onRcptTo: (_a, _s, done) => done(refusing(451, 'greylisted')) },
  },
  {
    fault: '454 for the login',
    kind: 'maintenance',
    retryable: true,
    options: { onAuth: (_a, _s, done) => done(refusing(454, 'temporary failure')) },
  },
  {
    fault: '550 for all recipients',
    kind: 'configuration',
    retryable: false,
    options: { onRcptTo: (_a, _s, done) => done(refusing(550, 'no such mailbox')) },
  },
  {
    fault: '550 for the sender',
    kind: 'configuration',
    retryable: false,
    options: { onMailFrom: (_a, _s, done) => done(refusing(550, 'not your domain')) },
  },
  {
    fault: '554 for the text',
    kind: 'configuration',
    retryable: false,
    options: {
      onData: (stream, _s, done) => {
        stream.on('end', () => done(refusing(554, 'spam')));
        stream.resume();
      },
    },
  },
  {
    fault: '552 for the text',
    kind: 'too_large',
    retryable: false,
    options: {
      onData: (stream, _s, done) => {
        stream.on('end', () => done(refusing(552, 'too large')));
        stream.resume();
      },
    },
  },
  {
    fault: 'a refused login',
    kind: 'authentication',
    retryable: false,
    options: { onAuth: ({ password }, _s, done) => done(refusing(535, `bad password ${password}`)) },
  },
  { fault: 'a missing login', kind: 'authentication', retryable: false, options: { authOptional: false }, more: '' },
  {
    fault: 'a server without STARTTLS',
    kind: 'configuration',
    retryable: false,
    options: { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] },
    more: 'tls: starttls',
  },
  { fault: 'an unknown authority', kind: 'configuration', retryable: false, more: 'tls: starttls' },
  {
    fault: 'TLS on a port without it',
    kind: 'configuration',
    retryable: false,
    more: 'tls: implicit',
  },
  {
    fault: 'a server that says nothing',
    kind: 'timeout',
    retryable: true,
    server: () => createTcpServer(() => {}),
  },
  {
    fault: 'a reset',
    kind: 'network',
    retryable: true,
    server: () => createTcpServer((socket) => socket.resetAndDestroy()),
  },
  {
    fault: 'a server that is no mail server',
    kind: 'unreadable',
    retryable: true,
    server: () => createTcpServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  },
  {
    fault: 'a text that is not confirmed in time',
    kind: 'timeout',
    retryable: true,
    options: { onData: (stream) => void stream.resume() },
  },
];

describe('a message for a mail server', () => {
  it.each(MAIL_FAULTS)('fails for $fault as $kind', async (each) => {
    const { kind, retryable, options, server, more = 'tls: none' } = each;
    let port: number;
    if (server === undefined) {
      const mailServer = await new MailServer(options).listen();
      mailServers.push(mailServer);
      ({ port } = mailServer);
    } else port = Number(new URL(await servers.listen(server())).port);
    const secured = each.fault === 'a missing login' ? ', tls: none' : `, ${more}, username: ops, password_env: SECRET`;
    const login = `${secured}${kind === 'timeout' ? HURRIED : ''}`;
    const channel = channelOf(
      `{ kind: email, host: localhost, port: ${port}, from: a@bot.example, to: [ops@bot.example]${login} }`,
    );
    const failure = await delivered(channel);
    expect(failure).toMatchObject({
      kind,
      retryable,
      side: 'channel',
      message: expect.stringContaining(`localhost:${port}`),
    });
    withoutSecret(failure);
  });

  it('is never sent unencrypted where STARTTLS is wanted', async () => {
    const mailServer = await new MailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }).listen();
    mailServers.push(mailServer);
    const login = ', username: ops, password_env: SECRET';
    const failure = await delivered(
      channelOf(
        `{ kind: email, host: localhost, port: ${mailServer.port}, from: a@b.example, to: [c@d.example]${login} }`,
      ),
    );
    expect(failure).toMatchObject({ kind: 'configuration', where: 'notify.channels.it.tls' });
    expect(mailServer.mails).toEqual([]);
  });
});

describe('a message for a command', () => {
  it.each<[fault: string, command: string[], kind: FailureKind, retryable: boolean, message: RegExp]>([
    [
      'a missing program',
      ['/nonexistent/call'],
      'configuration',
      false,
      /^\/nonexistent\/call cannot be started \(ENOENT\)$/,
    ],
    ['a file that is no program', ['/etc'], 'configuration', false, /EACCES/],
    ['an argument with a null byte', ['sh', 'a\0b'], 'configuration', false, /cannot be started/],
    [
      'exit 1',
      ['sh', '-c', 'echo "key $0 refused" >&2; exit 1', SECRET],
      'unreadable',
      true,
      /ended with 1: key .* refused/,
    ],
    ['exit 78 (EX_CONFIG)', ['sh', '-c', 'exit 78'], 'configuration', false, /ended with 78/],
    ['exit 75 (EX_TEMPFAIL)', ['sh', '-c', 'exit 75'], 'unreadable', true, /ended with 75/],
    [
      'a program that a shell does not find',
      ['sh', '-c', 'nonexistent-call'],
      'configuration',
      false,
      /ended with 127/,
    ],
    ['a signal', ['sh', '-c', 'kill -9 $$'], 'unreadable', true, /ended by SIGKILL/],
    ['a program that hangs', ['sleep', '30'], 'timeout', true, /more than 1 s/],
  ])('fails for %s', async (_, command, kind, retryable, message) => {
    const failure = await delivered(
      channelOf(`{ kind: command, command: ${JSON.stringify(command)}${kind === 'timeout' ? HURRIED : ''} }`),
    );
    expect(failure).toMatchObject({ kind, retryable, side: 'channel', message: expect.stringMatching(message) });
  });
});
