import { assetOf, listedMarkets, marketById, symbolIdOf } from './markets.js';
import { open, type WireCall, type Route } from './route.js';
import { jsonNumber } from '../exact-body.js';
import type { Market } from '../../engine/market.js';
import { decimalsOf } from '../../engine/rounding.js';
import { compareDecimals, multiplyDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Market data of Kraken Futures, which costs nothing. Pages under
 * https://docs.kraken.com/api/docs/futures-api/trading/: get-instruments, instruments-status, get-tickers,
 * get-orderbook.
 */
export const MARKET_DATA: Route[] = [
  open('instruments', ({ engine }) => ({ instruments: listedMarkets(engine).map(instrument) })),
  open('instruments/status', ({ engine }) => ({ instrumentStatus: listedMarkets(engine).map(instrumentStatus) })),
  open('tickers', (call) => ({ tickers: listedMarkets(call.engine).map((market) => ticker(call, market)) })),
  open('orderbook', (call) => {
    const market = marketById(call.engine, call.parameters.mandatory('symbol'));
    const level = [
      jsonNumber(call.engine.price(market.symbol)),
      jsonNumber(multiplyDecimals(market.amountStep, '1000')),
    ];
    return { orderBook: { bids: [level], asks: [level] } };
  }),
];

function instrument(market: Market): Record<string, unknown> {
  const linear = market.kind === 'linear';
  const levelOf = (initialMargin: string, maintenanceMargin: string): Record<string, unknown> => ({
    [linear ? 'numNonContractUnits' : 'contracts']: jsonNumber('0'),
    initialMargin: jsonNumber(initialMargin),
    maintenanceMargin: jsonNumber(maintenanceMargin),
  });
  return {
    symbol: symbolIdOf(market),
    pair: `${assetOf(market.base)}:${assetOf(market.quote)}`,
    base: assetOf(market.base),
    quote: assetOf(market.quote),
    type: linear ? 'flexible_futures' : 'futures_inverse',
    ...(linear ? {} : { underlying: `rr_${assetOf(market.base)}usd`.toLowerCase() }),
    tickSize: jsonNumber(market.priceStep),
    contractSize: jsonNumber('1'),
    tradeable: true,
    impactMidSize: jsonNumber('1'),
    maxPositionSize: jsonNumber('1000000'),
    openingDate: '2022-01-01T00:00:00.000Z',
    marginLevels: [levelOf('0.02', '0.01')],
    retailMarginLevels: [levelOf('0.5', '0.25')],
    fundingRateCoefficient: jsonNumber('8'),
    maxRelativeFundingRate: jsonNumber('0.001'),
    contractValueTradePrecision: jsonNumber(String(tradePrecisionOf(market.amountStep))),
    postOnly: false,
    category: linear ? 'Layer 1' : '',
    tags: [],
    tradfi: false,
    mtf: !linear,
    isExpired: false,
  };
}

function instrumentStatus(market: Market): Record<string, unknown> {
  return {
    tradeable: symbolIdOf(market),
    experiencingDislocation: false,
    priceDislocationDirection: null,
    experiencingExtremeVolatility: false,
    extremeVolatilityInitialMarginMultiplier: 1,
  };
}

/** Decimals of a size: 4 for steps of 0.0001, -1 for steps of 10. */
function tradePrecisionOf(step: DecimalText): number {
  if (compareDecimals(step, '1') < 0) return decimalsOf(step);
  return -(/0*$/.exec(step)?.[0].length ?? 0);
}

function ticker({ engine, now }: WireCall, market: Market): Record<string, unknown> {
  const price = jsonNumber(engine.price(market.symbol));
  const none = jsonNumber('0');
  return {
    symbol: symbolIdOf(market),
    pair: `${assetOf(market.base)}:${assetOf(market.quote)}`,
    tag: 'perpetual',
    last: price,
    lastTime: new Date(now).toISOString(),
    lastSize: jsonNumber(market.amountStep),
    markPrice: price,
    indexPrice: price,
    bid: price,
    bidSize: jsonNumber(market.amountStep),
    ask: price,
    askSize: jsonNumber(market.amountStep),
    vol24h: none,
    volumeQuote: none,
    openInterest: none,
    open24h: price,
    high24h: price,
    low24h: price,
    fundingRate: none,
    fundingRatePrediction: none,
    suspended: false,
    postOnly: false,
    change24h: none,
  };
}
