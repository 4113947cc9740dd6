import { describe, expect, it } from '@jest/globals';
import { AWorld } from './a-world.js';
import { BTC } from './a-world.js';
import type { OrderRequest, OrderType } from '../../../packages/exchange-simulator/src/engine/order.js';

describe('a conditional order goes off', () => {
  it.each<[OrderType, side: 'buy' | 'sell', trigger: string, stays: string, goesOff: string]>([
    ['stop_market', 'sell', '55000', '55000.1', '55000'],
    ['stop_market', 'buy', '65000', '64999.9', '65000'],
    ['take_profit_market', 'sell', '65000', '64999.9', '65000'],
    ['take_profit_market', 'buy', '55000', '55000.1', '55000'],
    ['stop', 'sell', '55000', '56000', '54000'],
    ['take_profit', 'buy', '55000', '56000', '54000'],
  ])('%s %s with trigger %s: not at %s, but at %s', (type, side, triggerPrice, stays, goesOff) => {
    const world = new AWorld();
    const price = type.endsWith('_market') ? undefined : '50000';
    const order = world.place({ type, side, amount: '0.1', triggerPrice, price });
    world.engine.setPrice(BTC, stays);
    expect(world.order(order).status).toBe('open');
    world.engine.setPrice(BTC, goesOff);
    expect(world.order(order)).toMatchObject({ status: 'triggered', triggeredAt: world.clock });
  });

  it('a market one becomes a fill at the price of the moment, under its client order id', () => {
    const world = new AWorld();
    world.place({ amount: '0.5' });
    const stop = world.place({
      type: 'stop_market',
      side: 'sell',
      amount: '0.5',
      triggerPrice: '55000',
      clientOrderId: 'guard',
    });
    world.engine.setPrice(BTC, '54321.0');
    const id = world.order(stop).triggeredOrderId ?? '';
    expect(id).not.toBe(stop.id);
    expect(world.engine.account('me').findOrder({ id })).toMatchObject({
      clientOrderId: 'guard',
      type: 'market',
      status: 'filled',
      filled: '0.5',
      filledValue: '27160.5',
      triggeredFrom: stop.id,
    });
    expect(world.positions()).toEqual([]);
  });

  it('a limit one rests at its price when the market is beyond it', () => {
    const world = new AWorld();
    const stop = world.place({ type: 'stop', side: 'buy', amount: '0.1', triggerPrice: '61000', price: '60500' });
    world.engine.setPrice(BTC, '61000');
    const id = world.order(stop).triggeredOrderId ?? '';
    expect(world.engine.account('me').findOrder({ id })).toMatchObject({
      type: 'limit',
      status: 'open',
      price: '60500',
    });
  });

  it('one that closes the position takes all that there is then', () => {
    const world = new AWorld();
    world.place({ amount: '0.5' });
    world.place({ type: 'stop_market', side: 'sell', triggerPrice: '55000', closePosition: true });
    world.place({ amount: '0.25' });
    world.engine.setPrice(BTC, '55000');
    expect(world.positions()).toEqual([]);
  });

  it.each<[what: string, request: Partial<OrderRequest>, after: object, position: string[]]>([
    [
      'a limit one',
      { type: 'stop', amount: '0.2', price: '56000' },
      { type: 'limit', status: 'open' },
      [`${BTC} net 0.5 @ 60000`],
    ],
    [
      'one that closes the position',
      { type: 'stop_market', closePosition: true },
      { amount: '0.5', status: 'filled' },
      [],
    ],
    ['a trailing one', { type: 'trailing_stop_market', amount: '0.5', callbackPercent: '1' }, { status: 'filled' }, []],
  ])('%s stays the same order on a derivative whose market keeps ids', (_what, request, after, position) => {
    const world = new AWorld();
    world.engine.addMarket({ ...world.engine.market(BTC), keepsOrderId: true });
    world.place({ amount: '0.5' });
    const triggerPrice = request.type === 'trailing_stop_market' ? undefined : '55000';
    const order = world.place({ side: 'sell', triggerPrice, ...request });
    world.engine.setPrice(BTC, '55000');
    expect(world.order(order)).toMatchObject({ id: order.id, conditionalType: request.type, ...after });
    expect(world.positions()).toEqual(position);
  });

  it('one that may only reduce expires where there is nothing to reduce', () => {
    const world = new AWorld();
    const stop = world.place({
      type: 'stop_market',
      side: 'sell',
      amount: '0.5',
      triggerPrice: '55000',
      reduceOnly: true,
    });
    world.engine.setPrice(BTC, '55000');
    expect(world.order(stop)).toMatchObject({ status: 'expired', endReason: 'nothing_to_reduce' });
    expect(world.positions()).toEqual([]);
  });
});

describe('a trailing order', () => {
  it('follows the best price and goes off when the price comes back', () => {
    const world = new AWorld();
    const order = world.place({ type: 'trailing_stop_market', side: 'sell', amount: '0.1', callbackPercent: '1' });
    world.engine.setPrice(BTC, '59400.1');
    world.engine.setPrice(BTC, '70000');
    world.engine.setPrice(BTC, '69300.1');
    expect(world.order(order).status).toBe('open');
    world.engine.setPrice(BTC, '69300');
    expect(world.order(order).status).toBe('triggered');
  });

  it('waits for its activation price first', () => {
    const world = new AWorld();
    const order = world.place({
      type: 'trailing_stop_market',
      side: 'buy',
      amount: '0.1',
      callbackPercent: '1',
      activationPrice: '58000',
    });
    world.engine.setPrice(BTC, '70000');
    expect(world.order(order).status).toBe('open');
    world.engine.setPrice(BTC, '57000');
    world.engine.setPrice(BTC, '57569.9');
    expect(world.order(order).status).toBe('open');
    world.engine.setPrice(BTC, '57570');
    expect(world.order(order).status).toBe('triggered');
  });
});
