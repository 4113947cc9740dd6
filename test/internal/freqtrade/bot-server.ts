import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect } from '@jest/globals';
import type { FreqtradeBot, FreqtradeConfig } from '../../../src/config/config.js';
import { FailureError, type Failure } from '../../../src/domain/failure/failure.js';
import { createFreqtradeSource } from '../../../src/internal/freqtrade/freqtrade-source.js';
import type { InternalSource } from '../../../src/internal/internal-source.js';
import { createRedactor } from '../../../src/redaction/redactor.js';
import { Listening } from '../../support/listening.js';
import { health, showConfig, type Fields } from './answers.js';

const USERNAME = 'freqtrader';
const PASSWORD = 'probe-password-7!';
export const BASIC = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;
export const SECRETS: Readonly<Record<string, string>> = { FT_USERNAME: USERNAME, FT_PASSWORD: PASSWORD };

/** Servers of a test; the test ends them. */
export const servers = new Listening();

export interface Bot {
  config?: Fields;
  health?: Fields;
  trades?: unknown;
}

/** A Freqtrade. `answers` replaces single answers. */
export async function freqtrade(
  bot: Bot,
  answers: Readonly<Record<string, RequestListener>> = {},
  seen: IncomingMessage[] = [],
): Promise<string> {
  return servers.serve((request, response) => {
    seen.push(request);
    const name = (request.url ?? '').replace('/api/v1/', '');
    const answer = answers[name];
    if (answer !== undefined) return answer(request, response);
    if (name === 'ping') return json(response, { status: 'pong' });
    if (request.headers.authorization !== BASIC) return json(response, { detail: 'Unauthorized' }, 401);
    switch (name) {
      case 'show_config':
        return json(response, showConfig(bot.config));
      case 'health':
        return json(response, health(bot.health));
      case 'status':
        return json(response, bot.trades ?? []);
      default:
        return json(response, { detail: 'Not Found' }, 404);
    }
  });
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export interface Options {
  bot?: Partial<FreqtradeBot>;
  atLeast?: string[];
  secrets?: Readonly<Record<string, string>>;
  config?: Partial<FreqtradeConfig>;
  nodeOptions?: readonly string[];
}

export function sourceOf(
  url: string,
  { bot, atLeast = [], secrets = SECRETS, config, nodeOptions = [] }: Options = {},
): InternalSource {
  return createFreqtradeSource(
    {
      kind: 'freqtrade',
      url,
      username: { env: 'FT_USERNAME' },
      password: { env: 'FT_PASSWORD' },
      bot: { botName: null, exchange: 'binanceusdm', tradingMode: null, stakeCurrency: null, ...bot },
      atLeast,
      deadlineSeconds: 5,
      maxBytes: 100_000,
      ...config,
    },
    {
      resolveSecret: (source) => ('env' in source ? (secrets[source.env] ?? '') : ''),
      redactor: createRedactor(),
      now: () => 7,
      nodeOptions,
    },
  );
}

export async function failureOf(source: InternalSource): Promise<Failure> {
  const error: unknown = await source.readState().then(
    () => new Error('the state was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  const reported = JSON.stringify([error.failure, error.message, error.stack, error.cause]);
  for (const secret of [PASSWORD, BASIC, BASIC.slice('Basic '.length)]) expect(reported).not.toContain(secret);
  expect(error.failure.side).toBe('internal');
  expect(error.failure.remedy).not.toBe('');
  return error.failure;
}
