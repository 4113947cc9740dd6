import { describe, expect, it } from '@jest/globals';
import { AWorld, BTC, INVERSE, ME } from './a-world.js';
import { Engine } from '../../../packages/exchange-simulator/src/engine/engine.js';
import { linearMarket } from '../../../packages/exchange-simulator/src/engine/market.js';
import type { Order, OrderRequest } from '../../../packages/exchange-simulator/src/engine/order.js';
import { engineStateSchema } from '../../../packages/exchange-simulator/src/engine/state.js';
import { Rejection } from '../../../packages/exchange-simulator/src/engine/rejection.js';

const limit = (side: 'buy' | 'sell', amount: string, price: string): Partial<OrderRequest> => ({
  type: 'limit',
  side,
  amount,
  price,
});

describe('a market order', () => {
  it('fills whole at the price, with the fee taken from the wallet', () => {
    const world = new AWorld();
    expect(world.place({ amount: '0.5' })).toMatchObject({ status: 'filled', filled: '0.5' });
    expect(world.positions()).toEqual([`${BTC} net 0.5 @ 60000`]);
    expect(world.balance('USDT')).toBe('988');
    expect(world.changes()).toEqual(['new market', 'fill market']);
  });

  it('on an inverse market books coin', () => {
    const world = new AWorld();
    world.place({ symbol: INVERSE, amount: '60000' });
    world.engine.setPrice(INVERSE, '120000');
    world.place({ symbol: INVERSE, side: 'sell', amount: '60000' });
    // Half a coin of profit, less 0.04 % of one coin and of half a coin.
    expect(world.balance('BTC')).toBe('1.4994');
  });
});

describe('a limit order', () => {
  it.each<[what: string, request: Partial<OrderRequest>, status: Order['status'], reason: Order['endReason']]>([
    ['away from the price rests', limit('buy', '0.1', '59000'), 'open', null],
    ['at the price fills', limit('buy', '0.1', '60000'), 'filled', null],
    ['beyond the price fills', limit('sell', '0.1', '59000'), 'filled', null],
    [
      'post-only beyond the price expires',
      { ...limit('buy', '0.1', '61000'), timeInForce: 'GTX' },
      'expired',
      'post_only',
    ],
    ['post-only away from the price rests', { ...limit('buy', '0.1', '59000'), timeInForce: 'GTX' }, 'open', null],
    [
      'IOC away from the price expires',
      { ...limit('buy', '0.1', '59000'), timeInForce: 'IOC' },
      'expired',
      'immediate_or_cancel',
    ],
    [
      'FOK away from the price expires',
      { ...limit('buy', '0.1', '59000'), timeInForce: 'FOK' },
      'expired',
      'fill_or_kill',
    ],
    ['FOK at the price fills', { ...limit('buy', '0.1', '60000'), timeInForce: 'FOK' }, 'filled', null],
  ])('%s', (_what, request, status, endReason) => {
    expect(new AWorld().place(request)).toMatchObject({ status, endReason });
  });

  it('fills at its own price when the market reaches it', () => {
    const world = new AWorld();
    const order = world.place(limit('buy', '0.1', '59000'));
    world.engine.setPrice(BTC, '59000.1');
    expect(world.order(order).status).toBe('open');
    world.engine.setPrice(BTC, '58000');
    expect(world.order(order)).toMatchObject({ status: 'filled', filledValue: '5900' });
    expect(world.positions()).toEqual([`${BTC} net 0.1 @ 59000`]);
  });

  it('fills in parts, each reported with its trade, and then is done', () => {
    const world = new AWorld();
    const order = world.place(limit('sell', '0.3', '61000'));
    const reference = { account: ME, id: order.id };
    world.clock += 1_000;
    world.engine.fillOrder(reference, { amount: '0.1' });
    expect(world.order(order)).toMatchObject({ status: 'open', filled: '0.1', updatedAt: world.clock });
    world.engine.fillOrder(reference, { amount: '0.1', price: '61500' });
    world.engine.fillOrder(reference);
    expect(world.order(order)).toMatchObject({ status: 'filled', filled: '0.3', filledValue: '18350' });
    expect(world.engine.account(ME).trades.map(({ amount, price, maker }) => ({ amount, price, maker }))).toEqual([
      { amount: '0.1', price: '61000', maker: true },
      { amount: '0.1', price: '61500', maker: true },
      { amount: '0.1', price: '61000', maker: true },
    ]);
    expect(() => world.engine.fillOrder(reference)).toThrow(/filled, no longer open/);
  });

  it('never fills more than remains', () => {
    const world = new AWorld();
    const order = world.place(limit('sell', '0.3', '61000'));
    expect(() => world.engine.fillOrder({ account: ME, id: order.id }, { amount: '0.4' })).toThrow(/only 0.3/);
    expect(world.order(order).filled).toBe('0');
  });

  it('good till a date ends then, not before', () => {
    const world = new AWorld();
    const order = world.place({
      ...limit('buy', '0.1', '59000'),
      timeInForce: 'GTD',
      goodTillDate: world.clock + 60_000,
    });
    world.clock += 59_999;
    world.engine.expireDue();
    expect(world.order(order).status).toBe('open');
    world.clock += 1;
    world.engine.expireDue();
    expect(world.order(order)).toMatchObject({ status: 'expired', endReason: 'good_till_date' });
  });
});

