import { KrakenError } from './errors.js';
import type { WireCall } from './route.js';
import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';

export const VENUE = 'krakenfutures';

/**
 * Perpetuals are `PF_<base>USD` (multi-collateral, linear) and `PI_<base>USD` (single-collateral, inverse); bitcoin is XBT.
 * https://docs.kraken.com/api/docs/futures-api/trading/get-instruments
 *
 * A contract of either is one unit: one base unit of a linear perpetual, one US dollar of an inverse one.
 */
export function symbolIdOf(market: Market): string {
  return `${market.kind === 'inverse' ? 'PI' : 'PF'}_${assetOf(market.base)}${assetOf(market.quote)}`;
}

/** Kraken's code of a currency, in capitals. */
export function assetOf(currency: string): string {
  return currency === 'BTC' ? 'XBT' : currency;
}

export function listedMarkets(engine: Engine): Market[] {
  return engine
    .markets(VENUE)
    .filter(({ kind, quote, settle, base }) => quote === 'USD' && settle === (kind === 'inverse' ? base : 'USD'))
    .filter(({ kind }) => kind !== 'spot');
}

/** Symbols are accepted in any case: the documentation's own examples use both. */
export function marketById(engine: Engine, id: string): Market {
  const market = listedMarkets(engine).find((candidate) => symbolIdOf(candidate) === id.toUpperCase());
  if (market === undefined) throw new KrakenError('invalidArgument');
  return market;
}

/** The market that `symbol` names, or null if it was not sent. */
export function optionalMarketOf({ engine, parameters }: WireCall, name = 'symbol'): Market | null {
  const id = parameters.text(name);
  return id === undefined ? null : marketById(engine, id);
}
