import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FailureError, isRetryable, type Failure } from '../../src/domain/failure/failure.js';
import type { Channel, DeliverOptions, Message, Receipt } from '../../src/notify/channel.js';

/** A request as it came to a local server. */
export interface Sent {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** The JSON of the body. */
  body: unknown;
}

/** A local service that keeps each request and then answers. */
export function service(answer: (response: ServerResponse, sent: Sent) => void) {
  const sent: Sent[] = [];
  const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    const text = Buffer.concat(chunks).toString('utf8');
    const { method = '', url = '', headers } = request;
    const each = { method, path: url, headers, body: text === '' ? null : (JSON.parse(text) as unknown) };
    sent.push(each);
    answer(response, each);
  };
  return { sent, handler: (request: IncomingMessage, response: ServerResponse) => void handler(request, response) };
}

export function messageOf(overrides: Partial<Message> = {}): Message {
  return {
    key: 'main-call-7-called-1',
    thread: 'main-call-7',
    occasion: 'called',
    severity: 'page',
    accounts: ['main'],
    subject: 'main: the exchange holds 0.5 BTC that the bot does not know',
    text: 'main on binanceusdm: drifted since 02:00 UTC\n\nBTC/USDT:USDT: exchange long 0.5, bot nothing\n\nGate: closed',
    link: { url: 'https://plumbline.example/i/abc', label: 'See and act' },
    since: '2026-11-29T02:00:00.000Z',
    canAcknowledge: true,
    ...overrides,
  };
}

const neverAborted = new AbortController().signal;

/** Delivers once; the failure as a value. */
export async function delivered(
  channel: Channel,
  message: Message = messageOf(),
  options: Partial<DeliverOptions> = {},
): Promise<Receipt | (Failure & { retryable: boolean })> {
  try {
    return await channel.deliver(message, { signal: neverAborted, previousThread: null, ...options });
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return { ...error.failure, retryable: isRetryable(error.failure.kind) };
  }
}
