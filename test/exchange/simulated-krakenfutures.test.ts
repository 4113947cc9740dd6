import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import { DEMO_ACCOUNT, DEMO_BOT_TOKEN, DEMO_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { orderUuid } from '../../packages/exchange-simulator/src/wire/krakenfutures/ids.js';
import { krakenSecretOf } from '../../packages/exchange-simulator/src/wire/krakenfutures/security.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

const BTC = 'BTC/USD:USD';
const DOGE = 'DOGE/USD:USD';
const INVERSE = 'BTC/USD:BTC';
const SOME_ORDER: OrderRequest = { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '59000' };
const STOP: OrderRequest = { symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.5', triggerPrice: '55000' };

/** A key that can only read: what it may not ask must not be needed. */
const credentials = { apiKey: DEMO_CREDENTIALS.apiKey, secret: krakenSecretOf(DEMO_CREDENTIALS.secret) };

let simulated: Simulated;

beforeEach(async () => {
  simulated = await Simulated.start('krakenfutures', { credentials });
});

afterEach(async () => {
  await simulated.stop();
});

/** The engine's orders under the exchange's ids. */
function trueOrders(from: Simulated = simulated): ReturnType<typeof ordersOf> {
  return byId(from.trueOrders().map((order) => ({ ...order, id: orderUuid(order.id ?? '') })));
}

function byId<T extends { id: string | null }>(rows: T[]): T[] {
  return rows.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
}

describe('krakenfutures as the simulator speaks it, read by the real reader', () => {
  it('shows linear and inverse positions in units, orders of all kinds and balances as the engine has them', async () => {
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5371' });
    simulated.place({ symbol: DOGE, side: 'sell', type: 'market', amount: '12340' });
    simulated.place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '700' });
    const partly = simulated.place({ ...SOME_ORDER, amount: '0.0100', clientOrderId: 'bot17' });
    simulated.fill(partly, '0.0003');
    const orders: OrderRequest[] = [
      { symbol: DOGE, side: 'buy', type: 'limit', amount: '60', price: '0.10001' },
      { symbol: INVERSE, side: 'buy', type: 'limit', amount: '300', price: '50000', timeInForce: 'GTX' },
      { ...STOP, reduceOnly: true },
      { ...STOP, type: 'stop', price: '54000' },
      { ...STOP, type: 'take_profit', price: '65000', triggerPrice: '64000' },
      { ...STOP, type: 'take_profit_market', triggerPrice: '64001', clientOrderId: 'goal' },
    ];
    for (const order of orders) simulated.place(order);
    const snapshot = await simulated.reader.readState({ balances: true });
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders());
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(snapshot.positionMode).toBe('one-way');
  });

  it('shows a trailing stop without its trigger price, which moves with the market', async () => {
    simulated.place({ ...STOP, type: 'trailing_stop_market', triggerPrice: undefined, callbackPercent: '2' });
    simulated.simulator.engine.setPrice(BTC, '61000');
    const [order] = ordersOf(await simulated.reader.readState());
    expect(order).toMatchObject({ conditional: true, triggerPrice: null, amount: '0.5' });
  });

  it('shows a liquidation and funding as what the exchange did', async () => {
    const { engine } = simulated.simulator;
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3' });
    engine.settleFunding(BTC, '0.0001');
    engine.liquidate(DEMO_ACCOUNT, BTC);
    const since = Date.now() - 3_600_000;
    const actions = await simulated.reader.readVenueActions({ since, symbols: [BTC], currencies: ['USD'] });
    const kinds = actions.map(({ kind, symbol }) => `${kind} ${symbol}`).toSorted();
    expect([...new Set(kinds)]).toEqual(['fee USD', 'funding USD', 'liquidation BTC/USD:USD']);
    const [liquidation] = actions.filter(({ kind }) => kind === 'liquidation');
    expect(liquidation).toMatchObject({ change: '-0.3', price: engine.price(BTC) });
    for (const { change } of actions.filter(({ kind }) => kind === 'funding')) expect(change).toMatch(/^-/);
  });

  it('gives orders the ids that a bot which trades there has in its state', async () => {
    const ids = [simulated.simulator.bot.place(SOME_ORDER).id, simulated.simulator.bot.place(STOP).id].map(orderUuid);
    const snapshot = await simulated.reader.readState();
    expect(new Set(snapshot.orders.map(({ id }) => id))).toEqual(new Set(ids));
    const headers = { authorization: `Bearer ${DEMO_BOT_TOKEN}` };
    const rows = await fetch(`${simulated.simulator.url}/bot/state?exchange=krakenfutures`, { headers });
    const state = (await rows.json()) as { orders: { id: string }[] };
    expect(new Set(state.orders.map(({ id }) => id))).toEqual(new Set(ids));
    const unknown = await fetch(`${simulated.simulator.url}/bot/state?exchange=nowhere`, { headers });
    expect(unknown.status).toBe(400);
  });

  it("shows the exchange's clock, not ours", async () => {
    simulated.lateMs = 3_600_000;
    const { asOf } = await simulated.reader.readState();
    expect(Math.abs(asOf - (Date.now() - 3_600_000))).toBeLessThan(60_000);
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const markets = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USD', rules));
    const large = await Simulated.start('krakenfutures', { credentials, markets });
    for (const { symbol } of markets) large.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
    for (let count = 0; count < 700; count += 1) {
      const symbol = `C${count % 7}/USD:USD`;
      large.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price: String(900 - count) });
    }
    const snapshot = await large.reader.readState();
    expect(positionsOf(snapshot)).toEqual(large.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders(large));
    await large.stop();
  }, 60_000);
});

