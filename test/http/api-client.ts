import { request } from 'node:http';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { serve, type ServeOptions } from '../../src/http/serve.js';
import { hashToken, newToken, type KnownToken } from '../../src/http/tokens.js';
import type { TokenRole } from '../../src/config/serve-schema.js';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

/** `serve` on a free port of loopback, with every line that it logs. */
export async function startServe(options: Omit<ServeOptions, 'host' | 'port' | 'version' | 'log'> & { host?: string }) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ name: 'serve', level: 'info', redactor: createRedactor(), destination, pretty: false });
  const served = await serve({ host: '127.0.0.1', port: 0, version: '1.2.3', log, ...options });
  return { ...served, lines };
}

export async function send(
  url: string,
  { method = 'GET', token, body, headers = {} }: SendOptions = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    headers: response.headers,
  };
}

export interface SendOptions {
  method?: string;
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Sends the path as it is: `fetch` would resolve `..` and encode characters. */
export async function sendRaw(
  url: string,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

export function makeToken(name: string, role: TokenRole, accounts: string[] | null = null) {
  const token = newToken();
  const known: KnownToken = {
    name,
    role,
    accounts: accounts === null ? null : new Set(accounts),
    sha256: hashToken(token),
  };
  return { token, known };
}
