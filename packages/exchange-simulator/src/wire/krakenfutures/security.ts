import { createHash, createHmac } from 'node:crypto';
import { KrakenError } from './errors.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

export interface KrakenRequest {
  apiKey: string | undefined;
  authent: string | undefined;
  nonce: string | undefined;
  /** As sent in the request line: "/derivatives/api/v3/openorders". */
  path: string;
  /** As sent in the request line and the body: the signature covers the encoded text. */
  rawQuery: string;
  rawBody: string;
}

/**
 * Kraken's secrets are Base64. The simulator's keys have plain secrets for all exchanges, so their Base64 is used here.
 */
export function krakenSecretOf(secret: string): string {
  return Buffer.from(secret, 'utf8').toString('base64');
}

/**
 * Returns whose request it is. `Authent` is Base64(HMAC-SHA-512(Base64-decoded secret, SHA-256(postData + Nonce +
 * endpointPath))), where postData is the encoded parameters as sent and endpointPath begins with "/api". Source:
 * https://docs.kraken.com/exchange/guides/futures/rest ("Authentication").
 *
 * Throws KrakenError `authenticationError` for a wrong key or signature, and for a key that lacks the required
 * permission; `accountInactive` for an account in hedge mode, which this exchange does not have.
 */
export function checkCaller(
  request: KrakenRequest,
  access: 'read' | 'trade',
  engine: Engine,
): { account: Account; key: ApiKey } {
  const caller = request.apiKey === undefined ? null : engine.findKey(request.apiKey);
  if (caller === null || request.authent === undefined) throw new KrakenError('authenticationError');
  if (request.authent !== authentOf(request, caller.key.secret)) throw new KrakenError('authenticationError');
  if (access === 'trade' && !caller.key.canTrade) throw new KrakenError('authenticationError');
  if (caller.account.positionMode !== 'one-way') throw new KrakenError('accountInactive');
  return caller;
}

function authentOf({ path, rawQuery, rawBody, nonce = '' }: KrakenRequest, secret: string): string {
  const postData = rawQuery + rawBody;
  const endpointPath = path.replace(/^\/derivatives/, '');
  const hash = createHash('sha256')
    .update(postData + nonce + endpointPath)
    .digest();
  const key = Buffer.from(krakenSecretOf(secret), 'base64');
  return createHmac('sha512', key).update(hash).digest('base64');
}
