import { parameterError } from './errors.js';
import { marketById, open, symbolIdOf, type Category, type Route, type WireCall } from './route.js';
import { candlesOf, timeframeOf, type Candle } from '../../engine/candles.js';
import { settledRates } from '../../engine/funding-rates.js';
import { settledValueOf, type Market } from '../../engine/market.js';

/** `interval` of "enum", by the timeframe that it means. */
const INTERVALS: ReadonlyMap<string, string> = new Map([
  ...[1, 3, 5, 15, 30, 60, 120, 240, 360, 720].map((count): [string, string] => [String(count), `${count}m`]),
  ['D', '1d'],
  ['W', '1w'],
  ['M', '1M'],
]);

/** "One order book level" of a market whose only price is that of both sides. */
const LEVEL_SIZE = '100';

/**
 * Order book, candles and past funding rates. Pages under https://bybit-exchange.github.io/docs/v5/market/: orderbook, kline,
 * mark-kline, history-fund-rate.
 */
export const CHARTS: Route[] = [
  open('/v5/market/orderbook', orderBook),
  open('/v5/market/kline', (call) =>
    candles(call, ['spot', 'linear', 'inverse'], (candle, market) => [
      ...pricesOf(candle),
      candle.volume,
      settledValueOf(market, candle.volume, candle.close),
    ]),
  ),
  open('/v5/market/mark-price-kline', (call) => candles(call, ['linear', 'inverse'], pricesOf)),
  open('/v5/market/funding/history', fundingHistory),
];

function orderBook(call: WireCall): unknown {
  const market = marketById(call, call.parameters.category(), call.parameters.mandatory('symbol'));
  const level = [call.engine.price(market.symbol), LEVEL_SIZE];
  return { s: symbolIdOf(market), b: [level], a: [level], ts: call.now, u: 1, seq: call.now, cts: call.now };
}

function pricesOf({ start, open: first, high, low, close }: Candle): string[] {
  return [String(start), first, high, low, close];
}

/** Newest first. With a start and no end, the oldest candles are returned. */
function candles(
  call: WireCall,
  categories: readonly Category[],
  rowOf: (candle: Candle, market: Market) => readonly string[],
): unknown {
  const { parameters, engine, now } = call;
  const category = parameters.text('category') === undefined ? 'linear' : parameters.oneOf('category', categories);
  const market = marketById(call, category, parameters.mandatory('symbol'));
  const timeframe = timeframeOf(INTERVALS.get(parameters.mandatory('interval')) ?? '');
  if (timeframe === null) throw parameterError('Invalid period!');
  const limit = limitOf(call, { byDefault: 200, atMost: 1_000 });
  const [from, end] = [parameters.integer('start'), parameters.integer('end')];
  const keep = end === undefined ? 'oldest' : 'newest';
  const found = candlesOf(engine, market.symbol, { timeframe, from, to: end ?? now, limit, keep });
  return { category, symbol: symbolIdOf(market), list: found.toReversed().map((candle) => rowOf(candle, market)) };
}

/** Newest first. */
function fundingHistory(call: WireCall): unknown {
  const { parameters, engine, now } = call;
  const category = parameters.oneOf('category', ['linear', 'inverse']);
  const market = marketById(call, category, parameters.mandatory('symbol'));
  const limit = limitOf(call, { byDefault: 200, atMost: 200 });
  const [start, end] = [parameters.integer('startTime'), parameters.integer('endTime')];
  if (start !== undefined && end === undefined) throw parameterError('endTime is required with startTime');
  const list = settledRates(engine, market.symbol)
    .filter(({ at }) => at >= (start ?? 0) && at <= (end ?? now))
    .slice(-limit)
    .toReversed()
    .map(({ at, rate }) => ({ symbol: symbolIdOf(market), fundingRate: rate, fundingRateTimestamp: String(at) }));
  return { category, list };
}

function limitOf({ parameters }: WireCall, { byDefault, atMost }: { byDefault: number; atMost: number }): number {
  const limit = parameters.integer('limit') ?? byDefault;
  if (limit < 1 || limit > atMost) throw parameterError(`limit invalid, 1 to ${atMost}`);
  return limit;
}
