import type { Engine } from '../../engine/engine.js';
import type { Market } from '../../engine/market.js';
import { decimalsOf } from '../../engine/rounding.js';
import { normalizeDecimal, type DecimalText } from '@plumbline/primitives/decimal';

export const VENUE = 'hyperliquid';

/** Maximum number of decimals in a price of a perpetual, minus those of a size ("Tick and lot size"). */
const MAX_PRICE_DECIMALS = 6;
const MAX_SIGNIFICANT_FIGURES = 5;

/**
 * The perpetuals settled in USDC. The index in this list is the asset's number in orders:
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/asset-ids
 */
export function listedMarkets(engine: Engine): Market[] {
  return engine.markets(VENUE).filter(({ kind, settle }) => kind === 'linear' && settle === 'USDC');
}

/** Coins of the listed perpetuals, by symbol. */
export function coinsBySymbol(engine: Engine): Map<string, Market> {
  return new Map(listedMarkets(engine).map((market) => [market.symbol, market]));
}

/** Decimals of a size. */
export function sizeDecimalsOf(market: Market): number {
  return decimalsOf(market.amountStep);
}

/**
 * Whether a price has at most five significant figures and not too many decimals; whole numbers are always allowed.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size
 */
export function isPriceAllowed(market: Market, price: DecimalText): boolean {
  const [whole = '', decimals = ''] = normalizeDecimal(price).split('.');
  if (decimals === '') return true;
  const figures = (whole === '0' ? decimals.replace(/^0+/, '') : whole + decimals).length;
  return figures <= MAX_SIGNIFICANT_FIGURES && decimals.length <= MAX_PRICE_DECIMALS - sizeDecimalsOf(market);
}

/** Numbers are texts with at least one decimal: "1.0", "0.0335". */
export function hlNumber(decimal: DecimalText): string {
  const text = normalizeDecimal(decimal);
  return text.includes('.') ? text : `${text}.0`;
}
