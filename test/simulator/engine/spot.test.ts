import { describe, expect, it } from '@jest/globals';
import { AWorld, BTC, ME } from './a-world.js';
import { Bot } from '../../../packages/exchange-simulator/src/bot/bot.js';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import { spotMarket } from '../../../packages/exchange-simulator/src/engine/market.js';
import type { Order, OrderRequest } from '../../../packages/exchange-simulator/src/engine/order.js';
import { Rejection } from '../../../packages/exchange-simulator/src/engine/rejection.js';
import { engineStateSchema } from '../../../packages/exchange-simulator/src/engine/state.js';

const SPOT = 'BTC/USDT';
const buy = (amount: string, price?: string): Partial<OrderRequest> => order('buy', amount, price);
const sell = (amount: string, price?: string): Partial<OrderRequest> => order('sell', amount, price);

function order(side: 'buy' | 'sell', amount: string, price?: string): Partial<OrderRequest> {
  return { symbol: SPOT, side, amount, ...(price === undefined ? { type: 'market' } : { type: 'limit', price }) };
}

/** One coin and 1,000 USDT, as every account of these tests has. */
describe('a spot trade', () => {
  it('changes base and quote, takes its fee from what is received, and opens no position', () => {
    const world = new AWorld();
    world.place(buy('0.01'));
    expect([world.balance('BTC'), world.balance('USDT')]).toEqual(['1.009996', '400']);
    world.place(sell('1'));
    expect([world.balance('BTC'), world.balance('USDT')]).toEqual(['0.009996', '60376']);
    expect(world.positions()).toEqual([]);
    expect(world.engine.account(ME).trades).toMatchObject([
      { fee: '0.000004', feeCurrency: 'BTC', realizedProfit: '0' },
      { fee: '24', feeCurrency: 'USDT', realizedProfit: '0' },
    ]);
  });

  it('costs what its market says, where that says something else', () => {
    const world = new AWorld();
    world.engine.addMarket({ ...world.engine.market(SPOT), feeRate: { maker: '0', taker: '0' } });
    world.place(buy('0.01'));
    expect([world.balance('BTC'), world.balance('USDT')]).toEqual(['1.01', '400']);
    expect(world.engine.account(ME).trades).toMatchObject([{ fee: '0', feeCurrency: 'BTC' }]);
  });

  it('reaches the books of the bot that made it', () => {
    const world = new AWorld();
    const bot = new Bot(world.engine, ME, 1);
    bot.setWithBalances(true);
    bot.place({ symbol: SPOT, side: 'buy', type: 'market', amount: '0.01' });
    expect(bot.state()).toMatchObject({
      positions: [],
      orders: [],
      balances: [
        { currency: 'USDT', total: '400' },
        { currency: 'BTC', total: '1.009996' },
      ],
    });
  });

  it('in a hedged account names no leg, and leaves positions of the same base alone', () => {
    const world = new AWorld('hedge');
    world.place({ symbol: BTC, amount: '0.1', positionSide: 'long' });
    world.place(buy('0.01'));
    expect(world.positions()).toEqual([`${BTC} long 0.1 @ 60000`]);
  });
});

describe('an open spot order', () => {
  it('holds back what it may need, until it ends', () => {
    const world = new AWorld();
    const bid = world.place(buy('0.01', '50000'));
    world.place(sell('0.3', '70000'));
    world.engine.fillOrder({ account: ME, id: bid.id }, { amount: '0.004' });
    expect(Object.fromEntries(world.engine.locked(ME))).toEqual({ USDT: '300', BTC: '0.3' });
    world.engine.cancel({ account: ME, id: bid.id }, 'manual');
    expect(Object.fromEntries(world.engine.locked(ME))).toEqual({ BTC: '0.3' });
  });

  it.each<[what: string, request: Partial<OrderRequest>]>([
    ['a market buy above the free quote', buy('0.02')],
    ['a limit buy above the free quote', buy('0.012', '50000')],
    ['a sell above the free base', sell('0.7')],
    ['a stop above the free base', { ...sell('0.7'), type: 'stop_market', triggerPrice: '50000' }],
  ])('refuses %s, and has changed nothing', (_what, request) => {
    const world = new AWorld();
    world.place(buy('0.01', '50000'));
    world.place(sell('0.4', '70000'));
    const before = JSON.stringify(world.engine.account(ME).toState());
    expect(() => world.place(request)).toThrow(expect.objectContaining({ reason: 'insufficient_balance' }));
    expect(JSON.stringify(world.engine.account(ME).toState())).toBe(before);
  });

  it('is amended only as far as the balance goes', () => {
    const world = new AWorld();
    const { id } = world.place(sell('0.4', '70000'));
    const amend = (amount: string): Order => world.engine.amend({ account: ME, id }, { amount }, 'manual');
    expect(() => amend('1.1')).toThrow(Rejection);
    expect(amend('1')).toMatchObject({ amount: '1' });
  });

  it.each<Partial<OrderRequest>>([{ reduceOnly: true }, { positionSide: 'long' }])('knows no %p', (request) => {
    expect(() => new AWorld().place({ ...buy('0.001'), ...request })).toThrow(
      expect.objectContaining({ reason: 'bad_parameter' }),
    );
  });
});

