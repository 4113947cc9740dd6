import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { Market, MarketKind } from './markets.js';
import type { Prices } from './profile.js';
import type { ReadSession } from './read-session.js';
import { priceOf } from './rows.js';
import { RowRefusal } from './unread.js';

/** The market of an exchange's own id; null where the list of markets does not have it, for answers that decide nothing. */
export async function knownMarket(
  session: ReadSession,
  from: Endpoint<unknown>,
  id: string,
  kinds: readonly MarketKind[],
): Promise<Market | null> {
  try {
    return await session.market(id, from, kinds);
  } catch (error) {
    if (error instanceof RowRefusal) return null;
    throw error;
  }
}

/** Last prices of spot markets by unified symbol, from the exchange's own ids and prices ("" for a market without trades). */
export async function spotPricesOf(
  session: ReadSession,
  from: Endpoint<unknown>,
  tickers: readonly { id: string; last: string }[],
): Promise<Prices> {
  const prices = new Map<string, DecimalText>();
  for (const { id, last } of tickers) {
    const price = priceOf(last);
    const market = price === null ? null : await knownMarket(session, from, id, ['spot']);
    if (price !== null && market !== null) prices.set(market.symbol, price);
  }
  return prices;
}

/**
 * The prices of known markets, from prices by the exchange's own ids. Ids that no market has are left out, and are no reason to
 * load the markets again.
 */
export async function knownPricesOf(
  session: ReadSession,
  kinds: readonly MarketKind[],
  byId: ReadonlyMap<string, string | null | undefined>,
): Promise<Prices> {
  const prices = new Map<string, DecimalText>();
  for (const symbol of session.symbols()) {
    const market = await session.marketOf(symbol);
    const price = market !== null && kinds.includes(market.kind) ? priceOf(byId.get(market.id)) : null;
    if (price !== null) prices.set(symbol, price);
  }
  return prices;
}
