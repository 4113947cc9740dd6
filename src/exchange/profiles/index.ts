import { binance } from './binance.js';
import { binanceusdm } from './binanceusdm.js';
import { bitget } from './bitget.js';
import { bybit } from './bybit.js';
import { gate } from './gate.js';
import { genericProfile } from './generic.js';
import { hyperliquid } from './hyperliquid.js';
import { krakenfutures } from './krakenfutures.js';
import { okx } from './okx.js';
import type { Profile } from './profile.js';

/** Exchanges whose profile is verified against their documentation and a server in their format. */
const VERIFIED: readonly Profile[] = [binance, binanceusdm, bitget, bybit, gate, hyperliquid, krakenfutures, okx];

/** The profile of a ccxt exchange id: its own, or the generic one that claims only what it can show. */
export function profileOf(id: string): Profile {
  return VERIFIED.find((profile) => profile.id === id) ?? genericProfile(id);
}