describe('a conditional spot order', () => {
  const stop: Partial<OrderRequest> = {
    ...sell('0.1', '49000'),
    type: 'stop',
    triggerPrice: '50000',
    clientOrderId: 'guard',
  };

  it('stays the same order when it goes off', () => {
    const world = new AWorld();
    const placed = world.place(stop);
    world.engine.setPrice(SPOT, '48000');
    expect(world.order(placed)).toMatchObject({ type: 'limit', conditionalType: 'stop', status: 'open', filled: '0' });
    expect(world.order(placed).triggeredAt).toBe(world.clock);
    world.engine.setPrice(SPOT, '49000');
    expect(world.order(placed)).toMatchObject({ id: placed.id, status: 'filled', triggerPrice: '50000' });
    expect(world.engine.account(ME).allOrders()).toHaveLength(1);
    // Its client order id is free again, for both kinds of order.
    expect(world.place({ ...stop, triggerPrice: '40000', price: '39000' })).toMatchObject({ status: 'open' });
  });

  it('becomes a new order where the market says so', () => {
    const world = new AWorld();
    const rules = { priceStep: '0.01', amountStep: '0.00001', initialPrice: '60000' };
    world.engine.addMarket(spotMarket('BTC', 'USDT', { ...rules, keepsOrderId: false }));
    const placed = world.place(stop);
    world.engine.setPrice(SPOT, '48000');
    expect(world.order(placed)).toMatchObject({ status: 'triggered', triggeredOrderId: expect.any(String) });
  });
});

describe('a list of orders', () => {
  const target = sell('0.6', '70000');
  const guard: Partial<OrderRequest> = { ...sell('0.6', '49000'), type: 'stop', triggerPrice: '50000' };
  const placed = (world: AWorld): Order[] =>
    world.engine.placeList(ME, 'manual', [
      { symbol: SPOT, side: 'sell', type: 'limit', ...target },
      { symbol: SPOT, side: 'sell', type: 'stop', ...guard },
    ]);

  it('holds back the amount once', () => {
    const world = new AWorld();
    const [first, second] = placed(world);
    expect(first?.listId).not.toBeNull();
    expect(second?.listId).toBe(first?.listId);
    expect(world.engine.locked(ME).get('BTC')).toBe('0.6');
  });

  it.each<[what: string, then: (world: AWorld, target: Order) => unknown, states: string[]]>([
    ['one trades, the other expires', (world) => world.engine.setPrice(SPOT, '70000'), ['filled', 'expired']],
    [
      'one trades in part, the other expires',
      (world, { id }) => world.engine.fillOrder({ account: ME, id }, { amount: '0.1' }),
      ['open', 'expired'],
    ],
    ['one goes off, the other expires', (world) => world.engine.setPrice(SPOT, '48000'), ['expired', 'open']],
    [
      'one is canceled, the other is too',
      (world, { id }) => world.engine.cancel({ account: ME, id }, 'manual'),
      ['canceled', 'canceled'],
    ],
  ])('when %s', (_what, then, states) => {
    const world = new AWorld();
    const orders = placed(world);
    const [first] = orders;
    if (first === undefined) throw new Error('nothing was placed');
    then(world, first);
    expect(orders.map((one) => world.order(one).status)).toEqual(states);
  });

  it('is refused whole, and takes no id', () => {
    const world = new AWorld();
    const before = JSON.stringify(world.engine.toState());
    const badGuard = { ...guard, triggerPrice: '60001' };
    expect(() =>
      world.engine.placeList(ME, 'manual', [
        { symbol: SPOT, side: 'sell', type: 'limit', ...target },
        { symbol: SPOT, side: 'sell', type: 'stop', ...badGuard },
      ]),
    ).toThrow(expect.objectContaining({ reason: 'would_trigger_immediately' }));
    expect(JSON.stringify(world.engine.toState())).toBe(before);
  });

  it('survives being saved and read back, and so does a state from before there were lists', () => {
    const world = new AWorld();
    const orders = placed(world);
    const saved = engineStateSchema.parse(JSON.parse(JSON.stringify(world.engine.toState())));
    const restored = new Engine({ now: () => world.clock });
    restored.restore(saved);
    expect(restored.account(ME).open()).toEqual(orders);

    const older = JSON.parse(
      JSON.stringify(world.engine.toState(), (key, value: unknown) =>
        key === 'listId' || key === 'conditionalType' ? undefined : value,
      ),
    ) as unknown;
    restored.restore(engineStateSchema.parse(older));
    expect(restored.account(ME).open()).toMatchObject([{ listId: null }, { listId: null }]);
  });
});
