import type { FailureError, FailureKind } from '../../domain/failure/failure.js';
import type { HttpAnswer } from '../../net/http-client.js';
import { retryAfterMs } from '../http-failures.js';
import { sourceFailure } from '../source-failure.js';

interface StatusRule {
  kind: FailureKind;
  remedy: string;
}

const NO_BOT =
  "start the bot with `freqtrade trade`; `freqtrade webserver` serves no bot, and the bot's log says what failed";

const BY_STATUS: Readonly<Record<number, StatusRule>> = {
  401: {
    kind: 'authentication',
    remedy:
      "give internal.username_env and internal.password_env the values of api_server.username and api_server.password in the bot's configuration",
  },
  403: { kind: 'authentication', remedy: 'let the proxy before Freqtrade pass GET with the header Authorization' },
  404: {
    kind: 'configuration',
    remedy: 'set internal.url to the address of api_server, such as http://127.0.0.1:8080, without /api/v1',
  },
  405: { kind: 'configuration', remedy: 'let the proxy before Freqtrade pass GET' },
  407: { kind: 'configuration', remedy: 'let the proxy before Freqtrade pass the request' },
  408: { kind: 'timeout', remedy: 'check that the bot is not stopped by a debugger or a signal' },
  429: { kind: 'rate_limited', remedy: 'let the proxy before Freqtrade pass three GETs for each observation' },
  500: {
    kind: 'unreadable',
    remedy: "read the bot's log for this request; /reload_config (POST /api/v1/reload_config) restarts its loop",
  },
  502: { kind: 'maintenance', remedy: NO_BOT },
  503: { kind: 'maintenance', remedy: NO_BOT },
  504: { kind: 'timeout', remedy: 'check that the bot answers the proxy before it' },
};

/** The failure for an answer other than 200. `excerpt` is its body, redacted and short. */
export function failureOfAnswer(
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  excerpt: string,
  nowMs: number,
): FailureError {
  const rule = BY_STATUS[status] ?? { kind: 'unreadable', remedy: "read the bot's log for this request" };
  const body = excerpt === '' ? 'an empty body' : excerpt;
  const options = { retryAfterMs: retryAfterMs(headers, nowMs) };
  return sourceFailure(rule.kind, `it answered HTTP ${status}: ${body}`, rule.remedy, options);
}

/** Why a bot that cannot be reached may not answer. */
export const UNREACHABLE_REMEDY =
  'check that `freqtrade trade` runs with api_server.enabled: true and that internal.url names its listen_ip_address and listen_port; a starting bot listens after some seconds';

export const TIMEOUT_REMEDY =
  "check that the bot's process is not suspended, and read its log; raise internal.deadline_seconds if it only needs longer";

export const DATABASE_TIMEOUT_REMEDY =
  'check the load of the database, and that no program holds it locked; raise internal.deadline_seconds if it only needs longer';
