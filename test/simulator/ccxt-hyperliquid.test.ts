import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient } from './ccxt-client.js';
import { postJson } from './raw-http.js';
import type { OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';
import { addressOfAccount, privateKeyOf } from '../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';

const BTC = 'BTC/USDC:USDC';
const ETH = 'ETH/USDC:USDC';

let simulator: Simulator;
/** Signs with a wallet that may not trade. */
let reader: CcxtClient;
let trader: CcxtClient;

async function clientWith(secret: string): Promise<CcxtClient> {
  const walletAddress = addressOfAccount(simulator.engine.account(DEMO_ACCOUNT));
  return ccxtClient('hyperliquid', simulator.url, { walletAddress, privateKey: privateKeyOf(secret) });
}

let fresh: ReturnType<Simulator['snapshotState']>;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  fresh = simulator.snapshotState();
  // All tests of this file weigh on one minute.
  await postJson(`${simulator.url}/sim/limits`, { exchange: 'hyperliquid', weight_per_minute: 1_000_000 });
  reader = await clientWith(DEMO_CREDENTIALS.secret);
  trader = await clientWith(DEMO_TRADING_CREDENTIALS.secret);
});

beforeEach(() => {
  simulator.restoreState(fresh);
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

describe('ccxt unmodified reads from the hyperliquid wire', () => {
  it('the perpetuals settled in USDC with their steps, and no other market', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual([BTC, 'DOGE/USDC:USDC', ETH, 'SOL/USDC:USDC']);
    expect(markets[ETH]).toMatchObject({ swap: true, linear: true, precision: { amount: '0.0001' } });
  });

  it('positions with exact sizes and signs', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.003' });
    place({ symbol: ETH, side: 'sell', type: 'market', amount: '1.2345' });
    const positions = await reader.fetchPositions();
    expect(positions.map(({ symbol, side, contracts }) => ({ symbol, side, contracts }))).toEqual([
      { symbol: BTC, side: 'long', contracts: '0.003' },
      { symbol: ETH, side: 'short', contracts: '1.2345' },
    ]);
    expect(positions.map(({ info }) => info)).toMatchObject([
      { type: 'oneWay', position: { szi: '0.003', entryPx: '60000.0' } },
      { position: { szi: '-1.2345', entryPx: '3000.0' } },
    ]);
  });

  it('open orders of all kinds, with what has filled', async () => {
    const id = place({ ...limitBuy('0.010', '59000'), clientOrderId: '0x0123456789abcdef0123456789abcdef' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.004' });
    const stop = place({ symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.01', triggerPrice: '55000' });
    const takeProfit = place({
      symbol: BTC,
      side: 'sell',
      type: 'take_profit',
      amount: '0.02',
      price: '66000',
      triggerPrice: '65000',
    });
    const orders = await reader.fetchOpenOrders();
    expect(new Set(orders.map((order) => order['id']))).toEqual(new Set([id, stop, takeProfit]));
    expect(orders.find((order) => order['id'] === id)).toMatchObject({
      symbol: BTC,
      clientOrderId: '0x0123456789abcdef0123456789abcdef',
      side: 'buy',
      type: 'limit',
      price: '59000.0',
      amount: '0.01',
      filled: '0.004',
      remaining: '0.006',
    });
    expect(orders.find((order) => order['id'] === stop)?.info).toMatchObject({
      isTrigger: true,
      orderType: 'Stop Market',
      triggerPx: '55000.0',
      triggerCondition: 'Price below 55000',
      limitPx: '49500.0',
      sz: '0.01',
    });
    expect(orders.find((order) => order['id'] === takeProfit)?.info).toMatchObject({
      orderType: 'Take Profit Limit',
      triggerCondition: 'Price above 65000',
      limitPx: '66000.0',
    });
  });

  it('700 open orders in one answer', async () => {
    for (let count = 0; count < 700; count += 1) place(limitBuy('0.01', String(50_000 + count)));
    const orders = await reader.fetchOpenOrders();
    expect(new Set(orders.map(({ id }) => id)).size).toBe(700);
  });

  it.each<[cause: string, status: string, end: (id: string) => void]>([
    ['filled', 'closed', (id) => simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id })],
    ['canceled', 'canceled', (id) => simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual')],
  ])('what became of an order that was %s', async (_cause, status, end) => {
    const id = place(limitBuy('0.01', '59000'));
    end(id);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ id, status });
  });

  it('an order that never was as not found', async () => {
    await expect(reader.fetchOrder('42', BTC)).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('a trigger that went off under its old number', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const id = place({ symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.5', triggerPrice: '55000' });
    simulator.engine.setPrice(BTC, '54000');
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ id, status: 'closed' });
    expect(await reader.fetchPositions()).toEqual([]);
    const [sale] = (await reader.fetchMyTrades(BTC)).filter(({ side }) => side === 'sell');
    expect(sale).toMatchObject({ order: id, price: '54000.0', amount: '0.5' });
  });

  it('own trades with fees', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    expect(await reader.fetchMyTrades(BTC)).toMatchObject([
      {
        order: id,
        side: 'buy',
        price: '60000.0',
        amount: '0.5',
        takerOrMaker: 'taker',
        fee: { cost: '12.0', currency: 'USDC' },
      },
    ]);
  });

  it('the balance in USDC, less what was paid in fees', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    expect((await reader.fetchBalance()).total).toMatchObject({ USDC: '19988.0' });
  });
});

