import { open, optionalMarketOf, marketOf, type WireCall, type Route } from './route.js';
import { klines } from './klines.js';
import { eight, symbolIdOf } from './spot-rows.js';
import type { Market } from '../../engine/market.js';

const DAY_MS = 86_400_000;

/**
 * Market data of Binance spot. Pages under https://developers.binance.com/docs/binance-spot-api-docs/: rest-api/general-endpoints
 * (Check server time, Exchange information), rest-api/market-data-endpoints (Symbol price ticker, Symbol order book ticker,
 * 24hr ticker, Order book, Kline/Candlestick data) and filters.
 */
export const SPOT_MARKET_DATA: Route[] = [
  open('/api/v3/ping', 1, () => ({})),
  open('/api/v3/time', 1, ({ now }) => ({ serverTime: now })),
  open('/api/v3/exchangeInfo', 20, exchangeInfo),
  open('/api/v3/ticker/price', { withSymbol: 2, without: 4 }, (call) => oneOrAll(call, priceTicker)),
  open('/api/v3/ticker/bookTicker', { withSymbol: 2, without: 4 }, (call) => oneOrAll(call, bookTicker)),
  open('/api/v3/ticker/24hr', { withSymbol: 2, without: 80 }, (call) => oneOrAll(call, dayTicker)),
  open('/api/v3/depth', 5, (call) => {
    const level = [priceOf(call, marketOf(call)), eight('100')];
    return { lastUpdateId: call.now, bids: [level], asks: [level] };
  }),
  open('/api/v3/klines', 2, (call) => klines(call, { mostRows: 1_000, price: eight, volume: eight })),
];

/** One row if a symbol is named, otherwise a list of all. */
function oneOrAll(call: WireCall, rowOf: (call: WireCall, market: Market) => unknown): unknown {
  const market = optionalMarketOf(call);
  return market === null ? call.markets.all(call.engine).map((each) => rowOf(call, each)) : rowOf(call, market);
}

function priceOf({ engine }: WireCall, market: Market): string {
  return eight(engine.price(market.symbol));
}

function exchangeInfo(call: WireCall): unknown {
  const only = optionalMarketOf(call);
  const symbols = only === null ? call.markets.all(call.engine) : [only];
  return {
    timezone: 'UTC',
    serverTime: call.now,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
    ],
    exchangeFilters: [],
    symbols: symbols.map(symbolInfo),
  };
}

function symbolInfo(market: Market): unknown {
  const step = eight(market.amountStep);
  const tick = eight(market.priceStep);
  return {
    symbol: symbolIdOf(market),
    status: 'TRADING',
    baseAsset: market.base,
    baseAssetPrecision: 8,
    quoteAsset: market.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: false,
    ocoAllowed: true,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: eight('1000000'), tickSize: tick },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: eight('9000000'), stepSize: step },
      { filterType: 'MARKET_LOT_SIZE', minQty: eight('0'), maxQty: eight('9000000'), stepSize: eight('0') },
      {
        filterType: 'NOTIONAL',
        minNotional: eight(market.minNotional),
        applyMinToMarket: true,
        maxNotional: eight('9000000'),
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
      { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  };
}

function priceTicker(call: WireCall, market: Market): unknown {
  return { symbol: symbolIdOf(market), price: priceOf(call, market) };
}

function bookTicker(call: WireCall, market: Market): unknown {
  const price = priceOf(call, market);
  const quantity = eight('100');
  return { symbol: symbolIdOf(market), bidPrice: price, bidQty: quantity, askPrice: price, askQty: quantity };
}

function dayTicker(call: WireCall, market: Market): unknown {
  const price = priceOf(call, market);
  return {
    symbol: symbolIdOf(market),
    priceChange: eight('0'),
    priceChangePercent: '0.000',
    weightedAvgPrice: price,
    prevClosePrice: price,
    lastPrice: price,
    lastQty: eight(market.amountStep),
    bidPrice: price,
    bidQty: eight('100'),
    askPrice: price,
    askQty: eight('100'),
    openPrice: price,
    highPrice: price,
    lowPrice: price,
    volume: eight('0'),
    quoteVolume: eight('0'),
    openTime: call.now - DAY_MS,
    closeTime: call.now,
    firstId: -1,
    lastId: -1,
    count: 0,
  };
}
