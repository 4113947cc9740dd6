import { binance } from './binance/binance.js';
import { binanceusdm } from './binanceusdm/binanceusdm.js';
import { bitget } from './bitget/bitget.js';
import { bybit } from './bybit/bybit.js';
import { gate } from './gate/gate.js';
import { genericProfile } from './generic/generic.js';
import { hyperliquid } from './hyperliquid/hyperliquid.js';
import { krakenfutures } from './krakenfutures/krakenfutures.js';
import { kucoin } from './kucoin/kucoin.js';
import { okx } from './okx/okx.js';
import type { Profile } from './profile/profile.js';

/** Exchanges whose profile is verified against their documentation and a server in their format. */
export const VERIFIED: readonly Profile[] = [
  binance,
  binanceusdm,
  bitget,
  bybit,
  gate,
  hyperliquid,
  krakenfutures,
  kucoin,
  okx,
];

/** The profile of a ccxt exchange id: its own, or the generic one that claims only what it can show. */
export function profileOf(id: string): Profile {
  return VERIFIED.find((profile) => profile.id === id) ?? genericProfile(id);
}