describe('amending', () => {
  it('changes price and amount, keeps id and fills, and says when', () => {
    const world = new AWorld();
    const order = world.place(limit('buy', '0.3', '59000'));
    world.engine.fillOrder({ account: ME, id: order.id }, { amount: '0.1' });
    world.clock += 5;
    const amended = world.engine.amend({ account: ME, id: order.id }, { price: '58000', amount: '0.2' }, 'manual');
    expect(amended).toMatchObject({ id: order.id, price: '58000', amount: '0.2', filled: '0.1', amendments: 1 });
    expect(amended.updatedAt).toBe(world.clock);
  });

  it('to a price that the market has reached fills', () => {
    const world = new AWorld();
    const order = world.place(limit('buy', '0.3', '59000'));
    expect(world.engine.amend({ account: ME, id: order.id }, { price: '60500' }, 'manual')).toMatchObject({
      status: 'filled',
      filledValue: '18000',
    });
  });

  it('to what has filled already cancels, as Binance does', () => {
    const world = new AWorld();
    const order = world.place(limit('buy', '0.3', '59000'));
    world.engine.fillOrder({ account: ME, id: order.id }, { amount: '0.1' });
    expect(world.engine.amend({ account: ME, id: order.id }, { amount: '0.1' }, 'manual')).toMatchObject({
      status: 'canceled',
      endReason: 'amended_below_filled',
    });
  });

  it('moves the trigger of a conditional order', () => {
    const world = new AWorld();
    const order = world.place({ type: 'stop_market', side: 'sell', amount: '0.1', triggerPrice: '55000' });
    world.engine.amend({ account: ME, id: order.id }, { triggerPrice: '58000' }, 'manual');
    world.engine.setPrice(BTC, '57000');
    expect(world.order(order).status).toBe('triggered');
  });
});

describe('orders that may only reduce', () => {
  it('fill no more than the position and end with it', () => {
    const world = new AWorld();
    world.place({ amount: '0.2' });
    const order = world.place({ ...limit('sell', '0.5', '61000'), reduceOnly: true });
    world.engine.setPrice(BTC, '61000');
    expect(world.order(order)).toMatchObject({ status: 'expired', filled: '0.2', endReason: 'nothing_to_reduce' });
    expect(world.positions()).toEqual([]);
  });

  it('expire when somebody else closes the position', () => {
    const world = new AWorld();
    world.place({ amount: '0.2' });
    const reducing = world.place({ ...limit('sell', '0.2', '66000'), reduceOnly: true });
    const closing = world.place({
      type: 'take_profit_market',
      side: 'sell',
      triggerPrice: '70000',
      closePosition: true,
    });
    const plain = world.place(limit('sell', '0.2', '67000'));
    world.place({ side: 'sell', amount: '0.2' });
    expect([reducing, closing, plain].map((order) => world.order(order).status)).toEqual([
      'expired',
      'expired',
      'open',
    ]);
  });
});

