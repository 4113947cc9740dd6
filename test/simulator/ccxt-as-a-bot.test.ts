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
import { addressOfAccount, privateKeyOf } from '../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';
import { krakenSecretOf } from '../../packages/exchange-simulator/src/wire/krakenfutures/security.js';

/** The calls of a live Freqtrade beyond orders, positions and balances: prices, leverage, fees, funding and stops. */
interface BotClient extends CcxtClient {
  timeframes: Record<string, string>;
  fetchTickers(symbols?: string[]): Promise<Record<string, CcxtRow>>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: string[][]; asks: string[][] }>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number, params?: object): Promise<Candle[]>;
  fetchLeverageTiers(symbols: string[]): Promise<Record<string, CcxtRow[]>>;
  fetchMarketLeverageTiers(symbol: string): Promise<CcxtRow[]>;
  setLeverage(leverage: number, symbol: string): Promise<unknown>;
  setMarginMode(mode: string, symbol: string, params?: object): Promise<unknown>;
  fetchTradingFees(): Promise<Record<string, CcxtRow>>;
  fetchFundingRateHistory(symbol: string, since?: number, limit?: number): Promise<CcxtRow[]>;
  fetchFundingHistory(symbol: string, since?: number): Promise<CcxtRow[]>;
  fetchFundingRates(symbols: string[]): Promise<Record<string, CcxtRow>>;
  fetchCanceledAndClosedOrders(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtRow[]>;
  fetchLeverage(symbol: string): Promise<CcxtRow>;
}
type Candle = [at: number, open: string, high: string, low: string, close: string, volume: string];

const MINUTE = 60_000;
const LINEAR = 'ETH/USDT:USDT';
const { apiKey, secret } = DEMO_TRADING_CREDENTIALS;

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

const clientOf: Record<string, () => Promise<unknown>> = {
  gate: async () => ccxtClient('gate', simulator.url, { apiKey, secret }),
  bitget: async () => ccxtClient('bitget', simulator.url, { apiKey, secret, password: DEMO_PASSPHRASE }),
  krakenfutures: async () => ccxtClient('krakenfutures', simulator.url, { apiKey, secret: krakenSecretOf(secret) }),
  hyperliquid: async () => {
    const walletAddress = addressOfAccount(simulator.engine.account(DEMO_ACCOUNT));
    return ccxtClient('hyperliquid', simulator.url, { walletAddress, privateKey: privateKeyOf(secret) });
  },
};

async function botOn(exchange: string): Promise<BotClient> {
  const client = (await clientOf[exchange]?.()) as BotClient;
  client.options['defaultType'] = 'swap';
  await client.loadMarkets();
  return client;
}

const EXCHANGES: [exchange: string, symbol: string][] = [
  ['gate', LINEAR],
  ['bitget', LINEAR],
  ['krakenfutures', 'ETH/USD:USD'],
  ['hyperliquid', 'ETH/USDC:USDC'],
];

describe.each(EXCHANGES)('ccxt on %s, asked as a live bot asks it', (exchange, symbol) => {
  it('reads the price, as ticker and as book', async () => {
    const bot = await botOn(exchange);
    simulator.engine.setPrice(symbol, '3010.5');
    const ticker = (await bot.fetchTickers([symbol]))[symbol];
    expect(Number(ticker?.['last'] ?? ticker?.['close'])).toBe(3010.5);
    const { bids, asks } = await bot.fetchOrderBook(symbol);
    expect([Number(bids[0]?.[0]), Number(asks[0]?.[0])]).toEqual([3010.5, 3010.5]);
    expect(Number(bids[0]?.[1])).toBeGreaterThan(0);
  });

  it('reads candles of trades and of the mark price, from the prices that were', async () => {
    const bot = await botOn(exchange);
    simulator.engine.setPrice(symbol, '3100');
    simulator.engine.setPrice(symbol, '2900');
    simulator.engine.setPrice(symbol, '2950');
    const candles = await bot.fetchOHLCV(symbol, '1m', Date.now() - 10 * MINUTE, 20);
    // A minute may end meanwhile, and a new candle begin where this one closed.
    const changed = candles.find((candle) => Number(candle[2]) === 3100);
    expect(changed?.slice(1, 5).map(Number)).toEqual([3000, 3100, 2900, 2950]);
    expect(Number(changed?.[5])).toBeGreaterThan(0);
    expect(candles.length).toBeGreaterThanOrEqual(9);
    const [first] = candles;
    expect(candles.map(([at]) => at)).toEqual(candles.map((_, index) => Number(first?.[0]) + index * MINUTE));
    expect(Number(first?.[4])).toBe(3000);
    const hours = await bot.fetchOHLCV(symbol, '1h', undefined, 5, { price: 'mark' });
    expect(hours).toHaveLength(5);
  });

  it('reads as many candles of each timeframe as it asks for', async () => {
    const bot = await botOn(exchange);
    // ccxt counts a month as 30 days and asks for fewer of them.
    for (const timeframe of Object.keys(bot.timeframes).filter((name) => !['10s', '1M', '3M', '1y'].includes(name))) {
      const candles = await bot.fetchOHLCV(symbol, timeframe, undefined, 10);
      expect([timeframe, candles.length]).toEqual([timeframe, 10]);
    }
  });
});

