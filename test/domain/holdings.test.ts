import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { RULES, balance, position, sides } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
const AUTO = { ...RULES, compareBalances: 'auto' } as const;
const btc = (amount: string) => position({ symbol: 'BTC/USDT', amount });
const wallet = (...totals: [string, string][]): Fields => ({
  scopes: ['balances'],
  balances: totals.map(([currency, total]) => balance(currency, total)),
});
const names = (exchange: Fields, internal: Fields) => {
  const { differences, compared, notCompared, uncompared } = compare(...sides(exchange, internal), AUTO);
  return { symbols: differences.map(({ symbol }) => symbol), compared, notCompared, uncompared };
};

describe('spot positions are holdings', () => {
  it('also where the bot lists the currency in a scope that it does not speak for', () => {
    const internal = {
      scopes: ['balances:USDT', 'positions'],
      balances: [balance('BTC', '1'), balance('USDT', '0')],
      positions: [btc('5')],
    };
    expect(names(wallet(['BTC', '1'], ['USDT', '0']), internal).symbols).toEqual(['BTC']);
    expect(names(wallet(['BTC', '5'], ['USDT', '0']), internal).symbols).toEqual([]);
  });

  it('are named as not compared where balances are switched off', () => {
    const swap = position();
    const exchange = { ...wallet(['BTC', '0.4']), scopes: ['balances', 'positions'], positions: [swap] };
    const internal = { scopes: ['positions'], positions: [btc('1'), swap] };
    const { differences, notCompared, uncompared } = compare(...sides(exchange, internal), {
      ...RULES,
      compareBalances: false,
    });
    expect(differences).toEqual([]);
    expect(notCompared.map(({ scope }) => scope)).toContain('positions:spot');
    expect(uncompared.internal).toBe(1);
  });

  it('with a row that cannot be read are named with the reason, even if they are the only ones', () => {
    const unread = [
      { scope: 'positions:spot', symbol: 'BTC/USDT', code: 'ROW_UNREADABLE', reason: '2 rows of it' },
    ] as const;
    const internal = { scopes: ['positions'], positions: [], unread: [...unread] };
    for (const positions of [[], [position({ symbol: 'ETH/USDT', amount: '2' })]]) {
      const { symbols, notCompared, compared } = names(wallet(['BTC', '3'], ['ETH', '2']), { ...internal, positions });
      expect(symbols).toEqual([]);
      expect(compared).toEqual(positions.map(() => 'balances:ETH'));
      expect(notCompared).toContainEqual(expect.objectContaining({ symbol: 'BTC', reason: '2 rows of it' }));
    }
  });

  it('do not make a spot account of one whose symbol may be a contract', () => {
    const ambiguous = { symbol: 'BTC/USDT', code: 'SYMBOL_AMBIGUOUS', reason: 'two markets' } as const;
    const internal = {
      scopes: ['balances', 'positions'],
      balances: [balance('USDT', '1')],
      unread: [{ scope: 'positions:spot', ...ambiguous }],
    };
    const exchange = { ...wallet(['USDT', '2']), scopes: ['balances', 'positions:linear'] };
    expect(names(exchange, internal).symbols).toEqual([]);
  });
});

describe('a spot bot that holds nothing', () => {
  const spot = { ...wallet(['BTC', '1'], ['USDT', '5']), gaps: [{ scope: 'orders:conditional', reason: 'x' }] };
  const flat = { scopes: ['positions'], positions: [] };

  it('agrees with an account that has no positions; its wallet is not compared, and the reason says what to do', () => {
    const { symbols, compared, notCompared } = names(spot, flat);
    expect({ symbols, compared }).toEqual({ symbols: [], compared: ['positions:spot'] });
    expect(notCompared).toContainEqual({
      scope: 'balances',
      missing: 'internal',
      reason: expect.stringContaining("list the bot's currencies in balances, with 0"),
    });
  });

  it('has its wallet compared where it names its currencies', () => {
    const internal = { ...flat, scopes: ['positions', 'balances:BTC'], balances: [balance('BTC', '0')] };
    const { symbols, compared } = names(spot, internal);
    expect({ symbols, compared }).toEqual({ symbols: ['BTC'], compared: ['balances:BTC', 'positions:spot'] });
  });

  it.each<[string, Fields, Fields]>([
    [
      'the exchange has positions, and they were not read',
      { ...spot, gaps: [{ scope: 'positions:linear', reason: 'x' }] },
      flat,
    ],
    ['the bot speaks for contracts only', spot, { ...flat, scopes: ['positions:linear'] }],
    [
      'a row of the bot cannot be read',
      spot,
      { ...flat, unread: [{ scope: 'positions', symbol: null, code: 'ROW_UNREADABLE', reason: 'x' }] },
    ],
    ['the exchange has no balances either', { scopes: ['orders'] }, flat],
  ])('proves nothing where %s', (_, exchange, internal) => {
    expect(names(exchange, internal).compared).toEqual([]);
  });
});

describe('a row that cannot be read', () => {
  it('is named also in a scope that neither side knows', () => {
    const unread = [
      { scope: 'positions:linear:BUSD', symbol: 'FTM/BUSD:BUSD', code: 'SYMBOL_UNKNOWN', reason: 'no such market' },
    ] as const;
    const internal = { scopes: ['positions'], unread: [...unread] };
    expect(names({ scopes: ['positions:linear:USDT'] }, internal).notCompared).toContainEqual(
      expect.objectContaining({ symbol: 'FTM/BUSD:BUSD', missing: 'internal' }),
    );
  });
});
