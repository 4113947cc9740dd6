import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { DEMO_CREDENTIALS } from '../../packages/exchange-simulator/src/engine/credentials.js';

/** What happened on the socket, without a client's opinion. */
export interface RawAnswer {
  /** 0 where no headers came. */
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** Whether the message ended as its headers had promised. */
  complete: boolean;
  /** The socket's error code, or null. */
  error: string | null;
  /** Milliseconds from the request to the headers, and to the end. */
  headersAfterMs: number;
  endedAfterMs: number;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Hangs up after so long. */
  giveUpAfterMs?: number;
}

export async function ask(url: string, options: RawRequest = {}): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, body, giveUpAfterMs = 5_000 } = options;
  return new Promise((resolve) => {
    const started = performance.now();
    const since = (): number => performance.now() - started;
    const answer: RawAnswer = {
      status: 0,
      headers: {},
      body: '',
      complete: false,
      error: null,
      headersAfterMs: Number.POSITIVE_INFINITY,
      endedAfterMs: Number.POSITIVE_INFINITY,
    };
    const call = httpRequest(url, { method, headers, agent: false }, (response) => {
      answer.status = response.statusCode ?? 0;
      answer.headers = response.headers;
      answer.headersAfterMs = since();
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        answer.body += text;
      });
      response.on('error', (error: NodeJS.ErrnoException) => {
        answer.error ??= error.code ?? error.message;
      });
      response.on('close', () => done(response.complete));
    });
    const timer = setTimeout(() => call.destroy(), giveUpAfterMs);
    const done = (complete: boolean): void => {
      clearTimeout(timer);
      resolve({ ...answer, complete, endedAfterMs: since() });
    };
    call.on('error', (error: NodeJS.ErrnoException) => {
      answer.error ??= error.code ?? error.message;
      done(false);
    });
    call.end(body);
  });
}

export async function postJson(url: string, body: unknown): Promise<RawAnswer> {
  return ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

/** A signed Binance query, made here by hand and not by a client. */
export function signedQuery(parameters: Record<string, string>, secret: string = DEMO_CREDENTIALS.secret): string {
  const query = new URLSearchParams({ timestamp: String(Date.now()), ...parameters }).toString();
  return `${query}&signature=${createHmac('sha256', secret).update(query).digest('hex')}`;
}