describe('leverage, margin and funding as a live bot sets and reads them', () => {
  it('Gate: tiers, leverage, fees', async () => {
    const bot = await botOn('gate');
    const [tier] = await bot.fetchMarketLeverageTiers(LINEAR);
    expect(tier).toMatchObject({ symbol: LINEAR, minNotional: 0, maxLeverage: '100' });
    await bot.setLeverage(3, LINEAR);
    expect((await bot.fetchTradingFees())[LINEAR]).toMatchObject({ maker: '0.0002', taker: '0.0004' });
  });

  it('Bitget: tiers, margin mode, leverage', async () => {
    const bot = await botOn('bitget');
    const [tier, next] = await bot.fetchMarketLeverageTiers(LINEAR);
    expect(tier).toMatchObject({ symbol: LINEAR, maxLeverage: '125', maintenanceMarginRate: '0.004' });
    expect(next?.['minNotional']).toBe(tier?.['maxNotional']);
    await bot.setMarginMode('isolated', LINEAR);
    await bot.setLeverage(3, LINEAR);
    await expect(bot.setMarginMode('isolated', 'BTC/USD:BTC')).rejects.toThrow(/inverse|BTC|USD/i);
  });

  it('Kraken Futures: leverage is kept until it is taken back', async () => {
    const bot = await botOn('krakenfutures');
    await bot.setLeverage(3, 'ETH/USD:USD');
    expect(await bot.fetchLeverage('ETH/USD:USD')).toMatchObject({ longLeverage: 3 });
    await expect(bot.setLeverage(-1, 'ETH/USD:USD')).rejects.toThrow('invalidArgument');
  });

  it('Hyperliquid: margin mode with leverage', async () => {
    const bot = await botOn('hyperliquid');
    expect(await bot.setMarginMode('isolated', 'ETH/USDC:USDC', { leverage: 3 })).toMatchObject({ status: 'ok' });
  });

  it.each(EXCHANGES)('%s: past funding rates and payments', async (exchange, symbol) => {
    const bot = await botOn(exchange);
    expect(await bot.fetchFundingRateHistory(symbol, undefined, 10)).toEqual([]);
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol, side: 'buy', type: 'market', amount: '1' });
    simulator.engine.settleFunding(symbol, '0.0001');
    const rates = await bot.fetchFundingRateHistory(symbol, undefined, 10);
    expect(rates.map(({ fundingRate }) => Number(fundingRate))).toEqual([0.0001]);
    const paid = await bot.fetchFundingHistory(symbol);
    expect(paid.map((row) => [row['symbol'], Number(row['amount'])])).toEqual([[symbol, -0.3]]);
    expect(Number((await bot.fetchFundingRates([symbol]))[symbol]?.['fundingRate'])).toBeLessThan(0.001);
  });
});

describe('a stop on the exchange as Freqtrade follows it', () => {
  beforeEach(() => {
    simulator.engine.place(DEMO_ACCOUNT, 'api', { symbol: LINEAR, side: 'buy', type: 'market', amount: '1' });
  });

  it('Gate: by its id with the stop flag, and from there to the order it led to', async () => {
    const bot = await botOn('gate');
    const params = { stopPrice: '2850', reduceOnly: true };
    // Gate counts ETH in contracts of 0.001.
    const { id } = await bot.createOrder(LINEAR, 'limit', 'sell', '1000', '2820', params);
    expect(await bot.fetchOrder(String(id), LINEAR, { stop: true })).toMatchObject({ id, status: 'open' });
    simulator.engine.setPrice(LINEAR, '2840');
    const stop = await bot.fetchOrder(String(id), LINEAR, { stop: true });
    expect(stop['status']).toBe('closed');
    const order = await bot.fetchOrder(String(stop.info['trade_id']), LINEAR);
    expect(order).toMatchObject({ status: 'closed', filled: '1000' });
  });

  it('Bitget: in the lists of its kind, and from there by its id as the client id of the order it led to', async () => {
    const bot = await botOn('bitget');
    const params = { stopLossPrice: '2850', reduceOnly: true };
    const { id } = await bot.createOrder(LINEAR, 'market', 'sell', '1', undefined, params);
    const kind = { planType: 'profit_loss' };
    const open = await bot.fetchOpenOrders(LINEAR, undefined, undefined, kind);
    expect(open.map((row) => row['id'])).toEqual([id]);
    simulator.engine.setPrice(LINEAR, '2840');
    expect(await bot.fetchOpenOrders(LINEAR, undefined, undefined, kind)).toEqual([]);
    const [ended] = await bot.fetchCanceledAndClosedOrders(LINEAR, undefined, undefined, kind);
    expect(ended).toMatchObject({ id, status: 'closed' });
    const orders = await bot.fetchCanceledAndClosedOrders(LINEAR);
    expect(orders.find(({ clientOrderId }) => clientOrderId === id)).toMatchObject({ status: 'closed', filled: '1' });
    // "Get Order Detail" knows regular orders only.
    await expect(bot.fetchOrder(String(id), LINEAR)).rejects.toThrow('40109');
  });

  it('Bitget: a client id of its own stays with the order that the stop leads to', async () => {
    const bot = await botOn('bitget');
    const params = { stopLossPrice: '2850', reduceOnly: true, clientOid: 'mine-1' };
    await bot.createOrder(LINEAR, 'market', 'sell', '1', undefined, params);
    simulator.engine.setPrice(LINEAR, '2840');
    const orders = await bot.fetchCanceledAndClosedOrders(LINEAR);
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toContain('mine-1');
  });
});
