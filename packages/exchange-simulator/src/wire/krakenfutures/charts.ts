import { KrakenError } from './errors.js';
import { marketById } from './markets.js';
import { openAt, type Route, type WireCall } from './route.js';
import { timeOf } from './rows.js';
import { jsonNumber } from '../exact-body.js';
import { candlesOf, timeframeOf } from '../../engine/candles.js';
import { settledRates } from '../../engine/funding-rates.js';
import { multiplyDecimals } from '@plumbline/primitives/decimal';

/** "Up to 2000 candles" of one answer; without a start the newest ones. */
const MOST_CANDLES = 2_000;
const RESOLUTIONS = ['1m', '5m', '15m', '30m', '1h', '4h', '12h', '1d', '1w'];

/**
 * Candles and past funding rates. Pages under https://docs.kraken.com/api/docs/futures-api/: charts/candles,
 * trading/historical-funding-rates. Trade, mark and spot prices are the engine's one price.
 */
export const CHARTS: Route[] = [
  openAt('/api/charts/v1/:tickType/:symbol/:resolution', (call) => candles(call)),
  ...['v3/historical-funding-rates', 'v4/historicalfundingrates'].map((path) =>
    openAt(`/derivatives/api/${path}`, (call) => ({ rates: fundingRates(call) })),
  ),
];

function candles(call: WireCall): Record<string, unknown> {
  const { parameters, engine, now } = call;
  const type = parameters.oneOf('tickType', ['trade', 'mark', 'spot']);
  const market = marketById(engine, parameters.mandatory('symbol'));
  const timeframe = timeframeOf(parameters.oneOf('resolution', RESOLUTIONS));
  if (timeframe === null) throw new KrakenError('invalidArgument');
  const [from, to] = [parameters.integer('from'), parameters.integer('to')];
  const limit = Math.min(parameters.integer('count') ?? MOST_CANDLES, MOST_CANDLES);
  if (limit < 1) throw new KrakenError('invalidArgument');
  const end = Math.min(to === undefined ? now : to * 1_000, now);
  const span = { timeframe, to: end, keep: 'oldest' as const };
  // One row more than fits shows whether there are more.
  const found = candlesOf(engine, market.symbol, {
    ...span,
    ...(from === undefined ? { limit } : { from: from * 1_000, limit: limit + 1 }),
  });
  return {
    candles: found.slice(0, limit).map(({ start, open, high, low, close, volume }) => ({
      time: start,
      open,
      high,
      low,
      close,
      volume: type === 'trade' ? volume : '0',
    })),
    more_candles: found.length > limit,
  };
}

/** `fundingRate` is per contract in the quote currency, `relativeFundingRate` per unit of value. Oldest first. */
function fundingRates({ engine, parameters }: WireCall): Record<string, unknown>[] {
  const { symbol } = marketById(engine, parameters.mandatory('symbol'));
  return settledRates(engine, symbol).map(({ at, rate, price }) => ({
    timestamp: timeOf(at),
    fundingRate: jsonNumber(multiplyDecimals(rate, price)),
    relativeFundingRate: jsonNumber(rate),
  }));
}
