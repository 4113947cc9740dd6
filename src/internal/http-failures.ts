import { causesOf, errorCode, isCertificateCode, isError } from '../runtime/error-shape.js';
import type { Redactor } from '../redaction/redactor.js';
import type { FailureError, FailureKind } from '../domain/failure/failure.js';
import { retryAfterOf } from '../domain/failure/retry-after.js';
import type { HttpAnswer } from '../net/http-client.js';
import { sourceFailure } from './source-failure.js';

interface StatusRule {
  kind: FailureKind;
  remedy: string;
}

const BY_STATUS: Readonly<Record<number, StatusRule>> = {
  401: { kind: 'authentication', remedy: 'check the token that internal.token_env or token_file names' },
  403: { kind: 'authentication', remedy: 'check that the token may read the state' },
  404: { kind: 'configuration', remedy: 'check the path in internal.url' },
  405: { kind: 'configuration', remedy: 'let the bot answer GET at internal.url' },
  407: { kind: 'configuration', remedy: 'let the proxy pass the request' },
  408: { kind: 'timeout', remedy: 'check why the bot does not read the request' },
  410: { kind: 'configuration', remedy: 'check the path in internal.url' },
  429: { kind: 'rate_limited', remedy: 'let the bot allow one read per observation, or raise interval_minutes' },
  502: { kind: 'network', remedy: 'check that the bot runs behind its proxy' },
  503: { kind: 'maintenance', remedy: 'check whether the bot is starting, stopping or paused' },
  504: { kind: 'timeout', remedy: 'check that the bot answers its proxy' },
};

/** The failure for an answer other than 200. `excerpt` is its body, redacted and short. */
export function failureOfStatus(
  answer: Pick<HttpAnswer, 'status' | 'headers'>,
  excerpt: string,
  nowMs: number,
): FailureError {
  const { status, headers } = answer;
  const rule = BY_STATUS[status] ?? { kind: 'unreadable', remedy: "check the bot's own log for this request" };
  const body = excerpt === '' ? 'an empty body' : excerpt;
  return sourceFailure(rule.kind, `it answered HTTP ${status}: ${body}`, rule.remedy, {
    retryAfterMs: retryAfterMs(headers, nowMs),
  });
}

/** The longest Retry-After that is respected. The next run asks in any case. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Milliseconds that `Retry-After` asks to wait. A date is compared with the answer's Date header, else with `nowMs`. */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const asked = retryAfterOf(headers, nowMs);
  return asked === null ? null : Math.min(asked, LONGEST_WAIT_MS);
}

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'check that the bot runs and listens there',
  ENOTFOUND: 'check the host in internal.url',
  EAI_AGAIN: 'check the name server of this machine',
  EHOSTUNREACH: 'check the network between this machine and the bot',
  ENETUNREACH: 'check the network between this machine and the bot',
  ETIMEDOUT: 'check the network between this machine and the bot',
  UND_ERR_CONNECT_TIMEOUT: 'check the network between this machine and the bot',
  ECONNRESET: "the connection was closed; check the bot's own log",
  UND_ERR_SOCKET: "the connection was closed; check the bot's own log",
};

/** Converts an error of the HTTP client. The codes are in its causes. */
export function explainNetworkError(error: unknown, redactor: Redactor): FailureError {
  const causes = causesOf(error);
  const code = causes.map(errorCode).find((each) => each !== null) ?? null;
  const deepest = causes.at(-1);
  const said = redactor.text(isError(deepest) ? deepest.message : String(deepest));
  const what = code === null || said.includes(code) ? said : `${code}: ${said}`;
  const options = { cause: redactor.value(error) };
  if (isCertificateCode(code)) {
    return sourceFailure(
      'configuration',
      `its certificate is not accepted (${what})`,
      "renew it, or add its authority to NODE_EXTRA_CA_CERTS in this process's environment",
      options,
    );
  }
  if (code !== null && code.startsWith('Z_')) {
    return sourceFailure(
      'unreadable',
      `its compressed body is broken (${what})`,
      'check the proxy that compresses it',
      options,
    );
  }
  const remedy = BY_CODE[code ?? ''] ?? 'check that the bot can be reached from this machine';
  return sourceFailure('network', `it could not be read (${what})`, remedy, options);
}
