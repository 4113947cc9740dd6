import { createHash, createHmac } from 'node:crypto';
import { GateError } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

/** "The gap between its value and current time cannot exceed 60 seconds." */
const TIMESTAMP_TOLERANCE_SECONDS = 60;

export interface GateRequest {
  method: string;
  /** Path without the wire's prefix, and query and body as sent. */
  path: string;
  rawQuery: string;
  rawBody: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Caller {
  account: Account;
  key: ApiKey;
}

/**
 * Checks a caller as Gate does: hex HMAC SHA512 with the secret over method, path, query, hex SHA512 of the body and
 * the timestamp in seconds, one per line. Source: https://www.gate.com/docs/developers/apiv4/en/ ("APIv4 signed request
 * requirements", "API Signature string generation"), whose examples the tests use.
 *
 * The query is signed without URL encoding; both forms are accepted. Throws GateError.
 */
export function checkCaller(request: GateRequest, engine: Engine, serverTimeMs: number): Caller {
  const [apiKey, sign, timestamp] = ['key', 'sign', 'timestamp'].map((name) => header(request, name));
  if (apiKey === undefined || sign === undefined || timestamp === undefined) {
    throw new GateError('MISSING_REQUIRED_HEADER', 'Missing required header: KEY, SIGN or Timestamp', 401);
  }
  const caller = engine.findKey(apiKey);
  if (caller === null) throw new GateError('INVALID_KEY', 'Invalid key provided', 401);
  const gap = Math.abs(serverTimeMs / 1_000 - Number(timestamp));
  if (!/^\d{1,12}$/.test(timestamp) || gap > TIMESTAMP_TOLERANCE_SECONDS + 1) {
    throw new GateError('REQUEST_EXPIRED', 'gap between request Timestamp and server time exceeds 60', 401);
  }
  if (!signaturesOf(request, timestamp, caller.key.secret).includes(sign.toLowerCase())) {
    throw new GateError('INVALID_SIGNATURE', 'Signature mismatch', 401);
  }
  return caller;
}

/** All methods except GET are write requests. Throws GateError if the key may not make them. */
export function checkMayTrade({ key }: Caller): void {
  if (!key.canTrade) throw new GateError('READ_ONLY', 'API key is read-only', 403);
}

function header(request: GateRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function signaturesOf(
  { method, path, rawQuery, rawBody }: Omit<GateRequest, 'headers'>,
  timestamp: string,
  secret: string,
): string[] {
  const bodyHash = createHash('sha512').update(rawBody).digest('hex');
  return [rawQuery, decoded(rawQuery)].map((query) =>
    createHmac('sha512', secret)
      .update([method.toUpperCase(), path, query, bodyHash, timestamp].join('\n'))
      .digest('hex'),
  );
}

function decoded(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}
