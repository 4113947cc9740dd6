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

const BTC = 'BTC/USDT';
const ETH = 'ETH/USDT';

let simulator: Simulator;
/** With the read-only key, and with the one that can trade. */
let reader: CcxtClient;
let trader: CcxtClient;

// One exchange and two clients for all tests, back to a flat account before each: ccxt takes its time to load.
beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  const client = async (credentials: object): Promise<CcxtClient> => {
    const made = await ccxtClient('binance', simulator.url, credentials);
    made.options['fetchMarkets'] = { types: ['spot'] };
    await made.loadMarkets();
    return made;
  };
  [reader, trader] = [await client(DEMO_CREDENTIALS), await client(DEMO_TRADING_CREDENTIALS)];
});
beforeEach(() => postJson(`${simulator.url}/sim/reset`, {}));
afterAll(() => simulator.close());

function place(request: Partial<OrderRequest>): string {
  return simulator.engine.place(DEMO_ACCOUNT, 'manual', {
    symbol: BTC,
    side: 'buy',
    type: 'limit',
    amount: '0.01',
    ...request,
  }).id;
}

describe('ccxt unmodified reads from the binance wire', () => {
  it('the spot markets with their steps, and no contract', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual(['BTC/USDC', BTC, ETH]);
    expect(markets[ETH]).toMatchObject({
      id: 'ETHUSDT',
      spot: true,
      precision: { amount: '0.00010000', price: '0.01000000' },
      limits: { cost: { min: '5.00000000' } },
    });
  });

  it('balances with what open orders hold back', async () => {
    place({ price: '50000', amount: '0.10000' });
    place({ side: 'sell', price: '70000', amount: '0.4' });
    expect(await reader.fetchBalance()).toMatchObject({
      USDT: { free: '95000.00000000', used: '5000.00000000', total: '100000' },
      BTC: { free: '0.60000000', used: '0.40000000', total: '1' },
      ETH: { total: '0' },
    });
  });

  it('open orders of all symbols: filled in part, waiting for a trigger, and after it', async () => {
    const partial = place({ price: '59000', amount: '0.02' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: partial }, { amount: '0.005' });
    const stop = place({ side: 'sell', type: 'stop', price: '54000', triggerPrice: '55000' });
    const goneOff = place({ symbol: ETH, amount: '0.5', type: 'stop', price: '3100', triggerPrice: '3050' });
    simulator.engine.setPrice(ETH, '3120');
    const orders = await reader.fetchOpenOrders();
    expect(orders).toMatchObject([
      {
        id: partial,
        symbol: BTC,
        type: 'limit',
        amount: '0.02000000',
        filled: '0.00500000',
        info: { status: 'PARTIALLY_FILLED' },
      },
      {
        id: stop,
        symbol: BTC,
        triggerPrice: '55000.00000000',
        info: { type: 'STOP_LOSS_LIMIT', isWorking: false, workingTime: -1 },
      },
      {
        id: goneOff,
        symbol: ETH,
        price: '3100.00000000',
        info: { type: 'STOP_LOSS_LIMIT', stopPrice: '3050.00000000', isWorking: true },
      },
    ]);
    expect(await reader.fetchOpenOrders(ETH)).toHaveLength(1);
  });

  it('what became of an order: the order, the history and its trades', async () => {
    const id = place({ price: '59000' });
    simulator.engine.setPrice(BTC, '58900');
    place({ symbol: ETH, price: '2000', amount: '1' });
    const filled = { id, status: 'closed', filled: '0.01000000', average: '59000', cost: '590.00000000' };
    expect(await reader.fetchOrder(id, BTC)).toMatchObject(filled);
    expect(await reader.fetchOrders(BTC)).toMatchObject([filled]);
    expect(await reader.fetchMyTrades(BTC)).toMatchObject([
      {
        order: id,
        price: '59000.00000000',
        amount: '0.01000000',
        takerOrMaker: 'maker',
        fee: { cost: '0.00000200', currency: 'BTC' },
      },
    ]);
  });
});

