import { createHmac } from 'node:crypto';
import { BybitError } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

const DEFAULT_RECV_WINDOW_MS = 5_000;
const AHEAD_TOLERANCE_MS = 1_000;

export interface BybitRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What is signed: the query of a GET or the body of a POST, as sent. */
  payload: string;
}

export function apiKeyOf(request: BybitRequest): string | undefined {
  return headerOf(request, 'x-bapi-api-key');
}

/**
 * Checks a caller as Bybit does and returns whose key it was.
 *
 * `X-BAPI-SIGN` is the hex HMAC SHA256 of timestamp + key + receive window + (query or body); `server time -
 * recv_window <= timestamp < server time + 1000`. Source: https://bybit-exchange.github.io/docs/v5/guide
 * ("Authentication"). The refusal of a wrong signature contains the text that should have been signed, including the
 * key, as on the exchange. Throws BybitError.
 */
export function checkCaller(
  request: BybitRequest,
  needs: 'read' | 'trade',
  engine: Engine,
  serverTime: number,
): { account: Account; key: ApiKey } {
  const apiKey = apiKeyOf(request);
  const timestamp = headerOf(request, 'x-bapi-timestamp');
  const signature = headerOf(request, 'x-bapi-sign');
  // "Need to put authentication params in the request header" is the documented meaning of HTTP 401.
  if (apiKey === undefined || signature === undefined) throw new BybitError(10_003, 'API key is invalid.', 401);
  const caller = engine.findKey(apiKey);
  if (caller === null) throw new BybitError(10_003, 'API key is invalid.');
  const recvWindow = headerOf(request, 'x-bapi-recv-window') ?? String(DEFAULT_RECV_WINDOW_MS);
  checkTime(timestamp ?? '', recvWindow, serverTime);
  const signed = `${timestamp}${apiKey}${headerOf(request, 'x-bapi-recv-window') ?? ''}${request.payload}`;
  if (createHmac('sha256', caller.key.secret).update(signed).digest('hex') !== signature) {
    throw new BybitError(
      10_004,
      `error sign! origin_string[${signed}], please check your signature generation algorithm.`,
    );
  }
  if (needs === 'trade' && !caller.key.canTrade) {
    throw new BybitError(10_005, 'Permission denied, please check your API key permissions.');
  }
  return caller;
}

function checkTime(timestamp: string, recvWindow: string, serverTime: number): void {
  const isNumber = /^\d{1,16}$/.test(timestamp) && /^\d{1,9}$/.test(recvWindow);
  const [sent, window] = [Number(timestamp), Number(recvWindow)];
  if (isNumber && sent >= serverTime - window && sent < serverTime + AHEAD_TOLERANCE_MS) return;
  throw new BybitError(
    10_002,
    `invalid request, please check your server timestamp or recv_window param. req_timestamp[${timestamp}],server_timestamp[${serverTime}],recv_window[${recvWindow}]`,
  );
}

function headerOf({ headers }: BybitRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
