import { describe, expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import type { OpenOrder } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, order, sides, stopOrder } from './snapshots.js';

type Row = Partial<OpenOrder>;

const key = (row: OpenOrder | null): string => (row === null ? '-' : `${row.id ?? ''}(${row.clientOrderId ?? ''})`);

/** "type exchange/internal", each as id(client id). */
function line(difference: Difference): string {
  if (!difference.type.startsWith('ORDER')) throw new Error(`unexpected ${difference.type}`);
  const rows = [difference.exchange, difference.internal].map((row) =>
    key(row !== null && 'filled' in row ? row : null),
  );
  return `${difference.type} ${rows.join(' / ')}`;
}

function seen(exchange: Row[], internal: Row[], rules = RULES): string[] {
  const [outside, inside] = sides({ orders: exchange.map(order) }, { orders: internal.map(order) });
  return compare(outside, inside, rules).differences.map(line);
}

describe('which rows are one order', () => {
  it.each<[what: string, exchange: Row[], internal: Row[], differences: string[]]>([
    ['same id', [{ id: '1' }], [{ id: '1' }], []],
    ['same id, client id unknown inside', [{ id: '1' }], [{ id: '1', clientOrderId: null }], []],
    ['same id, other client id', [{ id: '1', clientOrderId: 'a' }], [{ id: '1', clientOrderId: 'b' }], []],
    ['id not learned yet: by client id', [{ id: '1' }], [{ id: null }], []],
    ['id not reported by the exchange: by client id', [{ id: null }], [{ id: '1' }], []],
    ['no id on both sides: by client id', [{ id: null }], [{ id: null }], []],
    [
      'same client id and terms, other ids: an amendment gave it a new id',
      [{ id: '1' }],
      [{ id: '2' }],
      ['ORDER_AMENDED_EXTERNALLY 1(bot-17) / 2(bot-17)'],
    ],
    [
      'same client id, other ids and terms: two orders',
      [{ id: '1', price: '59000' }],
      [{ id: '2' }],
      ['ORDER_PLACED_EXTERNALLY 1(bot-17) / -', 'ORDER_MISSING_ON_EXCHANGE - / 2(bot-17)'],
    ],
    [
      'same id in another symbol: two orders',
      [{ id: '1', symbol: ETH }],
      [{ id: '1' }],
      ['ORDER_PLACED_EXTERNALLY 1(bot-17) / -', 'ORDER_MISSING_ON_EXCHANGE - / 1(bot-17)'],
    ],
    [
      'nothing in common',
      [{ id: '1', clientOrderId: 'a' }],
      [{ id: null, clientOrderId: 'b' }],
      ['ORDER_PLACED_EXTERNALLY 1(a) / -', 'ORDER_MISSING_ON_EXCHANGE - / (b)'],
    ],
    [
      'without any id',
      [{ id: null, clientOrderId: null }],
      [{ id: null, clientOrderId: null }],
      ['ORDER_PLACED_EXTERNALLY () / -', 'ORDER_MISSING_ON_EXCHANGE - / ()'],
    ],
    [
      'a client id used again: the row with the id keeps it',
      [{ id: '2' }],
      [{ id: '1' }, { id: null }],
      ['ORDER_MISSING_ON_EXCHANGE - / 1(bot-17)'],
    ],
    [
      'the id is asked before the client id',
      [{ id: '1', clientOrderId: 'a' }],
      [
        { id: null, clientOrderId: 'a' },
        { id: '1', clientOrderId: 'b' },
      ],
      ['ORDER_MISSING_ON_EXCHANGE - / (a)'],
    ],
    ['listed twice on both sides', [{ id: '1' }, { id: '1' }], [{ id: '1' }, { id: '1' }], []],
    ['listed twice inside', [{ id: '1' }], [{ id: '1' }, { id: '1' }], ['ORDER_MISSING_ON_EXCHANGE - / 1(bot-17)']],
  ])('%s', (_, exchange, internal, differences) => {
    expect(seen(exchange, internal)).toEqual(differences);
  });
});

