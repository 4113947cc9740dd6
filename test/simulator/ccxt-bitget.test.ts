import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtClient, type CcxtClient, type CcxtRow } from './ccxt-client.js';
import { postJson } from './raw-http.js';
import { DEMO_PASSPHRASE } from '../../packages/exchange-simulator/src/engine/credentials.js';
import type { OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
  startSimulator,
  type Simulator,
} from '../../packages/exchange-simulator/src/simulator.js';

const BTC = 'BTC/USDT:USDT';
const BTC_USDC = 'BTC/USDC:USDC';
const DOGE = 'DOGE/USDT:USDT';
const PAIR = 'BTC/USDT';

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;
let trader: CcxtClient;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  reader = await clientOf(DEMO_CREDENTIALS);
  trader = await clientOf(DEMO_TRADING_CREDENTIALS);
});

beforeEach(async () => {
  await postJson(`${simulator.url}/sim/reset`, {});
});

afterAll(async () => {
  await simulator.close();
});

async function clientOf(credentials: object): Promise<CcxtClient> {
  return ccxtClient('bitget', simulator.url, { ...credentials, password: DEMO_PASSPHRASE });
}

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

const openPlans = async (planType: string): Promise<unknown[]> => {
  const rows = await reader.fetchOpenOrders(BTC, undefined, undefined, { trigger: true, planType });
  return rows.map(({ id, triggerPrice, price, amount, info }) => [id, triggerPrice, price, amount, info['planType']]);
};

