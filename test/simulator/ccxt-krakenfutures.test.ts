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
import { orderUuid } from '../../packages/exchange-simulator/src/wire/krakenfutures/ids.js';
import { krakenSecretOf } from '../../packages/exchange-simulator/src/wire/krakenfutures/security.js';

const BTC = 'BTC/USD:USD';
const ETH = 'ETH/USD:USD';
const DOGE = 'DOGE/USD:USD';
const INVERSE = 'BTC/USD:BTC';

let simulator: Simulator;
/** With the read-only key. */
let reader: CcxtClient;
let trader: CcxtClient;

const clientOf = async ({ apiKey, secret }: { apiKey: string; secret: string }): Promise<CcxtClient> =>
  ccxtClient('krakenfutures', simulator.url, { apiKey, secret: krakenSecretOf(secret) });

let fresh: ReturnType<Simulator['snapshotState']>;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  fresh = simulator.snapshotState();
  // All tests of this file spend from one budget.
  await postJson(`${simulator.url}/sim/limits`, { exchange: 'krakenfutures', weight_per_minute: 1_000_000 });
  reader = await clientOf(DEMO_CREDENTIALS);
  trader = await clientOf(DEMO_TRADING_CREDENTIALS);
  await trader.loadMarkets();
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

describe('ccxt unmodified reads from the krakenfutures wire', () => {
  it('the dollar markets, linear and inverse, with their steps; of no other currency', async () => {
    const markets = await reader.loadMarkets();
    expect(Object.keys(markets).toSorted()).toEqual([INVERSE, BTC, DOGE, ETH, 'SOL/USD:USD']);
    expect(markets[BTC]).toMatchObject({
      id: 'PF_XBTUSD',
      linear: true,
      contractSize: '1',
      precision: { amount: '0.0001', price: '1' },
    });
    expect(markets[INVERSE]).toMatchObject({ id: 'PI_XBTUSD', inverse: true, contractSize: '1' });
    expect(markets[DOGE]).toMatchObject({ precision: { amount: '10', price: '0.00001' } });
  });

  it('positions with exact sizes and sides, contracts being units', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.0003' });
    place({ symbol: DOGE, side: 'sell', type: 'market', amount: '1230' });
    place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '700' });
    const positions = await reader.fetchPositions();
    const shown = positions.map(({ symbol, side, contracts }) => ({ symbol, side, contracts }));
    expect(shown).toHaveLength(3);
    expect(shown).toContainEqual({ symbol: BTC, side: 'long', contracts: '0.0003' });
    expect(shown).toContainEqual({ symbol: DOGE, side: 'short', contracts: '1230' });
    expect(shown).toContainEqual({ symbol: INVERSE, side: 'short', contracts: '700' });
  });

  it('open orders of all kinds, with what has filled', async () => {
    const id = place({ ...limitBuy('0.0100', '59000'), clientOrderId: 'bot-17' });
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount: '0.0004' });
    place({ symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.01', triggerPrice: '55000' });
    place({ symbol: BTC, side: 'sell', type: 'take_profit', amount: '0.01', price: '66000', triggerPrice: '65000' });
    place({ symbol: BTC, side: 'sell', type: 'trailing_stop_market', amount: '0.01', callbackPercent: '2' });
    const orders = await reader.fetchOpenOrders();
    expect(orders).toHaveLength(4);
    expect(orders.map(({ info }) => info)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ orderType: 'trailing_stop', stopPrice: 58_800, status: 'untouched' }),
        expect.objectContaining({ orderType: 'take_profit', stopPrice: 65_000, limitPrice: 66_000 }),
        expect.objectContaining({ orderType: 'stop', stopPrice: 55_000, triggerSignal: 'mark' }),
        expect.objectContaining({ orderType: 'lmt', status: 'partiallyFilled', cliOrdId: 'bot-17' }),
      ]),
    );
    const partial = orders.find((order) => order.id === orderUuid(id));
    expect(partial).toMatchObject({
      symbol: BTC,
      side: 'buy',
      clientOrderId: 'bot-17',
      filled: '0.0004',
      remaining: '0.0096',
      amount: '0.01',
    });
  });

  it('700 open orders in one answer', async () => {
    for (let count = 0; count < 700; count += 1) place(limitBuy('0.01', String(50_000 + count)));
    const orders = await reader.fetchOpenOrders();
    expect(new Set(orders.map(({ id }) => id)).size).toBe(700);
  });

  it('own trades with their kind', async () => {
    const id = place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    place(limitBuy('0.1', '59000'));
    simulator.engine.setPrice(BTC, '59000');
    simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    const kinds = (await reader.fetchMyTrades(BTC)).map(({ info }) => info['fillType']);
    expect(kinds).toHaveLength(3);
    expect(new Set(kinds)).toEqual(new Set(['liquidation', 'maker', 'taker']));
    expect(await reader.fetchMyTrades(BTC)).toContainEqual(
      expect.objectContaining({ order: orderUuid(id), side: 'buy', price: '60000', amount: '0.5' }),
    );
  });

  it('balances: collateral of inverse markets apart, all else in the multi-collateral wallet', async () => {
    place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const balance = await reader.fetchBalance();
    expect(balance.total).toMatchObject({ USDT: '100000', USDC: '20000', USD: '-12' });
    const { accounts } = balance['info'] as { accounts: Record<string, unknown> };
    expect(accounts['fi_xbtusd']).toMatchObject({ type: 'marginAccount', balances: { xbt: '1' } });
    expect(accounts['cash']).toEqual({ type: 'cashAccount', balances: {} });
  });

  it('what became of orders, from the history', async () => {
    const [filled, canceled] = [place(limitBuy('0.01', '59000')), place(limitBuy('0.02', '58000'))];
    simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: filled });
    simulator.engine.cancel({ account: DEMO_ACCOUNT, id: canceled }, 'manual');
    const ended = await reader.fetchCanceledOrders(BTC, undefined, undefined, { opened: false });
    expect(ended).toMatchObject([{ id: orderUuid(canceled), status: 'canceled', amount: '0.02' }]);
    const closed = await reader.fetchClosedOrders(BTC, undefined, undefined, { opened: false });
    expect(closed).toMatchObject([{ id: orderUuid(filled), status: 'closed', filled: '0.01' }]);
  });
});

