import type { TradingMode } from './books.js';

// Freqtrade and ccxt name some exchanges differently, and some of ccxt's ids trade in one mode only.

/** ccxt's ids of the same exchange, as Freqtrade names it in `exchange.name`. Others have the same name in both. */
const FREQTRADE_NAMES: Readonly<Record<string, string>> = {
  binanceusdm: 'binance',
  bybiteu: 'bybit',
  bybitid: 'bybit',
  gateio: 'gate',
  huobi: 'htx',
  kucoinfutures: 'kucoin',
  myokx: 'okx',
  okxus: 'okx',
};

/** Exchanges (ccxt's ids) whose accounts trade in one mode only. */
const MODES: Readonly<Record<string, TradingMode>> = {
  binance: 'spot',
  binanceus: 'spot',
  binanceusdm: 'futures',
  krakenfutures: 'futures',
  kucoinfutures: 'futures',
};

/** Former names of exchanges in ccxt, which older configurations of Freqtrade still have. */
const FORMER_IDS: Readonly<Record<string, string>> = { gateio: 'gate', huobi: 'htx' };

/** How Freqtrade names the exchange of ccxt's id. */
export function freqtradeNameOf(id: string): string {
  return own(FREQTRADE_NAMES, id) ?? id;
}

/** The one mode in which accounts of this exchange trade; null if there are several. */
export function modeOf(id: string): TradingMode | null {
  return own(MODES, id) ?? null;
}

/** ccxt's id of the account on which a Freqtrade trades: futures on Binance are an exchange of their own in ccxt. */
export function exchangeIdOf(freqtradeName: string, mode: TradingMode): string {
  if (freqtradeName === 'binance' && mode === 'futures') return 'binanceusdm';
  return own(FORMER_IDS, freqtradeName) ?? freqtradeName;
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
