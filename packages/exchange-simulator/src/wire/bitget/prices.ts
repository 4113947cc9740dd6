import { wrong } from './shared/errors.js';
import {
  contractOf,
  contractsListed,
  open,
  optionalPairOf,
  pairOf,
  productTypeOf,
  spotListed,
  symbolIdOf,
  type Route,
  type WireCall,
} from './shared/route.js';
import { candlesOf, timeframeOf, type Candle, type Timeframe } from '../../engine/candles.js';
import type { Market } from '../../engine/market.js';
import { settledRates } from '../../engine/funding-rates.js';
import { multiplyDecimals } from '@plumbline/primitives/decimal';

/** Candles of one request: 1000 recent ones, 200 from the history. */
const MOST_CANDLES = { recent: 1_000, history: 200 };
const DEPTH_STEPS = '1000';
const FUNDING_INTERVAL_MS = 8 * 3_600_000;

/**
 * Tickers, books, candles, leverage tiers and funding rates. Pages under https://www.bitget.com/api-doc/: contract/market/
 * Get-Ticker, Get-All-Symbol-Ticker, Get-Merge-Depth, Get-Candle-Data, Get-History-Candle-Data, Get-History-Index-Candle-Data,
 * Get-History-Mark-Candle-Data, Get-History-Funding-Rate, Get-Current-Funding-Rate; contract/position/
 * Get-Query-Position-Lever; spot/market/Get-Tickers, Get-Orderbook, Get-Candle-Data, Get-History-Candle-Data. A book has
 * one level on each side, at the engine's price.
 */