describe('ccxt unmodified reads from the bitget wire', () => {
  it('the contracts of both stablecoins and the spot pairs, with their steps', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual([
      'BTC/USDC',
      BTC_USDC,
      PAIR,
      BTC,
      DOGE,
      'ETH/USDT',
      'ETH/USDT:USDT',
      'SOL/USDT:USDT',
    ]);
    expect(markets[BTC]).toMatchObject({
      id: 'BTCUSDT',
      linear: true,
      contractSize: 1,
      precision: { amount: '0.001', price: '0.1' },
    });
    expect(markets[BTC_USDC]).toMatchObject({ id: 'BTCPERP' });
    expect(markets[DOGE]).toMatchObject({ precision: { amount: '10' } });
    expect(markets[PAIR]).toMatchObject({ id: 'BTCUSDT', spot: true, precision: { amount: '0.00001', price: '0.01' } });
  });

  it("the exchange's own time", async () => {
    expect(Math.abs((await reader.fetchTime()) - Date.now())).toBeLessThan(5_000);
  });

  it('positions of a product type, exact and with their side', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: DOGE, side: 'sell', type: 'market', amount: '1230' });
    place({ symbol: BTC_USDC, side: 'sell', type: 'market', amount: '0.001' });
    const positions = await reader.fetchPositions();
    expect(positions.map(({ symbol, side, contracts, hedged }) => [symbol, side, contracts, hedged])).toEqual(
      expect.arrayContaining([
        [BTC, 'long', '0.5', false],
        [DOGE, 'short', '1230', false],
      ]),
    );
    expect(positions).toHaveLength(2);
    expect(await reader.fetchPositions(undefined, { productType: 'USDC-FUTURES' })).toMatchObject([
      { symbol: BTC_USDC, side: 'short', contracts: '0.001', entryPrice: '60000' },
    ]);
    expect(await reader.fetchPositions(undefined, { productType: 'COIN-FUTURES' })).toEqual([]);
  });

  it('both legs of one symbol in hedge mode, with what closes them', async () => {
    simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' });
    place({ symbol: BTC, side: 'sell', type: 'market', amount: '0.1', positionSide: 'short' });
    const close = place({
      symbol: BTC,
      side: 'sell',
      type: 'limit',
      amount: '0.2',
      price: '66000',
      positionSide: 'long',
    });
    const positions = await reader.fetchPositions();
    expect(positions.map(({ side, contracts, hedged, info }) => [side, contracts, hedged, info['available']])).toEqual(
      expect.arrayContaining([
        ['long', '0.3', true, '0.1'],
        ['short', '0.1', true, '0.1'],
      ]),
    );
    // Bitget names the position's side; ccxt turns it back into what the order does.
    const [order] = await reader.fetchOpenOrders(BTC);
    expect(order).toMatchObject({ id: close, side: 'sell', reduceOnly: true });
    expect(order?.info).toMatchObject({ side: 'buy', tradeSide: 'close', posSide: 'long' });
  });

  it('open orders with partial fills, 700 of them page by page', async () => {
    for (let i = 0; i < 700; i += 1) place(limitBuy('0.001', String(50_000 + i)));
    const id = place({ ...limitBuy('0.010', '59000'), clientOrderId: 'bot-17' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.004' });
    const found = new Map<unknown, CcxtRow>();
    for (let page: CcxtRow[] | null = null; page === null || page.length === 100;) {
      const oldest: CcxtRow | undefined = page?.toSorted((a, b) => Number(a['id']) - Number(b['id']))[0];
      page = await reader.fetchOpenOrders(
        BTC,
        undefined,
        100,
        oldest === undefined ? {} : { idLessThan: oldest['id'] },
      );
      for (const row of page) found.set(row['id'], row);
    }
    expect(found.get(id)).toMatchObject({ clientOrderId: 'bot-17', side: 'buy', amount: '0.01', filled: '0.004' });
    expect(found.size).toBe(701);
  });

  it('each kind of trigger order where its planType asks, and none among the open orders', async () => {
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
    const trailing = place({ ...sell, type: 'trailing_stop_market', amount: '0.1', callbackPercent: '2' });
    const entry = place({
      symbol: BTC,
      side: 'buy',
      type: 'stop',
      amount: '0.1',
      price: '70100',
      triggerPrice: '70000',
    });
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await openPlans('profit_loss')).toEqual(
      expect.arrayContaining([
        [stop, '55000', undefined, undefined, 'pos_loss'],
        [profit, '64000', '65000', '0.2', 'profit_plan'],
      ]),
    );
    expect(await openPlans('normal_plan')).toEqual([[entry, '70000', '70100', '0.1', 'normal_plan']]);
    expect(await openPlans('track_plan')).toEqual([[trailing, undefined, undefined, '0.1', 'track_plan']]);
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

  it('own trades with fees, and a liquidation distinguished', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    const trades = await reader.fetchMyTrades(BTC);
    expect(trades.find(({ order }) => order === id)).toMatchObject({
      side: 'buy',
      price: '60000',
      amount: '0.5',
      takerOrMaker: 'taker',
      fee: { cost: '12', currency: 'USDT' },
      info: { tradeSide: 'buy_single' },
    });
    expect(new Set(trades.map(({ info }) => info['tradeSide']))).toEqual(new Set(['burst_sell_single', 'buy_single']));
  });

  it('the futures account, and the spot account with what its orders hold back', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place({ symbol: PAIR, side: 'buy', type: 'limit', amount: '0.1', price: '50000' });
    const futures = await reader.fetchBalance({ type: 'swap' });
    expect(futures['total']).toMatchObject({ USDT: '94988' });
    const spot = await reader.fetchBalance({ type: 'spot' });
    expect(spot['USDT']).toMatchObject({ free: '0', used: '5000' });
    expect(spot['total']).toMatchObject({ BTC: '1' });
  });

  it('spot orders, plan orders and trades', async () => {
    const limit = place({ symbol: PAIR, side: 'buy', type: 'limit', amount: '0.1', price: '50000' });
    const stop = place({ symbol: PAIR, side: 'sell', type: 'stop_market', amount: '0.2', triggerPrice: '55000' });
    const bought = place({ symbol: PAIR, side: 'buy', type: 'market', amount: '0.1' });
    expect(await reader.fetchOpenOrders(PAIR)).toMatchObject([{ id: limit, amount: '0.1', status: 'open' }]);
    const plans = await reader.fetchOpenOrders(PAIR, undefined, undefined, { trigger: true });
    expect(plans).toMatchObject([{ id: stop, amount: '0.2', triggerPrice: '55000' }]);
    expect(await reader.fetchMyTrades(PAIR)).toMatchObject([{ order: bought, amount: '0.1', price: '60000' }]);
    expect(await reader.fetchOrder(bought, PAIR)).toMatchObject({ status: 'closed', filled: '0.1' });
  });
});

