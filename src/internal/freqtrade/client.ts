import type { FreqtradeConfig, SecretSource } from '../../config/config.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { LIMITS, TooLargeError } from '../../domain/limits/limits.js';
import { writtenJson } from '../../domain/text/exact-json.js';
import { JsonTextError } from '../../domain/text/json-reader.js';
import { httpCall, readUpTo, type HttpAnswer } from '../../net/http-client.js';
import type { Redactor } from '../../redaction/redactor.js';
import { inTurns } from '../../runtime/turns.js';
import { utf8Text } from '../../runtime/utf8.js';
import { sourceFailure } from '../source-failure.js';
import { failureOfAnswer } from './failures.js';

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  now: () => number;
}

/** How many bytes of an error answer are read, and how many characters of it are quoted. */
const EXCERPT_BYTES = 4096;
const EXCERPT_LENGTH = 200;

/**
 * Asks Freqtrade's REST API with HTTP Basic. Freqtrade has no user who may only read: the same password can trade. So this
 * client can send nothing but GET, and follows no redirect, so that the password goes to no other address.
 */
export class FreqtradeClient {
  constructor(
    private readonly config: FreqtradeConfig,
    private readonly deps: Dependencies,
  ) {}

  /** The header with user and password, which are read anew each time, because secrets change. */
  authorization(): string {
    const { config, deps } = this;
    const [username, password] = (['username', 'password'] as const).map((name) => {
      const value = deps.resolveSecret(config[name], `internal.${name}`);
      deps.redactor.add(value);
      return value;
    });
    if (username === undefined || username.includes(':')) {
      throw sourceFailure(
        'configuration',
        'the user name contains a colon, which HTTP Basic cannot carry',
        "choose another api_server.username in the bot's configuration",
        { where: 'internal.username' },
      );
    }
    const encoded = Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64');
    deps.redactor.add(encoded);
    return `Basic ${encoded}`;
  }

  /** The answer to `GET /api/v1/<name>`, with exact numbers (`WrittenNumber`). Throws FailureError, or the client's error. */
  async get(name: string, authorization: string, signal: AbortSignal): Promise<unknown> {
    const headers = { accept: 'application/json', authorization };
    const answer = await httpCall(addressOf(this.config.url, name), { method: 'GET', headers, body: null, signal });
    try {
      return await this.jsonOf(await this.textOf(answer));
    } finally {
      // Releases the connection if the body was not read to its end.
      answer.body.destroy();
    }
  }

  private async textOf(answer: HttpAnswer): Promise<string> {
    const { status, headers, body } = answer;
    if (status >= 300 && status < 400) {
      const to = this.deps.redactor.text(headers.get('location') ?? 'nowhere');
      throw sourceFailure(
        'configuration',
        `it redirects to ${to} (HTTP ${status}), and the password is sent to no other address`,
        'set internal.url to the address that serves the API itself',
        { where: 'internal.url' },
      );
    }
    if (status !== 200) {
      const { bytes } = await readUpTo(body, EXCERPT_BYTES);
      throw failureOfAnswer(answer, this.excerptOf(new TextDecoder().decode(bytes)), this.deps.now());
    }
    const { maxBytes } = this.config;
    const { bytes, isWhole } = await readUpTo(body, maxBytes);
    if (!isWhole) {
      const problem = `its answer has more than ${maxBytes} bytes`;
      throw sourceFailure('too_large', problem, LIMITS.internalBytes.remedy);
    }
    const text = utf8Text(bytes);
    if (text !== null) return text;
    throw sourceFailure('unreadable', 'its answer is not UTF-8', 'check what answers at internal.url');
  }

  private async jsonOf(text: string): Promise<unknown> {
    try {
      return await inTurns(writtenJson(text));
    } catch (error) {
      if (error instanceof TooLargeError) throw tooLarge(error);
      if (!(error instanceof JsonTextError)) throw error;
      const isPage = /^\s*</.test(text);
      throw sourceFailure(
        'unreadable',
        isPage ? 'it answered with a web page, not JSON' : error.message,
        isPage
          ? 'set internal.url to the api_server of the bot, and check that no login page answers there'
          : "check the proxy before Freqtrade, and the bot's log",
      );
    }
  }

  /** Redacted before it is shortened, because a part of a secret is secret, too. */
  private excerptOf(body: string): string {
    const line = this.deps.redactor.text(body).replaceAll(/\s+/g, ' ').trim();
    return line.length <= EXCERPT_LENGTH ? line : `${line.slice(0, EXCERPT_LENGTH)}...`;
  }
}

export function tooLarge(error: TooLargeError): FailureError {
  return sourceFailure('too_large', error.message, error.remedy, error.where === null ? {} : { where: error.where });
}

/** `url` may end with the API's own path, as Freqtrade's documentation writes it. */
function addressOf(url: string, name: string): URL {
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/${name}`;
  base.search = '';
  base.hash = '';
  return base;
}