describe('the terms of an order', () => {
  it.each<[what: string, exchange: Row, internal: Row, types: string[]]>([
    ['price amended', { price: '61000' }, {}, ['ORDER_AMENDED_EXTERNALLY']],
    ['price amended by a hair', { price: '60000.00000001' }, {}, ['ORDER_AMENDED_EXTERNALLY']],
    ['price in other words', { price: '6.0e4' }, {}, []],
    ['trigger price amended', { triggerPrice: '1' }, { triggerPrice: '2' }, ['ORDER_AMENDED_EXTERNALLY']],
    ['amount amended', { amount: '0.02' }, {}, ['ORDER_AMENDED_EXTERNALLY']],
    ['amount within half a step', { amount: '0.0105' }, {}, []],
    ['side', { side: 'sell' }, {}, ['ORDER_AMENDED_EXTERNALLY']],
    ['type is spelled in many ways and not compared', { type: 'limit_maker' }, {}, []],
    ['price not reported inside', {}, { price: null }, []],
    ['price zero means none', { price: '0.00' }, {}, []],
    ['amount of an order that closes the whole position', { amount: null }, {}, []],
    ['amount zero means the whole position', { amount: '0' }, {}, []],
    ['fill missed', { filled: '0.004' }, {}, ['ORDER_FILL_MISSED']],
    ['fill unknown to the exchange', {}, { filled: '0.004' }, ['ORDER_FILL_MISSED']],
    ['fill within half a step', { filled: '0.0005' }, {}, []],
    ['amended and filled', { price: '61000', filled: '0.004' }, {}, ['ORDER_AMENDED_EXTERNALLY', 'ORDER_FILL_MISSED']],
  ])('%s', (_, exchange, internal, types) => {
    expect(seen([exchange], [internal])).toEqual(types.map((type) => `${type} 17(bot-17) / 17(bot-17)`));
  });

  it('takes the ids from whichever side knows them', () => {
    const [exchange, internal] = sides(
      { orders: [order({ id: '9', clientOrderId: 'a', filled: '0.004' })] },
      { orders: [order({ id: null, clientOrderId: 'a' })] },
    );
    expect(compare(exchange, internal, RULES).differences).toMatchObject([{ orderId: '9', clientOrderId: 'a' }]);
  });
});

describe('dust', () => {
  it('is an order below the tolerance against nothing', () => {
    expect(seen([{ amount: '0.0004' }], [])).toEqual([]);
    expect(seen([], [{ amount: '0.0004' }])).toEqual([]);
    expect(seen([{ amount: '0.001' }], [])).toHaveLength(1);
    expect(seen([{ amount: null }], [])).toHaveLength(1);
  });
});

describe('an order whose class the bot cannot tell', () => {
  const doubtful = [
    order({ type: 'stop', conditional: false }),
    order({ type: 'limit', triggerPrice: '55000', conditional: false }),
  ];
  const outcome = (exchangeScopes: string[], internalOrder: OpenOrder, exchangeOrders: OpenOrder[] = []): string[] => {
    const [exchange, internal] = sides({ scopes: exchangeScopes, orders: exchangeOrders }, { orders: [internalOrder] });
    return compare(exchange, internal, RULES).differences.map(({ type }) => type);
  };

  it.each(doubtful)('is found by id in the other class: $type', (row) => {
    expect(outcome(['orders'], row, [stopOrder({ side: 'buy', price: '60000' })])).toEqual([]);
  });

  it.each(doubtful)('is missing only if both classes are covered: $type', (row) => {
    expect(outcome(['orders'], row)).toEqual(['ORDER_MISSING_ON_EXCHANGE']);
    expect(outcome(['orders:regular', 'orders:conditional'], row)).toEqual(['ORDER_MISSING_ON_EXCHANGE']);
    expect(outcome(['orders:regular'], row)).toEqual([]);
    expect(outcome(['orders:conditional'], row)).toEqual([]);
  });

  it('has its terms compared where one of its classes is covered', () => {
    const row = order({ type: 'stop', conditional: false, side: 'sell', triggerPrice: '54000', price: null });
    expect(outcome(['orders:conditional'], row, [stopOrder()])).toEqual(['ORDER_AMENDED_EXTERNALLY']);
    expect(outcome(['positions'], row, [stopOrder()])).toEqual([]);
  });
});

