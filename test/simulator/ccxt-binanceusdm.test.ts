import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient } from './ccxt-client.js';
import type { OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
const ETH = 'ETH/USDT:USDT';

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;

beforeEach(async () => {
  simulator = await startSimulator({ port: 0 });
  reader = await ccxtClient('binanceusdm', simulator.url, DEMO_CREDENTIALS);
});

afterEach(async () => {
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

describe('ccxt unmodified reads from the binanceusdm wire', () => {
  it('the linear markets with their steps, and no inverse one', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual(['BTC/USDC:USDC', BTC, 'DOGE/USDT:USDT', ETH, 'SOL/USDT:USDT']);
    expect(markets[BTC]).toMatchObject({
      id: 'BTCUSDT',
      linear: true,
      contractSize: '1',
      precision: { amount: '0.001', price: '0.1' },
    });
  });

  it("the exchange's own time", async () => {
    const before = Date.now();
    const time = await reader.fetchTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it('positions with exact amounts and signs, in one-way mode', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: ETH, side: 'sell', type: 'market', amount: '12' });
    const positions = await reader.fetchPositions();
    expect(positions).toHaveLength(2);
    expect(positions.find(({ symbol }) => symbol === BTC)).toMatchObject({
      side: 'long',
      contracts: '0.5',
      entryPrice: '60000.0',
      hedged: false,
      info: { positionAmt: '0.500', positionSide: 'BOTH' },
    });
    expect(positions.find(({ symbol }) => symbol === ETH)).toMatchObject({
      side: 'short',
      contracts: '12',
      info: { positionAmt: '-12.000' },
    });
  });

  it('both legs of one symbol in hedge mode', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1', positionSide: 'short' });
    expect(await reader.fetchPositionMode()).toMatchObject({ hedged: true });
    const legs = (await reader.fetchPositions()).map(({ side, contracts, hedged }) => ({ side, contracts, hedged }));
    expect(legs).toEqual([
      { side: 'long', contracts: '0.3', hedged: true },
      { side: 'short', contracts: '0.1', hedged: true },
    ]);
  });

  it('a flat symbol with an open order as a row of amount zero, as the exchange sends it', async () => {
    place(limitBuy('0.01', '59000'));
    const rows = await reader.fapiPrivateV3GetPositionRisk();
    expect(rows).toMatchObject([{ symbol: 'BTCUSDT', positionAmt: '0.000', entryPrice: '0.0' }]);
  });

  it('open orders with and without a symbol, and partial fills', async () => {
    const id = place({ ...limitBuy('0.010', '59000'), clientOrderId: 'bot-17' });
    place({ symbol: ETH, side: 'sell', type: 'limit', amount: '1', price: '3100' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.004' });

    expect(await reader.fetchOpenOrders()).toHaveLength(2);
    const [open, ...others] = await reader.fetchOpenOrders(BTC);
    expect(others).toEqual([]);
    expect(open).toMatchObject({
      id,
      clientOrderId: 'bot-17',
      symbol: BTC,
      side: 'buy',
      type: 'limit',
      status: 'open',
      price: '59000.0',
      amount: '0.010',
      filled: '0.004',
      remaining: '0.006',
      average: '59000.00',
    });
  });

  it('conditional orders among the triggers only', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const stop = place({ symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.5', triggerPrice: '55000' });
    const takeProfit = place({
      symbol: BTC,
      side: 'sell',
      type: 'take_profit',
      amount: '0.2',
      price: '65000',
      triggerPrice: '64000',
    });
    const trailing = place({
      symbol: BTC,
      side: 'sell',
      type: 'trailing_stop_market',
      amount: '0.1',
      callbackPercent: '2',
    });

    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    const triggers = await reader.fetchOpenOrders(undefined, undefined, undefined, { trigger: true });
    expect(
      triggers.map(({ id, type, triggerPrice, price, amount }) => ({ id, type, triggerPrice, price, amount })),
    ).toEqual([
      { id: stop, type: 'market', triggerPrice: '55000.0', price: undefined, amount: '0.500' },
      { id: takeProfit, type: 'limit', triggerPrice: '64000.0', price: '65000.0', amount: '0.200' },
      // 2 percent below the best price so far: it moves with the market.
      { id: trailing, type: expect.any(String), triggerPrice: '58800.0', price: undefined, amount: '0.100' },
    ]);
  });

  it.each<[cause: string, status: string, end: (id: string) => void]>([
    ['filled', 'closed', (id) => simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id })],
    ['canceled', 'canceled', (id) => simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual')],
    ['expired', 'expired', (id) => simulator.engine.expire({ account: DEMO_ACCOUNT, id })],
  ])('what became of an order that was %s', async (_cause, status, end) => {
    const id = place(limitBuy('0.01', '59000'));
    end(id);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ id, status });
    expect(await reader.fetchOrders(BTC)).toMatchObject([{ id, status }]);
  });

  it('an order that never was as not found', async () => {
    await expect(reader.fetchOrder('42', BTC)).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('a conditional order that went off, and the order it became', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const id = place({ symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.5', triggerPrice: '55000' });
    simulator.engine.setPrice(BTC, '54000');
    const algo = await reader.fetchOrder(id, BTC, { trigger: true });
    expect(algo.info).toMatchObject({ algoStatus: 'FINISHED', actualPrice: '54000.00000' });
    const actual = await reader.fetchOrder(String(algo.info.actualOrderId), BTC);
    expect(actual).toMatchObject({ status: 'closed', filled: '0.500', average: '54000.00' });
    expect(await reader.fetchPositions()).toEqual([]);
  });

  it('own trades with fees', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const [trade, ...others] = await reader.fetchMyTrades(BTC);
    expect(others).toEqual([]);
    expect(trade).toMatchObject({
      order: id,
      side: 'buy',
      price: '60000.0',
      amount: '0.500',
      takerOrMaker: 'taker',
      fee: { cost: '12.00000000', currency: 'USDT' },
    });
  });

  it('balances with what was paid in fees', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const balance = await reader.fetchBalance();
    expect(balance.total).toMatchObject({ USDT: '99988.00000000', USDC: '20000.00000000' });
  });

  it('a liquidation among the force orders, with the orders it took along expired', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const id = place({ symbol: BTC, side: 'sell', type: 'limit', amount: '0.5', price: '66000' });
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ status: 'expired' });
    expect(await reader.fapiPrivateGetForceOrders()).toMatchObject([
      { symbol: 'BTCUSDT', side: 'SELL', status: 'FILLED', clientOrderId: expect.stringMatching(/^autoclose-/) },
    ]);
  });
});