describe('ccxt unmodified trades through the krakenfutures wire', () => {
  it('places, reads, edits and cancels a limit order', async () => {
    const placed = await trader.createOrder(BTC, 'limit', 'buy', '0.01', '59000', { clientOrderId: 'mine-1' });
    expect(placed).toMatchObject({ clientOrderId: 'mine-1', status: 'open', amount: '0.01' });
    const id = String(placed['id']);
    expect(await trader.fetchOrder(id, BTC)).toMatchObject({ id, amount: '0.01', status: 'open' });
    await trader.editOrder(id, BTC, 'limit', 'buy', '0.02', '58000');
    expect(await reader.fetchOpenOrders(BTC)).toMatchObject([{ id, amount: '0.02' }]);
    expect(await trader.cancelOrder(id, BTC)).toMatchObject({ status: 'canceled' });
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
  });

  it('fills a market order at once', async () => {
    const order = await trader.createOrder(BTC, 'market', 'sell', '0.1');
    expect(order).toMatchObject({ filled: '0.1', status: 'closed' });
    expect(await reader.fetchPositions()).toMatchObject([{ side: 'short', contracts: '0.1' }]);
  });

  it('places a stop, which goes off as an order of its own under the same client id', async () => {
    await trader.createOrder(BTC, 'market', 'buy', '0.1');
    const stop = await trader.createOrder(BTC, 'market', 'sell', '0.1', undefined, {
      stopLossPrice: '55000',
      clientOrderId: 'guard',
    });
    expect(await reader.fetchOpenOrders(BTC)).toMatchObject([{ id: stop['id'], triggerPrice: '55000' }]);
    simulator.engine.setPrice(BTC, '54000');
    expect(await reader.fetchOpenOrders(BTC)).toEqual([]);
    expect(await reader.fetchPositions()).toEqual([]);
    const [sale] = (await reader.fetchMyTrades(BTC)).filter(({ side }) => side === 'sell');
    expect(sale).toMatchObject({ price: '54000', info: { cliOrdId: 'guard' } });
    expect(sale?.['order']).not.toBe(stop['id']);
  });

  it('cancels all orders of one market', async () => {
    place(limitBuy('0.01', '59000'));
    place({ symbol: ETH, side: 'buy', type: 'limit', amount: '1', price: '2900' });
    await trader.cancelAllOrders(BTC);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toMatchObject([{ symbol: ETH }]);
  });

  it.each<[what: string, error: string, order: () => Promise<unknown>]>([
    ['a post-only order that would trade', 'postWouldExecute', () => limit('61000', { postOnly: true })],
    ['reduce-only with nothing to reduce', 'wouldNotReducePosition', () => limit('59000', { reduceOnly: true })],
    ['an immediate order that cannot trade', 'iocWouldNotExecute', () => limit('59000', { timeInForce: 'ioc' })],
    ['to trade with the read-only key', 'authenticationError', () => limit('59000', {}, reader)],
  ])('refuses %s with %s', async (_what, error, order) => {
    await expect(order()).rejects.toThrow(error);
    expect(simulator.engine.account(DEMO_ACCOUNT).open()).toEqual([]);
  });

  const limit = async (price: string, params: object, client: CcxtClient = trader): Promise<unknown> =>
    client.createOrder(BTC, 'limit', 'buy', '0.01', price, params);
});
