import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import { DEMO_ACCOUNT, DEMO_TRADING_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { loadCrypto } from '../../packages/exchange-simulator/src/wire/hyperliquid/crypto.js';
import { addressOfAccount, agentAddressOf } from '../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

const BTC = 'BTC/USDC:USDC';
const ETH = 'ETH/USDC:USDC';
const DOGE = 'DOGE/USDC:USDC';
const CLOID = '0x0123456789abcdef0123456789abcdef';
const SOME_ORDER: OrderRequest = { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '59000' };
const STOP: OrderRequest = { symbol: BTC, side: 'sell', type: 'stop_market', amount: '0.5', triggerPrice: '55000' };

const walletAddress = addressOfAccount({ id: DEMO_ACCOUNT, keys: [] });

let simulated: Simulated;

beforeEach(async () => {
  simulated = await Simulated.start('hyperliquid', { credentials: { walletAddress } });
});

afterEach(async () => {
  await simulated.stop();
});

/** The exchange knows client ids of one form only; the engine names every order. */
function trueOrders(from: Simulated = simulated): ReturnType<typeof ordersOf> {
  return from.trueOrders().map((order) => ({ ...order, clientOrderId: cloidOrNull(order.clientOrderId) }));
}

function cloidOrNull(clientOrderId: string | null): string | null {
  return clientOrderId?.startsWith('0x') === true ? clientOrderId : null;
}

describe('hyperliquid as the simulator speaks it, read by the real reader', () => {
  it('shows a liquidation and funding as what the exchange did', async () => {
    const { engine } = simulated.simulator;
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.3' });
    engine.settleFunding(BTC, '0.0001');
    engine.liquidate(DEMO_ACCOUNT, BTC);
    const since = Date.now() - 3_600_000;
    const actions = await simulated.reader.readVenueActions({ since, symbols: [BTC], currencies: ['USDC'] });
    const kinds = actions.map(({ kind, symbol }) => `${kind} ${symbol}`).toSorted();
    expect([...new Set(kinds)]).toEqual(['funding USDC', 'liquidation BTC/USDC:USDC']);
    const [liquidation] = actions.filter(({ kind }) => kind === 'liquidation');
    expect(liquidation).toMatchObject({ change: '-0.3', price: engine.price(BTC) });
    for (const { change } of actions.filter(({ kind }) => kind === 'funding')) expect(change).toMatch(/^-/);
  });

  it('shows positions, orders of all kinds and spot balances as the engine has them', async () => {
    simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.537' });
    simulated.place({ symbol: ETH, side: 'sell', type: 'market', amount: '1.2345' });
    simulated.place({ symbol: DOGE, side: 'sell', type: 'market', amount: '12341' });
    const partly = simulated.place({ ...SOME_ORDER, amount: '0.010', clientOrderId: CLOID });
    simulated.fill(partly, '0.003');
    const orders: OrderRequest[] = [
      { symbol: DOGE, side: 'buy', type: 'limit', amount: '301', price: '0.10001' },
      { symbol: ETH, side: 'buy', type: 'limit', amount: '0.0101', price: '2900.1', timeInForce: 'GTX' },
      { ...STOP, reduceOnly: true },
      { ...STOP, type: 'stop', price: '54000' },
      { ...STOP, type: 'take_profit', price: '65000', triggerPrice: '64000' },
      { symbol: BTC, side: 'sell', type: 'take_profit_market', triggerPrice: '64001', closePosition: true },
    ];
    for (const order of orders) simulated.place(order);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders());
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(snapshot.positionMode).toBe('one-way');
  });

  it.each([
    [BTC, '55000'],
    [ETH, '2500'],
  ])('shows a trigger of %s that went off under the id that it had, as a regular order', async (symbol, price) => {
    const stop = simulated.place({ ...STOP, symbol, type: 'stop', price, triggerPrice: price });
    simulated.simulator.engine.setPrice(symbol, String(Number(price) - 100));
    const [order] = ordersOf(await simulated.reader.readState());
    expect(order).toMatchObject({ id: stop.id, conditional: false, price, amount: '0.5', filled: '0' });
  });

  it("shows the exchange's clock, not ours", async () => {
    simulated.lateMs = 3_600_000;
    const { asOf } = await simulated.reader.readState();
    expect(Math.abs(asOf - (Date.now() - 3_600_000))).toBeLessThan(60_000);
  });

  it("refuses an API wallet's address and one that nobody has, whose lists are empty", async () => {
    simulated.place(SOME_ORDER);
    const agent = agentAddressOf(DEMO_TRADING_CREDENTIALS, await loadCrypto());
    for (const [address, said] of [
      [agent, walletAddress],
      [`0x${'ab'.repeat(20)}`, 'never used'],
    ] as const) {
      const wrong = await Simulated.start('hyperliquid', { credentials: { walletAddress: address } });
      await expect(wrong.reader.readState()).rejects.toThrow(said);
      await wrong.stop();
    }
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const markets = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USDC', rules));
    const large = await Simulated.start('hyperliquid', { credentials: { walletAddress }, markets });
    for (const { symbol } of markets) large.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
    for (let count = 0; count < 700; count += 1) {
      const symbol = `C${count % 7}/USDC:USDC`;
      large.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price: String(900 - count) });
    }
    const snapshot = await large.reader.readState();
    expect(positionsOf(snapshot)).toEqual(large.truePositions());
    expect(ordersOf(snapshot)).toEqual(trueOrders(large));
    await large.stop();
  }, 60_000);
});

describe('what became of an order on hyperliquid as the simulator speaks it', () => {
  async function explain(order: OpenOrder): Promise<unknown> {
    return (await simulated.reader.explainMissingOrders([order]))[0];
  }

  it.each<[what: string, cause: MissingCause, filled: string | null, run: () => Order]>([
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
      'a trigger that was canceled',
      'canceled',
      '0',
      () => {
        const stop = simulated.place(STOP);
        simulated.cancel(stop);
        return stop;
      },
    ],
    [
      'a trigger that went off and was filled',
      'filled',
      '0.5',
      () => {
        simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
        const stop = simulated.place(STOP);
        simulated.simulator.engine.setPrice(BTC, '55000');
        return stop;
      },
    ],
  ])('%s: %s', async (_what, cause, filled, run) => {
    const order = run();
    // Funding is paid on what is held; it must not be taken for a fill.
    simulated.simulator.engine.settleFunding(BTC, '0.0001');
    expect(await explain(rememberedOrder(order))).toMatchObject({ cause, filled });
  });

  it('an order that never was: never seen', async () => {
    const order = simulated.place(SOME_ORDER);
    expect(await explain({ ...rememberedOrder(order), id: '42' })).toMatchObject({ cause: 'never_seen' });
  });

  it('one known by its client id alone, with the price of all that was filled', async () => {
    const order = simulated.place({ ...SOME_ORDER, clientOrderId: CLOID });
    simulated.simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id: order.id }, { amount: '0.04', price: '58000' });
    simulated.fill(order);
    const reported = await explain({ ...rememberedOrder(order), id: null });
    expect(reported).toMatchObject({ cause: 'filled', filled: '0.1', averagePrice: '58600' });
  });
});
