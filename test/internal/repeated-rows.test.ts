import { describe, expect, it } from '@jest/globals';
import { withoutRepeats } from '../../src/internal/repeated-rows.js';
import { BTC, ETH, balance, order, position, snapshot } from '../domain/snapshots.js';

const positions = (...amounts: string[]) =>
  amounts.map((amount) =>
    position({ side: amount.startsWith('-') ? 'short' : 'long', amount: amount.replace('-', ''), changedAt: 1 }),
  );

describe('rows of one position', () => {
  it.each([
    ['in one-way mode', 'one-way', ['0.5', '-0.2']],
    ['of one leg', 'hedge', ['0.5', '0.2']],
    ['of one leg where no mode is reported', null, ['0.5', '0.2']],
  ] as const)('%s cost the symbol, and the reason names the option', (_, positionMode, amounts) => {
    const state = snapshot('internal', {
      positionMode,
      positions: [...positions(...amounts), position({ symbol: ETH })],
    });
    const { positions: kept, unread } = withoutRepeats(state, 'positions');
    expect(kept.map(({ symbol }) => symbol)).toEqual([ETH]);
    expect(unread).toEqual([
      {
        scope: 'positions:linear:USDT',
        symbol: BTC,
        code: 'ROW_UNREADABLE',
        reason: expect.stringMatching(/2 rows of the position BTC.*set "rows: trades"/),
      },
    ]);
  });

  it.each([
    ['summed with their signs', 'one-way', ['0.5', '-0.2', '0.1'], [['long', '0.4']]],
    ['a short, if more was sold', 'one-way', ['0.5', '-0.7'], [['short', '0.2']]],
    ['no position, if they offset each other', 'one-way', ['0.5', '-0.5'], []],
    [
      'summed by leg in hedge mode',
      'hedge',
      ['0.5', '-0.2', '0.1'],
      [
        ['long', '0.6'],
        ['short', '0.2'],
      ],
    ],
    ['summed on one side where no mode is reported', null, ['0.5', '0.1'], [['long', '0.6']]],
    ['a position of one row', 'one-way', ['0.50'], [['long', '0.50']]],
  ] as const)('that are trades are %s', (_, positionMode, amounts, sums) => {
    const state = snapshot('internal', { positionMode, positions: positions(...amounts) });
    const summed = withoutRepeats(state, 'trades');
    expect(summed.positions.map(({ side, amount }) => [side, amount])).toEqual(sums);
    expect(summed).not.toHaveProperty('unread');
  });

  it('that are trades on both sides need the position mode', () => {
    const state = snapshot('internal', { positionMode: null, positions: positions('0.5', '-0.2') });
    const { positions: kept, unread } = withoutRepeats(state, 'trades');
    expect(kept).toEqual([]);
    expect(unread).toMatchObject([{ symbol: BTC, reason: expect.stringContaining('position_mode') }]);
  });

  it('have the latest time of change, and none if one is not known', () => {
    const state = (...times: (number | null)[]) =>
      withoutRepeats(snapshot('internal', { positions: times.map((changedAt) => position({ changedAt })) }), 'trades');
    expect(state(5, 7, 6).positions).toMatchObject([{ amount: '1.5', changedAt: 7 }]);
    expect(state(5, null).positions).toMatchObject([{ changedAt: null }]);
  });
});

describe('rows of one order', () => {
  const orders = (...rows: Parameters<typeof order>[0][]) =>
    withoutRepeats(snapshot('internal', { orders: rows.map((row) => order(row)) }), 'positions');

  it.each([
    ['of one id', { id: '17', clientOrderId: 'a' }, { id: '17', clientOrderId: 'b' }],
    ['of one client order id', { id: null, clientOrderId: 'a' }, { id: null, clientOrderId: 'a', price: '1' }],
    ['of which one has no id yet', { id: '17', clientOrderId: 'a' }, { id: null, clientOrderId: 'a' }],
    ['of which the first has no id yet', { id: null, clientOrderId: 'a' }, { id: '17', clientOrderId: 'a' }],
  ])('%s that differ are left out and said', (_, first, second) => {
    const { orders: kept, unread } = orders(first, { id: '18', clientOrderId: 'other' }, second);
    expect(kept.map(({ id }) => id)).toEqual(['18']);
    expect(unread).toMatchObject([
      { scope: 'orders:regular:linear:USDT', symbol: BTC, reason: expect.stringMatching(/^order .* is listed twice$/) },
    ]);
  });

  it('that say the same stay one order, and are said', () => {
    const { orders: kept, unread } = orders({ id: '17' }, { id: '17' });
    expect(kept).toHaveLength(1);
    expect(unread).toHaveLength(1);
  });

  it.each([
    ['in different markets', { id: '17' }, { id: '17', symbol: ETH }],
    ['with one client order id, as an exchange may reuse it', { id: '17' }, { id: '18' }],
  ])('%s are two orders', (_, first, second) => {
    const kept = orders(first, second);
    expect(kept.orders).toHaveLength(2);
    expect(kept).not.toHaveProperty('unread');
  });
});

it('a currency that is listed twice costs that currency', () => {
  const balances = [balance('XRP', '1'), balance('USDT', '5'), balance('XRP', '2')];
  const state = withoutRepeats(snapshot('internal', { balances }), 'trades');
  expect(state.balances).toEqual([balance('USDT', '5')]);
  expect(state.unread).toMatchObject([{ scope: 'balances:XRP', symbol: 'XRP', code: 'ROW_UNREADABLE' }]);
});