describe('ccxt unmodified trades through the hyperliquid wire', () => {
  it('places, edits and cancels a limit order', async () => {
    const clientOrderId = '0x00000000000000000000000000000017';
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59000', { clientOrderId });
    const id = String(placed['id']);
    expect(await trader.fetchOpenOrders(BTC)).toMatchObject([{ id, clientOrderId, amount: '0.01', price: '59000.0' }]);
    const edited = await trader.editOrder(id, BTC, 'limit', 'buy', '0.02', '58000');
    const [open, ...others] = await trader.fetchOpenOrders(BTC);
    expect(others).toEqual([]);
    expect(open).toMatchObject({ id: edited['id'], amount: '0.02', price: '58000.0' });
    await trader.cancelOrder(String(edited['id']), BTC);
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills a market order at once', async () => {
    await trader.createOrder(BTC, 'market', 'sell', '0.1', '60000');
    expect(await reader.fetchPositions()).toMatchObject([{ side: 'short', contracts: '0.1' }]);
  });

  it('places and cancels a stop', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1', '60000');
    const stop = await trader.createOrder(BTC, 'market', 'sell', '0.1', '55000', { stopLossPrice: '55000' });
    const id = String(stop['id']);
    expect(await reader.fetchOpenOrders(BTC)).toMatchObject([{ id, triggerPrice: '55000.0' }]);
    await trader.cancelOrder(id, BTC);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it.each<[what: string, error: string, order: () => Promise<unknown>]>([
    ['a post-only order that would trade', 'immediately matched', () => limit('61000', '0.01', { timeInForce: 'Alo' })],
    ['reduce-only with nothing to reduce', 'Reduce only', () => limit('59000', '0.01', { reduceOnly: true })],
    ['a value below the minimum', 'minimum value', () => limit('1000', '0.001')],
    [
      'an immediate order that cannot trade',
      'could not immediately',
      () => limit('59000', '0.01', { timeInForce: 'Ioc' }),
    ],
    ['a wallet that may not trade', 'does not exist', () => limit('59000', '0.01', {}, reader)],
  ])('refuses %s: %s', async (_what, error, order) => {
    await expect(order()).rejects.toThrow(error);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  const limit = async (price: string, amount: string, params = {}, client = trader): Promise<unknown> =>
    client.createOrder(BTC, 'limit', 'buy', amount, price, params);
});
