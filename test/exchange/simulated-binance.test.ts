import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import { DEMO_ACCOUNT, DEMO_TRADING_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { postJson } from '../simulator/raw-http.js';
import { balancesOf, ordersOf, rememberedOrder, Simulated } from './simulated.js';

const BTC = 'BTC/USDT';
const SOME_ORDER: OrderRequest = { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '59000' };
const GUARD: OrderRequest = {
  symbol: BTC,
  side: 'sell',
  type: 'stop',
  amount: '0.5',
  price: '54000',
  triggerPrice: '55000',
};
const TARGET: OrderRequest = {
  symbol: BTC,
  side: 'sell',
  type: 'limit',
  amount: '0.5',
  price: '70000',
  timeInForce: 'GTX',
};

let simulated: Simulated;

beforeAll(async () => {
  simulated = await Simulated.start('binance');
});
beforeEach(() => postJson(`${simulated.simulator.url}/sim/reset`, {}));
afterAll(() => simulated.stop());

const placeOco = (): Order[] => simulated.simulator.engine.placeList(DEMO_ACCOUNT, 'manual', [TARGET, GUARD]);

describe('binance as the simulator speaks it, read by the real reader', () => {
  it('shows balances and orders of all kinds as the engine has them, and nothing of contracts', async () => {
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.12345' });
    simulated.place({ symbol: 'ETH/USDT', side: 'buy', type: 'market', amount: '0.3' });
    const partly = simulated.place({ ...SOME_ORDER, clientOrderId: 'bot17' });
    simulated.fill(partly, '0.03');
    const orders: OrderRequest[] = [
      { symbol: 'BTC/USDC', side: 'buy', type: 'limit', amount: '0.00123', price: '59000.01' },
      { symbol: BTC, side: 'buy', type: 'stop', amount: '0.1', price: '61000', triggerPrice: '60500' },
      { symbol: 'ETH/USDT', side: 'sell', type: 'stop_market', amount: '0.1', triggerPrice: '2900' },
      { symbol: 'ETH/USDT', side: 'sell', type: 'take_profit', amount: '0.05', price: '3300', triggerPrice: '3200' },
      { symbol: 'ETH/USDT', side: 'sell', type: 'take_profit_market', amount: '0.05', triggerPrice: '3200' },
      { symbol: 'ETH/USDT', side: 'sell', type: 'trailing_stop_market', amount: '0.05', callbackPercent: '2' },
    ];
    for (const order of orders) simulated.place(order);
    placeOco();

    const snapshot = await simulated.reader.readState();
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
    expect(snapshot.orders).toHaveLength(9);
    const lists = snapshot.orders.flatMap(({ parent }) => parent ?? []);
    expect([lists.length, new Set(lists).size]).toEqual([2, 1]);
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(Object.keys(balancesOf(snapshot)).toSorted()).toEqual(['BTC', 'ETH', 'USDC', 'USDT']);
    expect(snapshot.positions).toEqual([]);
    expect(snapshot).not.toHaveProperty('movedWhileRead');
    expect(snapshot.markets[BTC]).toMatchObject({ amountStep: '0.00001' });
  });

  it('leaves positions and orders of contracts to the other API', async () => {
    simulated.place({ symbol: 'BTC/USDT:USDT', side: 'buy', type: 'market', amount: '0.5' });
    simulated.place({ ...SOME_ORDER, symbol: 'BTC/USDT:USDT' });
    const { orders, positions } = await simulated.reader.readState();
    expect([orders, positions]).toEqual([[], []]);
  });

  it('shows a stop that went off under the id that it had', async () => {
    const stop = simulated.place({ ...SOME_ORDER, type: 'stop', price: '60100', triggerPrice: '60500' });
    simulated.simulator.engine.setPrice(BTC, '60500');
    const [order] = ordersOf(await simulated.reader.readState());
    const terms = { price: '60100', triggerPrice: '60500', amount: '0.1', filled: '0' };
    expect(order).toMatchObject({ id: stop.id, conditional: false, ...terms });
  });

  it('shows what a key may do', async () => {
    expect(await simulated.reader.auditKey()).toMatchObject({
      canTrade: false,
      canWithdraw: false,
      ipRestricted: true,
    });
    const trader = await Simulated.start('binance', { credentials: { ...DEMO_TRADING_CREDENTIALS } });
    expect(await trader.reader.auditKey()).toMatchObject({ canTrade: true, canWithdraw: false, ipRestricted: false });
    await trader.stop();
  });

  it('shows 700 orders', async () => {
    for (let count = 0; count < 700; count += 1) {
      simulated.place({ ...SOME_ORDER, amount: '0.001', price: String(50_000 - count) });
    }
    const snapshot = await simulated.reader.readState();
    expect(snapshot.orders).toHaveLength(700);
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
  }, 60_000);
});

describe('what became of an order on binance as the simulator speaks it', () => {
  it.each<[what: string, cause: MissingCause, filled: string | null, averagePrice: string | null, run: () => Order]>([
    [
      'one that was filled in two parts',
      'filled',
      '0.1',
      '59000',
      () => {
        const order = simulated.place(SOME_ORDER);
        simulated.fill(order, '0.04');
        simulated.fill(order);
        return order;
      },
    ],
    [
      'one that was canceled with a part filled',
      'canceled',
      '0.04',
      '59000',
      () => {
        const order = simulated.place(SOME_ORDER);
        simulated.fill(order, '0.04');
        simulated.cancel(order);
        return order;
      },
    ],
    [
      'an immediate-or-cancel that met nobody',
      'expired',
      '0',
      null,
      () => simulated.place({ ...SOME_ORDER, timeInForce: 'IOC' }),
    ],
    [
      'a stop that went off and was filled',
      'filled',
      '0.5',
      '54500',
      () => {
        const stop = simulated.place({ ...GUARD, type: 'stop_market', price: undefined });
        simulated.simulator.engine.setPrice(BTC, '54500');
        return stop;
      },
    ],
    [
      'the target of an OCO whose stop went off',
      'expired',
      '0',
      null,
      () => {
        const [target] = placeOco();
        simulated.simulator.engine.setPrice(BTC, '54500');
        return target ?? simulated.place(TARGET);
      },
    ],
  ])('%s: %s', async (_what, cause, filled, averagePrice, run) => {
    const [reported] = await simulated.reader.explainMissingOrders([rememberedOrder(run())]);
    expect(reported).toMatchObject({ cause, filled: expect.anything(), averagePrice });
    expect(Number(reported?.filled)).toBe(Number(filled));
  });

  it('is reported by the client order id alone, and that it never was', async () => {
    const order = simulated.place({ ...SOME_ORDER, clientOrderId: 'bot-17' });
    simulated.cancel(order);
    const remembered = rememberedOrder(order);
    expect(
      await simulated.reader.explainMissingOrders([
        { ...remembered, id: null },
        { ...remembered, id: '42', clientOrderId: 'none' },
      ]),
    ).toMatchObject([{ cause: 'canceled' }, { cause: 'never_seen' }]);
  });
});
