import type { DecimalText } from '../decimal/decimal.js';
import type { MarketFacts, Snapshot } from './snapshot.js';

type Markets = Pick<Snapshot, 'markets'>;

/** The price at which a drift of the symbol is valued, by the exchange's side or else by the bot's; null if none is known. */
export function markPriceOf(symbol: string, exchange: Markets, internal: Markets): DecimalText | null {
  return own(exchange.markets, symbol)?.markPrice ?? own(internal.markets, symbol)?.markPrice ?? null;
}

/** Reads only own properties, because the key is outside text and may be "constructor". */
function own(markets: Record<string, MarketFacts>, symbol: string): MarketFacts | undefined {
  return Object.hasOwn(markets, symbol) ? markets[symbol] : undefined;
}
