import { chosenMarkets, open, read, symbolIdOf, type WireCall, type Route } from './route.js';
import type { Market } from '../../engine/market.js';
import { decimalsOf } from '../../engine/rounding.js';
import { Big } from 'big.js';

const LAUNCH_MS = Date.parse('2020-03-30T00:00:00Z');

/**
 * Pages under https://bybit-exchange.github.io/docs/v5/: market/time, market/instrument, market/tickers,
 * asset/balance/coin-info.
 */
export const MARKET_DATA: Route[] = [
  open('/v5/market/time', ({ now }) => ({
    timeSecond: String(Math.floor(now / 1_000)),
    timeNano: `${now}000000`,
  })),
  open('/v5/market/instruments-info', instruments),
  open('/v5/market/tickers', tickers),
  read('/v5/asset/coin/query-info', 5, coins),
];

/** Spot has no pages. Of the others 1,000 fit on one, which is more than the engine has. */
function instruments(call: WireCall): unknown {
  const category = call.parameters.category();
  // All are trading: none is pre-listed or delivering.
  const isAsked = (call.parameters.text('status') ?? 'Trading') === 'Trading';
  const listed = isAsked ? chosenMarkets(call, category, false) : [];
  const list = listed.map((market) => (category === 'spot' ? spotInstrument(market) : contractInstrument(market)));
  return category === 'spot' ? { category, list } : { category, list, nextPageCursor: '' };
}

function contractInstrument(market: Market): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    contractType: market.kind === 'inverse' ? 'InversePerpetual' : 'LinearPerpetual',
    status: 'Trading',
    baseCoin: market.base,
    quoteCoin: market.quote,
    symbolType: '',
    launchTime: String(LAUNCH_MS),
    deliveryTime: '0',
    deliveryFeeRate: '',
    priceScale: String(decimalsOf(market.priceStep)),
    leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' },
    priceFilter: { ...pricesOf(market), maxPrice: '1999999.80' },
    lotSizeFilter: {
      maxOrderQty: '10000000',
      minOrderQty: market.amountStep,
      qtyStep: market.amountStep,
      postOnlyMaxOrderQty: '10000000',
      maxMktOrderQty: '1000000',
      minNotionalValue: market.kind === 'inverse' ? '' : market.minNotional,
    },
    unifiedMarginTrade: true,
    fundingInterval: 480,
    settleCoin: market.settle,
    copyTrading: 'none',
    upperFundingRate: '0.00375',
    lowerFundingRate: '-0.00375',
    displayName: '',
    forbidUplWithdrawal: false,
    riskParameters: { priceLimitRatioX: '0.01', priceLimitRatioY: '0.02' },
    isPreListing: false,
    preListingInfo: null,
  };
}

function spotInstrument(market: Market): Record<string, unknown> {
  return {
    symbol: symbolIdOf(market),
    baseCoin: market.base,
    quoteCoin: market.quote,
    innovation: '0',
    symbolType: '',
    status: 'Trading',
    marginTrading: 'none',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: market.amountStep,
      quotePrecision: new Big(market.amountStep).times(market.priceStep).toFixed(),
      minOrderQty: market.amountStep,
      maxOrderQty: '1000000',
      minOrderAmt: market.minNotional,
      maxOrderAmt: '100000000',
    },
    priceFilter: { tickSize: market.priceStep },
    riskParameters: { priceLimitRatioX: '0.01', priceLimitRatioY: '0.02' },
  };
}

function pricesOf(market: Market): Record<string, string> {
  return { minPrice: market.priceStep, tickSize: market.priceStep };
}

/** One price is last, index and mark price; the order book is empty. */
function tickers(call: WireCall): unknown {
  const category = call.parameters.category();
  const list = chosenMarkets(call, category, false).map((market) => {
    const price = call.engine.price(market.symbol);
    return {
      symbol: symbolIdOf(market),
      lastPrice: price,
      indexPrice: price,
      markPrice: price,
      prevPrice24h: price,
      price24hPcnt: '0',
      highPrice24h: price,
      lowPrice24h: price,
      turnover24h: '0',
      volume24h: '0',
      bid1Price: price,
      bid1Size: '0',
      ask1Price: price,
      ask1Size: '0',
    };
  });
  return { category, list };
}

function coins({ engine }: WireCall): unknown {
  const names = new Set(engine.markets('bybit').flatMap(({ base, quote }) => [base, quote]));
  return { rows: [...names].map((coin) => ({ name: coin, coin, remainAmount: '100000000', chains: [] })) };
}