describe('ccxt unmodified trades through the bitget wire', () => {
  it('places, amends and cancels a limit order', async () => {
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59000', { clientOrderId: 'mine-1' });
    expect(placed).toMatchObject({ clientOrderId: 'mine-1' });
    await trader.editOrder(String(placed['id']), BTC, 'limit', 'buy', '0.02', '58000', { newClientOid: 'mine-2' });
    const [open, ...others] = await trader.fetchOpenOrders(BTC);
    expect(others).toEqual([]);
    expect(open).toMatchObject({ clientOrderId: 'mine-2', amount: '0.02', price: '58000' });
    await trader.cancelOrder(String(open?.['id']), BTC);
    expect(await trader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills a market order at once and closes it with reduce-only', async () => {
    await trader.createOrder(BTC, 'market', 'sell', '0.1');
    expect(await trader.fetchPositions()).toMatchObject([{ side: 'short', contracts: '0.1' }]);
    await trader.createOrder(BTC, 'market', 'buy', '0.1', undefined, { reduceOnly: true });
    expect(await trader.fetchPositions()).toEqual([]);
  });

  it('places each kind of trigger order, reads it back as what it was placed, and cancels it', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1');
    const normal = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, {
      triggerPrice: '55000',
      reduceOnly: true,
    });
    const loss = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, { stopLossPrice: '54000' });
    const trailing = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, {
      trailingPercent: '2',
      trailingTriggerPrice: '61000',
    });
    expect(await openPlans('normal_plan')).toEqual([[normal['id'], '55000', undefined, '0.1', 'normal_plan']]);
    expect(await openPlans('profit_loss')).toEqual([[loss['id'], '54000', undefined, undefined, 'pos_loss']]);
    expect(await openPlans('track_plan')).toEqual([[trailing['id'], '61000', undefined, '0.1', 'track_plan']]);
    await trader.cancelOrder(String(normal['id']), BTC, { trigger: true });
    await trader.cancelOrder(String(loss['id']), BTC, { trigger: true, planType: 'pos_loss' });
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([{ id: trailing['id'] }]);
  });

  it('opens and closes legs in hedge mode', async () => {
    await trader.setPositionMode(true, BTC);
    await expect(trader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/40774/);
    await trader.createOrder(BTC, 'market', 'buy', '0.3', undefined, { hedged: true });
    await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, { hedged: true, reduceOnly: true });
    expect(await trader.fetchPositions()).toMatchObject([{ side: 'long', contracts: '0.2', hedged: true }]);
    await expect(trader.setPositionMode(false, BTC)).rejects.toThrow(/40920/);
  });

  it('buys and sells spot', async () => {
    await trader.createOrder(PAIR, 'limit', 'buy', '0.1', '50000');
    await trader.createOrder(PAIR, 'market', 'sell', '0.2');
    expect(simulator.engine.account(DEMO_ACCOUNT).wallet.get('BTC')?.balance).toBe('0.8');
    await expect(trader.createOrder(PAIR, 'market', 'sell', '2')).rejects.toMatchObject({ name: 'InsufficientFunds' });
  });

  it('refuses to trade with the read-only key', async () => {
    await expect(reader.createOrder(BTC, 'market', 'buy', '0.1')).rejects.toThrow(/40014/);
  });
});
