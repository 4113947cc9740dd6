import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { DEFAULT_MARKETS, linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import { DEMO_ACCOUNT, DEMO_TRADING_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { BTC, ENDINGS, placeEverything, placeForgotten, placeHedged, SOME_ORDER } from './simulated-accounts.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

const HOUR_MS = 3_600_000;

let simulated: Simulated;

beforeEach(async () => {
  simulated = await Simulated.start('bybit');
});

afterEach(async () => {
  await simulated.stop();
});

describe('bybit as the simulator speaks it, read by the real reader', () => {
  it('shows positions of all settle currencies, orders of all kinds and balances as the engine has them', async () => {
    placeEverything(simulated);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(snapshot.positionMode).toBe('one-way');
  });

  it('shows both legs of hedge mode, with the orders that reduce them', async () => {
    placeHedged(simulated);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
    expect(snapshot.positionMode).toBe('hedge');
  });

  it('shows a conditional order that went off under the id that it had, as a regular one', async () => {
    const stop = simulated.place({ ...SOME_ORDER, type: 'stop', price: '60100', triggerPrice: '60500' });
    simulated.simulator.engine.setPrice(BTC, '60500');
    const [order] = ordersOf(await simulated.reader.readState());
    expect(order).toMatchObject({ id: stop.id, conditional: false, price: '60100', amount: '0.1', filled: '0' });
  });

  it('shows the id that the bot knows too, where the markets keep ids', async () => {
    const markets = DEFAULT_MARKETS.map((market) => ({ ...market, keepsOrderId: true }));
    const keeping = await Simulated.start('bybit', { markets });
    placeEverything(keeping);
    keeping.simulator.engine.setPrice(BTC, '60500');
    const snapshot = await keeping.reader.readState();
    expect(ordersOf(snapshot)).toEqual(keeping.trueOrders());
    expect(positionsOf(snapshot)).toEqual(keeping.truePositions());
    await keeping.stop();
  });

  it('shows what a key may do', async () => {
    expect(await simulated.reader.auditKey()).toMatchObject({
      canTrade: false,
      canWithdraw: false,
      ipRestricted: true,
    });
    const trader = await Simulated.start('bybit', { credentials: { ...DEMO_TRADING_CREDENTIALS } });
    expect(await trader.reader.auditKey()).toMatchObject({ canTrade: true, canWithdraw: false, ipRestricted: false });
    await trader.stop();
  });

  it('shows a liquidation and funding as what the exchange did, and the fees of a currency', async () => {
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3' });
    simulated.simulator.engine.settleFunding(BTC, '0.0001');
    simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    const price = simulated.simulator.engine.price(BTC);
    const since = Date.now() - HOUR_MS;
    const actions = await simulated.reader.readVenueActions({ since, symbols: [BTC], currencies: ['USDT'] });
    expect(actions).toMatchObject([
      { kind: 'liquidation', symbol: BTC, change: '-0.3', price },
      { kind: 'funding', symbol: 'USDT', price: null },
      { kind: 'fee', symbol: 'USDT', change: expect.stringMatching(/^-/) },
    ]);
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const markets = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USDT', rules));
    const large = await Simulated.start('bybit', { markets });
    for (const { symbol } of markets) large.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
    for (let count = 0; count < 700; count += 1) {
      const symbol = `C${count % 7}/USDT:USDT`;
      large.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price: String(900 - count) });
    }
    const snapshot = await large.reader.readState();
    expect(positionsOf(snapshot)).toEqual(large.truePositions());
    expect(ordersOf(snapshot)).toEqual(large.trueOrders());
    await large.stop();
  }, 60_000);
});

describe('an order on bybit as the simulator speaks it that is not open any more', () => {
  const CAUSES: Record<string, MissingCause> = {
    'filled in two parts': 'filled',
    'canceled with a part filled': 'canceled',
    'immediate-or-cancel and met nobody': 'expired',
    'post-only and would have taken': 'canceled',
    'taken along by a liquidation': 'liquidated',
    'the order of a liquidation': 'liquidated',
    'a stop that went off': 'filled',
    'a stop that was canceled before it went off': 'canceled',
  };

  async function explain(order: OpenOrder): Promise<unknown> {
    return (await simulated.reader.explainMissingOrders([order]))[0];
  }

  it.each(ENDINGS)('was $what', async ({ what, filled, run }) => {
    expect(await explain(rememberedOrder(run(simulated)))).toMatchObject({ cause: CAUSES[what], filled });
  });

  it('is reported by the client order id alone', async () => {
    const order = simulated.place({ ...SOME_ORDER, clientOrderId: 'bot17' });
    simulated.cancel(order);
    expect(await explain({ ...rememberedOrder(order), id: null })).toMatchObject({ cause: 'canceled' });
  });

  it('never was, where the exchange would know it', async () => {
    const order = rememberedOrder(simulated.place(SOME_ORDER));
    expect(await explain({ ...order, id: '42', clientOrderId: 'none' })).toMatchObject({ cause: 'never_seen' });
  });

  it('is not known any more a day after it was canceled unfilled, also where funding was paid since', async () => {
    const order = placeForgotten(simulated, 26 * HOUR_MS);
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause: 'unknown', filled: null });
  });
});
