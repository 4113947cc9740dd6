import { Big } from 'big.js';
import { compareDecimals, type DecimalText } from '../../domain/decimal/decimal.js';
import type { MarketFacts } from '../../domain/snapshot/snapshot.js';
import type { Market, MarketIndex } from './markets.js';
import type { SpotPrices } from './profile.js';

/**
 * What the spot markets show about currencies: the step is the finest step of a currency's own markets, the least
 * amount is the least that one of these markets accepts as an order, by amount and by value. A currency without markets
 * (the quote currencies, mostly) has no facts.
 *
 * The facts of all currencies are kept for a list of markets and prices, because both change rarely.
 */
export function currencyFacts(
  currencies: readonly string[],
  markets: MarketIndex,
  prices: SpotPrices,
): Record<string, MarketFacts> {
  const byBase = markets.spotByBase();
  const facts: Record<string, MarketFacts> = {};
  for (const currency of currencies) {
    const own = byBase.get(currency) ?? [];
    const step = least(own.map(({ amountStep }) => amountStep));
    if (step === null) continue;
    const minAmount = least(own.flatMap((market) => leastOrder(market, prices.get(market.symbol)) ?? []));
    facts[currency] = { amountStep: step, ...(minAmount === null ? {} : { minAmount }) };
  }
  return facts;
}

/** The least amount of an order; null where a market asks for a least value and the price is not known, or for neither. */
function leastOrder({ minAmount, minCost }: Market, price: DecimalText | undefined): DecimalText | null {
  if (minCost === null) return minAmount;
  if (price === undefined) return minAmount;
  // Two digits: a price changes all the time, but the snapshot of an unchanged account should not.
  const byValue = new Big(minCost).div(price).prec(2, Big.roundDown).toFixed();
  return minAmount === null || compareDecimals(byValue, minAmount) > 0 ? byValue : minAmount;
}

function least(amounts: readonly DecimalText[]): DecimalText | null {
  return amounts.reduce<DecimalText | null>(
    (known, amount) => (known === null || compareDecimals(amount, known) < 0 ? amount : known),
    null,
  );
}
