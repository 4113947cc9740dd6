import type { LosslessNumber } from 'lossless-json';
import { invalid } from './errors.js';
import { MAKER_RATE, TAKER_RATE } from './futures-rows.js';
import {
  contractOf,
  contractsFor,
  contractsListed,
  idOf,
  open,
  optionalContractOf,
  pageByOffset,
  pairNamed,
  secondsOf,
  settleOf,
  signed,
  sizeShown,
  spotListed,
  within,
  type Route,
  type SignedCall,
  type WireCall,
} from './route.js';
import { candlesOf, timeframeOf, type Candle, type Timeframe } from '../../engine/candles.js';
import type { Market } from '../../engine/market.js';
import { settledRates } from '../../engine/funding-rates.js';
import { userIdOf } from '../user-id.js';
import { multiplyDecimals } from '@plumbline/primitives/decimal';

/** "Maximum of 2000 points are returned in one query" for futures, 1000 for spot. */
const MOST_CANDLES = { futures: 2_000, spot: 1_000 };
const DEPTH_STEPS = '1000';

/**
 * Tickers, order books, candles, risk limits, funding rates and fees: "List futures tickers", "Query futures market depth
 * information", "Futures market K-line chart", "Query risk limit tiers", "Futures market historical funding rate", "Get
 * currency pair ticker information", "Get market depth information", "Market K-line chart", "Query personal trading fees"
 * of https://www.gate.com/docs/developers/apiv4/en/. A book has one level on each side, at the engine's price.
 */
export const MARKET_DATA: Route[] = [
  open('/futures/:settle/tickers', (call) => {
    const only = optionalContractOf(call);
    return (only === null ? contractsListed(call.engine, settleOf(call)) : [only]).map((market) =>
      ticker(call, market),
    );
  }),
  open('/futures/:settle/order_book', (call) => {
    const market = contractOf(call);
    const price = call.engine.price(market.symbol);
    const level = {
      s: sizeShown(call, contractsFor(market, multiplyDecimals(market.amountStep, DEPTH_STEPS))),
      p: price,
    };
    return { ...bookId(call), current: secondsOf(call.now), update: secondsOf(call.now), asks: [level], bids: [level] };
  }),
  open('/futures/:settle/candlesticks', (call) => {
    const { market, isTraded } = pricedContractOf(call);
    return candlesAsked(call, market, MOST_CANDLES.futures).map((candle) =>
      futuresCandle(call, market, candle, isTraded),
    );
  }),
  open('/futures/:settle/risk_limit_tiers', (call) => {
    const only = optionalContractOf(call);
    return (only === null ? contractsListed(call.engine, settleOf(call)) : [only]).flatMap(riskLimitTiers);
  }),
  open('/futures/:settle/funding_rate', (call) => {
    const { symbol } = contractOf(call);
    const rates = within(settledRates(call.engine, symbol), call, ({ at }) => at).toReversed();
    return pageByOffset(rates, call, () => '0').map(({ at, rate }) => ({ r: rate, t: Math.floor(at / 1_000) }));
  }),
  open('/spot/tickers', (call) => {
    const pair = call.parameters.text('currency_pair');
    const markets = pair === undefined ? spotListed(call.engine) : [pairNamed(call, pair)];
    return markets.map((market) => spotTicker(call, market));
  }),
  open('/spot/order_book', (call) => {
    const market = pairNamed(call, call.parameters.mandatory('currency_pair'));
    const level = [call.engine.price(market.symbol), multiplyDecimals(market.amountStep, DEPTH_STEPS)];
    return { ...bookId(call), current: call.now, update: call.now, asks: [level], bids: [level] };
  }),
  open('/spot/candlesticks', (call) => {
    const market = pairNamed(call, call.parameters.mandatory('currency_pair'));
    return candlesAsked(call, market, MOST_CANDLES.spot).map((candle) => [
      String(candle.start / 1_000),
      multiplyDecimals(candle.volume, candle.close),
      candle.close,
      candle.high,
      candle.low,
      candle.open,
      candle.volume,
      String(candle.end <= call.now),
    ]);
  }),
  signed('GET', '/wallet/fee', fees),
];

/** The book's version is sent only on request. */
function bookId({ parameters, now }: WireCall): { id?: number } {
  return parameters.flag('with_id') ? { id: now } : {};
}

