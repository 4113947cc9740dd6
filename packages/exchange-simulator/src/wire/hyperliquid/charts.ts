import { z } from 'zod';
import { hlNumber, listedMarkets } from './markets.js';
import { candlesOf, timeframeOf } from '../../engine/candles.js';
import type { Engine } from '../../engine/engine.js';
import { settledRates } from '../../engine/funding-rates.js';

/** "Only the most recent 5000 candles are available." */
const MOST_CANDLES = 5_000;
/** Rows of an answer with a time range ("Pagination"). */
const MOST_RATES = 500;
const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '8h', '12h', '1d', '3d', '1w', '1M'] as const;

const time = z.number().int();

export const candleSnapshotSchema = z.object({
  req: z.object({ coin: z.string(), interval: z.enum(INTERVALS), startTime: time, endTime: time.nullish() }),
});

/**
 * `candleSnapshot`: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint. Null for an unknown
 * coin. Oldest first; the last candle may be incomplete.
 */
export function candleSnapshot(engine: Engine, { coin, interval, startTime, endTime }: CandleRequest): unknown {
  const [market, timeframe] = [listedMarkets(engine).find(({ base }) => base === coin), timeframeOf(interval)];
  if (market === undefined || timeframe === null) return null;
  const span = { timeframe, from: startTime, to: endTime ?? engine.now(), limit: MOST_CANDLES };
  return candlesOf(engine, market.symbol, span).map(({ start, end, open, high, low, close, volume }) => ({
    t: start,
    T: end - 1,
    s: coin,
    i: interval,
    o: hlNumber(open),
    c: hlNumber(close),
    h: hlNumber(high),
    l: hlNumber(low),
    v: hlNumber(volume),
    n: 1,
  }));
}

type CandleRequest = z.output<typeof candleSnapshotSchema>['req'];

export const fundingHistorySchema = z.object({ coin: z.string(), startTime: time, endTime: time.nullish() });

/**
 * `fundingHistory`: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals. Null for an
 * unknown coin. Oldest first.
 */
export function fundingHistory(
  engine: Engine,
  { coin, startTime, endTime }: z.output<typeof fundingHistorySchema>,
): unknown {
  const market = listedMarkets(engine).find(({ base }) => base === coin);
  if (market === undefined) return null;
  return settledRates(engine, market.symbol)
    .filter(({ at }) => at >= startTime && at <= (endTime ?? Number.POSITIVE_INFINITY))
    .slice(0, MOST_RATES)
    .map(({ at, rate }) => ({ coin, fundingRate: rate, premium: '0.0', time: at }));
}
