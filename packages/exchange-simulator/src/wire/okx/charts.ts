import { parameterError } from './errors.js';
import { contractsOf, instrumentIdOf, marketById, open, type Route, type WireCall } from './route.js';
import { candlesOf, timeframeOf, type Candle } from '../../engine/candles.js';
import { settledRates } from '../../engine/funding-rates.js';
import { notionalOf, type Market } from '../../engine/market.js';

const HOUR_MS = 3_600_000;
const FUNDING_INTERVAL_MS = 8 * HOUR_MS;
const FUNDING_RATE = '0.0001';

/** `bar`, by the timeframe that it means. Those that begin at Hong Kong's midnight (6H and longer without "utc") are not modelled. */
const BARS: ReadonlyMap<string, string> = new Map([
  ...['1m', '3m', '5m', '15m', '30m'].map((bar): [string, string] => [bar, bar]),
  ...['1H', '2H', '4H'].map((bar): [string, string] => [bar, bar.toLowerCase()]),
  ...['6H', '12H', '1D', '2D', '3D', '1W'].map((bar): [string, string] => [`${bar}utc`, bar.toLowerCase()]),
  ['1Mutc', '1M'],
  ['3Mutc', '3M'],
]);

/** The only level of the book is the market's price, with this many contracts. */
const LEVEL_SIZE = '100';

/**
 * Order book, candles and funding rates. https://www.okx.com/docs-v5/en/: #order-book-trading-market-data-get-order-book,
 * -get-candlesticks, -get-candlesticks-history; #public-data-rest-api-get-mark-price-candlesticks,
 * -get-mark-price-candlesticks-history, -get-funding-rate, -get-funding-rate-history.
 */
export const CHARTS: Route[] = [
  open('/api/v5/market/books', 40, orderBook),
  open('/api/v5/market/candles', 40, (call) => candles(call, 300, tradeColumns)),
  open('/api/v5/market/history-candles', 20, (call) => candles(call, 300, tradeColumns)),
  open('/api/v5/market/mark-price-candles', 20, (call) => candles(call, 100, () => [])),
  open('/api/v5/market/history-mark-price-candles', 10, (call) => candles(call, 100, () => [])),
  open('/api/v5/public/funding-rate', 10, fundingRate),
  open('/api/v5/public/funding-rate-history', 10, fundingRateHistory),
];

function orderBook({ engine, parameters, now }: WireCall): readonly unknown[] {
  const market = marketById(engine, parameters.mandatory('instId'));
  const level = [engine.price(market.symbol), LEVEL_SIZE, '0', '1'];
  return [{ asks: [level], bids: [level], ts: String(now), seqId: now }];
}

/** Volume in contracts, in the base currency and in the quote currency. */
function tradeColumns({ volume, close }: Candle, market: Market): string[] {
  return [contractsOf(market, volume), volume, notionalOf(market, volume, close)];
}

/** Newest first, older than `after` and newer than `before`. The last column says whether the candle is complete. */
function candles(
  { engine, parameters, now }: WireCall,
  mostRows: number,
  columnsOf: (candle: Candle, market: Market) => string[],
): readonly unknown[] {
  const market = marketById(engine, parameters.mandatory('instId'));
  const timeframe = timeframeOf(BARS.get(parameters.text('bar') ?? '1m') ?? '');
  if (timeframe === null) throw parameterError('bar');
  const limit = limitOf(parameters.integer('limit'), mostRows);
  const [after, before] = [parameters.integer('after'), parameters.integer('before')];
  const from = before === undefined ? undefined : before + 1;
  const found = candlesOf(engine, market.symbol, { timeframe, from, to: after === undefined ? now : after - 1, limit });
  return found.toReversed().map((candle) => {
    const { start, end, open: first, high, low, close } = candle;
    return [String(start), first, high, low, close, ...columnsOf(candle, market), end <= now ? '1' : '0'];
  });
}

/** A limit above the maximum is reduced to it, as on OKX. */
function limitOf(asked: number | undefined, mostRows: number): number {
  if (asked === 0) throw parameterError('limit');
  return Math.min(asked ?? 100, mostRows);
}

/** The funding rate of one swap, or of all ("ANY"). */
function fundingRate(call: WireCall): readonly unknown[] {
  const instId = call.parameters.mandatory('instId');
  const named = instId === 'ANY' ? call.engine.markets('okx') : [marketById(call.engine, instId)];
  return named.filter(isSwap).map((market) => {
    const fundingTime = (Math.floor(call.now / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
    const last = settledRates(call.engine, market.symbol).at(-1);
    return {
      formulaType: 'withRate',
      fundingRate: FUNDING_RATE,
      fundingTime: String(fundingTime),
      impactValue: '20000',
      instId: instrumentIdOf(market),
      instType: 'SWAP',
      interestRate: FUNDING_RATE,
      maxFundingRate: '0.00375',
      method: 'current_period',
      minFundingRate: '-0.00375',
      nextFundingRate: '',
      nextFundingTime: String(fundingTime + FUNDING_INTERVAL_MS),
      premium: '0',
      prevFundingTime: String(last?.at ?? fundingTime - FUNDING_INTERVAL_MS),
      settFundingRate: last?.rate ?? FUNDING_RATE,
      settState: 'settled',
      ts: String(call.now),
    };
  });
}

/** Newest first. */
function fundingRateHistory({ engine, parameters }: WireCall): readonly unknown[] {
  const market = marketById(engine, parameters.mandatory('instId'));
  const limit = limitOf(parameters.integer('limit') ?? 400, 400);
  const [after, before] = [parameters.integer('after'), parameters.integer('before')];
  return settledRates(engine, market.symbol)
    .filter(({ at }) => at < (after ?? Infinity) && at > (before ?? 0))
    .slice(-limit)
    .toReversed()
    .map(({ at, rate }) => ({
      formulaType: 'withRate',
      fundingRate: rate,
      fundingTime: String(at),
      instId: instrumentIdOf(market),
      instType: 'SWAP',
      method: 'current_period',
      realizedRate: rate,
    }));
}

function isSwap({ kind }: Market): boolean {
  return kind !== 'spot';
}
