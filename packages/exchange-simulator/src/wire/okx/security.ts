import { createHmac } from 'node:crypto';
import { OkxError } from './errors.js';
import { DEMO_PASSPHRASE } from '../../engine/credentials.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

const TOLERANCE_MS = 30_000;

export interface OkxRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  method: string;
  /** Path and query as sent, from "/api" on. */
  path: string;
  body: string;
}

export function apiKeyOf(request: OkxRequest): string | undefined {
  return headerOf(request, 'ok-access-key');
}

/**
 * Checks a caller as OKX does and returns whose key it was.
 *
 * `OK-ACCESS-SIGN` is the base64 HMAC SHA256 of timestamp + method + path with query + body; the timestamp is ISO 8601
 * with milliseconds and at most 30 s from the server's. Source: https://www.okx.com/docs-v5/en/#overview-rest-authentication.
 * Throws OkxError.
 */
export function checkCaller(
  request: OkxRequest,
  needs: 'read' | 'trade',
  engine: Engine,
  serverTime: number,
): { account: Account; key: ApiKey } {
  const apiKey = mandatory(request, 'OK-ACCESS-KEY', '50103');
  const passphrase = mandatory(request, 'OK-ACCESS-PASSPHRASE', '50104');
  const signature = mandatory(request, 'OK-ACCESS-SIGN', '50106');
  const timestamp = mandatory(request, 'OK-ACCESS-TIMESTAMP', '50107');
  checkTime(timestamp, serverTime);
  const caller = engine.findKey(apiKey);
  if (caller === null) throw new OkxError('50119', "API key doesn't exist", 401);
  const text = timestamp + request.method + request.path + request.body;
  if (createHmac('sha256', caller.key.secret).update(text).digest('base64') !== signature) {
    throw new OkxError('50113', 'Invalid Sign', 401);
  }
  if (passphrase !== (caller.key.passphrase ?? DEMO_PASSPHRASE)) {
    throw new OkxError('50105', 'Request header OK-ACCESS-PASSPHRASE incorrect.', 401);
  }
  if (needs === 'trade' && !caller.key.canTrade) {
    throw new OkxError('50120', "This API key doesn't have permission to use this function", 401);
  }
  return caller;
}

function checkTime(timestamp: string, serverTime: number): void {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(timestamp)) {
    throw new OkxError('50112', 'Invalid OK-ACCESS-TIMESTAMP', 401);
  }
  if (Math.abs(Date.parse(timestamp) - serverTime) > TOLERANCE_MS) {
    throw new OkxError('50102', 'Timestamp request expired', 401);
  }
}

function mandatory(request: OkxRequest, name: string, code: string): string {
  const value = headerOf(request, name.toLowerCase());
  if (value === undefined) throw new OkxError(code, `Request header ${name} cannot be empty.`, 401);
  return value;
}

function headerOf({ headers }: OkxRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
