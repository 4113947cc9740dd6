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
const USDC = 'BTC/USDC:USDC';
const INVERSE = 'BTC/USD:BTC';
const DOGE = 'DOGE/USDT:USDT';

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;
let trader: CcxtClient;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  reader = await ccxtClient('bybit', simulator.url, DEMO_CREDENTIALS);
  trader = await ccxtClient('bybit', simulator.url, DEMO_TRADING_CREDENTIALS);
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

async function executions(): Promise<Record<string, unknown>[]> {
  const { result } = await reader.privateGetV5ExecutionList({ category: 'linear' });
  return result.list;
}

const limitBuy = (amount: string, price: string): OrderRequest => ({
  symbol: BTC,
  side: 'buy',
  type: 'limit',
  amount,
  price,
});

describe('ccxt unmodified reads from the bybit wire', () => {
  it('markets of all three kinds with their steps', async () => {
    const markets = await reader.loadMarkets();
    expect(markets[BTC]).toMatchObject({ id: 'BTCUSDT', precision: { amount: '0.001', price: '0.1' } });
    expect(markets[USDC]).toMatchObject({ id: 'BTCPERP', linear: true, settle: 'USDC' });
    expect(markets[INVERSE]).toMatchObject({ id: 'BTCUSD', inverse: true, settle: 'BTC' });
    expect(markets['BTC/USDT']).toMatchObject({ id: 'BTCUSDT', spot: true, precision: { amount: '0.00001' } });
  });

  it("the exchange's own time", async () => {
    const before = Date.now();
    const time = await reader.fetchTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it('positions settled in USDT, in USDC and in coin, each by a call of its own, with exact amounts and signs', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: DOGE, side: 'sell', type: 'market', amount: '330' });
    place({ symbol: USDC, side: 'sell', type: 'market', amount: '0.017' });
    place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '700' });
    const shown = (rows: CcxtRow[]): unknown =>
      rows.map(({ symbol, side, contracts, info }) => [symbol, side, contracts, info['size'], info['avgPrice']]);
    expect(shown(await reader.fetchPositions())).toEqual([
      [BTC, 'long', '0.5', '0.500', '60000'],
      [DOGE, 'short', '330', '330', '0.2'],
    ]);
    expect(shown(await reader.fetchPositions(undefined, { settleCoin: 'USDC' }))).toEqual([
      [USDC, 'short', '0.017', '0.017', '60000'],
    ]);
    expect(shown(await reader.fetchPositions(undefined, { subType: 'inverse' }))).toEqual([
      [INVERSE, 'short', '700', '700', '60000'],
    ]);
  });

  it('both legs of one symbol in hedge mode, also the empty one when it is asked for by name', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    const legs = await reader.fetchPositions([BTC]);
    expect(legs.map(({ info }) => [info.positionIdx, info.side, info.size])).toEqual([
      [1, 'Buy', '0.300'],
      [2, '', '0.000'],
    ]);
    expect(await reader.fetchPositions()).toMatchObject([{ side: 'long', contracts: '0.3', hedged: true }]);
  });

  it('conditional, trailing and TP/SL orders among the others', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ ...limitBuy('0.010', '59000'), clientOrderId: 'bot-17' });
    place({ symbol: BTC, side: 'sell', type: 'stop_market', triggerPrice: '55000', closePosition: true });
    place({
      symbol: BTC,
      side: 'sell',
      type: 'take_profit',
      amount: '0.2',
      price: '65000',
      triggerPrice: '64000',
      reduceOnly: true,
    });
    place({ symbol: BTC, side: 'buy', type: 'stop', amount: '0.1', price: '61000', triggerPrice: '60500' });
    place({
      symbol: BTC,
      side: 'sell',
      type: 'trailing_stop_market',
      amount: '0.1',
      callbackPercent: '2',
      reduceOnly: true,
    });
    const rows = await reader.fetchOpenOrders(BTC, undefined, 50);
    const shown = rows.map(({ info }) => [
      info.stopOrderType,
      info.orderStatus,
      info.triggerDirection,
      info.triggerPrice,
      info.qty,
    ]);
    expect(shown.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['', 'New', 0, '', '0.010'],
      ['PartialTakeProfit', 'Untriggered', 1, '64000', '0.200'],
      ['Stop', 'Untriggered', 1, '60500', '0.100'],
      ['StopLoss', 'Untriggered', 2, '55000', '0.000'],
      ['TrailingStop', 'Untriggered', 2, '', '0.100'],
    ]);
    expect(rows.find(({ clientOrderId }) => clientOrderId === 'bot-17')).toMatchObject({
      price: '59000.0',
      amount: '0.010',
    });
  });

  it('a conditional order that went off under the id that it had', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'stop', amount: '0.1', price: '60000', triggerPrice: '60500' });
    simulator.engine.setPrice(BTC, '60500');
    expect(await reader.fetchOpenOrders(BTC)).toMatchObject([{ id, status: 'open', info: { orderStatus: 'New' } }]);
    simulator.engine.setPrice(BTC, '60000');
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchClosedOrder(id, BTC)).toMatchObject({ id, status: 'closed', filled: '0.100' });
    expect(await reader.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: '0.100' }]);
  });

  it.each<[cause: string, status: string, end: (id: string) => void]>([
    ['filled', 'Filled', (id) => simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id })],
    ['canceled', 'Cancelled', (id) => simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual')],
    ['expired', 'Cancelled', (id) => simulator.engine.expire({ account: DEMO_ACCOUNT, id })],
  ])('what became of an order that was %s', async (_cause, orderStatus, end) => {
    const id = place(limitBuy('0.01', '59000'));
    end(id);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchClosedOrder(id, BTC)).toMatchObject({ id, info: { orderStatus } });
  });

  it('own trades with fees, and funding that says it is funding', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    simulator.engine.settleFunding(BTC, '0.0001');
    expect(await reader.fetchMyTrades(BTC)).toMatchObject([
      { order: id, amount: '0.500', fee: { cost: '12', currency: 'USDT' } },
    ]);
    expect(await executions()).toMatchObject([
      { execType: 'Funding', execQty: '0.500', execFee: '3', orderType: 'UNKNOWN' },
      { execType: 'Trade', execQty: '0.500', execFee: '12', orderId: id },
    ]);
  });

  it('a liquidation as a trade of its own kind', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const id = place({ symbol: BTC, side: 'sell', type: 'limit', amount: '0.5', price: '66000' });
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    expect((await executions()).map(({ execType }) => execType)).toEqual(['BustTrade', 'Trade']);
    expect((await reader.fetchClosedOrder(id, BTC)).info).toMatchObject({ cancelType: 'CancelAllBeforeLiq' });
  });

  it('balances with what was paid in fees', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    expect((await reader.fetchBalance()).total).toMatchObject({ USDT: '99988', USDC: '20000', BTC: '1' });
  });

  it('700 open orders over the cursor, no id twice', async () => {
    for (let count = 0; count < 700; count += 1) place(limitBuy('0.001', String(59_000 - count)));
    const ids: unknown[] = [];
    let cursor: string | undefined;
    do {
      const params = { category: 'linear', settleCoin: 'USDT', limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      const { result } = await reader.privateGetV5OrderRealtime(params);
      ids.push(...result.list.map(({ orderId }) => orderId));
      cursor = result.nextPageCursor;
    } while (cursor !== '');
    expect(ids).toHaveLength(700);
    expect(new Set(ids)).toEqual(
      new Set(
        simulator.engine
          .account(DEMO_ACCOUNT)
          .open()
          .map(({ id }) => id),
      ),
    );
  }, 60_000);
});

