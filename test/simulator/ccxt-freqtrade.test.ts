import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient, type CcxtRow } from './ccxt-client.js';
import { postJson } from './raw-http.js';
import { DEMO_PASSPHRASE } from '../../packages/exchange-simulator/src/engine/credentials.js';
import {
  DEMO_ACCOUNT,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

/** What Freqtrade calls of ccxt on these four exchanges beyond orders, positions and balances. */
interface FreqtradeClient extends CcxtClient {
  timeframes: Record<string, string>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: string[][]; asks: string[][] }>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number, params?: object): Promise<Candle[]>;
  fetchLeverageTiers(symbols: string[]): Promise<Record<string, CcxtRow[]>>;
  fetchMarketLeverageTiers(symbol: string, params?: object): Promise<CcxtRow[]>;
  fetchLeverage(symbol: string, params?: object): Promise<CcxtRow>;
  setLeverage(leverage: number, symbol: string, params?: object): Promise<unknown>;
  setMarginMode(mode: string, symbol: string, params?: object): Promise<unknown>;
  fetchFundingRateHistory(symbol: string, since?: number, limit?: number): Promise<CcxtRow[]>;
  fetchFundingHistory(symbol: string, since?: number): Promise<CcxtRow[]>;
  fetchFundingRates(symbols: string[]): Promise<Record<string, CcxtRow>>;
  fapiPrivateGetMultiAssetsMargin(): Promise<unknown>;
  privateGetV5AccountInfo(): Promise<{ result: Record<string, unknown> }>;
}
type Candle = [at: number, open: string, high: string, low: string, close: string, volume: string];

const MINUTE = 60_000;
const ETH = 'ETH/USDT:USDT';
const BTC = 'BTC/USDT:USDT';
const { apiKey, secret } = DEMO_TRADING_CREDENTIALS;

const WIRES: [exchange: string, symbol: string][] = [
  ['binanceusdm', ETH],
  ['binance', 'ETH/USDT'],
  ['bybit', ETH],
  ['okx', ETH],
];
const FUTURES = WIRES.filter(([, symbol]) => symbol === ETH).map(([exchange]) => exchange);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
});
beforeEach(async () => {
  await postJson(`${simulator.url}/sim/reset`, {});
});
afterAll(async () => {
  await simulator.close();
});

async function botOn(exchange: string): Promise<FreqtradeClient> {
  const password = exchange === 'okx' ? { password: DEMO_PASSPHRASE } : {};
  const client = (await ccxtClient(exchange, simulator.url, { apiKey, secret, ...password })) as FreqtradeClient;
  // As Freqtrade's configuration has it.
  if (exchange === 'binance') Object.assign(client.options, { fetchMarkets: { types: ['spot'] }, fetchMargins: false });
  await client.loadMarkets();
  return client;
}

const prices = (candle: Candle | undefined): number[] | undefined => candle?.slice(1, 5).map(Number);

describe.each(WIRES)('ccxt on %s, asked as Freqtrade asks it', (exchange, symbol) => {
  it('reads the best level of the book', async () => {
    const bot = await botOn(exchange);
    simulator.engine.setPrice(symbol, '3010.5');
    // Freqtrade takes one level from OKX and Bybit, at least five from Binance.
    const { bids, asks } = await bot.fetchOrderBook(symbol, exchange.startsWith('binance') ? 5 : 1);
    expect([bids, asks].map((side) => Number(side[0]?.[0]))).toEqual([3010.5, 3010.5]);
    expect(Number(bids[0]?.[1])).toBeGreaterThan(0);
  });

  it('reads candles that show the prices there were', async () => {
    const bot = await botOn(exchange);
    for (const price of ['3100', '2900', '2950']) simulator.engine.setPrice(symbol, price);
    const candles = await bot.fetchOHLCV(symbol, '1m', undefined, 100);
    expect(candles).toHaveLength(100);
    // A minute may have ended since the price moved.
    expect(prices(candles.find(([, , high]) => Number(high) === 3100))).toEqual([3000, 3100, 2900, 2950]);
    expect(prices(candles[0])).toEqual([3000, 3000, 3000, 3000]);
    expect(Number(candles.at(-1)?.[5])).toBeGreaterThan(0);
    const first = Number(candles[0]?.[0]);
    expect(candles.map(([at]) => at)).toEqual(candles.map((_, index) => first + index * MINUTE));
  });

  it('reads the candles from a time on, and none of the future', async () => {
    const bot = await botOn(exchange);
    const since = Math.floor(Date.now() / MINUTE) * MINUTE - 300 * MINUTE;
    const candles = await bot.fetchOHLCV(symbol, '1m', since, 10);
    expect(candles.map(([at]) => at)).toEqual(Array.from({ length: 10 }, (_, index) => since + index * MINUTE));
    expect(await bot.fetchOHLCV(symbol, '1m', Date.now() + 10 * MINUTE, 10)).toEqual([]);
  });

  it.each(['5m', '15m', '1h', '4h', '1d', '1w'])('reads as many candles of %s as it asks for', async (timeframe) => {
    const bot = await botOn(exchange);
    const candles = await bot.fetchOHLCV(symbol, timeframe, undefined, 20);
    expect(candles).toHaveLength(20);
    const steps = candles.slice(1).map(([at], index) => at - Number(candles[index]?.[0]));
    expect(new Set(steps).size).toBe(1);
  });
});

