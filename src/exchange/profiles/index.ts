import { binance } from './binance.js';
import { bybit } from './bybit.js';
import { binanceusdm } from './binanceusdm.js';
import type { Profile } from './profile.js';
import { ExchangeFailure } from '../error-kinds.js';

/** Exchanges whose profile is verified against their documentation and a server in their format. */
const VERIFIED: readonly Profile[] = [binance, binanceusdm, bybit];

/** The profile of a ccxt exchange id. */
export function profileOf(id: string): Profile {
  const profile = VERIFIED.find((verified) => verified.id === id);
  if (profile !== undefined) return profile;
  throw new ExchangeFailure({
    kind: 'unsupported',
    message: `there is no profile for ${id} yet`,
    where: 'exchange.id',
    retryAfterMs: null,
    remedy: `use one of ${VERIFIED.map((verified) => verified.id).join(', ')}`,
  });
}