describe('ccxt unmodified trades through the binanceusdm wire', () => {
  let trader: CcxtClient;

  beforeEach(async () => {
    trader = await ccxtClient('binanceusdm', simulator.url, DEMO_TRADING_CREDENTIALS);
  });

  it('places, amends and cancels a limit order', async () => {
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59000', { clientOrderId: 'mine-1' });
    expect(placed).toMatchObject({ clientOrderId: 'mine-1', status: 'open' });
    const id = String(placed.id);
    expect(await trader.editOrder(id, BTC, 'limit', 'buy', '0.02', '58000')).toMatchObject({ price: '58000.0' });
    expect(await trader.fetchOrder(id, BTC)).toMatchObject({ amount: '0.020', status: 'open' });
    expect(await trader.cancelOrder(id, BTC)).toMatchObject({ status: 'canceled' });
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills a market order at once', async () => {
    expect(await trader.createOrder(BTC, 'market', 'sell', '0.1')).toMatchObject({ status: 'closed', filled: '0.100' });
    expect(await trader.fetchPositions()).toMatchObject([{ side: 'short', contracts: '0.1' }]);
  });

  it('places and cancels a stop as an algo order', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1');
    const stop = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, { stopLossPrice: '55000' });
    const id = String(stop.id);
    const open = await trader.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
    expect(open).toMatchObject([{ id, triggerPrice: '55000.0' }]);
    await trader.cancelOrder(id, BTC, { trigger: true });
    expect(await trader.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).toEqual([]);
  });

  it('changes the position mode while nothing is open', async () => {
    await trader.setPositionMode(true);
    await expect(trader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/-4061/);
    await trader.createOrder(BTC, 'market', 'buy', '0.1', undefined, { positionSide: 'LONG' });
    await expect(trader.setPositionMode(false)).rejects.toThrow(/-4068/);
  });

  it.each<[what: string, error: string, order: () => Promise<unknown>]>([
    ['a price off its step', '-4014', () => trader.fapiPrivatePostOrder(rawOrder({ price: '59000.05' }))],
    ['an amount off its step', '-1111', () => trader.fapiPrivatePostOrder(rawOrder({ quantity: '0.0105' }))],
    ['an unknown market', '-1121', () => trader.fapiPrivatePostOrder(rawOrder({ symbol: 'XYZUSDT' }))],
    ['a value below the minimum', '-4164', () => trader.fapiPrivatePostOrder(rawOrder({ price: '100' }))],
    [
      'reduce-only with nothing to reduce',
      '-2022',
      () => trader.fapiPrivatePostOrder(rawOrder({ reduceOnly: 'true' })),
    ],
    ['a stop sent as a regular order', '-4120', () => trader.fapiPrivatePostOrder(rawOrder({ type: 'STOP_MARKET' }))],
    ['a missing price', '-1102', () => trader.fapiPrivatePostOrder(rawOrder({ price: '' }))],
  ])('refuses %s with %s', async (_what, error, order) => {
    await expect(order()).rejects.toThrow(error);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('refuses to trade with the read-only key', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/-2015/);
  });
});

function rawOrder(change: Record<string, string>): Record<string, string> {
  const order = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.010',
    price: '59000',
  };
  return { ...order, ...change };
}
