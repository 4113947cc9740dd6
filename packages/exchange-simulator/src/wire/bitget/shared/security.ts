import { createHmac } from 'node:crypto';
import { BitgetError } from './errors.js';
import { DEMO_PASSPHRASE } from '../../../engine/credentials.js';
import type { Account, ApiKey } from '../../../engine/account.js';
import type { Engine } from '../../../engine/engine.js';

/** Maximum distance between timestamp and server time. The documentation says that a timestamp expires, not when. */
const TIMESTAMP_TOLERANCE_MS = 30_000;

export interface BitgetRequest {
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
  /** Whether this caller has a unified account (API v3) or a classic one (v2). */
  unified: boolean;
}

/**
 * A passphrase that ends with this is the passphrase before it, of a unified account. So every account of the simulator can be
 * used in both modes, each by its own credentials.
 */
export const UNIFIED_SUFFIX = '-unified';

/**
 * Checks a caller as Bitget does: HMAC SHA256 with the secret over timestamp + METHOD + path + ("?" + query) + body, in
 * Base64. Sources: https://www.bitget.com/api-doc/common/signature and /api-doc/common/signature-samaple/hmac.
 *
 * The query is signed before percent-encoding; both forms are accepted. Throws BitgetError.
 */
export function checkCaller(request: BitgetRequest, engine: Engine, serverTime: number): Caller {
  const apiKey = header(request, 'access-key', new BitgetError('40001', 'ACCESS_KEY cannot be empty'));
  const sign = header(request, 'access-sign', new BitgetError('40002', 'ACCESS_SIGN cannot be empty'));
  const timestamp = header(request, 'access-timestamp', new BitgetError('40003', 'Signature cannot be empty'));
  const passphrase = header(
    request,
    'access-passphrase',
    new BitgetError('40011', 'ACCESS_PASSPHRASE cannot be empty'),
  );
  if (!/^\d{1,15}$/.test(timestamp)) throw new BitgetError('40005', 'Invalid ACCESS_TIMESTAMP');
  if (Math.abs(serverTime - Number(timestamp)) > TIMESTAMP_TOLERANCE_MS) {
    throw new BitgetError('40008', 'Request timestamp expired');
  }
  const caller = engine.findKey(apiKey);
  if (caller === null) throw new BitgetError('40037', 'Apikey does not exist');
  const expected = caller.key.passphrase ?? DEMO_PASSPHRASE;
  const unified = passphrase === `${expected}${UNIFIED_SUFFIX}`;
  if (!unified && passphrase !== expected) throw new BitgetError('40012', 'apikey/password is incorrect');
  if (!signaturesOf(request, timestamp, caller.key.secret).includes(sign)) {
    throw new BitgetError('40009', 'sign signature error');
  }
  return { ...caller, unified };
}

/** Throws BitgetError if the request belongs to the other kind of account. Texts: as Bitget answers them. */
export function checkAccountMode({ path }: BitgetRequest, { unified }: Caller): void {
  if (unified !== path.startsWith('/api/v3/')) throw unified ? UNIFIED_ACCOUNT : CLASSIC_ACCOUNT;
}

const CLASSIC_ACCOUNT = new BitgetError(
  '40084',
  'You are in Classic Account mode, and the Unified Account API is not supported at this time',
);
const UNIFIED_ACCOUNT = new BitgetError(
  '40085',
  'You are in Unified Account mode, and the Classic Account API is not supported at this time',
);

/** Throws BitgetError if the key may not trade. */
export function checkMayTrade({ key }: Pick<Caller, 'key'>): void {
  if (!key.canTrade) throw new BitgetError('40014', 'Incorrect permissions, need futures order write permissions');
}

function header(request: BitgetRequest, name: string, missing: BitgetError): string {
  const value = request.headers[name];
  if (typeof value !== 'string' || value === '') throw missing;
  return value;
}

function signaturesOf({ method, path, rawQuery, rawBody }: BitgetRequest, timestamp: string, secret: string): string[] {
  const queries = rawQuery === '' ? [''] : [`?${rawQuery}`, `?${decoded(rawQuery)}`];
  return queries.map((query) =>
    createHmac('sha256', secret)
      .update(timestamp + method.toUpperCase() + path + query + rawBody)
      .digest('base64'),
  );
}

function decoded(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}
