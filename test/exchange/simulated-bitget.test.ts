import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MissingCause } from '../../src/domain/difference/difference.js';
import { DEMO_PASSPHRASE } from '../../packages/exchange-simulator/src/engine/credentials.js';
import { UNIFIED_SUFFIX } from '../../packages/exchange-simulator/src/wire/bitget/shared/security.js';
import { DEFAULT_MARKETS, linearMarket } from '../../packages/exchange-simulator/src/engine/market.js';
import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  DEMO_TRADING_CREDENTIALS,
} from '../../packages/exchange-simulator/src/simulator.js';
import { BTC, SOME_ORDER } from './simulated-accounts.js';
import { balancesOf, ordersOf, positionsOf, rememberedOrder, Simulated } from './simulated.js';

/** The passphrase tells the simulator which of the two kinds an account is. */
const KINDS = [
  { kind: 'classic', password: DEMO_PASSPHRASE },
  { kind: 'unified', password: `${DEMO_PASSPHRASE}${UNIFIED_SUFFIX}` },
];
let password = DEMO_PASSPHRASE;

const INVERSE = 'BTC/USD:BTC';

let simulated: Simulated;
const started: Simulated[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});

async function start(options: Parameters<typeof Simulated.start>[1] = {}): Promise<Simulated> {
  const one = await Simulated.start('bitget', { credentials: { ...DEMO_CREDENTIALS, password }, ...options });
  started.push(one);
  return one;
}

/** Positions and orders of every product type that the simulator has, and of every kind of order. */
function placeEverything(kind: string): void {
  const held: [symbol: string, side: 'buy' | 'sell', amount: string][] = [
    [BTC, 'buy', '0.537'],
    ['ETH/USDT:USDT', 'sell', '12'],
    ['DOGE/USDT:USDT', 'sell', '12340'],
    ['BTC/USDC:USDC', 'sell', '0.017'],
  ];
  for (const [symbol, side, amount] of held) simulated.place({ symbol, side, type: 'market', amount });
  simulated.fill(simulated.place({ ...SOME_ORDER, amount: '0.010', clientOrderId: 'bot17' }), '0.003');
  const closing = { symbol: BTC, side: 'sell', reduceOnly: true } as const;
  const orders: OrderRequest[] = [
    { symbol: 'DOGE/USDT:USDT', side: 'buy', type: 'limit', amount: '60', price: '0.10001' },
    { symbol: 'BTC/USDC:USDC', side: 'buy', type: 'limit', amount: '0.001', price: '59999.9', timeInForce: 'GTX' },
    { symbol: 'BTC/USDT', side: 'buy', type: 'limit', amount: '0.00123', price: '59000.01' },
    { symbol: BTC, side: 'buy', type: 'stop', amount: '0.1', price: '61000', triggerPrice: '60500' },
    { symbol: BTC, side: 'sell', type: 'stop_market', triggerPrice: '55000', closePosition: true },
    { ...closing, type: 'take_profit', amount: '0.2', price: '65000', triggerPrice: '64000' },
    { ...closing, type: 'stop_market', amount: '0.2', triggerPrice: '54000' },
    { symbol: 'BTC/USDT', side: 'sell', type: 'stop', amount: '0.1', price: '54000', triggerPrice: '55000' },
  ];
  // The simulator's unified accounts have no trailing orders, its classic ones no coin-margined contracts.
  if (kind === 'unified') {
    simulated.place({ symbol: INVERSE, side: 'sell', type: 'market', amount: '300' });
    orders.push({ symbol: INVERSE, side: 'buy', type: 'limit', amount: '100', price: '50000' });
  } else {
    const trailing = { callbackPercent: '2', activationPrice: '63000' };
    orders.push({ ...closing, type: 'trailing_stop_market', amount: '0.1', ...trailing });
  }
  for (const order of orders) simulated.place(order);
}

