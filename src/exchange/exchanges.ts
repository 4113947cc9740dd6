import { binance } from './binance/binance.js';
import { binancecoinm } from './binancecoinm/binancecoinm.js';
import { binanceus } from './binanceus/binanceus.js';
import { binanceusdm } from './binanceusdm/binanceusdm.js';
import { bitget } from './bitget/bitget.js';
import { bybit } from './bybit/bybit.js';
import { gate, gateeu } from './gate/gate.js';
import { genericProfile } from './generic/generic.js';
import { hyperliquid } from './hyperliquid/hyperliquid.js';
import { krakenfutures } from './krakenfutures/krakenfutures.js';
import { kucoin } from './kucoin/kucoin.js';
import { okx } from './okx/okx.js';
import type { Profile } from './profile/profile.js';
import { withId } from './profile/with-id.js';

/** Exchanges whose profile is verified against their documentation and a server in their format. */
export const VERIFIED: readonly Profile[] = [
  binance,
  binancecoinm,
  binanceus,
  binanceusdm,
  bitget,
  bybit,
  gate,
  gateeu,
  hyperliquid,
  krakenfutures,
  kucoin,
  okx,
];

/**
 * Ids of ccxt that are one of these exchanges at another address, or a part of one: its class extends theirs. A test compares the
 * list with ccxt's classes.
 */
export const REGIONAL: readonly Profile[] = [
  withId(bybit, 'bybiteu'),
  withId(bybit, 'bybitid'),
  withId(kucoin, 'kucoinfutures'),
  withId(okx, 'myokx'),
  withId(okx, 'okxus'),
];

/** The profile of a ccxt exchange id: its own, its parent's, or the generic one that claims only what it can show. */
export function profileOf(id: string): Profile {
  return [...VERIFIED, ...REGIONAL].find((profile) => profile.id === id) ?? genericProfile(id);
}
