import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SECRET } from './channel-of.js';

/** A certificate for `localhost` of an authority that nobody trusts unless NODE_EXTRA_CA_CERTS names it. */
export const AUTHORITY = new URL('./fixtures/authority.pem', import.meta.url).pathname;
const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

export interface Mail {
  from: string;
  to: string[];
  user: string | null;
  encrypted: boolean;
  /** Headers with folded lines joined, by lower-case name. */
  headers: Map<string, string[]>;
  text: string;
}

/** A real SMTP server on loopback with a login, and the mails that it accepted. */
export class MailServer {
  readonly mails: Mail[] = [];
  port = 0;
  private readonly server: SMTPServer;

  constructor(options: SMTPServerOptions = {}) {
    this.server = new SMTPServer({
      key: fixture('localhost-key.pem'),
      cert: fixture('localhost.pem'),
      authMethods: ['PLAIN', 'LOGIN'],
      authOptional: true,
      // A login over an unencrypted connection is allowed on loopback only.
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'ops' && password === SECRET ? done(null, { user: username }) : done(new Error('Invalid login')),
      onData: (stream, session, done) => {
        let raw = '';
        stream.setEncoding('utf8').on('data', (chunk: string) => (raw += chunk));
        stream.on('end', () => {
          this.mails.push(mailOf(raw, session));
          done(null, 'queued as 4F1D');
        });
      },
      ...options,
    });
    // Clients that break off are part of the tests.
    this.server.on('error', () => {});
  }

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server.server, 'listening');
    this.port = (this.server.server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }
}

type Session = Parameters<NonNullable<SMTPServerOptions['onData']>>[1];

function mailOf(raw: string, { envelope, user, secure }: Session): Mail {
  const end = raw.indexOf('\r\n\r\n');
  const headers = new Map<string, string[]>();
  for (const line of raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    user: typeof user === 'string' ? user : null,
    encrypted: secure,
    headers,
    text: decoded(raw.slice(end + 4), headers.get('content-transfer-encoding')?.[0]),
  };
}

/** RFC 2045, 6.7 and 6.8. */
function decoded(body: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
