import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare } from '../../src/domain/compare/compare.js';
import { explainable, withExplanations } from '../../src/domain/explain/explain.js';
import type { Difference, MissingCause, MissingOrderExplanation } from '../../src/domain/difference/difference.js';
import { relate } from '../../src/domain/explain/relate.js';
import type { Circumstances, VenueAction } from '../../src/domain/explain/cause.js';
import type { OpenOrder, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { bothSides, strictRules } from './arbitraries.js';
import { BTC, ETH, NOON, RULES, balance, order, position, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
type Ends = Record<string, Partial<MissingOrderExplanation>>;

/** The differences of an observation, missing orders explained by id. */
function differences(exchange: Fields, internal: Fields, ends: Ends = {}): Difference[] {
  const found = compare(...sides(exchange, internal), { ...RULES, compareBalances: true }).differences;
  const explanations = explainable(found).map(({ id }): MissingOrderExplanation => ({
    cause: 'unknown',
    filled: null,
    averagePrice: null,
    at: null,
    source: 'order query',
    ...ends[id ?? ''],
  }));
  return withExplanations(found, explanations);
}

/** Each cause as "kind: text [number of differences]". */
function reported(found: Difference[], circumstances: Partial<Circumstances> = {}): string[] {
  return relate(found, circumstances).map(
    ({ kind, text, differences: effects }) => `${kind}: ${text} [${effects.length}]`,
  );
}

const filled = (amount: string, averagePrice: string | null = '60120', cause: MissingCause = 'filled') => ({
  cause,
  filled: amount,
  averagePrice,
});
const canceled = { cause: 'canceled', filled: '0' } as const;
const stop = (id: string, fields: Partial<OpenOrder> = {}): OpenOrder =>
  stopOrder({ id, clientOrderId: null, amount: '0.5', ...fields });
const buy = (id: string, fields: Partial<OpenOrder> = {}): OpenOrder => order({ id, clientOrderId: null, ...fields });

describe('1. venue actions explain a position first', () => {
  const venueAction = (kind: VenueAction['kind'], change: string): VenueAction => ({
    kind,
    symbol: BTC,
    change,
    price: '55000',
    at: NOON,
  });

  it.each([
    ['liquidation', 'liquidated'],
    ['deleveraging', 'deleveraged (ADL)'],
    ['settlement', 'settled'],
  ] as const)('%s', (kind, act) => {
    const found = differences({}, { positions: [position()], orders: [stop('17')] }, { 17: canceled });
    expect(reported(found, { venueActions: [venueAction(kind, '-0.5')] })).toEqual([
      `${kind}: ${BTC}: the exchange ${act} 0.5 BTC at 55,000; the bot still has 0.5 BTC long; order 17 ended with it [2]`,
    ]);
  });

  it('and fills explain the rest', () => {
    const found = differences({}, { positions: [position()], orders: [stop('17')] }, { 17: filled('0.2') });
    expect(reported(found, { venueActions: [venueAction('liquidation', '-0.3')] })).toEqual([
      `liquidation: ${BTC}: the exchange liquidated 0.3 BTC at 55,000, stop order 17 filled 0.2 BTC at 60,120; the bot still has 0.5 BTC long [2]`,
    ]);
  });

  it('but not a change in the other direction, or of another symbol', () => {
    const found = differences({}, { positions: [position()] });
    const unexplained = [`unexplained: ${BTC}: the bot has 0.5 BTC long, the exchange holds none [1]`];
    expect(reported(found, { venueActions: [venueAction('liquidation', '0.5')] })).toEqual(unexplained);
    expect(reported(found, { venueActions: [{ ...venueAction('liquidation', '-0.5'), symbol: ETH }] })).toEqual(
      unexplained,
    );
  });
});

describe('2. fills that the bot missed explain the position that changed with them', () => {
  it.each<[what: string, exchange: Fields, internal: Fields, ends: Ends, causes: string[]]>([
    [
      'a stop that filled',
      {},
      { positions: [position()], orders: [stop('17')] },
      { 17: filled('0.5') },
      [`order_filled: ${BTC}: stop order 17 filled 0.5 BTC at 60,120; the bot still has 0.5 BTC long [2]`],
    ],
    [
      'a take-profit that filled a part and was cancelled',
      { positions: [position({ amount: '0.3' })] },
      { positions: [position()], orders: [stop('17', { type: 'take_profit_market' })] },
      { 17: filled('0.2', null, 'canceled') },
      [
        `order_filled: ${BTC}: take-profit order 17 filled 0.2 BTC, then canceled; the bot still has 0.5 BTC long, the exchange holds 0.3 BTC long [2]`,
      ],
    ],
    [
      'an entry that filled',
      { positions: [position({ amount: '0.01' })] },
      { orders: [buy('17')] },
      { 17: filled('0.01') },
      [
        `order_filled: ${BTC}: order 17 filled 0.01 BTC at 60,120; the bot has none, the exchange holds 0.01 BTC long [2]`,
      ],
    ],
    [
      'an open order that filled further',
      { positions: [position({ amount: '0.504' })], orders: [buy('17', { filled: '0.006' })] },
      { positions: [position()], orders: [buy('17', { filled: '0.002' })] },
      {},
      [
        `order_filled: ${BTC}: order 17 filled 0.004 BTC; the bot still has 0.5 BTC long, the exchange holds 0.504 BTC long [2]`,
      ],
    ],
    [
      'of several fills those that make up the change',
      { positions: [position({ amount: '0.52' })] },
      { positions: [position()], orders: ['1', '2', '3'].map((id) => buy(id)) },
      { 1: filled('0.01'), 2: filled('0.007'), 3: filled('0.01') },
      [
        `order_filled: ${BTC}: order 1 filled 0.01 BTC at 60,120, order 3 filled 0.01 BTC at 60,120; the bot still has 0.5 BTC long, the exchange holds 0.52 BTC long [3]`,
        `order_filled: ${BTC}: order 2 is open in the bot's state and not on the exchange: buy 0.01 BTC limit at 60,000; filled 0.007 BTC at 60,120 (order query) [1]`,
      ],
    ],
    [
      'the fewest of them',
      { positions: [position({ amount: '0.52' })] },
      { positions: [position()], orders: ['1', '2', '3'].map((id) => buy(id, { price: null })) },
      { 1: filled('0.01'), 2: filled('0.01'), 3: filled('0.02') },
      [
        `order_filled: ${BTC}: order 3 filled 0.02 BTC at 60,120; the bot still has 0.5 BTC long, the exchange holds 0.52 BTC long [2]`,
        ...['1', '2'].map(
          (id) =>
            `order_filled: ${BTC}: order ${id} is open in the bot's state and not on the exchange: buy 0.01 BTC limit; filled 0.01 BTC at 60,120 (order query) [1]`,
        ),
      ],
    ],
    [
      'what fills do not explain is named',
      {},
      { positions: [position({ amount: '0.7' })], orders: [stop('17')] },
      { 17: filled('0.5') },
      [
        `order_filled: ${BTC}: stop order 17 filled 0.5 BTC at 60,120; the bot still has 0.7 BTC long; a further 0.2 BTC sold is unexplained [2]`,
      ],
    ],
    [
      'more was filled than is gone: somebody bought back',
      { positions: [position({ amount: '0.2' })] },
      { positions: [position()], orders: [stop('17')] },
      { 17: filled('0.5') },
      [
        `order_filled: ${BTC}: stop order 17 filled 0.5 BTC at 60,120; the bot still has 0.5 BTC long, the exchange holds 0.2 BTC long; a further 0.2 BTC bought is unexplained [2]`,
      ],
    ],
    [
      'a rest within half a step is none',
      {},
      { positions: [position()], orders: [stop('17')] },
      { 17: filled('0.4996') },
      [`order_filled: ${BTC}: stop order 17 filled 0.4996 BTC at 60,120; the bot still has 0.5 BTC long [2]`],
    ],
    [
      'not what moved the other way',
      {},
      { positions: [position()], orders: [buy('17')] },
      { 17: filled('0.01') },
      [
        `unexplained: ${BTC}: the bot has 0.5 BTC long, the exchange holds none [1]`,
        `order_filled: ${BTC}: order 17 is open in the bot's state and not on the exchange: buy 0.01 BTC limit at 60,000; filled 0.01 BTC at 60,120 (order query) [1]`,
      ],
    ],
    [
      'not in another symbol',
      {},
      { positions: [position()], orders: [stop('17', { symbol: ETH })] },
      { 17: filled('0.5') },
      [
        `unexplained: ${BTC}: the bot has 0.5 BTC long, the exchange holds none [1]`,
        `order_filled: ${ETH}: order 17 is open in the bot's state and not on the exchange: sell 0.5 ETH stop_market triggered at 55,000; filled 0.5 ETH at 60,120 (order query) [1]`,
      ],
    ],
    [
      'an order of the bot that a liquidation took',
      {},
      { positions: [position()], orders: [stop('17')] },
      { 17: filled('0.5', '55000', 'liquidated') },
      [
        `liquidation: ${BTC}: stop order 17 filled 0.5 BTC at 55,000 in a liquidation; the bot still has 0.5 BTC long [2]`,
      ],
    ],
  ])('%s', (_, exchange, internal, ends, causes) => {
    const markets = { [BTC]: { amountStep: '0.001' } };
    expect(reported(differences(exchange, internal, ends), { markets })).toEqual(causes);
  });

  it('leg by leg in hedge mode, exact sums first', () => {
    const long = position({ amount: '0.5' });
    const short = position({ side: 'short', amount: '0.2' });
    const found = differences(
      { positionMode: 'hedge', positions: [position({ amount: '0.4' })] },
      { positions: [long, short], orders: [stop('1', { amount: '0.1' }), buy('2', { amount: '0.2' })] },
      { 1: filled('0.1'), 2: filled('0.2') },
    );
    expect(reported(found)).toEqual([
      `order_filled: ${BTC}: stop order 1 filled 0.1 BTC at 60,120; the bot still has 0.5 BTC long, the exchange holds 0.4 BTC long [2]`,
      `order_filled: ${BTC}: order 2 filled 0.2 BTC at 60,120; the bot still has 0.2 BTC short [2]`,
    ]);
  });

  it('takes many fills together, or as many as fit', () => {
    const ids = Array.from({ length: 40 }, (_, index) => String(index + 10));
    const ends = Object.fromEntries(ids.map((id) => [id, filled('0.01')]));
    const found = differences({ positions: [position({ amount: '0.4' })] }, { orders: ids.map((id) => buy(id)) }, ends);
    expect(reported(found)).toEqual([
      `order_filled: ${BTC}: order 10 filled 0.01 BTC at 60,120, order 11 filled 0.01 BTC at 60,120, order 12 filled 0.01 BTC at 60,120 and 37 more; the bot has none, the exchange holds 0.4 BTC long [41]`,
    ]);
  });
});

describe('3. a dated contract that is past its expiry was settled, and its orders with it', () => {
  const dated = 'BTC/USD:BTC-261225';
  const found = differences(
    {},
    { positions: [position({ symbol: dated })], orders: [stop('17', { symbol: dated }), buy('18', { symbol: ETH })] },
    { 17: { cause: 'unknown' } },
  );

  it.each([
    ['2026-12-25T08:00:00Z', true],
    ['2026-12-25T07:59:59Z', false],
  ])('at %s: %s', (time, settled) => {
    const [first] = reported(found, { exchangeClock: Date.parse(time) });
    expect(first).toBe(
      settled
        ? `settlement: ${dated}: the contract expired and was settled; the bot still has 0.5 USD of ${dated} long; order 17 ended with it [2]`
        : `unexplained: ${dated}: the bot has 0.5 USD of ${dated} long, the exchange holds none [1]`,
    );
  });

  it('without a position as well', () => {
    const orders = [stop('17', { symbol: dated }), stop('18', { symbol: dated })];
    expect(reported(differences({}, { orders }), { exchangeClock: Date.parse('2027-01-01') })).toEqual([
      `settlement: ${dated}: the contract expired, and order 17, order 18 with it [2]`,
    ]);
  });

  it('not while it is still held', () => {
    const held = differences({ positions: [position({ symbol: dated })] }, {});
    expect(relate(held, { exchangeClock: Date.parse('2027-01-01') })).toMatchObject([{ kind: 'unexplained' }]);
  });
});

describe('4. orders on the closing side of a position that is gone ended with it', () => {
  it('cancelled or expired without a fill', () => {
    const orders = [stop('1'), stop('2'), buy('3'), stop('4'), stop('5', { symbol: ETH })];
    const found = differences(
      {},
      { positions: [position()], orders },
      { 1: canceled, 2: { cause: 'expired', filled: '0' }, 3: canceled, 5: canceled },
    );
    expect(
      relate(found).map(({ kind, differences: effects }) => [kind, effects.map(({ orderId }) => orderId)]),
    ).toEqual([
      ['position_closed', [null, '1', '2']],
      ['unexplained', ['3']],
      ['unexplained', ['4']],
      ['unexplained', ['5']],
    ]);
  });

  it('on both sides after a liquidation, with the order of the risk engine', () => {
    const found = differences(
      {},
      { positions: [position()], orders: [buy('1'), stop('2'), stop('3'), stop('9')] },
      { 1: { cause: 'expired', filled: '0' }, 2: canceled, 9: filled('0.5', '55000', 'liquidated') },
    );
    const [venueAction] = [{ kind: 'liquidation', symbol: BTC, change: '-0.5', price: '55000', at: NOON } as const];
    const effectsOf = (venueActions: VenueAction[]): unknown[] =>
      relate(found, { venueActions }).map(({ kind, differences: effects }) => [
        kind,
        effects.map(({ orderId }) => orderId),
      ]);
    const asked = ['unexplained', ['3']];
    expect(effectsOf([venueAction])).toEqual([['liquidation', [null, '9', '1', '2']], asked]);
    expect(effectsOf([])).toEqual([['liquidation', [null, '9', '1', '2']], asked]);
  });

  it('even if one order filled: one cause', () => {
    const found = differences(
      {},
      { positions: [position()], orders: [stop('17'), stop('18', { type: 'take_profit' })] },
      { 17: filled('0.5'), 18: canceled },
    );
    expect(reported(found)).toEqual([
      `order_filled: ${BTC}: stop order 17 filled 0.5 BTC at 60,120; the bot still has 0.5 BTC long; order 18 ended with it [3]`,
    ]);
  });

  it('not while the position is still held', () => {
    const found = differences(
      { positions: [position({ amount: '0.4' })] },
      { positions: [position()], orders: [stop('17')] },
      { 17: canceled },
    );
    expect(relate(found).map(({ kind }) => kind)).toEqual(['unexplained', 'unexplained']);
  });
});

describe('5. flips and dust are named', () => {
  it('a position that changed its side', () => {
    const found = differences({ positions: [position({ side: 'short' })] }, { positions: [position()] });
    expect(reported(found)).toEqual([
      `flip: ${BTC}: the exchange holds 0.5 BTC short, the bot has 0.5 BTC long (flipped) [1]`,
    ]);
  });

  it.each([
    [{ amountStep: '0.001', minAmount: '0.005' }, 'dust'],
    [{ amountStep: '0.001', minAmount: '0.004' }, 'unexplained'],
    [{ amountStep: '0.01' }, 'dust'],
    [{ amountStep: '0.001' }, 'unexplained'],
  ])('less than the market trades: %j is %s', (facts, cause) => {
    const found = differences({ positions: [position({ amount: '0.004' })] }, {});
    expect(relate(found, { markets: { [BTC]: facts } })).toMatchObject([{ kind: cause }]);
  });
});

describe('6. a missing order and an externally placed order are one replaced order', () => {
  const replaced = (outside: Partial<OpenOrder>[], inside: Partial<OpenOrder>[], ends: Ends = {}): string[] =>
    relate(differences({ orders: outside.map(order) }, { orders: inside.map(order) }, ends)).map(
      ({ kind, differences: effects }) => `${kind} ${effects.map(({ orderId }) => orderId).join('+')}`,
    );

  it.each<[what: string, outside: Partial<OpenOrder>[], inside: Partial<OpenOrder>[], ends: Ends, causes: string[]]>([
    ['same client order id', [{ id: '2', amount: '9' }], [{ id: '1' }], {}, ['order_replaced 1+2']],
    [
      'the only one of its kind',
      [{ id: '2', clientOrderId: 'web', price: '5' }],
      [{ id: '1' }],
      {},
      ['order_replaced 1+2'],
    ],
    [
      'two of a kind decide nothing',
      [
        { id: '2', clientOrderId: 'a' },
        { id: '3', clientOrderId: 'b' },
      ],
      [{ id: '1' }],
      {},
      ['unexplained 2', 'unexplained 3', 'unexplained 1'],
    ],
    [
      'nor do two that it could have replaced',
      [{ id: '3', clientOrderId: 'a' }],
      [{ id: '1' }, { id: '2', clientOrderId: 'b' }],
      {},
      ['unexplained 3', 'unexplained 1', 'unexplained 2'],
    ],
    [
      'not another amount',
      [{ id: '2', clientOrderId: 'a', amount: '9' }],
      [{ id: '1' }],
      {},
      ['unexplained 2', 'unexplained 1'],
    ],
    [
      'not an order that filled',
      [{ id: '2', clientOrderId: 'a' }],
      [{ id: '1' }],
      { 1: filled('0.01') },
      ['unexplained 2', 'order_filled 1'],
    ],
  ])('%s', (_, outside, inside, ends, causes) => {
    expect(replaced(outside, inside, ends)).toEqual(causes);
  });

  it('reports both', () => {
    expect(reported(differences({ orders: [buy('2', { price: '61000' })] }, { orders: [buy('1')] }))).toEqual([
      `order_replaced: ${BTC}: order 1 (buy 0.01 BTC limit at 60,000) was replaced by order 2 (buy 0.01 BTC limit at 61,000) [2]`,
    ]);
  });
});

it('7. terms and fills of one order have one cause', () => {
  const found = differences({ orders: [buy('17', { price: '61000', filled: '0.004' })] }, { orders: [buy('17')] });
  expect(reported(found)).toEqual([
    `unexplained: ${BTC}: order 17 was amended: price 61,000 on the exchange, 60,000 in the bot's state; order 17 has 0.004 BTC filled on the exchange, 0 BTC in the bot's state [2]`,
  ]);
});

describe('8. a balance that differs by exactly the funding of its currency is funding', () => {
  const found = differences({ balances: [balance('USDT', '998.8')] }, { balances: [balance('USDT', '1000')] });
  const funding = (change: string, symbol = 'USDT'): VenueAction => ({
    kind: 'funding',
    symbol,
    change,
    price: null,
    at: NOON,
  });

  it('in one payment or in many', () => {
    expect(reported(found, { venueActions: [funding('-0.70'), funding('-0.5')] })).toEqual([
      "funding: USDT: 998.8 on the exchange, 1,000 in the bot's state: funding of -1.2 USDT [1]",
    ]);
  });

  it('in part, with the rest named', () => {
    expect(reported(found, { venueActions: [funding('-0.7')] })).toEqual([
      "funding: USDT: 998.8 on the exchange, 1,000 in the bot's state: funding of -0.7 USDT; a further -0.5 USDT is unexplained [1]",
    ]);
  });

  it.each([[[funding('-1.2', 'USDC')]], [[funding('0.7')]], [[funding('-1.3')]], [[]]])('else not', (venueActions) => {
    expect(relate(found, { venueActions })).toMatchObject([{ kind: 'unexplained' }]);
  });
});

describe('the causes of a run', () => {
  const CAUSES: MissingCause[] = ['filled', 'canceled', 'expired', 'liquidated', 'never_seen', 'unknown'];
  const explained = fc
    .tuple(bothSides, strictRules, fc.infiniteStream(fc.constantFrom(...CAUSES)))
    .map(([[exchange, internal], rules, causes]) => {
      const found = compare(exchange, internal, rules).differences;
      return withExplanations(
        found,
        explainable(found).map(({ amount }) => {
          const cause = causes.next().value ?? 'unknown';
          return {
            cause,
            filled: cause === 'filled' ? amount : '0',
            averagePrice: null,
            at: null,
            source: 'order query',
          };
        }),
      );
    });

  it('have each difference exactly once, in the order of their first differences', () => {
    fc.assert(
      fc.property(explained, fc.boolean(), (found, late) => {
        const causes = relate(found, { exchangeClock: late ? Date.parse('2030-01-01') : null });
        const effects = causes.flatMap((cause) => cause.differences);
        expect(effects).toHaveLength(found.length);
        expect(new Set(effects)).toEqual(new Set(found));
        const firsts = causes.map((cause) => Math.min(...cause.differences.map((one) => found.indexOf(one))));
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        for (const { text } of causes) expect(text).not.toMatch(/\n|undefined|null|NaN/);
      }),
    );
  });
});
