import { ExchangeFailure } from '../error-kinds.js';
import { binanceusdm } from './binanceusdm.js';
import type { Profile } from './profile.js';

const PROFILES: Record<string, Profile> = { binanceusdm };

/** The profile of a ccxt exchange id. Throws FailureError `unsupported` where there is none. */
export function profileOf(id: string): Profile {
  const profile = PROFILES[id];
  if (profile !== undefined) return profile;
  throw new ExchangeFailure({
    kind: 'unsupported',
    message: `there is no profile for ${id} yet`,
    where: 'exchange.id',
    retryAfterMs: null,
    remedy: `use one of ${Object.keys(PROFILES).join(', ')}`,
  });
}
