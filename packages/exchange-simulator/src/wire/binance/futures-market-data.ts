import { BinanceError } from './errors.js';
import { symbolIdOf } from './futures-rows.js';
import { klines, klineWeight, markPriceKlines, type KlineFormat } from './klines.js';
import { marketOf, open, optionalMarketOf, type WireCall, type Route } from './route.js';
import { settledRates } from '../../engine/funding-rates.js';
import type { Market } from '../../engine/market.js';
import { decimalsOf, padDecimals } from '../../engine/rounding.js';

const PERPETUAL_DELIVERY = 4_133_404_800_000;
const ONBOARDED = 1_569_398_400_000;
const DAY_MS = 86_400_000;
const FUNDING_INTERVAL_MS = 8 * 3_600_000;
const WEIGHT_PER_MINUTE = 2_400;

/**
 * Market data of USD-M futures. Pages under
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/: Check-Server-Time,
 * Exchange-Information, Mark-Price, Symbol-Price-Ticker, Symbol-Order-Book-Ticker, 24hr-Ticker-Price-Change-Statistics,
 * Order-Book, Kline-Candlestick-Data, Mark-Price-Kline-Candlestick-Data, Get-Funding-Rate-History.
 */
export const FUTURES_MARKET_DATA: Route[] = [
  open('/fapi/v1/ping', 1, () => ({})),
  open('/fapi/v1/time', 1, ({ now }) => ({ serverTime: now })),
  open('/fapi/v1/exchangeInfo', 1, exchangeInfo),
  open('/fapi/v1/premiumIndex', { withSymbol: 1, without: 10 }, (call) => oneOrAll(call, premiumIndex)),
  open('/fapi/v1/ticker/price', { withSymbol: 1, without: 2 }, (call) => oneOrAll(call, priceTicker)),
  open('/fapi/v2/ticker/price', { withSymbol: 1, without: 2 }, (call) => oneOrAll(call, priceTicker)),
  open('/fapi/v1/ticker/bookTicker', { withSymbol: 2, without: 5 }, (call) => oneOrAll(call, bookTicker)),
  open('/fapi/v1/ticker/24hr', { withSymbol: 1, without: 40 }, (call) => oneOrAll(call, dayTicker)),
  open('/fapi/v1/depth', 20, depth),
  open('/fapi/v1/klines', klineWeight, (call) => klines(call, KLINES)),
  open('/fapi/v1/markPriceKlines', klineWeight, (call) => markPriceKlines(call, KLINES)),
  open('/fapi/v1/fundingRate', 1, fundingRates),
];

const KLINES: KlineFormat = {
  mostRows: 1_500,
  price: tickPrice,
  volume: (amount, market) => padDecimals(amount, decimalsOf(market.amountStep)),
};

/** One row if a symbol is named, otherwise a list of all. */
function oneOrAll(call: WireCall, rowOf: (call: WireCall, market: Market) => unknown): unknown {
  const market = optionalMarketOf(call);
  return market === null ? call.markets.all(call.engine).map((each) => rowOf(call, each)) : rowOf(call, market);
}

function exchangeInfo({ engine, now, markets }: WireCall): unknown {
  const listed = markets.all(engine);
  const assets = [...new Set(listed.map(({ settle }) => settle))];
  return {
    exchangeFilters: [],
    rateLimits: [
      { interval: 'MINUTE', intervalNum: 1, limit: WEIGHT_PER_MINUTE, rateLimitType: 'REQUEST_WEIGHT' },
      { interval: 'MINUTE', intervalNum: 1, limit: 1_200, rateLimitType: 'ORDERS' },
    ],
    serverTime: now,
    assets: assets.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '0' })),
    symbols: listed.map(symbolInfo),
    timezone: 'UTC',
  };
}

