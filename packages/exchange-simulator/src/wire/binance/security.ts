import { createHmac } from 'node:crypto';
import { BinanceError, mandatoryParameter } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

/**
 * What an endpoint requires of its caller, in the terms of Binance's documentation; `USER_DATA` and `TRADE` are signed.
 */
export type SecurityType = 'NONE' | 'MARKET_DATA' | 'USER_DATA' | 'TRADE';

const DEFAULT_RECV_WINDOW_MS = 5_000;
const MAX_RECV_WINDOW_MS = 60_000;
const AHEAD_TOLERANCE_MS = 1_000;
/** A key in any other form is refused without a lookup. */
const KEY_FORMAT = /^[A-Za-z0-9_-]{16,128}$/;

export interface BinanceRequest {
  apiKey: string | undefined;
  /** As sent in the request line and the body, before any decoding: the signature covers this text. */
  rawQuery: string;
  rawBody: string;
}

/** Parameters of query and body; the query takes precedence. */
export function parametersOf(request: BinanceRequest): Map<string, string> {
  return new Map([...new URLSearchParams(request.rawBody), ...new URLSearchParams(request.rawQuery)]);
}

/**
 * Checks a caller as Binance does and returns whose key it was; null for a public endpoint.
 *
 * The signature is HMAC SHA256 with the secret over the query string followed, without a separator, by the body, both
 * without the signature. The timestamp is at most 1 s ahead of and at most `recvWindow` behind the server's time.
 * Source: https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info ("SIGNED Endpoint
 * Security"). Throws BinanceError.
 */
export function checkCaller(
  request: BinanceRequest,
  security: SecurityType,
  engine: Engine,
  serverTime: number,
): { account: Account; key: ApiKey } | null {
  if (security === 'NONE') return null;
  if (request.apiKey === undefined || !KEY_FORMAT.test(request.apiKey)) {
    throw new BinanceError(401, -2014, 'API-key format invalid.');
  }
  const caller = engine.findKey(request.apiKey);
  if (caller === null) throw notPermitted();
  if (security === 'MARKET_DATA') return caller;
  checkTimestamp(parametersOf(request), serverTime);
  checkSignature(request, caller.key.secret);
  if (security === 'TRADE' && !caller.key.canTrade) throw notPermitted();
  return caller;
}

function notPermitted(): BinanceError {
  return new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.');
}

function checkTimestamp(parameters: Map<string, string>, serverTime: number): void {
  const timestamp = parameters.get('timestamp');
  if (timestamp === undefined || !/^\d{1,16}$/.test(timestamp)) throw mandatoryParameter('timestamp');
  const recvWindow = parameters.get('recvWindow') ?? String(DEFAULT_RECV_WINDOW_MS);
  if (!/^\d+(?:\.\d+)?$/.test(recvWindow) || Number(recvWindow) > MAX_RECV_WINDOW_MS) {
    throw new BinanceError(400, -1131, `recvWindow must be less than ${MAX_RECV_WINDOW_MS}`);
  }
  if (Number(timestamp) >= serverTime + AHEAD_TOLERANCE_MS) {
    throw new BinanceError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (serverTime - Number(timestamp) > Number(recvWindow)) {
    throw new BinanceError(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
  }
}

function checkSignature({ rawQuery, rawBody }: BinanceRequest, secret: string): void {
  const signature = /(?:^|&)signature=([^&]*)/.exec(rawBody)?.[1] ?? /(?:^|&)signature=([^&]*)/.exec(rawQuery)?.[1];
  if (signature === undefined || signature === '') throw mandatoryParameter('signature');
  const signed = withoutSignature(rawQuery) + withoutSignature(rawBody);
  const expected = createHmac('sha256', secret).update(signed).digest('hex');
  // Documented as not case-sensitive.
  if (decodeURIComponent(signature).toLowerCase() !== expected) {
    throw new BinanceError(400, -1022, 'Signature for this request is not valid.');
  }
}

function withoutSignature(text: string): string {
  return text.replace(/(?:^|&)signature=[^&]*/, '').replace(/^&/, '');
}
