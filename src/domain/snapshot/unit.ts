import { marketPath } from './scope.js';

/** A symbol or currency; a row or facts besides, where the market's unit is not the usual one. */
export interface Measured {
  symbol: string;
  unit?: 'base' | undefined;
}

/**
 * The unit of a symbol's amounts. Of inverse contracts they are quote value: a contract is worth a number of USD, and the coins
 * behind it change with the price. Of all other markets they are base units.
 */
export interface Unit {
  of: 'base' | 'quote';
  currency: string;
}

/** The unit of the amounts of a unified symbol; of a currency it is the currency itself. */
export function unitOf({ symbol, unit }: Measured): Unit {
  const [pair = symbol] = symbol.split(':');
  const [base = pair, quote] = pair.split('/');
  return countsValue({ symbol, unit }) && quote !== undefined
    ? { of: 'quote', currency: quote }
    : { of: 'base', currency: base };
}

/** Whether amounts are quote value: of inverse contracts, unless the exchange counts them in coins. */
export function countsValue({ symbol, unit }: Measured): boolean {
  return unit !== 'base' && isInverse(symbol);
}

function isInverse(symbol: string): boolean {
  return symbol.includes(':') && marketPath(symbol).startsWith('inverse');
}

/** The currency that a position or a holding of the symbol consists of: "BTC" for BTC/USDT and for BTC/USD:BTC. */
export function baseOf(symbol: string): string {
  return symbol.split(/[/:]/)[0] ?? symbol;
}