function ticker(call: WireCall, market: Market): Record<string, unknown> {
  const price = call.engine.price(market.symbol);
  const day = dayOf(call, market);
  const volume = sizeShown(call, contractsFor(market, day.volume));
  return {
    contract: idOf(market),
    last: price,
    change_percentage: '0',
    total_size: '0',
    low_24h: day.low,
    high_24h: day.high,
    volume_24h: volume,
    volume_24h_btc: '0',
    volume_24h_usd: multiplyDecimals(day.volume, price),
    volume_24h_base: day.volume,
    volume_24h_quote: multiplyDecimals(day.volume, price),
    volume_24h_settle: multiplyDecimals(day.volume, price),
    mark_price: price,
    index_price: price,
    funding_rate: '0',
    funding_rate_indicative: '0',
    quanto_base_rate: '',
    lowest_ask: price,
    lowest_size: volume,
    highest_bid: price,
    highest_size: volume,
  };
}

function spotTicker(call: WireCall, market: Market): Record<string, unknown> {
  const price = call.engine.price(market.symbol);
  const day = dayOf(call, market);
  return {
    currency_pair: idOf(market),
    last: price,
    lowest_ask: price,
    highest_bid: price,
    change_percentage: '0',
    base_volume: day.volume,
    quote_volume: multiplyDecimals(day.volume, price),
    high_24h: day.high,
    low_24h: day.low,
  };
}

const DAY: Timeframe = { count: 1, unit: 'd' };

function dayOf({ engine, now }: WireCall, { symbol }: Market): Pick<Candle, 'high' | 'low' | 'volume'> {
  const price = engine.price(symbol);
  return (
    candlesOf(engine, symbol, { timeframe: DAY, to: now, limit: 1 })[0] ?? { high: price, low: price, volume: '0' }
  );
}

/** The contract that `contract` names, also as "mark_BTC_USDT" or "index_BTC_USDT", whose candles have no volume. */
function pricedContractOf(call: WireCall): { market: Market; isTraded: boolean } {
  const asked = call.parameters.mandatory('contract');
  const id = asked.replace(/^(?:mark|index)_/, '');
  return {
    market: contractOf({ ...call, parameters: call.parameters.with({ contract: id }) }),
    isTraded: id === asked,
  };
}

const INTERVALS: Record<string, string> = { '7d': '1w', '30d': '1M' };

/** "`from`, `to` and `limit` conflict": a limit counts back from the end, so it cannot be combined with a start. */
function candlesAsked(call: WireCall, market: Market, atMost: number): Candle[] {
  const { parameters } = call;
  const interval = parameters.text('interval') ?? '5m';
  const timeframe = timeframeOf(INTERVALS[interval] ?? interval);
  if (timeframe === null) throw invalid('interval', interval);
  const [from, to, asked] = [parameters.integer('from'), parameters.integer('to'), parameters.integer('limit')];
  if (from !== undefined && asked !== undefined) throw invalid('limit', String(asked));
  if (asked !== undefined && (asked < 1 || asked > atMost)) throw invalid('limit', String(asked));
  return candlesOf(call.engine, market.symbol, {
    timeframe,
    ...(from === undefined ? {} : { from: from * 1_000 }),
    to: to === undefined ? call.now : to * 1_000,
    limit: asked ?? (from === undefined ? 100 : atMost),
    keep: 'oldest',
  });
}

function futuresCandle(call: WireCall, market: Market, candle: Candle, isTraded: boolean): Record<string, unknown> {
  const { start, open: o, high: h, low: l, close: c, volume } = candle;
  const traded: { v: LosslessNumber | string; sum: string } = {
    v: sizeShown(call, contractsFor(market, volume)),
    sum: multiplyDecimals(volume, c),
  };
  return { t: start / 1_000, o, h, l, c, ...(isTraded ? traded : {}) };
}

/** Tiers within the largest leverage and risk limit of the contract's own row. */
function riskLimitTiers(market: Market): Record<string, unknown>[] {
  const tier = (number: number, limit: string, leverage: string, initial: string, maintenance: string) => ({
    tier: number,
    risk_limit: limit,
    initial_rate: initial,
    maintenance_rate: maintenance,
    leverage_max: leverage,
    contract: idOf(market),
    deduction: '0',
  });
  return [tier(1, '1000000', '100', '0.01', '0.005'), tier(2, '8000000', '50', '0.02', '0.01')];
}

function fees({ account, parameters, engine }: SignedCall): unknown {
  const pair = parameters.text('currency_pair');
  const market = pair === undefined ? undefined : spotListed(engine).find((candidate) => idOf(candidate) === pair);
  const { maker, taker } = market?.feeRate ?? { maker: MAKER_RATE, taker: TAKER_RATE };
  return {
    user_id: userIdOf(account.id),
    taker_fee: taker,
    maker_fee: maker,
    gt_discount: false,
    gt_taker_fee: '0',
    gt_maker_fee: '0',
    loan_fee: '0.18',
    point_type: '1',
    futures_taker_fee: TAKER_RATE,
    futures_maker_fee: MAKER_RATE,
    delivery_taker_fee: TAKER_RATE,
    delivery_maker_fee: MAKER_RATE,
    debit_fee: 3,
  };
}
