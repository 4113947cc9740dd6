import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient, type CcxtRow } from './ccxt-client.js';
import { postJson } from './raw-http.js';
import type { OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
const DOGE = 'DOGE/USDT:USDT';
const INVERSE = 'BTC/USD:BTC';
const PAIR = 'BTC/USDT';

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;
let trader: CcxtClient;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  reader = await ccxtClient('gate', simulator.url, DEMO_CREDENTIALS);
  trader = await ccxtClient('gate', simulator.url, DEMO_TRADING_CREDENTIALS);
});

beforeEach(async () => {
  await postJson(`${simulator.url}/sim/reset`, {});
});

afterAll(async () => {
  await simulator.close();
});

function place(request: OrderRequest): string {
  return simulator.engine.place(DEMO_ACCOUNT, 'manual', request).id;
}

const limitBuy = (amount: string, price: string): OrderRequest => ({
  symbol: BTC,
  side: 'buy',
  type: 'limit',
  amount,
  price,
});

/** Contracts times contract size, exactly. */
const unitsOf = ({ contracts, contractSize }: CcxtRow): number => Number(contracts) * Number(contractSize);

describe('ccxt unmodified reads from the gate wire', () => {
  it('contracts of both settle currencies and spot pairs, with their steps', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual([
      INVERSE,
      'BTC/USDC',
      PAIR,
      BTC,
      DOGE,
      'ETH/USDT',
      'ETH/USDT:USDT',
      'SOL/USDT:USDT',
    ]);
    expect(markets[BTC]).toMatchObject({
      id: 'BTC_USDT',
      linear: true,
      contractSize: '0.001',
      precision: { price: '0.1' },
    });
    expect(markets[DOGE]).toMatchObject({ contractSize: '100' });
    expect(markets[INVERSE]).toMatchObject({ id: 'BTC_USD', inverse: true, settle: 'BTC' });
    expect(markets[PAIR]).toMatchObject({
      id: 'BTC_USDT',
      spot: true,
      precision: { amount: '0.00001', price: '0.01' },
    });
  });

  it("the exchange's own time", async () => {
    expect(Math.abs((await reader.fetchTime()) - Date.now())).toBeLessThan(5_000);
  });

  it('positions as whole contracts with a sign, closed ones with a size of zero', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: DOGE, side: 'sell', type: 'market', amount: '12340' });
    place({ symbol: 'ETH/USDT:USDT', side: 'buy', type: 'market', amount: '1' });
    place({ symbol: 'ETH/USDT:USDT', side: 'sell', type: 'market', amount: '1' });
    const positions = await reader.fetchPositions();
    expect(positions.map(({ symbol, side, info }) => [symbol, side, info['size']])).toEqual([
      [BTC, 'long', 500],
      ['ETH/USDT:USDT', undefined, 0],
      [DOGE, 'short', -123],
    ]);
    // ccxt does not ask for decimals: 123.4 contracts are cut to 123.
    expect(positions.map(unitsOf)).toEqual([0.5, 0, 12_300]);
  });

  it('inverse positions in contracts of one dollar, settled in bitcoin', async () => {
    place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '300' });
    const [position, ...others] = await reader.fetchPositions(undefined, { settle: 'btc' });
    expect(others).toEqual([]);
    expect(position).toMatchObject({ symbol: INVERSE, side: 'short', contracts: '300', contractSize: '1' });
  });

  it('both legs of one symbol in dual mode', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1', positionSide: 'short' });
    const positions = await reader.fetchPositions();
    expect(positions.map(({ side, info }) => [side, info['size'], info['mode']])).toEqual([
      ['long', 300, 'dual_long'],
      ['short', -100, 'dual_short'],
    ]);
  });

  it('open orders with partial fills, 700 of them page by page', async () => {
    for (let i = 0; i < 700; i += 1) place(limitBuy('0.001', String(50_000 + i)));
    const id = place({ ...limitBuy('0.010', '59000'), clientOrderId: 'bot-17' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.004' });
    const found = new Map<unknown, CcxtRow>();
    for (let page: CcxtRow[] | null = null; page === null || page.length === 100;) {
      page = await reader.fetchOpenOrders(BTC, undefined, 100, { offset: found.size });
      for (const row of page) found.set(row['id'], row);
    }
    expect(found.size).toBe(701);
    expect(found.get(id)).toMatchObject({ clientOrderId: 't-bot-17', side: 'buy', price: '59000', status: 'open' });
    expect(found.get(id)?.info).toMatchObject({ size: 10, left: 6, fill_price: '59000' });
  });

  it('price orders among the triggers only', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const sell = { symbol: BTC, side: 'sell' } as const;
    const stop = place({ ...sell, type: 'stop_market', triggerPrice: '55000', closePosition: true });
    const profit = place({
      ...sell,
      type: 'take_profit',
      amount: '0.2',
      price: '65000',
      triggerPrice: '64000',
      reduceOnly: true,
    });
    place({ ...sell, type: 'trailing_stop_market', amount: '0.1', callbackPercent: '2' });
    const entry = place({
      symbol: BTC,
      side: 'buy',
      type: 'stop',
      amount: '0.1',
      price: '70100',
      triggerPrice: '70000',
    });
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    const triggers = await reader.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
    expect(triggers.map(({ id, triggerPrice, price, info }) => [id, triggerPrice, price, info['order_type']])).toEqual(
      expect.arrayContaining([
        [entry, '70000', '70100', ''],
        [profit, '64000', '65000', 'plan-close-long-position'],
        [stop, '55000', undefined, 'close-long-position'],
      ]),
    );
    expect(triggers).toHaveLength(3);
  });

  it.each<[cause: string, status: string, end: (id: string) => void]>([
    ['filled', 'closed', (id) => simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id })],
    ['canceled', 'canceled', (id) => simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual')],
    ['expired', 'canceled', (id) => simulator.engine.expire({ account: DEMO_ACCOUNT, id })],
  ])('what became of an order that was %s', async (_cause, status, end) => {
    const id = place(limitBuy('0.01', '59000'));
    end(id);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ id, status });
  });

  it('an order that never was as not found', async () => {
    await expect(reader.fetchOrder('42', BTC)).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('own trades with fees and with what they closed', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.7' });
    const trades = await reader.fetchMyTrades(BTC);
    expect(trades.find(({ order }) => order === id)).toMatchObject({
      side: 'buy',
      price: '60000',
      takerOrMaker: 'taker',
      info: { size: 500, close_size: 0 },
    });
    expect(trades.find(({ side }) => side === 'sell')?.info).toMatchObject({ size: -700, close_size: -500 });
  });

  it('the futures account and the spot account', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: PAIR, side: 'buy', type: 'limit', amount: '0.1', price: '50000' });
    expect((await reader.fetchBalance({ type: 'swap' }))['total']).toMatchObject({ USDT: '99988' });
    expect((await reader.fetchBalance({ type: 'spot' }))['USDT']).toMatchObject({ free: '94988', used: '5000' });
  });

  it('spot orders, price orders and trades', async () => {
    const limit = place({ symbol: PAIR, side: 'buy', type: 'limit', amount: '0.1', price: '50000' });
    const stop = place({ symbol: PAIR, side: 'sell', type: 'stop_market', amount: '0.2', triggerPrice: '55000' });
    const bought = place({ symbol: PAIR, side: 'buy', type: 'market', amount: '0.1' });
    expect(await reader.fetchOpenOrders(PAIR)).toMatchObject([{ id: limit, amount: '0.1', status: 'open' }]);
    const triggers = await reader.fetchOpenOrders(PAIR, undefined, undefined, { trigger: true });
    expect(triggers).toMatchObject([{ id: stop, amount: '0.2', triggerPrice: '55000' }]);
    expect(await reader.fetchMyTrades(PAIR)).toMatchObject([{ order: bought, amount: '0.1', price: '60000' }]);
    expect(await reader.fetchOrder(bought, PAIR)).toMatchObject({ status: 'closed', filled: '0.1' });
  });
});