export const PRICES: Route[] = [
  open('/api/v2/mix/market/ticker', 20, (call) => [contractTicker(call, contractOf(call))]),
  open('/api/v2/mix/market/tickers', 20, (call) =>
    contractsListed(call.engine, productTypeOf(call)).map((market) => contractTicker(call, market)),
  ),
  open('/api/v2/mix/market/merge-depth', 20, (call) => ({
    ...book(call, contractOf(call)),
    scale: '0.1',
    precision: 'scale0',
    isMaxPrecision: 'NO',
  })),
  open('/api/v2/mix/market/candles', 20, (call) => candles(call, contractOf(call), MOST_CANDLES.recent)),
  ...['history-candles', 'history-mark-candles', 'history-index-candles'].map((path) =>
    open(`/api/v2/mix/market/${path}`, 20, (call) => candles(call, contractOf(call), MOST_CANDLES.history)),
  ),
  open('/api/v2/mix/market/query-position-lever', 10, (call) => leverageTiers(contractOf(call))),
  open('/api/v2/mix/market/history-fund-rate', 20, (call) => {
    const market = contractOf(call);
    const size = call.parameters.integer('pageSize') ?? 20;
    const page = call.parameters.integer('pageNo') ?? 1;
    if (size < 1 || size > 100) throw wrong('pageSize');
    if (page < 1) throw wrong('pageNo');
    return settledRates(call.engine, market.symbol)
      .toReversed()
      .slice((page - 1) * size, page * size)
      .map(({ at, rate }) => ({ symbol: symbolIdOf(market), fundingRate: rate, fundingTime: String(at) }));
  }),
  open('/api/v2/mix/market/current-fund-rate', 20, (call) => {
    const markets =
      call.parameters.text('symbol') === undefined
        ? contractsListed(call.engine, productTypeOf(call))
        : [contractOf(call)];
    const nextUpdate = String((Math.floor(call.now / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS);
    return markets.map((market) => ({
      symbol: symbolIdOf(market),
      fundingRate: '0',
      fundingRateInterval: '8',
      nextUpdate,
      minFundingRate: '-0.003',
      maxFundingRate: '0.003',
    }));
  }),

  open('/api/v2/spot/market/tickers', 20, (call) => {
    const only = optionalPairOf(call);
    return (only === null ? spotListed(call.engine) : [only]).map((market) => commonTicker(call, market));
  }),
  open('/api/v2/spot/market/orderbook', 20, (call) => book(call, pairOf(call))),
  open('/api/v2/spot/market/candles', 20, (call) => spotCandles(call, MOST_CANDLES.recent)),
  open('/api/v2/spot/market/history-candles', 20, (call) => spotCandles(call, MOST_CANDLES.history)),
];

const DAY: Timeframe = { count: 1, unit: 'd' };

function commonTicker({ engine, now }: WireCall, market: Market): Record<string, unknown> {
  const price = engine.price(market.symbol);
  const [day] = candlesOf(engine, market.symbol, { timeframe: DAY, to: now, limit: 1 });
  const volume = day?.volume ?? '0';
  const turnover = multiplyDecimals(volume, price);
  const size = multiplyDecimals(market.amountStep, DEPTH_STEPS);
  return {
    symbol: symbolIdOf(market),
    lastPr: price,
    askPr: price,
    bidPr: price,
    askSz: size,
    bidSz: size,
    open: day?.open ?? price,
    high24h: day?.high ?? price,
    low24h: day?.low ?? price,
    change24h: '0',
    baseVolume: volume,
    quoteVolume: turnover,
    usdtVolume: turnover,
    openUtc: day?.open ?? price,
    changeUtc24h: '0',
    ts: String(now),
  };
}

function contractTicker(call: WireCall, market: Market): Record<string, unknown> {
  const { open: opened, ...common } = commonTicker(call, market);
  const price = call.engine.price(market.symbol);
  return {
    ...common,
    open24h: opened,
    indexPrice: price,
    markPrice: price,
    fundingRate: '0',
    holdingAmount: '0',
    deliveryStartTime: null,
    deliveryTime: null,
    deliveryStatus: '',
  };
}

function book({ engine, now }: WireCall, market: Market): Record<string, unknown> {
  const level = [engine.price(market.symbol), multiplyDecimals(market.amountStep, DEPTH_STEPS)];
  return { asks: [level], bids: [level], ts: String(now) };
}

/** Contracts name a timeframe "1m", "4H", "1D", "1Wutc"; pairs "1min", "4h", "1day", "1Wutc". */
function timeframeAsked({ parameters }: WireCall): Timeframe {
  const asked = parameters.mandatory('granularity');
  const short = asked.replace(/utc$/, '').replace('min', 'm').replace('day', 'd').replace('week', 'w');
  const timeframe = timeframeOf(/[HDW]$/.test(short) ? short.toLowerCase() : short);
  if (timeframe === null) throw wrong('granularity');
  return timeframe;
}

/** Oldest first. A limit keeps the newest candles of the span. */
function candlesAsked(call: WireCall, market: Market, atMost: number): Candle[] {
  const { parameters } = call;
  const limit = parameters.integer('limit') ?? 100;
  if (limit < 1 || limit > atMost) throw wrong('limit');
  return candlesOf(call.engine, market.symbol, {
    timeframe: timeframeAsked(call),
    from: parameters.integer('startTime'),
    to: parameters.integer('endTime') ?? call.now,
    limit,
  });
}

function candles(call: WireCall, market: Market, atMost: number): string[][] {
  return candlesAsked(call, market, atMost).map(({ start, open: o, high, low, close, volume }) => [
    String(start),
    o,
    high,
    low,
    close,
    volume,
    multiplyDecimals(volume, close),
  ]);
}

/** Candles of pairs repeat the turnover in USDT. */
function spotCandles(call: WireCall, atMost: number): string[][] {
  return candles(call, pairOf(call), atMost).map((row) => [...row, row[6] ?? '0']);
}

function leverageTiers(market: Market): Record<string, unknown>[] {
  const symbol = symbolIdOf(market);
  return [
    { symbol, level: '1', startUnit: '0', endUnit: '1000000', leverage: '125', keepMarginRate: '0.004' },
    { symbol, level: '2', startUnit: '1000000', endUnit: '8000000', leverage: '50', keepMarginRate: '0.01' },
  ];
}
