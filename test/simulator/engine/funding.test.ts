import { describe, expect, it } from '@jest/globals';
import { AWorld, BTC, INVERSE, ME } from './a-world.js';
import { accountStateSchema } from '../../../packages/exchange-simulator/src/engine/account.js';

describe('a funding time', () => {
  it.each<[what: string, symbol: string, side: 'buy' | 'sell', amount: string, rate: string, payment: string]>([
    ['longs pay at a rate above zero', BTC, 'buy', '0.5', '0.0001', '-3'],
    ['shorts receive at a rate above zero', BTC, 'sell', '0.5', '0.0001', '3'],
    ['longs receive at a rate below zero', BTC, 'buy', '0.5', '-0.0001', '3'],
    ['inverse positions pay in coin', INVERSE, 'buy', '6000', '0.0001', '-0.00001'],
  ])('%s', (_what, symbol, side, amount, rate, payment) => {
    const world = new AWorld();
    world.place({ symbol, side, amount });
    const before = world.positions();
    const trades = world.engine.account(ME).trades.length;
    world.engine.settleFunding(symbol, rate);
    expect(world.engine.account(ME).funding).toMatchObject([{ symbol, rate, payment }]);
    expect(world.positions()).toEqual(before);
    expect(world.engine.account(ME).trades).toHaveLength(trades);
  });

  it('books into the wallet', () => {
    const world = new AWorld();
    world.place({ amount: '0.5' });
    world.engine.settleFunding(BTC, '0.001');
    expect(world.balance('USDT')).toBe('958');
  });

  it('says nothing to who holds nothing', () => {
    const world = new AWorld();
    world.engine.settleFunding(BTC, '0.0001');
    expect(world.engine.account(ME).funding).toEqual([]);
  });

  it('stands in the state, and a state from before there was any is read', () => {
    const world = new AWorld();
    world.place({ amount: '0.5' });
    world.engine.settleFunding(BTC, '0.0001');
    const state = world.engine.account(ME).toState();
    expect(accountStateSchema.parse(state).funding).toHaveLength(1);
    const { funding, ...older } = state;
    expect(funding).toHaveLength(1);
    expect(accountStateSchema.parse(older).funding).toEqual([]);
  });
});
