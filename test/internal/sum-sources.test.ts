import { describe, expect, it } from '@jest/globals';
import { sumOfSources } from '../../src/internal/sum-sources.js';
import type { Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, NOON, balance, order, position, snapshot } from '../domain/snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
const sum = (...states: Fields[]): Snapshot =>
  sumOfSources(states.map((fields, index) => ({ name: 'abc'[index] ?? '?', snapshot: snapshot('internal', fields) })));
const held = (side: Position['side'], amount: string): Fields => ({ positions: [position({ side, amount })] });
const legs = ({ positions }: Snapshot): string[] => positions.map(({ side, amount }) => `${amount} ${side}`);

describe('the sum of several sources', () => {
  it.each<[string, Fields[], string[]]>([
    ['adds positions of one side', [held('long', '0.5'), held('long', '0.25')], ['0.75 long']],
    ['offsets opposite sides in one-way mode', [held('long', '0.5'), held('short', '0.75')], ['0.25 short']],
    ['has no position if two offset each other', [held('long', '0.5'), held('short', '0.5')], []],
    [
      'keeps legs in hedge mode, even if only one source knows the mode',
      [
        { ...held('long', '0.5'), positionMode: 'hedge' },
        { ...held('short', '0.2'), positionMode: null },
        held('long', '1'),
      ],
      ['1.5 long', '0.2 short'],
    ],
  ])('%s', (_, states, expected) => {
    expect(legs(sum(...states))).toEqual(expected);
  });

  it('does not guess whether opposite sides offset each other: the symbol is not compared', () => {
    const unknown = { positionMode: null } as const;
    const state = sum({ ...held('long', '0.5'), ...unknown }, { ...held('short', '0.2'), ...unknown });
    expect(state.positions).toEqual([]);
    expect(state.unread).toMatchObject([
      { symbol: BTC, code: 'ROW_UNREADABLE', reason: expect.stringMatching(/"a", "b".*position_mode/) },
    ]);
  });

  it('adds balances, and unites orders', () => {
    const state = sum(
      { balances: [balance('USDT', '1.50'), balance('BTC', '1')], orders: [order()] },
      { balances: [balance('USDT', '2')], orders: [order({ id: '18', clientOrderId: 'x' })] },
    );
    expect(state.balances).toEqual([balance('USDT', '3.5'), balance('BTC', '1')]);
    expect(state.orders.map(({ id }) => id)).toEqual(['17', '18']);
  });

  it('says which sources have the same order, and keeps everything else', () => {
    const state = sum(
      { orders: [order(), order({ id: '9', clientOrderId: 'y' })] },
      { orders: [order({ price: '1' })] },
    );
    expect(state.orders.map(({ id }) => id)).toEqual(['9']);
    expect(state.unread).toMatchObject([
      { symbol: BTC, reason: `order 17 of ${BTC} is in the sources "a" and "b"; one order belongs to one bot` },
    ]);
  });

  it('names the source of each bot whose own ways are known', () => {
    const bots = [{ kind: 'freqtrade' as const, trades: { [BTC]: { ids: ['7'], count: 1 } } }];
    expect(sum(held('long', '1'), { bots }).bots).toEqual([{ ...bots[0], source: 'b' }]);
    expect(sum(held('long', '1'), held('long', '1'))).not.toHaveProperty('bots');
  });

  it('keeps what a source could not read', () => {
    const part = { scope: 'positions', symbol: 'FTM', code: 'SYMBOL_UNKNOWN', reason: 'gone' } as const;
    expect(sum({ unread: [part] }, {}).unread).toEqual([part]);
  });

  it('has each clock, and the oldest as its own', () => {
    const state = sum(
      { asOf: NOON, readStartedAt: 5, readEndedAt: 6 },
      { asOf: NOON - 1, readStartedAt: 4, readEndedAt: 9 },
    );
    expect(state).toMatchObject({
      asOf: NOON - 1,
      readStartedAt: 4,
      readEndedAt: 9,
      sources: [
        { name: 'a', asOf: NOON },
        { name: 'b', asOf: NOON - 1 },
      ],
    });
  });

  it.each<[string, Fields[], string[]]>([
    ['all that a source covers', [{ scopes: ['positions'] }, { scopes: ['orders'] }], ['orders', 'positions']],
    ['a wide scope for narrow ones', [{ scopes: ['positions:linear'] }, { scopes: ['positions'] }], ['positions']],
    [
      'nothing that another source names as a gap',
      [{ scopes: ['orders', 'positions'] }, { scopes: ['orders'], gaps: [{ scope: 'orders', reason: 'r' }] }],
      ['positions'],
    ],
    [
      'the rest of a scope with a gap',
      [{ scopes: ['orders'] }, { scopes: ['positions'], gaps: [{ scope: 'orders:conditional', reason: 'r' }] }],
      ['orders:regular', 'positions'],
    ],
    [
      'the other kinds of market',
      [{ scopes: ['positions'] }, { scopes: ['orders'], gaps: [{ scope: 'positions:linear', reason: 'r' }] }],
      ['orders', 'positions:inverse', 'positions:spot'],
    ],
    [
      'no scope with a gap of one currency, because the others cannot be listed',
      [{ scopes: ['balances'] }, { scopes: ['orders'], gaps: [{ scope: 'balances:XRP', reason: 'r' }] }],
      ['orders'],
    ],
  ])('covers %s', (_, states, expected) => {
    expect(sum(...states).scopes).toEqual(expected);
  });

  it('knows the markets of all', () => {
    expect(
      Object.keys(
        sum({ markets: { [BTC]: { amountStep: '1' } } }, { markets: { [ETH]: { amountStep: '1' } } }).markets,
      ),
    ).toEqual([BTC, ETH]);
  });
});