describe.each(KINDS)('a $kind account of bitget as the simulator speaks it, read by the real reader', (one) => {
  beforeEach(async () => {
    ({ password } = one);
    simulated = await start();
  });

  it('shows positions, orders of all kinds and balances as the engine has them', async () => {
    placeEverything(one.kind);
    const snapshot = await simulated.reader.readState({ balances: true });
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
    expect(balancesOf(snapshot)).toEqual(simulated.trueBalances());
    expect(snapshot.positionMode).toBe('one-way');
  });

  it('shows both legs of hedge mode, with what the orders of each do', async () => {
    simulated.simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
    const orders: OrderRequest[] = [
      { symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' },
      { symbol: BTC, side: 'sell', type: 'market', amount: '0.107', positionSide: 'short' },
      { symbol: BTC, side: 'sell', type: 'limit', amount: '0.1', price: '66000', positionSide: 'long' },
      { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '50000', positionSide: 'long' },
      { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '50000', positionSide: 'short' },
      {
        symbol: BTC,
        side: 'sell',
        type: 'stop',
        amount: '0.1',
        price: '49000',
        triggerPrice: '49500',
        positionSide: 'short',
      },
      {
        symbol: BTC,
        side: 'buy',
        type: 'stop_market',
        triggerPrice: '66000',
        closePosition: true,
        positionSide: 'short',
      },
      {
        symbol: BTC,
        side: 'sell',
        type: 'take_profit_market',
        amount: '0.1',
        triggerPrice: '66000',
        positionSide: 'long',
      },
    ];
    for (const order of orders) simulated.place(order);
    const snapshot = await simulated.reader.readState();
    expect(positionsOf(snapshot)).toEqual(simulated.truePositions());
    expect(ordersOf(snapshot)).toEqual(simulated.trueOrders());
    expect(snapshot.positionMode).toBe('hedge');
  });

  it('shows what a key may do', async () => {
    expect(await simulated.reader.auditKey()).toMatchObject({
      canTrade: false,
      canWithdraw: false,
      ipRestricted: true,
    });
    const trader = await start({ credentials: { ...DEMO_TRADING_CREDENTIALS, password } });
    expect(await trader.reader.auditKey()).toMatchObject({ canTrade: true, canWithdraw: false, ipRestricted: false });
  });

  it('shows 700 orders and 300 positions', async () => {
    const rules = { priceStep: '0.1', amountStep: '0.001', initialPrice: '1000' };
    const markets = Array.from({ length: 300 }, (_, index) => linearMarket(`C${index}`, 'USDT', rules));
    const large = await start({ markets: [...DEFAULT_MARKETS, ...markets] });
    for (const { symbol } of markets) large.place({ symbol, side: 'sell', type: 'market', amount: '0.017' });
    for (let count = 0; count < 700; count += 1) {
      const symbol = `C${count % 7}/USDT:USDT`;
      large.place({ symbol, side: 'buy', type: 'limit', amount: '0.1', price: String(900 - count) });
    }
    const snapshot = await large.reader.readState();
    expect(positionsOf(snapshot)).toEqual(large.truePositions());
    expect(ordersOf(snapshot)).toEqual(large.trueOrders());
  }, 120_000);
});

describe.each(KINDS)('what became of an order of a $kind account of bitget as the simulator speaks it', (one) => {
  beforeEach(async () => {
    ({ password } = one);
    simulated = await start();
  });

  const long = (): void => void simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
  const stop = (type: 'stop' | 'stop_market'): Order =>
    simulated.place({
      symbol: BTC,
      side: 'sell',
      type,
      amount: '0.5',
      triggerPrice: '55000',
      ...(type === 'stop' ? { price: '54900' } : {}),
    });

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
      'the order of a liquidation',
      'liquidated',
      '0.5',
      () => {
        long();
        return simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
      },
    ],
    [
      'a stop that went off and was filled',
      'filled',
      '0.5',
      () => {
        long();
        const order = stop('stop_market');
        simulated.simulator.engine.setPrice(BTC, '54000');
        return order;
      },
    ],
    [
      'a stop that was canceled before it went off',
      'canceled',
      '0',
      () => {
        const order = stop('stop');
        simulated.cancel(order);
        return order;
      },
    ],
    [
      'a take-profit of the whole position that was canceled',
      'canceled',
      '0',
      () => {
        long();
        const order = simulated.place({
          symbol: BTC,
          side: 'sell',
          type: 'take_profit_market',
          triggerPrice: '66000',
          closePosition: true,
        });
        simulated.cancel(order);
        return order;
      },
    ],
    [
      'one on spot that was filled',
      'filled',
      '0.01',
      () => {
        const order = simulated.place({
          symbol: 'BTC/USDT',
          side: 'buy',
          type: 'limit',
          amount: '0.01',
          price: '59000',
        });
        simulated.fill(order);
        return order;
      },
    ],
    [
      'a spot plan that was canceled',
      'canceled',
      '0',
      () => {
        const order = simulated.place({
          symbol: 'BTC/USDT',
          side: 'sell',
          type: 'stop',
          amount: '0.1',
          price: '54000',
          triggerPrice: '55000',
        });
        simulated.cancel(order);
        return order;
      },
    ],
  ])('%s: %s', async (_what, cause, filled, run) => {
    expect((await simulated.reader.explainMissingOrders([rememberedOrder(run())]))[0]).toMatchObject({ cause, filled });
  });

  it('is reported by the client order id alone, and is that it never was', async () => {
    const order = simulated.place({ ...SOME_ORDER, clientOrderId: 'bot-17' });
    simulated.cancel(order);
    const missing = [
      { ...rememberedOrder(order), id: null },
      { ...rememberedOrder(order), id: '42', clientOrderId: 'none' },
    ];
    expect(await simulated.reader.explainMissingOrders(missing)).toMatchObject([
      { cause: 'canceled' },
      { cause: 'never_seen' },
    ]);
  });
});
