import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient } from './ccxt-client.js';
import { postJson } from './raw-http.js';
import type { OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
const USDC = 'BTC/USDC:USDC';
const INVERSE = 'BTC/USD:BTC';
const DOGE = 'DOGE/USDT:USDT';
const password = DEMO_PASSPHRASE;

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;
let trader: CcxtClient;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  reader = await ccxtClient('okx', simulator.url, { ...DEMO_CREDENTIALS, password });
  trader = await ccxtClient('okx', simulator.url, { ...DEMO_TRADING_CREDENTIALS, password });
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

async function algos(ordType: string): Promise<Record<string, unknown>[]> {
  return (await reader.privateGetTradeOrdersAlgoPending({ ordType })).data;
}

describe('ccxt unmodified reads from the okx wire', () => {
  it('markets of all three kinds, counted in contracts', async () => {
    const markets = await reader.loadMarkets();
    expect(markets[BTC]).toMatchObject({
      id: 'BTC-USDT-SWAP',
      linear: true,
      contractSize: '0.01',
      precision: { amount: '0.1', price: '0.1' },
    });
    expect(markets[DOGE]).toMatchObject({ contractSize: '10', precision: { amount: '1' } });
    expect(markets[INVERSE]).toMatchObject({ id: 'BTC-USD-SWAP', inverse: true, settle: 'BTC', contractSize: '100' });
    expect(markets['BTC/USDT']).toMatchObject({ id: 'BTC-USDT', spot: true, precision: { amount: '0.00001' } });
  });

  it("the exchange's own time", async () => {
    const before = Date.now();
    const time = await reader.fetchTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it('positions of all settle currencies at once, exact in contracts', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.017' });
    place({ symbol: DOGE, side: 'sell', type: 'market', amount: '330' });
    place({ symbol: USDC, side: 'sell', type: 'market', amount: '0.5' });
    place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '700' });
    const rows = await reader.fetchPositions();
    const shown = rows.map(({ symbol, side, contracts, contractSize, info }) => [
      symbol,
      side,
      contracts,
      contractSize,
      info.pos,
    ]);
    expect(shown.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      [INVERSE, 'short', '7', '100', '-7'],
      [USDC, 'short', '50', '0.01', '-50'],
      [BTC, 'long', '1.7', '0.01', '1.7'],
      [DOGE, 'short', '33', '10', '-33'],
    ]);
  });

  it('both legs of one symbol in hedge mode, unsigned', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1', positionSide: 'short' });
    expect(await reader.fetchPositionMode()).toMatchObject({ hedged: true });
    const legs = (await reader.fetchPositions()).map(({ side, contracts, hedged, info }) => [
      side,
      contracts,
      hedged,
      info.pos,
    ]);
    expect(legs.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['long', '30', true, '30'],
      ['short', '10', true, '10'],
    ]);
  });

  it('a closed position only where its instrument is named', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1' });
    expect(await reader.fetchPositions()).toEqual([]);
    expect((await reader.fetchPositions([BTC])).map(({ info }) => info.pos)).toEqual(['0']);
  });

  it('open orders with partial fills in contracts, of every market at once', async () => {
    const id = place({ ...limitBuy('0.010', '59000'), clientOrderId: 'bot17' });
    place({ symbol: INVERSE, side: 'sell', type: 'limit', amount: '300', price: '61000' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.004' });
    const orders = await reader.fetchOpenOrders();
    expect(orders).toHaveLength(2);
    expect(orders.find((order) => order.id === id)).toMatchObject({
      clientOrderId: 'bot17',
      status: 'open',
      price: '59000',
      amount: '1',
      filled: '0.4',
      average: '59000',
      info: { state: 'partially_filled' },
    });
  });

  it('conditional orders only among the algo orders, each under its type', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const stop = place({ symbol: BTC, side: 'sell', type: 'stop_market', triggerPrice: '55000', closePosition: true });
    const takeProfit = place({
      symbol: BTC,
      side: 'sell',
      type: 'take_profit',
      amount: '0.2',
      price: '65000',
      triggerPrice: '64000',
      reduceOnly: true,
    });
    const entry = place({
      symbol: BTC,
      side: 'buy',
      type: 'stop',
      amount: '0.1',
      price: '61000',
      triggerPrice: '60500',
    });
    const trailing = place({
      symbol: BTC,
      side: 'sell',
      type: 'trailing_stop_market',
      amount: '0.1',
      callbackPercent: '2',
    });
    expect(await reader.fetchOpenOrders()).toEqual([]);
    expect(await algos('conditional,oco')).toMatchObject([
      { algoId: takeProfit, tpTriggerPx: '64000', tpOrdPx: '65000', slTriggerPx: '', sz: '20', reduceOnly: 'true' },
      { algoId: stop, slTriggerPx: '55000', slOrdPx: '-1', closeFraction: '1', sz: '' },
    ]);
    expect(await algos('trigger')).toMatchObject([{ algoId: entry, triggerPx: '60500', ordPx: '61000', sz: '10' }]);
    expect(await algos('move_order_stop')).toMatchObject([
      { algoId: trailing, callbackRatio: '0.02', moveTriggerPx: '58800', activePx: '' },
    ]);
  });

  it('a conditional order that went off, and the order it became', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const id = place({
      symbol: BTC,
      side: 'sell',
      type: 'stop_market',
      amount: '0.5',
      triggerPrice: '55000',
      reduceOnly: true,
    });
    simulator.engine.setPrice(BTC, '54000');
    const [algo] = (await reader.privateGetTradeOrderAlgo({ algoId: id })).data;
    expect(algo).toMatchObject({ state: 'effective', actualSide: 'sl' });
    expect(await reader.fetchOrder(String(algo?.ordId), BTC)).toMatchObject({
      status: 'closed',
      filled: '50',
      average: '54000',
      info: { algoId: id, source: '7' },
    });
    expect(await algos('conditional')).toEqual([]);
  });

  it.each<[cause: string, status: string, source: string, end: (id: string) => void]>([
    ['filled', 'closed', '', (id) => simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id })],
    ['canceled', 'canceled', '1', (id) => simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual')],
    ['expired', 'canceled', '0', (id) => simulator.engine.expire({ account: DEMO_ACCOUNT, id })],
  ])('what became of an order that was %s', async (_cause, status, cancelSource, end) => {
    const id = place(limitBuy('0.01', '59000'));
    end(id);
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchOrder(id, BTC)).toMatchObject({ id, status, info: { cancelSource } });
  });

  it('an order that never was as not found', async () => {
    await expect(reader.fetchOrder('42', BTC)).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('own trades with fees, and funding in the bills only', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    simulator.engine.settleFunding(BTC, '0.0001');
    expect(await reader.fetchMyTrades(BTC)).toMatchObject([
      { order: id, amount: '50', price: '60000', takerOrMaker: 'taker', fee: { cost: '12', currency: 'USDT' } },
    ]);
    expect((await reader.privateGetAccountBills({ type: '8' })).data).toMatchObject([{ subType: '173', balChg: '-3' }]);
  });

  it('a liquidation as an order of its own category', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const { id } = simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    expect((await reader.fetchOrder(id, BTC)).info).toMatchObject({ category: 'full_liquidation', state: 'filled' });
  });

  it('balances with what was paid in fees', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    expect((await reader.fetchBalance()).total).toMatchObject({ USDT: '99988', USDC: '20000', BTC: '1' });
  });

  it('700 open orders over the last id, no id twice', async () => {
    for (let count = 0; count < 700; count += 1) place(limitBuy('0.001', String(59_000 - count)));
    const ids: unknown[] = [];
    let rows: Record<string, unknown>[];
    do {
      const params = ids.length === 0 ? {} : { after: ids.at(-1) };
      rows = (await reader.privateGetTradeOrdersPending(params)).data;
      ids.push(...rows.map(({ ordId }) => ordId));
    } while (rows.length === 100);
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

describe('ccxt unmodified trades through the okx wire', () => {
  it('places, amends and cancels a limit order', async () => {
    const { id } = await trader.createOrder(BTC, 'limit', 'buy', '1.5', '59000', { clientOrderId: 'mine1' });
    await trader.editOrder(String(id), BTC, 'limit', 'buy', '2', '58000');
    expect(await trader.fetchOpenOrders(BTC)).toMatchObject([
      { id, clientOrderId: 'mine1', amount: '2', price: '58000' },
    ]);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([{ amount: '0.02' }]);
    await trader.cancelOrder(String(id), BTC);
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills market orders at once, linear, inverse and spot', async () => {
    await trader.createOrder(BTC, 'market', 'sell', '10');
    await trader.createOrder(INVERSE, 'market', 'buy', '6');
    await trader.createOrder('BTC/USDT', 'market', 'sell', '0.25');
    expect(await trader.fetchPositions([BTC])).toMatchObject([{ side: 'short', contracts: '10' }]);
    expect(await trader.fetchPositions([INVERSE])).toMatchObject([{ side: 'long', contracts: '6' }]);
    expect(simulator.engine.account(DEMO_ACCOUNT).wallet.get('BTC')?.balance).toMatch(/^0\.74/);
  });

  it('places a stop and a trailing stop as algo orders, and cancels one', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '10');
    const stop = await trader.createOrder(BTC, 'market', 'sell', '10', undefined, { stopLossPrice: '55000' });
    await trader.createOrder(BTC, 'market', 'sell', '10', undefined, { trailingPercent: '2', reduceOnly: true });
    expect(await algos('conditional')).toMatchObject([{ algoId: stop.id, slTriggerPx: '55000' }]);
    expect(await algos('move_order_stop')).toMatchObject([{ callbackRatio: '0.02' }]);
    await trader.cancelOrder(String(stop.id), BTC, { trigger: true });
    expect(await algos('conditional')).toEqual([]);
  });

  it('places an OCO as one order of which both sides go when one goes off', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '10');
    const oco = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'sell', ordType: 'oco', sz: '10', reduceOnly: true };
    const prices = { tpTriggerPx: '66000', tpOrdPx: '-1', slTriggerPx: '55000', slOrdPx: '-1' };
    const [placed] = (await trader.privatePostTradeOrderAlgo({ ...oco, ...prices, algoClOrdId: 'both' })).data;
    expect(await algos('oco')).toMatchObject([{ algoId: placed?.algoId, algoClOrdId: 'both', ...prices, sz: '10' }]);
    simulator.engine.setPrice(BTC, '66000');
    expect(await algos('conditional,oco')).toEqual([]);
    const [algo] = (await reader.privateGetTradeOrderAlgo({ algoId: placed?.algoId })).data;
    expect(algo).toMatchObject({ state: 'effective', actualSide: 'tp' });
    expect(await trader.fetchPositions()).toEqual([]);
  });

  it('changes the position mode while nothing is open, and names the leg then', async () => {
    await trader.setPositionMode(true);
    const inst = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', ordType: 'market', sz: '10' };
    await expect(trader.privatePostTradeOrder({ ...inst, side: 'buy' })).rejects.toThrow(/posSide/);
    await trader.privatePostTradeOrder({ ...inst, side: 'buy', posSide: 'long' });
    await expect(trader.setPositionMode(false)).rejects.toThrow(/59000/);
    await trader.privatePostTradeOrder({ ...inst, side: 'sell', posSide: 'long' });
    expect(await trader.fetchPositions()).toEqual([]);
  });

  it.each<[what: string, code: string, change: Record<string, unknown>]>([
    ['a price off its step', '51000', { px: '59000.05' }],
    ['a size off its lot', '51121', { sz: '1.05' }],
    ['an unknown market', '51001', { instId: 'XYZ-USDT-SWAP' }],
    ['a value below the minimum', '51020', { px: '100', sz: '0.1' }],
    ['reduce-only with nothing to reduce', '51169', { reduceOnly: true }],
    ['more spot than the wallet holds', '51008', { instId: 'BTC-USDT', tdMode: 'cash', sz: '50' }],
    ['a leg in net mode', '51000', { posSide: 'long' }],
    ['no trade mode', '50014', { tdMode: '' }],
  ])('refuses %s with %s', async (_what, code, change) => {
    const order = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px: '59000' };
    await expect(trader.privatePostTradeOrder({ ...order, ...change })).rejects.toThrow(code);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  it('does not cancel what is not there', async () => {
    await expect(trader.cancelOrder('42', BTC)).rejects.toThrow(/51400/);
  });

  it('refuses to trade with the read-only key', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '1')).rejects.toThrow(/50120/);
  });
});