describe('ccxt unmodified trades through the bybit wire', () => {
  it('places, amends and cancels a limit order', async () => {
    const { id } = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59000', { clientOrderId: 'mine-1' });
    await trader.editOrder(String(id), BTC, 'limit', 'buy', '0.02', '58000');
    expect(await trader.fetchOpenOrders(BTC)).toMatchObject([
      { id, clientOrderId: 'mine-1', amount: '0.020', price: '58000.0' },
    ]);
    await trader.cancelOrder(String(id), BTC);
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills market orders at once, linear, inverse and spot', async () => {
    await trader.createOrder(BTC, 'market', 'sell', '0.1');
    await trader.createOrder(INVERSE, 'market', 'buy', '600');
    await trader.createOrder('BTC/USDT', 'market', 'sell', '0.25');
    expect(await trader.fetchPositions()).toMatchObject([{ side: 'short', contracts: '0.1' }]);
    expect(await trader.fetchPositions(undefined, { subType: 'inverse' })).toMatchObject([{ contracts: '600' }]);
    expect(simulator.engine.account(DEMO_ACCOUNT).wallet.get('BTC')?.balance).toMatch(/^0\.74/);
  });

  it('places a stop that is seen at once, and cancels all', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1');
    const params = { triggerPrice: '55000', triggerDirection: 'descending', reduceOnly: true };
    const { id } = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, params);
    expect(await trader.fetchOpenOrders(BTC)).toMatchObject([{ id, triggerPrice: '55000', reduceOnly: true }]);
    await trader.cancelAllOrders(BTC);
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('sets take-profit, stop-loss and a trailing stop on a position, and takes one off', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1');
    const stop = { category: 'linear', symbol: 'BTCUSDT', positionIdx: 0 };
    await trader.privatePostV5PositionTradingStop({
      ...stop,
      takeProfit: '66000',
      stopLoss: '55000',
      trailingStop: '600',
    });
    const types = async (): Promise<string[]> =>
      (await trader.fetchOpenOrders(BTC)).map(({ info }) => String(info.stopOrderType)).toSorted();
    expect(await types()).toEqual(['StopLoss', 'TakeProfit', 'TrailingStop']);
    expect((await trader.fetchPositions())[0]?.info).toMatchObject({ takeProfit: '66000', stopLoss: '55000' });
    await trader.privatePostV5PositionTradingStop({ ...stop, takeProfit: '0' });
    expect(await types()).toEqual(['StopLoss', 'TrailingStop']);
  });

  it('changes the position mode while nothing is open, and names the leg then', async () => {
    await trader.setPositionMode(true, BTC);
    await expect(trader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/position idx not match/);
    await trader.createOrder(BTC, 'market', 'buy', '0.1', undefined, { positionIdx: 1 });
    await expect(trader.setPositionMode(false, BTC)).rejects.toThrow(/110024/);
    await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, { positionIdx: 1, reduceOnly: true });
    expect(await trader.fetchPositions()).toEqual([]);
  });

  it.each<[what: string, code: string, change: Record<string, unknown>]>([
    ['a price off its step', '10001', { price: '59000.05' }],
    ['an amount off its step', '10001', { qty: '0.0105' }],
    ['an unknown market', '10001', { symbol: 'XYZUSDT' }],
    ['a value below the minimum', '110094', { price: '100', qty: '0.001' }],
    ['reduce-only with nothing to reduce', '110017', { reduceOnly: true }],
    ['a trigger that lies behind the price', '110092', { triggerPrice: '59000', triggerDirection: 1 }],
    ['more spot than the wallet holds', '110007', { category: 'spot', qty: '50' }],
    ['a leg in one-way mode', '10001', { positionIdx: 1 }],
  ])('refuses %s with %s', async (_what, code, change) => {
    const order = {
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.010',
      price: '59000',
    };
    await expect(trader.privatePostV5OrderCreate({ ...order, ...change })).rejects.toThrow(code);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('does not cancel what is not there', async () => {
    await expect(trader.cancelOrder('42', BTC)).rejects.toThrow(/110001/);
  });

  it('refuses to trade with the read-only key', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/10005/);
  });
});
