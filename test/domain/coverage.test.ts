import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { commonScopes } from '../../src/domain/snapshot/scope.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, RULES, balance, order, position, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

function coverage(exchange: Fields, internal: Fields, rules = RULES) {
  const { compared, notCompared, uncompared, differences } = compare(...sides(exchange, internal), rules);
  return {
    compared,
    notCompared: notCompared.map(({ scope, missing, reason }) => `${scope} (${missing}): ${reason}`),
    uncompared,
    types: differences.map(({ type }) => type),
  };
}

describe('common scopes', () => {
  it.each([
    [['positions'], ['positions'], ['positions']],
    [
      ['positions:linear:USDT', 'orders'],
      ['positions', 'orders:regular'],
      ['orders:regular', 'positions:linear:USDT'],
    ],
    [['orders', 'orders:regular'], ['orders'], ['orders']],
    [['positions'], ['orders'], []],
    [['positions:linear'], ['positions:linear:USDT', 'positions:inverse'], ['positions:linear:USDT']],
    // Scopes are compared by path segments, not as text.
    [['orders:reg'], ['orders:regular'], []],
  ])('of %j and %j are %j', (exchange, internal, common) => {
    expect(commonScopes(exchange, internal)).toEqual(common);
    expect(commonScopes(internal, exchange)).toEqual(common);
  });
});

describe('what is not compared is listed', () => {
  it('is nothing if both sides cover everything', () => {
    expect(coverage({ scopes: ['positions', 'orders'] }, { scopes: ['positions', 'orders'] })).toEqual({
      compared: ['orders', 'positions'],
      notCompared: [],
      uncompared: { exchange: 0, internal: 0 },
      types: [],
    });
  });

  it("with the exchange's reason, if the exchange could not answer", () => {
    const exchange = {
      scopes: ['positions:linear:USDT', 'orders:regular:linear'],
      gaps: [{ scope: 'orders:conditional', reason: 'no call answers it' }],
    };
    const internal = { scopes: ['positions', 'orders'], orders: [order({ id: '1' }), stopOrder({ id: '2' })] };
    expect(coverage(exchange, internal)).toEqual({
      compared: ['orders:regular:linear', 'positions:linear:USDT'],
      notCompared: ['orders:conditional (exchange): no call answers it'],
      uncompared: { exchange: 0, internal: 1 },
      types: ['ORDER_MISSING_ON_EXCHANGE'],
    });
  });

  it('even if the exchange does not name the gap', () => {
    expect(coverage({ scopes: ['orders:regular'] }, { scopes: ['orders'] }).notCompared).toEqual([
      'orders:conditional (exchange): the exchange state does not cover it',
    ]);
  });

  it('if the bot does not cover a scope', () => {
    const exchange = { scopes: ['positions', 'orders'], positions: [position()], orders: [order()] };
    expect(coverage(exchange, { scopes: ['positions'] })).toEqual({
      compared: ['positions'],
      notCompared: ['orders (internal): the internal state does not cover it'],
      uncompared: { exchange: 1, internal: 0 },
      types: ['POSITION_OPENED_EXTERNALLY'],
    });
  });

  it("with the bot's reason, if it gives one", () => {
    const internal = { scopes: [], gaps: [{ scope: 'positions', reason: 'restarting' }] };
    expect(coverage({ scopes: ['positions:linear', 'orders:regular'] }, internal).notCompared).toEqual([
      'orders:regular (internal): the internal state does not cover it',
      'positions (internal): restarting',
    ]);
  });

  it('if the bot covers a part of what the exchange answered', () => {
    const exchange = { scopes: ['positions'], positions: [position(), position({ symbol: 'BTC/USD:BTC' })] };
    expect(coverage(exchange, { scopes: ['positions:linear:USDT'], positions: [position()] })).toEqual({
      compared: ['positions:linear:USDT'],
      notCompared: ['positions (internal): internal state covers only positions:linear:USDT'],
      uncompared: { exchange: 1, internal: 0 },
      types: [],
    });
  });

  it('once if neither side covers a gap', () => {
    const gaps = [{ scope: 'orders:conditional', reason: 'not asked' }];
    expect(coverage({ scopes: ['orders:regular'], gaps }, { scopes: ['orders:regular'] }).notCompared).toEqual([
      'orders:conditional (both): not asked',
    ]);
  });

  it('with both reasons if both sides give one', () => {
    const exchange = { scopes: [], gaps: [{ scope: 'orders', reason: 'not asked' }] };
    const internal = { scopes: [], gaps: [{ scope: 'orders', reason: 'restarting' }] };
    expect(coverage(exchange, internal).notCompared).toEqual(['orders (both): not asked; restarting']);
  });

  it('if rows are outside all scopes and gaps', () => {
    const internal = { scopes: ['positions'], positions: [position({ symbol: 'BTC/USD:BTC' })] };
    expect(coverage({ scopes: ['positions:linear:USDT'] }, internal)).toEqual({
      compared: ['positions:linear:USDT'],
      notCompared: ['positions:inverse:BTC (exchange): the exchange state does not cover it'],
      uncompared: { exchange: 0, internal: 1 },
      types: [],
    });
  });

  it('of balances only if they are compared', () => {
    const exchange = { scopes: [], gaps: [{ scope: 'balances', reason: 'no permission' }] };
    const internal = { scopes: ['balances'], balances: [balance('USDT', '5')] };
    expect(coverage(exchange, internal, { ...RULES, compareBalances: false })).toMatchObject({
      notCompared: ['balances (both): switched off (compare_balances: false)'],
      uncompared: { internal: 0 },
    });
    const silent = { scopes: ['orders'] };
    expect(coverage(silent, silent, { ...RULES, compareBalances: false })).toMatchObject({ notCompared: [] });
    expect(coverage(exchange, internal, { ...RULES, compareBalances: true })).toMatchObject({
      notCompared: ['balances (exchange): no permission'],
      uncompared: { internal: 1 },
      types: [],
    });
  });
});

describe('a row in a scope that one side did not answer', () => {
  it.each<[what: string, exchange: Fields, internal: Fields]>([
    ['position', { scopes: [] }, { positions: [position()] }],
    ['order', { scopes: ['positions'] }, { orders: [order()] }],
    ['conditional order', { scopes: ['orders:regular'] }, { orders: [stopOrder()] }],
    ['order of another market kind', { scopes: ['orders:regular:spot'] }, { orders: [order({ symbol: BTC })] }],
  ])('is no difference: %s', (_, exchange, internal) => {
    expect(coverage(exchange, internal)).toMatchObject({ types: [], uncompared: { exchange: 0, internal: 1 } });
    expect(coverage(internal, exchange)).toMatchObject({ types: [], uncompared: { exchange: 1, internal: 0 } });
  });
});