describe('hedge mode', () => {
  it('keeps the legs apart', () => {
    const world = new AWorld('hedge');
    world.place({ amount: '0.3', positionSide: 'long' });
    world.place({ side: 'sell', amount: '0.1', positionSide: 'short' });
    world.place({ side: 'sell', amount: '0.1', positionSide: 'long' });
    expect(world.positions()).toEqual([`${BTC} long 0.2 @ 60000`, `${BTC} short -0.1 @ 60000`]);
  });

  it('never turns a leg round', () => {
    const world = new AWorld('hedge');
    world.place({ amount: '0.1', positionSide: 'long' });
    const order = world.place({ side: 'sell', amount: '0.5', positionSide: 'long' });
    expect(world.order(order)).toMatchObject({ status: 'expired', filled: '0.1' });
    expect(world.positions()).toEqual([]);
  });

  it('is entered only while nothing is open', () => {
    const world = new AWorld();
    world.place(limit('buy', '0.1', '59000'));
    expect(() => world.engine.setPositionMode(ME, 'hedge')).toThrow(Rejection);
    world.engine.cancel({ account: ME, id: world.engine.account(ME).open()[0]?.id }, 'manual');
    world.engine.setPositionMode(ME, 'hedge');
    expect(() => world.engine.setPositionMode(ME, 'hedge')).toThrow(/already/);
  });
});

describe('liquidation', () => {
  it('closes the position by an order of its own and ends the open ones', () => {
    const world = new AWorld();
    world.place({ amount: '0.5' });
    const resting = world.place(limit('sell', '0.5', '66000'));
    const stop = world.place({ type: 'stop_market', side: 'sell', amount: '0.5', triggerPrice: '50000' });
    const forced = world.engine.liquidate(ME, BTC);
    expect(forced).toMatchObject({ placedBy: 'liquidation', side: 'sell', status: 'filled', filled: '0.5' });
    expect(forced.clientOrderId).toMatch(/^autoclose-/);
    for (const order of [resting, stop]) {
      expect(world.order(order)).toMatchObject({ status: 'expired', endReason: 'liquidation' });
    }
    expect(world.positions()).toEqual([]);
  });

  it('takes the leg that is named, and refuses where there is none', () => {
    const world = new AWorld('hedge');
    world.place({ amount: '0.3', positionSide: 'long' });
    world.place({ side: 'sell', amount: '0.1', positionSide: 'short' });
    world.engine.liquidate(ME, BTC, 'short');
    expect(world.positions()).toEqual([`${BTC} long 0.3 @ 60000`]);
    expect(() => world.engine.liquidate(ME, BTC, 'short')).toThrow(/no short position/);
  });
});

