import { z } from 'zod';
import { isDecimal, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { CcxtExchange } from '../transport/ccxt-exchange.js';
import type { SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { envelope, idOf, NOTHING } from './shared/common.js';

/*
 * Bitget's lists of markets. Source: bitget.com/api-doc, pages spot/market/Get-Symbols, contract/market/Get-All-Symbols-Contracts
 * and uta/public/Instruments.
 *
 * - Classic and unified accounts have different coin-margined contracts. The classic ones ("BTCUSD", dated "BTCUSDU26") count in
 *   the base coin. The perpetuals of unified accounts ("BTCUSD_CM") count in contracts of 1 USD. Both lists are loaded; where both
 *   have a contract of one unified symbol, the classic one keeps it.
 * - ccxt takes the step of a v3 contract from its number of decimals; quantityMultiplier is the step.
 */

const SYMBOLS = get(
  '/api/v2/spot/public/symbols',
  null,
  envelope(z.array(z.object({ symbol: word, baseCoin: word, quoteCoin: word, quantityPrecision: word })).min(1)),
);
const CONTRACTS = get(
  '/api/v2/mix/market/contracts',
  null,
  envelope(
    // Empty for the product types of old demo accounts, which ccxt asks for as well.
    z.array(
      z.object({
        symbol: word,
        baseCoin: word,
        quoteCoin: word,
        supportMarginCoins: z.array(word).min(1),
        sizeMultiplier: decimalText,
        symbolType: z.enum(['perpetual', 'delivery']),
      }),
    ),
  ),
);
/** ccxt asks which pairs can be traded on margin. The answer is not used. */
const MARGIN_PAIRS = get('/api/v2/margin/currencies', null, envelope(z.array(z.object({ symbol: word }))));
const INSTRUMENTS = get(
  '/api/v3/market/instruments',
  null,
  envelope(
    z.array(z.object({ symbol: word, category: word, baseCoin: word, quoteCoin: word, quantityPrecision: word })),
  ),
);

export const MARKET_ENDPOINTS = [SYMBOLS, CONTRACTS, MARGIN_PAIRS, INSTRUMENTS];

const CCXT_MARKET = z.looseObject({
  id: z.string(),
  symbol: z.string(),
  contract: z.boolean(),
  precision: z.looseObject({}),
  info: z.looseObject({ quantityMultiplier: z.string().nullish() }),
});
type CcxtMarket = z.infer<typeof CCXT_MARKET>;

/** Loads the markets of both kinds of accounts into a ccxt instance. */
export async function loadBitgetMarkets(exchange: CcxtExchange): Promise<void> {
  const classic = await fetched(exchange, 'fetchDefaultMarkets');
  const unified = await fetched(exchange, 'fetchUtaMarkets');
  const known = new Set(classic.map(nameIn));
  const more = unified.filter((market) => !known.has(nameIn(market))).map(withStep);
  const setMarkets = exchange['setMarkets'];
  if (typeof setMarkets !== 'function') throw new TypeError("ccxt's bitget has no setMarkets");
  // The last market of a symbol keeps it.
  Reflect.apply(setMarkets, exchange, [[...more, ...classic]]);
}

async function fetched(exchange: CcxtExchange, method: string): Promise<CcxtMarket[]> {
  const fetchMarkets = exchange[method];
  if (typeof fetchMarkets !== 'function') throw new TypeError(`ccxt's bitget has no ${method}`);
  return z.array(CCXT_MARKET).parse(await (Reflect.apply(fetchMarkets, exchange, [{}]) as Promise<unknown>));
}

function nameIn({ id, contract }: CcxtMarket): string {
  return `${contract ? 'contract' : 'spot'} ${id}`;
}

function withStep(market: CcxtMarket): CcxtMarket {
  const step = market.info.quantityMultiplier;
  if (!market.contract || step === undefined || step === null || !isDecimal(step) || signOf(step) <= 0) return market;
  return { ...market, precision: { ...market.precision, amount: step } };
}

const TICKERS = get(
  '/api/v2/spot/market/tickers',
  'publicSpotGetV2SpotMarketTickers',
  envelope(z.array(z.object({ symbol: word, lastPr: z.union([decimalText, NOTHING]).nullish() }))),
);

/** Last prices of all spot pairs. Source: bitget.com/api-doc/spot/market/Get-Tickers. */
export async function readBitgetPrices(session: ReadSession): Promise<SpotPrices> {
  const byId = new Map<string, DecimalText>();
  for (const { symbol, lastPr } of (await session.ask(TICKERS)).data) {
    if (lastPr !== undefined && lastPr !== null && lastPr !== '' && signOf(lastPr) > 0) byId.set(idOf(symbol), lastPr);
  }
  const prices = new Map<string, DecimalText>();
  for (const symbol of session.symbols()) {
    if (symbol.includes(':')) continue;
    const price = byId.get(idOf((await session.marketOf(symbol))?.id ?? ''));
    if (price !== undefined) prices.set(symbol, price);
  }
  return prices;
}
