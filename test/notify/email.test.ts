import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { channelOf, SECRET } from './channel-of.js';
import { AUTHORITY, MailServer } from './mail-server.js';
import { delivered, messageOf } from './sent.js';

const servers: MailServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await new MailServer(options).listen();
  servers.push(server);
  return server;
}
const LOGIN = ', username: ops, password_env: SECRET';
const fields = (port: number, more: string, host = 'localhost'): string =>
  `{ kind: email, host: ${host}, port: ${port}, from: plumbline@bot.example, to: [ops@bot.example, night@bot.example]${more} }`;
const plain = (port: number) => channelOf(fields(port, `, tls: none${LOGIN}`));

describe('an e-mail channel', () => {
  it('sends plain text to everybody, with the login', async () => {
    const server = await start();
    expect(await delivered(plain(server.port))).toEqual({
      id: '250 queued as 4F1D',
      thread: `<main-call-7-called-1@plumbline> ${messageOf().subject}`,
    });
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      from: 'plumbline@bot.example',
      to: ['ops@bot.example', 'night@bot.example'],
      user: 'ops',
      encrypted: false,
    });
    const header = (name: string): string[] => mail?.headers.get(name) ?? [];
    expect(header('message-id')).toEqual(['<main-call-7-called-1@plumbline>']);
    expect(header('references')).toEqual(['<main-call-7@plumbline>']);
    expect(header('in-reply-to')).toEqual([]);
    expect(header('subject')).toEqual([messageOf().subject]);
    expect(header('from')).toEqual(['Plumbline <plumbline@bot.example>']);
    expect(header('content-type')).toEqual(['text/plain; charset=utf-8']);
    // RFC 3834: no absent person's mail program answers.
    expect(header('auto-submitted')).toEqual(['auto-generated']);
    expect(header('importance')).toEqual(['High']);
    expect(mail?.text.replaceAll('\r\n', '\n').trim()).toBe(
      `${messageOf().text}\n\nSee and act: https://plumbline.example/i/abc`,
    );
  });

  it('makes one conversation of all messages of a call', async () => {
    const server = await start();
    const channel = plain(server.port);
    let previousThread: string | null = null;
    for (const occasion of ['called', 'reminder', 'resolved'] as const) {
      const message = messageOf({ occasion, key: `main-call-7-${occasion}-1`, subject: `main: ${occasion}` });
      const receipt = await delivered(channel, message, { previousThread });
      if (!('thread' in receipt)) throw new Error(JSON.stringify(receipt));
      previousThread ??= receipt.thread;
    }
    const headers = (name: string): (string | undefined)[] => server.mails.map((mail) => mail.headers.get(name)?.[0]);
    expect(headers('message-id')).toEqual([
      '<main-call-7-called-1@plumbline>',
      '<main-call-7-reminder-1@plumbline>',
      '<main-call-7-resolved-1@plumbline>',
    ]);
    const first = '<main-call-7-called-1@plumbline>';
    expect(headers('in-reply-to')).toEqual([undefined, first, first]);
    expect(headers('references')).toEqual([
      '<main-call-7@plumbline>',
      ...Array(2).fill(`<main-call-7@plumbline> ${first}`),
    ]);
    expect(headers('subject')).toEqual(['main: called', 'Re: main: called', 'Re: main: called']);
    expect(server.mails.map(({ text }) => text.split('\r\n')[0])).toEqual([
      messageOf().text.split('\n')[0],
      'main: reminder',
      'main: resolved',
    ]);
  });

  it('sends an attempt that is repeated as the same message', async () => {
    const server = await start();
    const channel = plain(server.port);
    const first = await delivered(channel);
    const thread = 'thread' in first ? first.thread : null;
    // The receipt of the first attempt may have been recorded, or lost.
    await delivered(channel, messageOf(), { previousThread: thread });
    await delivered(channel, messageOf());
    const seen = server.mails.map(({ headers, text }) =>
      JSON.stringify([headers.get('message-id'), headers.get('subject'), headers.get('references'), text]),
    );
    expect(new Set(seen).size).toBe(1);
    expect(seen).toHaveLength(3);
  });

  it.each([
    ['a line break', 'main\r\nBcc: thief@evil.example\r\n\r\nfree text'],
    ['a bare line feed', 'main\nBcc: thief@evil.example'],
    ['a Unicode line separator', 'main\u2028Bcc: thief@evil.example'],
    ['a null byte', 'main\0\nBcc: thief@evil.example'],
  ])('keeps a subject with %s one header', async (_, subject) => {
    const server = await start();
    const channel = plain(server.port);
    expect(await delivered(channel, messageOf({ subject }))).toMatchObject({
      thread: expect.not.stringMatching(/\p{Cc}|\p{Zl}/u),
    });
    await delivered(channel, messageOf({ key: 'k2' }), { previousThread: `<a@plumbline> ${subject}` });
    expect(server.mails).toHaveLength(2);
    for (const mail of server.mails) {
      expect(mail.headers.has('bcc')).toBe(false);
      expect(mail.to).toEqual(['ops@bot.example', 'night@bot.example']);
      expect(mail.headers.get('subject')).toHaveLength(1);
    }
  });

  it.each(['a b@bot.example', '"ops@bot.example\\nBcc: x@y.example"', '"ops@bot.example, x@y.example"'])(
    'is refused with the address %s',
    (to) => {
      expect(() => channelOf(`{ kind: email, host: localhost, from: a@b.example, to: [${to}] }`)).toThrow(/to/);
    },
  );

  it('names in its receipt whom the server refused', async () => {
    const server = await start({
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith('night') ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
    });
    expect(await delivered(plain(server.port))).toMatchObject({
      id: 'not sent to night@bot.example; others: 250 queued as 4F1D',
    });
  });

  it.each([
    ['STARTTLS', {}, LOGIN],
    ['TLS from the first byte', { secure: true }, `, tls: implicit${LOGIN}`],
  ])(
    'sends the login only over %s, to a server with a certificate that it trusts',
    async (_, options, more) => {
      const server = await start({ allowInsecureAuth: false, ...options });
      // An unknown authority is refused before the login ...
      const refused = await delivered(channelOf(fields(server.port, more)));
      expect(refused).toMatchObject({
        kind: 'configuration',
        message: expect.stringMatching(/certificate is not accepted/),
      });
      // ... and a known one for another host, too.
      const [trusted, elsewhere] = await Promise.all(
        ['localhost', '127.0.0.1'].map(async (host) => sentTrusting(fields(server.port, more, host))),
      );
      expect(trusted).toMatchObject({ id: '250 queued as 4F1D' });
      expect(elsewhere).toMatchObject({ kind: 'configuration', message: expect.stringMatching(/certificate/) });
      expect(server.mails).toMatchObject([{ user: 'ops', encrypted: true }]);
    },
    60_000,
  );
});

/** Sends a message from a process that trusts the authority of the tests. */
async function sentTrusting(channel: string): Promise<unknown> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', path('../../scripts/typescript-loader.mjs'), path('./fixtures/send-mail.ts'), channel],
    { env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: AUTHORITY, SECRET } },
  );
  return JSON.parse(stdout);
}