describe('the exchange refuses, changes nothing, and says why', () => {
  it.each<[reason: Rejection['reason'], request: Partial<OrderRequest>]>([
    ['unknown_symbol', { symbol: 'XYZ/USDT:USDT', amount: '1' }],
    ['price_step', limit('buy', '0.1', '59000.05')],
    ['price_step', limit('buy', '0.1', '-1')],
    ['price_step', limit('buy', '0.1', 'many')],
    ['amount_step', limit('buy', '0.1005', '59000')],
    ['amount_too_small', limit('buy', '0', '59000')],
    ['notional_too_small', limit('buy', '0.001', '100')],
    ['missing_parameter', { type: 'limit', amount: '0.1' }],
    ['missing_parameter', { type: 'stop_market', amount: '0.1' }],
    ['missing_parameter', { type: 'trailing_stop_market', amount: '0.1' }],
    ['missing_parameter', {}],
    ['missing_parameter', { ...limit('buy', '0.1', '59000'), timeInForce: 'GTD' }],
    ['bad_parameter', { type: 'trailing_stop_market', amount: '0.1', callbackPercent: '11' }],
    ['bad_parameter', { ...limit('buy', '0.1', '59000'), closePosition: true }],
    ['bad_parameter', { ...limit('buy', '0.1', '59000'), clientOrderId: 'with space' }],
    ['bad_parameter', { ...limit('buy', '0.1', '59000'), clientOrderId: 'x'.repeat(37) }],
    ['would_trigger_immediately', { type: 'stop_market', side: 'sell', amount: '0.1', triggerPrice: '60000' }],
    ['would_trigger_immediately', { type: 'take_profit_market', side: 'buy', amount: '0.1', triggerPrice: '61000' }],
    ['position_side_mismatch', { amount: '0.1', positionSide: 'long' }],
    ['reduce_only', { side: 'sell', amount: '0.1', reduceOnly: true }],
  ])('%s: %j', (reason, request) => {
    const world = new AWorld();
    const before = world.engine.toState();
    expect(() => world.place(request)).toThrow(expect.objectContaining({ name: 'Rejection', reason }));
    expect(world.engine.toState()).toEqual(before);
    expect(world.events).toEqual([]);
  });

  it.each<[Rejection['reason'], Partial<OrderRequest>]>([
    ['position_side_mismatch', { amount: '0.1' }],
    ['reduce_only_in_hedge_mode', { side: 'sell', amount: '0.1', positionSide: 'long', reduceOnly: true }],
    ['reduce_only', { side: 'sell', amount: '0.1', positionSide: 'long' }],
  ])('in hedge mode %s: %j', (reason, request) => {
    expect(() => new AWorld('hedge').place(request)).toThrow(expect.objectContaining({ reason }));
  });

  it('a client order id of an open order, but not one of an ended order', () => {
    const world = new AWorld();
    const mine = { ...limit('buy', '0.1', '59000'), clientOrderId: 'mine' };
    const first = world.place(mine);
    expect(() => world.place(mine)).toThrow(expect.objectContaining({ reason: 'duplicate_client_order_id' }));
    world.engine.cancel({ account: ME, clientOrderId: 'mine' }, 'manual');
    expect(world.place(mine).id).not.toBe(first.id);
  });

  it('to cancel what is not there, or not open any more', () => {
    const world = new AWorld();
    const order = world.place({ amount: '0.1' });
    const cancel = (id: string) => () => world.engine.cancel({ account: ME, id }, 'manual');
    expect(cancel('42')).toThrow(expect.objectContaining({ reason: 'unknown_order' }));
    expect(cancel(order.id)).toThrow(expect.objectContaining({ reason: 'order_not_open' }));
  });
});

describe('the engine as a whole', () => {
  function day(world: AWorld): void {
    world.place({ amount: '0.5' });
    const order = world.place(limit('sell', '0.3', '61000'));
    world.engine.fillOrder({ account: ME, id: order.id }, { amount: '0.1' });
    world.place({ type: 'stop_market', side: 'sell', amount: '0.4', triggerPrice: '55000', clientOrderId: 'guard' });
    world.clock += 60_000;
    world.engine.setPrice(BTC, '54000');
  }

  it('gives the same state and the same ids for the same calls at the same times', () => {
    const [one, other] = [new AWorld(), new AWorld()];
    day(one);
    day(other);
    expect(one.engine.toState()).toEqual(other.engine.toState());
    expect(one.events).toEqual(other.events);
  });

  it('goes on from a saved state as if it had never stopped', () => {
    const [whole, first] = [new AWorld(), new AWorld()];
    day(whole);
    day(first);
    const saved = engineStateSchema.parse(JSON.parse(JSON.stringify(first.engine.toState())));
    const second = new Engine({ now: () => first.clock });
    second.restore(saved);
    expect(second.toState()).toEqual(whole.engine.toState());
    const request: OrderRequest = { symbol: BTC, side: 'sell', type: 'market', amount: '0.1' };
    expect(second.place(ME, 'manual', request)).toEqual(whole.engine.place(ME, 'manual', request));
  });

  it('never gives an id twice, over accounts and kinds of order', () => {
    const world = new AWorld();
    world.engine.createAccount({ id: 'you', keys: [] });
    day(world);
    const yours = world.engine.place('you', 'api', { symbol: BTC, side: 'buy', type: 'market', amount: '0.1' });
    const ids = [
      ...world.engine
        .account(ME)
        .allOrders()
        .map(({ id }) => id),
      yours.id,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('trades a market that was added', () => {
    const world = new AWorld();
    world.engine.addMarket(linearMarket('XYZ', 'USDT', { priceStep: '1', amountStep: '1', initialPrice: '7' }));
    world.place({ symbol: 'XYZ/USDT:USDT', amount: '3' });
    expect(world.positions()).toEqual(['XYZ/USDT:USDT net 3 @ 7']);
  });
});
