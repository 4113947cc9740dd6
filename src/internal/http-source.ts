import type { InternalConfig, SecretSource } from '../config/config.js';
import type { Redactor } from '../redaction/redactor.js';
import { inTurns } from '../runtime/turns.js';
import { utf8Text } from '../runtime/utf8.js';
import { FailureError } from '../domain/failure/failure.js';
import { explainNetworkError, failureOfStatus } from './http-failures.js';
import { LIMITS } from '../domain/limits/limits.js';
import { Deadline } from '../net/deadline.js';
import { httpCall, readUpTo, type HttpAnswer } from '../net/http-client.js';
import type { InternalSource } from './internal-source.js';
import { sourceFailure } from './source-failure.js';
import { stateDocument } from './state-document.js';

type HttpConfig = Extract<InternalConfig, { kind: 'http' }>;

interface Dependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  now: () => number;
}

const MOST_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** How many bytes of an error answer are read, and how many characters of it are quoted. */
const EXCERPT_BYTES = 4096;
const EXCERPT_LENGTH = 200;

/**
 * Reads internal state that the bot serves over HTTP: one GET with a bearer token.
 *
 * One deadline covers the whole read, from the connection to the last byte, redirects included, so an answer that stalls or
 * trickles fails with `timeout`. Redirects are followed only within the same origin, so that the token is sent nowhere else.
 */
export function createHttpSource(config: HttpConfig, { resolveSecret, redactor, now }: Dependencies): InternalSource {
  const address = redactor.text(config.url);
  return {
    description: `http ${address}`,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      const headers = requestHeaders();
      const startedAt = now();
      const deadline = new Deadline(config.deadlineSeconds * 1000, signal);
      try {
        const text = await get(headers, deadline.signal);
        return await inTurns(stateDocument(text, { side: 'internal', receivedAt: { startedAt, endedAt: now() } }));
      } catch (error) {
        // If the caller cancelled the read, the bot has not failed.
        if (signal?.aborted === true) throw signal.reason;
        if (error instanceof FailureError) throw withAddress(error);
        if (deadline.hasPassed) throw withAddress(tooLate());
        throw withAddress(explainNetworkError(error, redactor));
      } finally {
        deadline.end();
      }
    },
  };

  function requestHeaders(): Record<string, string> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (config.token === null) return headers;
    const token = resolveSecret(config.token, 'internal.token');
    redactor.add(token);
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw sourceFailure(
        'configuration',
        'the bearer token contains spaces or characters that no header can carry',
        'check the variable or file that holds the token',
        { where: 'internal.token' },
      );
    }
    headers['authorization'] = `Bearer ${token}`;
    return headers;
  }

  async function get(headers: Record<string, string>, signal: AbortSignal): Promise<string> {
    let url = new URL(config.url);
    for (let redirects = 0; ; redirects++) {
      const answer = await httpCall(url, { method: 'GET', headers, body: null, signal });
      try {
        if (!REDIRECTS.has(answer.status)) return await readAnswer(answer);
        url = redirected(url, answer, redirects);
      } finally {
        // Releases the connection if the body was not read to its end.
        answer.body.destroy();
      }
    }
  }

  function redirected(from: URL, { status, headers }: HttpAnswer, redirects: number): URL {
    const location = headers.get('location');
    const to = location !== null && URL.canParse(location, from.href) ? new URL(location, from.href) : null;
    if (to !== null && to.origin === from.origin && redirects < MOST_REDIRECTS) return to;
    const target = to === null ? 'nowhere' : redactor.text(to.href);
    throw sourceFailure(
      'configuration',
      redirects >= MOST_REDIRECTS
        ? `it redirects more than ${MOST_REDIRECTS} times`
        : `it redirects to ${target} (HTTP ${status}), and the token is not sent to another host`,
      'set internal.url to the address that serves the state itself',
      { where: 'internal.url' },
    );
  }

  async function readAnswer(answer: HttpAnswer): Promise<string> {
    if (answer.status !== 200) {
      const { bytes } = await readUpTo(answer.body, EXCERPT_BYTES);
      throw failureOfStatus(answer, excerptOf(new TextDecoder().decode(bytes)), now());
    }
    const { bytes, isWhole } = await readUpTo(answer.body, config.maxBytes);
    if (!isWhole) {
      throw sourceFailure(
        'too_large',
        `its answer has more than ${config.maxBytes} bytes`,
        LIMITS.internalBytes.remedy,
      );
    }
    if (bytes.length === 0) {
      throw sourceFailure('unreadable', 'it answered HTTP 200 with an empty body', 'check what the bot writes there');
    }
    const text = utf8Text(bytes);
    if (text !== null) return text;
    throw sourceFailure('unreadable', 'its answer is not UTF-8', 'serve the document as JSON in UTF-8');
  }

  /** Redacted before it is shortened, because a part of a secret is secret, too. */
  function excerptOf(body: string): string {
    const line = redactor.text(body).replaceAll(/\s+/g, ' ').trim();
    return line.length <= EXCERPT_LENGTH ? line : `${line.slice(0, EXCERPT_LENGTH)}...`;
  }

  function tooLate(): FailureError {
    return sourceFailure(
      'timeout',
      `it did not answer completely within ${config.deadlineSeconds} s`,
      'check that the bot answers; raise internal.deadline_seconds if it needs longer',
    );
  }

  function withAddress(error: FailureError): FailureError {
    const message = redactor.text(`GET ${address}: ${error.failure.message}`);
    return new FailureError(
      { ...error.failure, message },
      error.cause === undefined ? undefined : { cause: error.cause },
    );
  }
}