describe('ccxt unmodified trades through the gate wire', () => {
  it('places, amends and cancels a limit order', async () => {
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '10', '59000', { clientOrderId: 'mine-1' });
    expect(placed).toMatchObject({ clientOrderId: 't-mine-1', status: 'open' });
    const id = String(placed['id']);
    await trader.editOrder(id, BTC, 'limit', 'buy', '20', '58000');
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([
      { id, clientOrderId: 'mine-1', amount: '0.02', price: '58000' },
    ]);
    expect(await trader.cancelOrder(id, BTC)).toMatchObject({ status: 'canceled' });
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills a market order at once and closes it with reduce-only', async () => {
    expect(await trader.createOrder(BTC, 'market', 'sell', '100')).toMatchObject({
      status: 'closed',
      average: '60000',
    });
    expect(simulator.engine.account(DEMO_ACCOUNT).position(BTC, 'net').amount).toBe('-0.1');
    await trader.createOrder(BTC, 'market', 'buy', '100', undefined, { reduceOnly: true });
    expect(simulator.engine.account(DEMO_ACCOUNT).position(BTC, 'net').amount).toBe('0');
  });

  it('places and cancels a stop as a price order', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '100');
    const stop = await trader.createOrder(BTC, 'market', 'sell', '100', undefined, { stopLossPrice: '55000' });
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([
      { id: stop['id'], type: 'stop_market', triggerPrice: '55000', amount: '0.1' },
    ]);
    await trader.cancelOrder(String(stop['id']), BTC, { trigger: true });
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('opens and closes legs in dual mode', async () => {
    await trader.loadMarkets();
    await trader.setPositionMode(true, BTC);
    await trader.createOrder(BTC, 'market', 'buy', '300');
    await trader.createOrder(BTC, 'market', 'sell', '100', undefined, { reduceOnly: true });
    await trader.createOrder(BTC, 'market', 'sell', '50');
    const account = simulator.engine.account(DEMO_ACCOUNT);
    expect([account.position(BTC, 'long').amount, account.position(BTC, 'short').amount]).toEqual(['0.2', '-0.05']);
    await expect(trader.setPositionMode(false, BTC)).rejects.toThrow(/POSITION_HOLDING/);
  });

  it('trades inverse contracts', async () => {
    await trader.createOrder(INVERSE, 'limit', 'buy', '300', '59000');
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([{ symbol: INVERSE, amount: '300' }]);
  });

  it('buys and sells spot', async () => {
    await trader.createOrder(PAIR, 'limit', 'buy', '0.1', '50000');
    await trader.createOrder(PAIR, 'market', 'sell', '0.2');
    expect(simulator.engine.account(DEMO_ACCOUNT).wallet.get('BTC')?.balance).toBe('0.8');
    await expect(trader.createOrder(PAIR, 'market', 'sell', '2')).rejects.toMatchObject({ name: 'InsufficientFunds' });
  });

  it('refuses to trade with the read-only key', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '1')).rejects.toThrow(/READ_ONLY/);
  });
});