describe('ignore rules', () => {
  const ignoring = (ignore: Partial<typeof RULES.ignore>) => ({ ...RULES, ignore: { ...RULES.ignore, ...ignore } });
  const observation = (exchange: Row[], internal: Row[], ignore: Partial<typeof RULES.ignore>) => {
    const [outside, inside] = sides({ orders: exchange.map(order) }, { orders: internal.map(order) });
    const { differences, ignored, hidden } = compare(outside, inside, ignoring(ignore));
    return { types: differences.map(({ type }) => type), ignored, hidden };
  };

  it('leave out rows by symbol and count them', () => {
    expect(
      observation([{ id: '1' }, { id: '2', symbol: ETH }], [{ id: '3', symbol: ETH }], { symbols: [ETH] }),
    ).toEqual({
      types: ['ORDER_PLACED_EXTERNALLY'],
      ignored: { [`symbol ${ETH}`]: 2 },
      hidden: [],
    });
  });

  it('leave out both rows of a pair by the client order id that one of them knows', () => {
    const exchange = { clientOrderId: 'manual-1', price: '61000' };
    expect(observation([exchange], [{ clientOrderId: null }], { clientOrderIdPrefixes: ['x', 'manual-'] })).toEqual({
      types: [],
      ignored: { 'client order id prefix manual-': 2 },
      hidden: [],
    });
  });

  it('do not leave out orders that merely contain the prefix', () => {
    expect(
      observation([{ clientOrderId: 'not-manual-1' }], [], { clientOrderIdPrefixes: ['manual-'] }).types,
    ).toHaveLength(1);
  });

  it('leave out differences by type, count them and say which keys they hide', () => {
    expect(
      observation([{ id: '1', price: '1', filled: '0.01' }], [{ id: '1' }], { types: ['ORDER_FILL_MISSED'] }),
    ).toEqual({
      types: ['ORDER_AMENDED_EXTERNALLY'],
      ignored: { 'type ORDER_FILL_MISSED': 1 },
      hidden: [`order-fill|${BTC}|id:1`],
    });
  });
});

describe('an order that both sides list twice', () => {
  it('is paired by its numbers, however they are written', () => {
    const rows = [
      { id: '6', amount: '0.501', price: '60000' },
      { id: '6', amount: '0.001', price: '60000' },
    ];
    const inOtherWords = [
      { id: '6', amount: '0.501', price: '60000' },
      { id: '6', amount: '0.001', price: '6e4' },
    ];
    expect(seen(rows, inOtherWords)).toEqual([]);
    expect(seen(rows, inOtherWords.toReversed())).toEqual([]);
  });
});

describe('the order of differences', () => {
  it('is by type, symbol and id', () => {
    const rows = [{ id: '3' }, { id: '2', symbol: ETH }, { id: '10' }, { id: null, clientOrderId: 'z' }];
    expect(seen(rows, [{ id: '0', clientOrderId: null }])).toEqual([
      'ORDER_PLACED_EXTERNALLY (z) / -',
      'ORDER_PLACED_EXTERNALLY 10(bot-17) / -',
      'ORDER_PLACED_EXTERNALLY 3(bot-17) / -',
      'ORDER_PLACED_EXTERNALLY 2(bot-17) / -',
      'ORDER_MISSING_ON_EXCHANGE - / 0()',
    ]);
  });
});
