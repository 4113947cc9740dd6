import type { IncomingHttpHeaders } from 'node:http';
import type { Channel, DeliverOptions, Message, Receipt } from '../../src/notify/channel.js';
import { createChannels } from '../../src/notify/channels/create-channels.js';
import type { ChannelParts } from '../../src/notify/channel-parts.js';
import type { ChannelConfig } from '../../src/config/channel-config.js';
import { resolveSecret } from '../../src/config/environment.js';
import { parseConfig } from '../../src/config/load-config.js';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { Listening } from '../support/listening.js';

/** 2026-11-29T02:00:00Z */
export const NOW = Date.UTC(2026, 10, 29, 2);

export const MESSAGE: Message = {
  key: 'n-0001',
  thread: 't-main-17',
  occasion: 'called',
  severity: 'page',
  accounts: ['main'],
  subject: 'main: BTC/USDT:USDT position differs',
  text: 'The exchange has 0.5 BTC long, the bot has none <since 02:00>.\nGate: CLOSED & waiting.',
  link: { url: 'https://plumbline.example/c/17', label: 'See the state' },
  since: '2026-11-29T01:59:30.000Z',
  canAcknowledge: true,
};

/** What a channel of the given kind is configured with, and the values of its secrets. */
export interface Configured {
  /** The fields of the channel in YAML, without braces. */
  fields: string;
  secrets: Record<string, string>;
}

export interface Line {
  level: 'error' | 'warn' | 'info';
  fields: object;
  message: string;
}

export function partsOf(secrets: Record<string, string>, lines: Line[] = []): ChannelParts {
  const at = (level: Line['level']) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return {
    resolveSecret: (source, what) => resolveSecret(source, what, { env: secrets }),
    redactor: createRedactor(),
    log: { error: at('error'), warn: at('warn'), info: at('info') },
    now: () => NOW,
    commandEnvironment: {},
  };
}

/** Read as a user writes it. */
export function configsOf(...fields: string[]): ChannelConfig[] {
  const channels = fields.map((each, index) => `    it${index === 0 ? '' : index + 1}: { ${each} }\n`).join('');
  const text = `
accounts:
  main:
    exchange: { id: binanceusdm, api_key_env: K, secret_env: S }
    internal: { kind: file, path: state.json }
notify:
  channels:
${channels}`;
  return parseConfig(text, '/etc/plumbline/plumbline.yaml').notify.channels;
}

export function channelOf({ fields, secrets }: Configured, lines: Line[] = []): Channel {
  const channel = createChannels(configsOf(fields), partsOf(secrets, lines)).find(({ name }) => name === 'it');
  if (channel === undefined) throw new Error('the channel was not created');
  return channel;
}

export async function deliver(
  channel: Channel,
  message: Partial<Message> = {},
  options: Partial<DeliverOptions> = {},
): Promise<Receipt> {
  const signal = new AbortController().signal;
  return channel.deliver({ ...MESSAGE, ...message }, { signal, previousThread: null, ...options });
}

export async function failureOf(delivery: Promise<unknown>): Promise<Failure> {
  try {
    await delivery;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error('it was delivered');
}

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: string | object;
}

/** A service that keeps what it received and answers as configured. */
export interface RecordingService {
  url: string;
  received: Received[];
}

export async function recordingService(
  servers: Listening,
  answer: (received: Received, count: number) => Answer | Promise<Answer>,
): Promise<RecordingService> {
  const received: Received[] = [];
  const url = await servers.serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body };
      received.push(one);
      const write = (told: Answer): void => {
        const isText = typeof told.body === 'string';
        response.writeHead(told.status ?? 200, {
          'content-type': isText ? 'text/plain' : 'application/json',
          ...told.headers,
        });
        response.end(isText ? told.body : JSON.stringify(told.body));
      };
      void Promise.resolve(answer(one, received.length)).then(write);
    });
  });
  return { url, received };
}

export function jsonOf({ body }: Received): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}

/** The last request of a service, which must have received some. */
export function lastOf({ received }: RecordingService): Received {
  const last = received.at(-1);
  if (last === undefined) throw new Error('nothing was received');
  return last;
}
