import type { Balance } from '../domain/snapshot/snapshot.js';

/**
 * Names of currencies that mean another one, by exchange. They apply to both sides, so a bot may use either name.
 *
 * - Every exchange: letter case does not matter, and XBT is BTC.
 * - Binance Spot: a coin in flexible Simple Earn is listed as `LD` and the coin ("LDUSDT"). The rest has two letters or more,
 *   because LDO is a coin itself. https://developers.binance.com/docs/simple_earn
 * - Kraken: `X` and `Z` before old codes ("XXBT", "ZUSD"), and a suffix for what a coin is used for: `.F` Auto Earn, `.S` staked,
 *   `.M` opt-in rewards, `.B` yield-bearing, `.P` parachain. https://docs.kraken.com/api/docs/rest-api/get-account-balance
 */
const EVERYWHERE: Readonly<Record<string, string>> = { XBT: 'BTC' };

const KRAKEN_SUFFIX = /\.[FSMBP]$/;
const KRAKEN: Readonly<Record<string, string>> = {
  XXBT: 'BTC',
  XDG: 'DOGE',
  XXDG: 'DOGE',
  XETH: 'ETH',
  XETC: 'ETC',
  XLTC: 'LTC',
  XMLN: 'MLN',
  XREP: 'REP',
  XXLM: 'XLM',
  XXMR: 'XMR',
  XXRP: 'XRP',
  XZEC: 'ZEC',
  ZAUD: 'AUD',
  ZCAD: 'CAD',
  ZEUR: 'EUR',
  ZGBP: 'GBP',
  ZJPY: 'JPY',
  ZUSD: 'USD',
};

const BINANCE_EARN = /^LD(?=..)/;

/** The currency that a code means on an exchange (ccxt's id): "LDUSDT" is "USDT" on binance. */
export function currencyMeant(exchangeId: string, code: string): string {
  const upper = code.toUpperCase();
  const known = exchangeId === 'binance' ? upper.replace(BINANCE_EARN, '') : ofKraken(exchangeId, upper);
  return own(EVERYWHERE, known) ?? known;
}

/** The codes of these balances that mean another currency, for `Snapshot.currencyCodes`; empty if there are none. */
export function currencyCodesOf(
  codes: Iterable<string>,
  meant: (code: string) => string,
): { currencyCodes?: Record<string, string> } {
  const changed = [...new Set(codes)].flatMap((code): [string, string][] => {
    const currency = meant(code);
    return currency === code ? [] : [[code, currency]];
  });
  return changed.length === 0 ? {} : { currencyCodes: Object.fromEntries(changed) };
}

/** As `currencyCodesOf`, of what an exchange holds. */
export function codesOfExchange(
  exchangeId: string,
  balances: readonly Balance[],
): { currencyCodes?: Record<string, string> } {
  return currencyCodesOf(
    balances.map(({ currency }) => currency),
    (code) => currencyMeant(exchangeId, code),
  );
}

function ofKraken(exchangeId: string, code: string): string {
  if (exchangeId !== 'kraken') return code;
  const coin = code.replace(KRAKEN_SUFFIX, '');
  return own(KRAKEN, coin) ?? coin;
}

function own(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