describe('ccxt unmodified trades through the binance wire', () => {
  it('at market, by amount and by cost, and hears of its fills', async () => {
    expect(await trader.createOrder(BTC, 'market', 'buy', '0.01')).toMatchObject({
      status: 'closed',
      filled: '0.01000000',
      average: '60000',
      fees: [{ cost: '0.00000400', currency: 'BTC' }],
    });
    const byCost = await trader.createOrder(BTC, 'market', 'buy', undefined, undefined, { quoteOrderQty: '1000' });
    expect(byCost).toMatchObject({ filled: '0.01666000' });
    expect(simulator.engine.account(DEMO_ACCOUNT).trades).toHaveLength(2);
    expect(simulator.engine.account(DEMO_ACCOUNT).positions()).toEqual([]);
  });

  it('by a limit order with a client order id, which it cancels', async () => {
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '50000', { clientOrderId: 'mine-1' });
    expect(placed).toMatchObject({ clientOrderId: 'mine-1', status: 'open' });
    const id = String(placed['id']);
    expect(await trader.cancelOrder(id, BTC)).toMatchObject({ id, status: 'canceled' });
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ clientOrderId: 'mine-1', status: 'canceled' });
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it.each([
    ['limit', 'sell', '54000', { stopLossPrice: '55000' }, 'stop', 'STOP_LOSS_LIMIT'],
    ['market', 'sell', undefined, { stopLossPrice: '55000' }, 'stop_market', 'STOP_LOSS'],
    ['limit', 'sell', '65500', { takeProfitPrice: '65000' }, 'take_profit', 'TAKE_PROFIT_LIMIT'],
    [
      'market',
      'sell',
      undefined,
      { trailingPercent: '2', stopLossOrTakeProfit: 'stopLoss' },
      'trailing_stop_market',
      'STOP_LOSS',
    ],
  ])('by a %s %s order that waits (%j, %j)', async (type, side, price, params, engineType, wireType) => {
    const { id } = await trader.createOrder(BTC, type, side, '0.01', price, params);
    const order = simulator.engine.account(DEMO_ACCOUNT).findOrder({ id: String(id) });
    expect(order).toMatchObject({ type: engineType, status: 'open', placedBy: 'api' });
    expect(await reader.fetchOpenOrders(BTC)).toMatchObject([{ info: { type: wireType, isWorking: false } }]);
  });

  it('by an order that only makes, refused where it would take', async () => {
    const post = { postOnly: true };
    expect(await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59999.99', post)).toMatchObject({ status: 'open' });
    await expect(trader.createOrder(BTC, 'limit', 'buy', '0.01', '60000', post)).rejects.toThrow(
      /Order would immediately match and take/,
    );
    expect(simulator.engine.account(DEMO_ACCOUNT).allOrders()).toHaveLength(1);
  });

  it('by an OCO, of which one order ends the other', async () => {
    const list = await trader.privatePostOrderListOco({
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '0.5',
      listClientOrderId: 'both',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '70000',
      belowType: 'STOP_LOSS_LIMIT',
      belowStopPrice: '55000',
      belowPrice: '54000',
      belowTimeInForce: 'GTC',
    });
    expect(list).toMatchObject({ contingencyType: 'OCO', listOrderStatus: 'EXECUTING', listClientOrderId: 'both' });
    expect(list['orderReports']).toMatchObject([{ type: 'STOP_LOSS_LIMIT' }, { type: 'LIMIT_MAKER' }]);
    expect(await trader.privateGetOpenOrderList()).toMatchObject([{ orderListId: list['orderListId'] }]);
    expect(simulator.engine.locked(DEMO_ACCOUNT).get('BTC')).toBe('0.5');

    simulator.engine.setPrice(BTC, '54500');
    expect(await reader.fetchOrders(BTC)).toMatchObject([
      { info: { type: 'STOP_LOSS_LIMIT', status: 'FILLED', orderListId: list['orderListId'] } },
      { info: { type: 'LIMIT_MAKER', status: 'EXPIRED' } },
    ]);
    expect(await trader.privateGetOpenOrderList()).toEqual([]);
  });

  it('and cancels an OCO, or all orders of a symbol, as a whole', async () => {
    const oco = { symbol: 'BTCUSDT', side: 'BUY', quantity: '0.5', belowType: 'LIMIT_MAKER', belowPrice: '50000' };
    const stop = { aboveType: 'STOP_LOSS', aboveStopPrice: '65000' };
    const { orderListId } = await trader.privatePostOrderListOco({ ...oco, ...stop });
    const canceled = await trader.privateDeleteOrderList({ symbol: 'BTCUSDT', orderListId });
    expect(canceled).toMatchObject({
      listOrderStatus: 'ALL_DONE',
      orderReports: [{ status: 'CANCELED' }, { status: 'CANCELED' }],
    });

    place({ price: '40000' });
    await trader.privatePostOrderListOco({ ...oco, ...stop });
    await trader.cancelAllOrders(BTC);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('only with a key that may', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '0.01')).rejects.toThrow(/-2015/);
  });
});
