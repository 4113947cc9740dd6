import { doesNotExist } from '../shared/errors.js';
import { symbolIdOf, type WireCall } from '../shared/route.js';
import { BitgetError } from '../shared/errors.js';
import type { Engine } from '../../../engine/engine.js';
import type { Market } from '../../../engine/market.js';

/** Product types of a unified account. MARGIN has the spot pairs, and no orders here. */
export const CATEGORIES = ['SPOT', 'MARGIN', 'USDT-FUTURES', 'COIN-FUTURES', 'USDC-FUTURES'] as const;
export type Category = (typeof CATEGORIES)[number];
export const FUTURES = ['USDT-FUTURES', 'COIN-FUTURES', 'USDC-FUTURES'] as const;
export type FuturesCategory = (typeof FUTURES)[number];

/** A futures category; without one the exchange refuses the request. */
export function futuresOf({ parameters }: WireCall): FuturesCategory {
  const category = parameters.word('category', FUTURES);
  if (category === undefined) throw new BitgetError('400172', 'Parameter verification failed');
  return category;
}

export function categoryOf({ parameters }: WireCall): Category {
  const category = parameters.word('category', CATEGORIES);
  if (category === undefined) throw new BitgetError('400172', 'Parameter verification failed');
  return category;
}

export function marketsOf(engine: Engine, category: Category): Market[] {
  return engine.markets('bitget').filter((market) => isOf(market, category));
}

function isOf({ kind, settle }: Market, category: Category): boolean {
  if (category === 'SPOT' || category === 'MARGIN') return kind === 'spot';
  if (category === 'COIN-FUTURES') return kind === 'inverse';
  return kind === 'linear' && settle === category.split('-')[0];
}

/** The category in which the orders of a market are listed. */
export function categoryOfMarket({ kind, settle }: Market): Exclude<Category, 'MARGIN'> {
  if (kind === 'spot') return 'SPOT';
  if (kind === 'inverse') return 'COIN-FUTURES';
  return settle === 'USDC' ? 'USDC-FUTURES' : 'USDT-FUTURES';
}

/** "BTCUSD_CM" for coin-margined contracts, which count in the quote coin; otherwise as on classic accounts. */
export function unifiedIdOf(market: Market): string {
  return market.kind === 'inverse' ? `${market.base}${market.quote}_CM` : symbolIdOf(market);
}

/** The market that `symbol` names in the category. Throws BitgetError. */
export function marketOf(call: WireCall, category: Category): Market {
  const id = call.parameters.mandatory('symbol').toUpperCase();
  const market = marketsOf(call.engine, category).find((candidate) => unifiedIdOf(candidate) === id);
  if (market === undefined) throw doesNotExist(id);
  return market;
}

/** Null if no symbol was sent. */
export function optionalMarketOf(call: WireCall, category: Category): Market | null {
  return call.parameters.text('symbol') === undefined ? null : marketOf(call, category);
}