describe.each(FUTURES)('ccxt on %s, asked as Freqtrade asks it before it trades futures', (exchange) => {
  it('reads candles of the mark price', async () => {
    const bot = await botOn(exchange);
    simulator.engine.setPrice(ETH, '3100');
    const candles = await bot.fetchOHLCV(ETH, '1h', undefined, 5, { price: 'mark' });
    expect(candles).toHaveLength(5);
    expect(candles.some((candle) => prices(candle)?.at(-1) === 3100)).toBe(true);
  });

  it('reads how much leverage is allowed', async () => {
    const bot = await botOn(exchange);
    const tiers =
      exchange === 'okx'
        ? await bot.fetchMarketLeverageTiers(BTC, { marginMode: 'isolated' })
        : (await bot.fetchLeverageTiers([BTC]))[BTC];
    expect(Number(tiers?.[0]?.['maxLeverage'])).toBeGreaterThanOrEqual(100);
    expect(Number(tiers?.[0]?.['maintenanceMarginRate'])).toBeGreaterThan(0);
    expect(Number(tiers?.[0]?.['maxNotional'])).toBeGreaterThan(1_000_000);
  });

  it('reads past funding rates and what was paid', async () => {
    const bot = await botOn(exchange);
    expect(await bot.fetchFundingRateHistory(ETH, undefined, 10)).toEqual([]);
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol: ETH, side: 'buy', type: 'market', amount: '1' });
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol: BTC, side: 'buy', type: 'market', amount: '1' });
    simulator.engine.settleFunding(ETH, '0.0001');
    simulator.engine.settleFunding(BTC, '0.0001');
    const rates = await bot.fetchFundingRateHistory(ETH, undefined, 10);
    expect(rates.map(({ fundingRate }) => Number(fundingRate))).toEqual([0.0001]);
    const paid = await bot.fetchFundingHistory(ETH, Date.now() - 10 * MINUTE);
    // ccxt takes Bybit's payments for fees, and leaves the sign as it is there.
    expect(paid.map((row) => [row['symbol'], Math.abs(Number(row['amount']))])).toEqual([[ETH, 0.3]]);
    expect(Number((await bot.fetchFundingRates([ETH]))[ETH]?.['fundingRate'] ?? 0)).toBeLessThan(0.001);
  });
});

describe('margin and leverage, as Freqtrade sets them before each entry', () => {
  it('Binance: margin type once, leverage each time; both are shown', async () => {
    const bot = await botOn('binanceusdm');
    expect(await bot.fapiPrivateGetMultiAssetsMargin()).toEqual({ multiAssetsMargin: false });
    await bot.setMarginMode('isolated', ETH);
    // Freqtrade takes this refusal for a success.
    await expect(bot.setMarginMode('isolated', ETH)).rejects.toThrow(/-4046/);
    await bot.setLeverage(3, ETH);
    expect(await bot.fetchLeverage(ETH)).toMatchObject({ marginMode: 'isolated', longLeverage: 3 });
    expect(await bot.fetchLeverage(BTC)).toMatchObject({ marginMode: 'cross', longLeverage: 20 });
    await expect(bot.setLeverage(126, ETH)).rejects.toThrow('leverage');
  });

  it('Binance: the margin type does not change under a position or an order', async () => {
    const bot = await botOn('binanceusdm');
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol: ETH, side: 'buy', type: 'market', amount: '1' });
    await expect(bot.setMarginMode('isolated', ETH)).rejects.toThrow(/-4048/);
    await bot.setMarginMode('isolated', BTC);
  });

  it('Bybit: one-way mode of a coin is accepted again, as at every start of Freqtrade', async () => {
    const bot = await botOn('bybit');
    await bot.setPositionMode(false);
    await bot.setPositionMode(false);
    await expect(bot.setPositionMode(false, ETH)).rejects.toThrow(/110025/);
  });

  it('Bybit: margin mode of the account, leverage of a symbol', async () => {
    const bot = await botOn('bybit');
    await bot.setMarginMode('isolated', ETH, { leverage: 3 });
    expect((await bot.privateGetV5AccountInfo()).result).toMatchObject({ marginMode: 'ISOLATED_MARGIN' });
    await bot.setLeverage(3, ETH);
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol: ETH, side: 'buy', type: 'market', amount: '1' });
    expect((await bot.fetchPositions([ETH]))[0]).toMatchObject({ leverage: '3' });
    // Freqtrade accepts this refusal.
    await expect(bot.setLeverage(3, ETH)).rejects.toThrow(/110043/);
    await expect(bot.setLeverage(101, ETH)).rejects.toThrow(/110013/);
  });

  it('OKX: leverage of an instrument by margin mode', async () => {
    const bot = await botOn('okx');
    const isolated = { mgnMode: 'isolated', posSide: 'net' };
    await bot.setLeverage(3, ETH, isolated);
    await bot.setLeverage(3, ETH, isolated);
    expect(await bot.fetchLeverage(ETH, { mgnMode: 'isolated' })).toMatchObject({ longLeverage: 3 });
    expect(await bot.fetchLeverage(ETH, { mgnMode: 'cross' })).toMatchObject({ longLeverage: 10 });
    await expect(bot.setLeverage(101, ETH, isolated)).rejects.toThrow(/59102/);
  });
});
