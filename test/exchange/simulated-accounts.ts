import type { Order, OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import { DEMO_ACCOUNT } from '../../packages/exchange-simulator/src/simulator.js';
import type { Simulated } from './simulated.js';

export const BTC = 'BTC/USDT:USDT';

/** Rests. */
export const SOME_ORDER: OrderRequest = { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '59000' };

/** Positions of every kind of market and settle currency that the exchange lists, and orders of every kind, in one-way mode. */
export function placeEverything(simulated: Simulated, isListed: (symbol: string) => boolean = () => true): void {
  const held: [symbol: string, side: 'buy' | 'sell', amount: string][] = [
    [BTC, 'buy', '0.537'],
    ['ETH/USDT:USDT', 'sell', '12'],
    ['DOGE/USDT:USDT', 'sell', '12340'],
    ['BTC/USDC:USDC', 'sell', '0.017'],
    ['BTC/USD:BTC', 'sell', '700'],
  ];
  for (const [symbol, side, amount] of held) {
    if (isListed(symbol)) simulated.place({ symbol, side, type: 'market', amount });
  }

  const partly = simulated.place({ ...SOME_ORDER, amount: '0.010', clientOrderId: 'bot17' });
  simulated.fill(partly, '0.003');
  const closing = { symbol: BTC, side: 'sell', reduceOnly: true } as const;
  const orders: OrderRequest[] = [
    { symbol: 'DOGE/USDT:USDT', side: 'buy', type: 'limit', amount: '330', price: '0.10001' },
    { symbol: 'BTC/USDC:USDC', side: 'buy', type: 'limit', amount: '0.001', price: '59999.9', timeInForce: 'GTX' },
    { symbol: 'BTC/USD:BTC', side: 'buy', type: 'limit', amount: '300', price: '50000' },
    { symbol: 'BTC/USDT', side: 'buy', type: 'limit', amount: '0.00123', price: '59000.01' },
    { symbol: BTC, side: 'buy', type: 'stop', amount: '0.1', price: '61000', triggerPrice: '60500' },
    { symbol: BTC, side: 'sell', type: 'stop_market', triggerPrice: '55000', closePosition: true },
    { ...closing, type: 'take_profit', amount: '0.2', price: '65000', triggerPrice: '64000' },
    { ...closing, type: 'stop_market', amount: '0.2', triggerPrice: '54000' },
    { ...closing, type: 'trailing_stop_market', amount: '0.1', callbackPercent: '2', activationPrice: '63000' },
    { ...closing, type: 'trailing_stop_market', amount: '0.1', callbackPercent: '3' },
    { symbol: 'BTC/USD:BTC', side: 'buy', type: 'stop_market', amount: '700', triggerPrice: '66000', reduceOnly: true },
    { symbol: 'BTC/USDT', side: 'sell', type: 'stop', amount: '0.1', price: '54000', triggerPrice: '55000' },
  ];
  for (const order of orders.filter(({ symbol }) => isListed(symbol))) simulated.place(order);
}

/** Both legs of one market and one leg of another, with orders that reduce them, in hedge mode. */
export function placeHedged(simulated: Simulated, isListed: (symbol: string) => boolean = () => true): void {
  simulated.simulator.engine.setPositionMode(DEMO_ACCOUNT, 'hedge');
  const orders: OrderRequest[] = [
    { symbol: BTC, side: 'buy', type: 'market', amount: '0.3', positionSide: 'long' },
    { symbol: BTC, side: 'sell', type: 'market', amount: '0.107', positionSide: 'short' },
    { symbol: 'BTC/USD:BTC', side: 'sell', type: 'market', amount: '500', positionSide: 'short' },
    { symbol: BTC, side: 'sell', type: 'limit', amount: '0.1', price: '66000', positionSide: 'long' },
    { symbol: BTC, side: 'buy', type: 'limit', amount: '0.1', price: '50000', positionSide: 'long' },
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
  for (const order of orders.filter(({ symbol }) => isListed(symbol))) simulated.place(order);
}

export interface Ending {
  what: string;
  /** Base units that were filled before it ended. */
  filled: string;
  run: (simulated: Simulated) => Order;
}

function withPosition(simulated: Simulated): void {
  simulated.place({ symbol: BTC, side: 'buy', type: 'market', amount: '0.5' });
}

/** The ways in which an order goes: each leaves one that is not open any more. */
export const ENDINGS: readonly Ending[] = [
  {
    what: 'filled in two parts',
    filled: '0.1',
    run: (simulated) => {
      const order = simulated.place(SOME_ORDER);
      simulated.fill(order, '0.04');
      simulated.fill(order);
      return order;
    },
  },
  {
    what: 'canceled with a part filled',
    filled: '0.04',
    run: (simulated) => {
      const order = simulated.place(SOME_ORDER);
      simulated.fill(order, '0.04');
      simulated.cancel(order);
      return order;
    },
  },
  {
    what: 'immediate-or-cancel and met nobody',
    filled: '0',
    run: (simulated) => simulated.place({ ...SOME_ORDER, timeInForce: 'IOC' }),
  },
  {
    what: 'post-only and would have taken',
    filled: '0',
    run: (simulated) => simulated.place({ ...SOME_ORDER, price: '60000', timeInForce: 'GTX' }),
  },
  {
    what: 'taken along by a liquidation',
    filled: '0',
    run: (simulated) => {
      withPosition(simulated);
      const order = simulated.place({ ...SOME_ORDER, side: 'sell', price: '70000' });
      simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
      return order;
    },
  },
  {
    what: 'the order of a liquidation',
    filled: '0.5',
    run: (simulated) => {
      withPosition(simulated);
      return simulated.simulator.engine.liquidate(DEMO_ACCOUNT, BTC);
    },
  },
  {
    what: 'a stop that went off',
    filled: '0.5',
    run: (simulated) => {
      withPosition(simulated);
      const stop = simulated.place({
        symbol: BTC,
        side: 'sell',
        type: 'stop_market',
        amount: '0.5',
        triggerPrice: '55000',
      });
      simulated.simulator.engine.setPrice(BTC, '54000');
      return stop;
    },
  },
  {
    what: 'a stop that was canceled before it went off',
    filled: '0',
    run: (simulated) => {
      const stop = simulated.place({ ...SOME_ORDER, type: 'stop', triggerPrice: '61000', price: '61000' });
      simulated.cancel(stop);
      return stop;
    },
  },
];

/** An order that was canceled long ago, with funding paid since, and many orders canceled after it. */
export function placeForgotten(simulated: Simulated, longAgoMs: number): Order {
  simulated.lateMs = longAgoMs;
  withPosition(simulated);
  const order = simulated.place(SOME_ORDER);
  simulated.cancel(order);
  simulated.simulator.engine.settleFunding(BTC, '0.0001');
  simulated.lateMs = 0;
  for (let count = 0; count < 500; count += 1) simulated.cancel(simulated.place({ ...SOME_ORDER, amount: '0.001' }));
  return order;
}
