/** Where an account trades. Only `live` is real money. */
export type Environment = 'live' | 'demo' | 'testnet';

/** How ccxt's class enters its demo trading: by an address of its own (`enableDemoTrading`), or by a header. */
export type Entry = 'enableDemoTrading' | 'setSandboxMode';

/**
 * Demo trading, by ccxt's id. OKX and Bitget serve it at the live address and tell it apart by a header (x-simulated-trading,
 * PAPTRADING); Binance and Bybit have an address for it. binanceus and bybitid inherit an address of another site from ccxt, which
 * would receive the key of this one, so they are not listed.
 */
const DEMOS: ReadonlyMap<string, Entry> = new Map([
  ['binance', 'enableDemoTrading'],
  ['binancecoinm', 'enableDemoTrading'],
  ['binanceusdm', 'enableDemoTrading'],
  ['bitget', 'enableDemoTrading'],
  ['bybit', 'enableDemoTrading'],
  ['bybiteu', 'enableDemoTrading'],
  ['myokx', 'setSandboxMode'],
  ['okx', 'setSandboxMode'],
  ['okxus', 'setSandboxMode'],
]);

/**
 * Exchanges whose test net ccxt knows completely: every address of the class has a test address on another host. A test
 * compares the list with ccxt. Binance, Gate and Kraken Futures are also listed, because their test nets have
 * everything that a profile reads. A class is left out if it inherits the test net of another site (binanceus, bybitid,
 * gateeu) or names one (blockchaincom).
 */
const TESTNETS: ReadonlySet<string> = new Set([
  'alpaca',
  'apex',
  'bequant',
  'binance',
  'binancecoinm',
  'binanceusdm',
  'bingx',
  'bitso',
  'blofin',
  'btse',
  'bullish',
  'bybit',
  'bybiteu',
  'coinbaseexchange',
  'coinbaseinternational',
  'delta',
  'deribit',
  'derive',
  'dydx',
  'extended',
  'fmfwio',
  'gate',
  'gemini',
  'grvt',
  'hashkey',
  'hitbtc',
  'hollaex',
  'hyperliquid',
  'krakenfutures',
  'lighter',
  'modetrade',
  'nado',
  'ndax',
  'pacifica',
  'paradex',
  'phemex',
  'woo',
  'woofipro',
  'zebpay',
]);

/** How an exchange's class enters the environment; null if ccxt has no such environment for it. */
export function entryOf(id: string, environment: Exclude<Environment, 'live'>): Entry | null {
  if (environment === 'demo') return DEMOS.get(id) ?? null;
  return TESTNETS.has(id) ? 'setSandboxMode' : null;
}

/** The environments besides the live one that an exchange has. */
export function environmentsOf(id: string): Exclude<Environment, 'live'>[] {
  return (['demo', 'testnet'] as const).filter((environment) => entryOf(id, environment) !== null);
}
