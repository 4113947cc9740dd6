import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { DEFAULT_MARKETS, linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import { DEMO_ACCOUNT, DEMO_TRADING_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { ENDINGS, placeEverything, placeForgotten, placeHedged, SOME_ORDER } from './simulated-accounts.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

const HOUR_MS = 3_600_000;

let simulated: Simulated;

beforeEach(async () => {
  simulated = await Simulated.start('gate');
});

/** Another one in its place, which is stopped whatever the test finds. */
async function startInstead(options: Parameters<typeof Simulated.start>[1]): Promise<void> {
  await simulated.stop();
  simulated = await Simulated.start('gate', options);
}

afterEach(async () => {
  await simulated.stop();
});

/** Gate has no contracts that are settled in USDC. */
const isListed = (symbol: string): boolean => !symbol.endsWith(':USDC');

/** An order from the web page has no client order id on Gate: its text is "web". */
function trueOrders(of: Simulated): unknown[] {
  return of.trueOrders().map(({ clientOrderId, ...order }) => ({
    ...order,
    clientOrderId: clientOrderId?.startsWith('web_') === true ? null : clientOrderId,
  }));
}

describe('gate as the simulator speaks it, read by the real reader', () => {
  it('shows positions of both settle currencies, orders of all kinds and balances as the engine has them', async () => {
    placeEverything(simulated, isListed);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders(simulated));
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(snapshot.positionMode).toBe('one-way');
  });

  it('shows both legs of hedge mode, with the orders that reduce them', async () => {
    placeHedged(simulated);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders(simulated));
    expect(snapshot.positionMode).toBe('hedge');
  });

  it('shows nothing where a futures account was never opened, and knows that it is nothing', async () => {
    simulated.simulator.restoreState(withoutBitcoin(simulated));
    const snapshot = await simulated.reader.readState();
    expect(snapshot.positions).toEqual([]);
    expect(snapshot.scopes).toContain('positions:inverse:BTC');
  });

  it('shows what a key may do', async () => {
    const readOnly = { canTrade: false, canWithdraw: false, ipRestricted: true };
    expect(await simulated.reader.auditKey()).toMatchObject(readOnly);
    await startInstead({ credentials: { ...DEMO_TRADING_CREDENTIALS } });
    const trading = { canTrade: true, canWithdraw: false, ipRestricted: false };
    expect(await simulated.reader.auditKey()).toMatchObject(trading);
  });

  it('shows what the exchange did: a liquidation, and the fee of a spot trade', async () => {
    const symbol = 'DOGE/USDT:USDT';
    simulated.place({ symbol, side: 'sell', type: 'market', amount: '12340' });
    simulated.simulator.engine.liquidate(DEMO_ACCOUNT, symbol);
    simulated.place({ symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: '0.1' });
    const question = { since: 0, symbols: [symbol], currencies: ['BTC', 'USDT'] };
    const actions = await simulated.reader.readVenueActions(question);
    expect(actions[0]).toMatchObject({ kind: 'liquidation', symbol, change: '12340' });
    expect(actions.slice(1)).toMatchObject([{ kind: 'fee', change: expect.stringMatching(/^-0\.0/) }]);
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const coins = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USDT', rules));
    await startInstead({ markets: [...DEFAULT_MARKETS, ...coins] });
    for (const { symbol } of coins) simulated.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
    for (let count = 0; count < 700; count += 1) {
      const symbol = `C${count % 7}/USDT:USDT`;
      simulated.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price: String(900 - count) });
    }
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders(simulated));
  }, 120_000);
});

/** The account as it is, but without ever having had bitcoin. */
function withoutBitcoin({ simulator }: Simulated): ReturnType<typeof simulator.snapshotState> {
  const state = simulator.snapshotState();
  for (const account of state.engine.accounts) delete account.wallet['BTC'];
  return state;
}

describe('an order on gate as the simulator speaks it that is not open any more', () => {
  const CAUSES: Record<string, MissingCause> = {
    'filled in two parts': 'filled',
    'canceled with a part filled': 'canceled',
    'immediate-or-cancel and met nobody': 'expired',
    // Of futures Gate has no other word for it than for a cancel.
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

  it('was post-only on spot, and rejected', async () => {
    const order = simulated.place({ ...SOME_ORDER, symbol: 'BTC/USDT', price: '60000', timeInForce: 'GTX' });
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause: 'rejected', filled: '0' });
  });

  it('was filled on spot', async () => {
    const order = simulated.place({ ...SOME_ORDER, symbol: 'BTC/USDT' });
    simulated.fill(order);
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause: 'filled', filled: '0.1' });
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

  it('is not known any more an hour after it was canceled unfilled, also where funding was paid since', async () => {
    const order = placeForgotten(simulated, HOUR_MS);
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause: 'unknown', filled: null });
  });
});
