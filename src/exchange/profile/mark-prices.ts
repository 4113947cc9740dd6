import { Big } from 'big.js';
import { isZero, type DecimalText } from '../../domain/decimal/decimal.js';
import { DOLLARS } from '../../domain/policy/drift-value.js';
import type { MarketFacts } from '../../domain/snapshot/snapshot.js';
import type { Prices, Profile, SpotPrices } from './profile.js';

/** The price at which a position has its reported value; null if the row reports none. */
export function priceByValue(value: DecimalText | null | undefined, amount: DecimalText): DecimalText | null {
  if (value === null || value === undefined || isZero(amount)) return null;
  return new Big(value).div(amount).abs().toFixed();
}

/** The public prices of an exchange at which drifts are valued. */
export interface PublicPrices {
  spot: Prices;
  contracts: Prices;
}

export const NO_PRICES: PublicPrices = { spot: new Map(), contracts: new Map() };

/**
 * The public price of a symbol, for orders, and for a position that is gone: no row reports one. Of a contract it is its mark
 * price, or else the last price of its spot pair: of BTC/USDT for BTC/USDT:USDT.
 */
export function publicPriceOf(
  symbol: string,
  { spot, contracts }: PublicPrices,
  { anyoneListsSpot }: Pick<Profile, 'anyoneListsSpot'>,
): DecimalText | undefined {
  const [pair = symbol] = symbol.split(':');
  const ofSpot = pair !== symbol && anyoneListsSpot === true ? undefined : spot.get(pair);
  return contracts.get(symbol) ?? ofSpot;
}

/** The last price of a currency in dollars, of the first dollar market that has one. */
function dollarPriceOf(currency: string, prices: SpotPrices): DecimalText | undefined {
  for (const dollar of DOLLARS) {
    const price = prices.get(`${currency}/${dollar}`);
    if (price !== undefined) return price;
  }
  return undefined;
}

/** Currencies' facts with their dollar prices. */
export function withDollarPrices(
  facts: Readonly<Record<string, MarketFacts>>,
  prices: SpotPrices,
): Record<string, MarketFacts> {
  return Object.fromEntries(
    Object.entries(facts).map(([currency, each]) => [currency, withMarkPrice(each, dollarPriceOf(currency, prices))]),
  );
}

export function withMarkPrice(facts: MarketFacts, markPrice: DecimalText | undefined): MarketFacts {
  return markPrice === undefined ? facts : { ...facts, markPrice };
}