function symbolInfo(market: Market): unknown {
  const id = symbolIdOf(market);
  const lot = { maxQty: '100000000', minQty: market.amountStep, stepSize: market.amountStep };
  return {
    symbol: id,
    pair: id,
    contractType: 'PERPETUAL',
    deliveryDate: PERPETUAL_DELIVERY,
    onboardDate: ONBOARDED,
    status: 'TRADING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: market.base,
    quoteAsset: market.quote,
    marginAsset: market.settle,
    pricePrecision: decimalsOf(market.priceStep),
    quantityPrecision: decimalsOf(market.amountStep),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    settlePlan: 0,
    triggerProtect: '0.0500',
    liquidationFee: '0.010000',
    marketTakeBound: '0.30',
    filters: [
      { filterType: 'PRICE_FILTER', maxPrice: '10000000', minPrice: market.priceStep, tickSize: market.priceStep },
      { filterType: 'LOT_SIZE', ...lot },
      { filterType: 'MARKET_LOT_SIZE', ...lot },
      { filterType: 'MAX_NUM_ORDERS', limit: 10_000 },
      { filterType: 'MIN_NOTIONAL', notional: market.minNotional },
      { filterType: 'PERCENT_PRICE', multiplierUp: '1.1500', multiplierDown: '0.8500', multiplierDecimal: '4' },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  };
}

function premiumIndex({ engine, now }: WireCall, market: Market): unknown {
  const price = padDecimals(engine.price(market.symbol), 8);
  return {
    symbol: symbolIdOf(market),
    markPrice: price,
    indexPrice: price,
    estimatedSettlePrice: price,
    lastFundingRate: '0.00010000',
    interestRate: '0.00010000',
    nextFundingTime: (Math.floor(now / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS,
    time: now,
  };
}

function priceTicker({ engine, now }: WireCall, market: Market): unknown {
  return { symbol: symbolIdOf(market), price: tickPrice(engine.price(market.symbol), market), time: now };
}

function bookTicker({ engine, now }: WireCall, market: Market): unknown {
  const price = tickPrice(engine.price(market.symbol), market);
  const quantity = padDecimals('100', decimalsOf(market.amountStep));
  return {
    symbol: symbolIdOf(market),
    bidPrice: price,
    bidQty: quantity,
    askPrice: price,
    askQty: quantity,
    time: now,
  };
}

function dayTicker({ engine, now }: WireCall, market: Market): unknown {
  const price = tickPrice(engine.price(market.symbol), market);
  return {
    symbol: symbolIdOf(market),
    priceChange: '0',
    priceChangePercent: '0.000',
    weightedAvgPrice: price,
    lastPrice: price,
    lastQty: market.amountStep,
    openPrice: price,
    highPrice: price,
    lowPrice: price,
    volume: '0.000',
    quoteVolume: '0.00',
    openTime: now - DAY_MS,
    closeTime: now,
    firstId: 0,
    lastId: 0,
    count: 0,
  };
}

function depth(call: WireCall): unknown {
  const market = marketOf(call);
  const level = [
    tickPrice(call.engine.price(market.symbol), market),
    padDecimals('100', decimalsOf(market.amountStep)),
  ];
  return { lastUpdateId: call.now, E: call.now, T: call.now, bids: [level], asks: [level] };
}

function tickPrice(price: string, market: Market): string {
  return padDecimals(price, decimalsOf(market.priceStep));
}

/** Oldest first; of all symbols if none is named. Only funding times at which an account held a position. */
function fundingRates(call: WireCall): unknown {
  const { engine, parameters, markets } = call;
  const only = optionalMarketOf(call);
  const limit = parameters.integer('limit') ?? 100;
  if (limit < 1) throw new BinanceError(400, -1130, "Data sent for parameter 'limit' is not valid.");
  const [from, to] = [parameters.integer('startTime'), parameters.integer('endTime')];
  const rows = (only === null ? markets.all(engine) : [only]).flatMap((market) =>
    settledRates(engine, market.symbol)
      .filter(({ at }) => at >= (from ?? 0) && at <= (to ?? call.now))
      .map(({ at, rate, price }) => ({
        symbol: symbolIdOf(market),
        fundingRate: padDecimals(rate, 8),
        fundingTime: at,
        markPrice: padDecimals(price, 8),
      })),
  );
  const sorted = rows.toSorted((a, b) => a.fundingTime - b.fundingTime);
  const most = Math.min(limit, 1_000);
  // With a start time the oldest rows are returned, otherwise the newest.
  return from === undefined ? sorted.slice(-most) : sorted.slice(0, most);
}
