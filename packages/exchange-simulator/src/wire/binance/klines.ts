import { BinanceError } from './errors.js';
import { marketOf, type Parameters, type WireCall } from './route.js';
import { candlesOf, timeframeOf, type Candle } from '../../engine/candles.js';
import type { Market } from '../../engine/market.js';
import { multiplyDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/** "Kline/Candlestick chart intervals" of both APIs. */
const INTERVALS: ReadonlySet<string> = new Set('1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M'.split(' '));

const DEFAULT_LIMIT = 500;

export interface KlineFormat {
  mostRows: number;
  price: (price: DecimalText, market: Market) => string;
  volume: (amount: DecimalText, market: Market) => string;
}

/** Kline/Candlestick Data of both APIs: rows of twelve columns, oldest first, the last one may be incomplete. */
export function klines(call: WireCall, format: KlineFormat): unknown {
  const market = marketOf(call);
  return candlesFor(call, market, format).map((candle) => {
    const base = format.volume(candle.volume, market);
    const quote = format.volume(multiplyDecimals(candle.volume, candle.close), market);
    return [candle.start, ...pricesOf(candle, market, format), base, candle.end - 1, quote, 1, base, quote, '0'];
  });
}

/** Mark Price Kline/Candlestick Data: the same columns; those about trades are empty. */
export function markPriceKlines(call: WireCall, format: KlineFormat): unknown {
  const market = marketOf(call);
  return candlesFor(call, market, format).map((candle) => {
    const prices = pricesOf(candle, market, format);
    return [candle.start, ...prices, '0', candle.end - 1, '0', 60, '0', '0', '0'];
  });
}

/** The weight of a klines request of USD-M futures, by its limit. */
export function klineWeight(parameters: Parameters): number {
  const limit = parameters.integer('limit') ?? DEFAULT_LIMIT;
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}

function pricesOf({ open, high, low, close }: Candle, market: Market, { price }: KlineFormat): string[] {
  return [open, high, low, close].map((each) => price(each, market));
}

/** With a start time the oldest candles are returned, otherwise the newest. */
function candlesFor(call: WireCall, market: Market, { mostRows }: KlineFormat): Candle[] {
  const { engine, parameters } = call;
  const interval = parameters.mandatory('interval');
  const timeframe = INTERVALS.has(interval) ? timeframeOf(interval) : null;
  if (timeframe === null) throw new BinanceError(400, -1120, 'Invalid interval.');
  const limit = parameters.integer('limit') ?? DEFAULT_LIMIT;
  if (limit < 1) throw new BinanceError(400, -1130, "Data sent for parameter 'limit' is not valid.");
  const [from, to] = [parameters.integer('startTime'), parameters.integer('endTime') ?? call.now];
  return candlesOf(engine, market.symbol, { timeframe, from, to, limit: Math.min(limit, mostRows), keep: 'oldest' });
}