describe('what became of an order on krakenfutures as the simulator speaks it', () => {
  const seen = (order: Order): OpenOrder => ({ ...rememberedOrder(order), id: orderUuid(order.id) });

  async function explain(order: OpenOrder): Promise<unknown> {
    return (await simulated.reader.explainMissingOrders([order]))[0];
  }

  it.each<[what: string, cause: MissingCause, filled: string, run: () => Order]>([
    [
      'one that was filled in two parts',
      'filled',
      '0.1',
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
      () => simulated.place({ ...SOME_ORDER, timeInForce: 'IOC' }),
    ],
    [
      'a post-only that would have taken',
      'rejected',
      '0',
      () => simulated.place({ ...SOME_ORDER, price: '60000', timeInForce: 'GTX' }),
    ],
    [
      'one that a liquidation took along',
      'liquidated',
      '0',
      () => {
        simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
        const order = simulated.place({ ...SOME_ORDER, side: 'sell', price: '70000' });
        simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
        return order;
      },
    ],
    [
      'the order of a liquidation',
      'liquidated',
      '0.5',
      () => {
        simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
        return simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
      },
    ],
    [
      'a stop that was canceled',
      'canceled',
      '0',
      () => {
        const stop = simulated.place(STOP);
        simulated.cancel(stop);
        return stop;
      },
    ],
    [
      'a stop that went off and was filled, by its client id',
      'filled',
      '0.5',
      () => {
        simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
        const stop = simulated.place({ ...STOP, clientOrderId: 'guard' });
        simulated.simulator.engine.setPrice(BTC, '55000');
        return stop;
      },
    ],
  ])('%s: %s', async (_what, cause, filled, run) => {
    const order = run();
    expect(await explain(seen(order))).toMatchObject({ cause, filled });
  });

  it('an order that never was: never seen', async () => {
    const order = simulated.place(SOME_ORDER);
    expect(await explain({ ...seen(order), id: orderUuid('42') })).toMatchObject({ cause: 'never_seen' });
  });

  it('the price of all that was filled', async () => {
    const order = simulated.place(SOME_ORDER);
    simulated.simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: order.id }, { amount: '0.04', price: '58000' });
    simulated.fill(order);
    expect(await explain(seen(order))).toMatchObject({ cause: 'filled', averagePrice: '58600' });
  });
});
