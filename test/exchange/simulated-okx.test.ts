import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  DEMO_TRADING_CREDENTIALS,
} from '../../packages/exchange-simulator/src/simulator.js';
import { BTC, ENDINGS, placeEverything, placeForgotten, placeHedged, SOME_ORDER } from './simulated-accounts.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

const HOUR_MS = 3_600_000;
const credentials = { ...DEMO_CREDENTIALS, password: DEMO_PASSPHRASE };

let simulated: Simulated;

beforeEach(async () => {
  simulated = await Simulated.start('okx', { credentials });
});

afterEach(async () => {
  await simulated.stop();
});

describe('okx as the simulator speaks it, read by the real reader', () => {
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

  it('shows an order that a conditional one became under an id of its own', async () => {
    const stop = simulated.place({ ...SOME_ORDER, type: 'stop', price: '60100', triggerPrice: '60500' });
    simulated.simulator.engine.setPrice(BTC, '60500');
    const [order] = ordersOf(await simulated.reader.readState());
    expect(order).toMatchObject({ conditional: false, price: '60100', amount: '0.1', filled: '0' });
    expect(order?.id).not.toBe(stop.id);
  });

  it('shows a liquidation and funding as what the exchange did, and the fees of a currency', async () => {
    const { engine } = simulated.simulator;
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3' });
    engine.settleFunding(BTC, '0.0001');
    engine.liquidate(DEMO_ACCOUNT, BTC);
    const since = Date.now() - HOUR_MS;
    const actions = await simulated.reader.readVenueActions({ since, symbols: [BTC], currencies: ['USDT'] });
    expect(actions).toMatchObject([
      { kind: 'liquidation', symbol: BTC, change: '-0.3', price: engine.price(BTC) },
      { kind: 'funding', symbol: 'USDT', change: expect.stringMatching(/^-/), price: null },
      { kind: 'fee', symbol: 'USDT', change: expect.stringMatching(/^-/) },
    ]);
  });

  it('shows an OCO as one order, by its stop loss', async () => {
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
    const closing = { symbol: BTC, side: 'sell', amount: '0.5', reduceOnly: true } as const;
    const [first] = simulated.simulator.engine.placeList(DEMO_ACCOUNT, 'manual', [
      { ...closing, type: 'take_profit_market', triggerPrice: '66000' },
      { ...closing, type: 'stop_market', triggerPrice: '55000' },
    ]);
    expect(ordersOf(await simulated.reader.readState())).toMatchObject([
      { id: first?.id, conditional: true, triggerPrice: '55000', amount: '0.5' },
    ]);
  });

  it('shows what a key may do', async () => {
    expect(await simulated.reader.auditKey()).toMatchObject({
      canTrade: false,
      canWithdraw: false,
      ipRestricted: true,
    });
    const trader = await Simulated.start('okx', {
      credentials: { ...DEMO_TRADING_CREDENTIALS, password: DEMO_PASSPHRASE },
    });
    expect(await trader.reader.auditKey()).toMatchObject({ canTrade: true, canWithdraw: false, ipRestricted: false });
    await trader.stop();
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const markets = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USDT', rules));
    const large = await Simulated.start('okx', { credentials, markets });
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

describe('an order on okx as the simulator speaks it that is not open any more', () => {
  const CAUSES: Record<string, MissingCause> = {
    'filled in two parts': 'filled',
    'canceled with a part filled': 'canceled',
    'immediate-or-cancel and met nobody': 'expired',
    'post-only and would have taken': 'rejected',
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

  it('is not known any more two hours after it was canceled unfilled, also where funding was paid since', async () => {
    const order = placeForgotten(simulated, 3 * HOUR_MS);
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause: 'unknown', filled: null });
  });
});
