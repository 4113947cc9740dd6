import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare } from '../../../src/domain/compare/compare.js';
import { agreedIdentities } from '../../../src/domain/compare/agreement.js';
import { multiplyDecimals } from '../../../src/domain/decimal/decimal.js';
import { DISCREPANCY_TYPES, type Difference } from '../../../src/domain/difference/difference.js';
import {
  decideByType,
  decideDrift,
  DRIFT_ACTIONS,
  isStricter,
  needsPrices,
  recordOf,
} from '../../../src/domain/policy/drift-rules.js';
import { decisionText } from '../../../src/domain/policy/drift-words.js';
import { amountOf, valueOf } from '../../../src/domain/policy/drift-value.js';
import type { DriftRule } from '../../../src/domain/policy/policy.js';
import type { Snapshot } from '../../../src/domain/snapshot/snapshot.js';
import { balance, BTC, ETH, order, position, RULES, sides } from '../snapshots.js';

const key = { symbol: BTC, side: null, orderId: null, clientOrderId: null };

function opened(amount: string, symbol = BTC): Difference {
  const exchange = position({ symbol, amount });
  return { ...key, symbol, type: 'POSITION_OPENED_EXTERNALLY', exchange, internal: null };
}

function balanceChanged(currency: string, exchange: string, internal: string): Difference {
  const type = 'BALANCE_CHANGED_EXTERNALLY';
  return {
    ...key,
    symbol: currency,
    type,
    exchange: balance(currency, exchange),
    internal: balance(currency, internal),
  };
}

const flipped: Difference = {
  ...key,
  type: 'POSITION_SIZE_CHANGED',
  exchange: position({ amount: '0.3', side: 'short' }),
  internal: position({ amount: '0.2' }),
};

const ALL = [...DISCREPANCY_TYPES];

describe('what a difference is worth', () => {
  const amended = (terms: 'amount' | 'price', a: string | null, b: string | null): Difference => ({
    ...key,
    type: 'ORDER_AMENDED_EXTERNALLY',
    exchange: order({ amount: a }),
    internal: order({ amount: b }),
    terms: [terms],
  });
  const inverse = 'BTC/USD:BTC';
  it.each<[string, Difference, string | null, string | null]>([
    ['a linear position is its amount times the price', opened('0.5'), '60000', '30000'],
    ['a flip counts both sides', flipped, '100', '50'],
    ['without a price it is unknown', opened('0.5'), null, null],
    ['an inverse contract counts quote value already', opened('300', inverse), null, '300'],
    [
      'an inverse contract that counts coins needs a price',
      {
        ...opened('2', inverse),
        exchange: { ...position({ symbol: inverse, amount: '2' }), unit: 'base' },
      } as Difference,
      '60000',
      '120000',
    ],
    [
      'an order counts with its whole amount',
      { ...key, type: 'ORDER_PLACED_EXTERNALLY', exchange: order({ amount: '2' }), internal: null },
      '5',
      '10',
    ],
    [
      'an order that closes a position has no amount',
      {
        ...key,
        type: 'ORDER_MISSING_ON_EXCHANGE',
        exchange: null,
        internal: order({ amount: null }),
        explanation: null,
      },
      '5',
      null,
    ],
    ['an amended amount counts with what changed', amended('amount', '2', '5'), '10', '30'],
    ['another amended term counts with the whole order', amended('price', '2', '5'), '10', '50'],
    ['amended terms of an order without an amount', amended('price', null, '5'), '10', null],
    [
      'missed fills count with what was missed',
      { ...key, type: 'ORDER_FILL_MISSED', exchange: order({ filled: '0.7' }), internal: order({ filled: '0.2' }) },
      '10',
      '5',
    ],
    ['a balance of dollars is worth itself', balanceChanged('USDT', '90', '140'), null, '50'],
    ['a balance of a coin needs its price', balanceChanged('BTC', '1', '1.5'), '60000', '30000'],
    ['a balance of a coin without a price', balanceChanged('BTC', '1', '1.5'), null, null],
  ])('%s', (_name, difference, price, value) => {
    expect(valueOf(difference, price)).toBe(value);
  });

  it('is computed without floats', () => {
    expect(valueOf(opened('0.1'), '0.2')).toBe('0.02');
    expect(valueOf(opened('0.000000000000000001'), '123456789.987654321')).toBe('0.000000000123456789987654321');
  });
});

describe('the first rule that fits decides', () => {
  const rules: DriftRule[] = [
    { symbols: [ETH], action: 'notify' },
    { types: ['BALANCE_CHANGED_EXTERNALLY'], action: 'record', closeGate: true },
    { notionalBelow: '5', action: 'ignore' },
    { notionalBelow: '100', action: 'record' },
    { notionalBelow: '1000', action: 'notify', closeGate: true },
    { notionalAtLeast: '1000', types: ['POSITION_OPENED_EXTERNALLY'], action: 'page' },
  ];
  it.each<[string, Difference, string | null, Partial<ReturnType<typeof decideDrift>>]>([
    ['by symbol', opened('9', ETH), '3000', { action: 'notify', closeGate: false, rule: 1 }],
    ['by type', balanceChanged('USDT', '1', '2'), null, { action: 'record', closeGate: true, rule: 2 }],
    ['below a size', opened('1'), '4.999', { action: 'ignore', closeGate: false, rule: 3 }],
    ['a size that is reached is not below it', opened('1'), '5', { action: 'record', closeGate: false, rule: 4 }],
    ['with its own gate', opened('1'), '100', { action: 'notify', closeGate: true, rule: 5 }],
    ['from a size on', opened('1'), '1000', { action: 'page', closeGate: true, rule: 6 }],
    ['of unknown size', opened('1'), null, { action: 'page', closeGate: true, rule: 6 }],
    ['if none fits, by interveneOn', flipped, null, { action: 'page', closeGate: true, rule: null }],
  ])('%s', (_name, difference, price, decision) => {
    expect(decideDrift(difference, { drift: rules, interveneOn: ALL }, price)).toEqual(decision);
  });

  it('compares with dollars unless the rule names the symbol, because 50 ETH/BTC are not 50 dollars', () => {
    const pair = 'ETH/BTC';
    const small = { drift: [{ notionalBelow: '50', action: 'record' as const }], interveneOn: ALL };
    expect(decideDrift(opened('100', pair), small, '0.05')).toMatchObject({ action: 'page', rule: null });
    const named = { drift: [{ symbols: [pair], notionalBelow: '50', action: 'record' as const }], interveneOn: ALL };
    expect(decideDrift(opened('100', pair), named, '0.05')).toMatchObject({ action: 'record', rule: 1 });
    expect(decideDrift(opened('1000', pair), named, '0.05')).toMatchObject({ action: 'page', rule: null });
  });

  it('keeps the price and the value with the decision, and nothing without rules', () => {
    const decided = recordOf(
      opened('0.001'),
      { drift: [{ notionalBelow: '100', action: 'record' }], interveneOn: ALL },
      '60000',
    );
    expect(decided).toEqual({ action: 'record', closeGate: false, rule: 1, price: '60000', value: '60' });
    if (decided === null) throw new Error('it is decided');
    expect(decisionText(decided)).toBe(
      'record, the trading gate stays open (by drift rule 1; worth 60 at a price of 60000)',
    );
    for (const drift of [undefined, []]) {
      expect(recordOf(opened('1'), { interveneOn: ALL, ...(drift && { drift }) }, '60000')).toBeNull();
    }
  });

  it('needs prices only where a rule has a size', () => {
    expect(needsPrices({})).toBe(false);
    expect(needsPrices({ drift: [{ symbols: [BTC], action: 'record' }] })).toBe(false);
    expect(needsPrices({ drift: [{ action: 'record' }, { notionalAtLeast: '0', action: 'page' }] })).toBe(true);
  });

  it.each<[DriftRule['action'], boolean, DriftRule['action'], boolean, boolean]>([
    ['page', true, 'record', false, true],
    ['page', true, 'notify', false, true],
    ['notify', true, 'notify', false, true],
    ['notify', false, 'page', true, false],
    ['page', true, 'page', true, false],
    ['record', true, 'ignore', false, false],
  ])('%s (gate %s) after %s (gate %s) calls again: %s', (action, closeGate, before, gateBefore, again) => {
    expect(isStricter({ action, closeGate }, { action: before, closeGate: gateBefore })).toBe(again);
  });
});

const rule: fc.Arbitrary<DriftRule> = fc.record(
  {
    types: fc.subarray(ALL),
    symbols: fc.subarray([BTC, ETH]),
    notionalAtLeast: fc.nat(1000).map(String),
    notionalBelow: fc.nat(1000).map(String),
    action: fc.constantFrom(...DRIFT_ACTIONS),
    closeGate: fc.boolean(),
  },
  { requiredKeys: ['action'] },
);
const difference = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 2000 }), fc.constantFrom(BTC, ETH))
    .map(([amount, symbol]) => opened(`${amount}`, symbol)),
  fc.constant(flipped),
  fc.tuple(fc.nat(100), fc.nat(100)).map(([a, b]) => balanceChanged('USDT', `${a}`, `${b}`)),
);
const price = fc.option(fc.integer({ min: 1, max: 100_000 }).map((cents) => multiplyDecimals(`${cents}`, '0.01')));
const interveneOn = fc.subarray(ALL);

describe('laws of the decision', () => {
  it('rules after the first one that fits change nothing', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.array(rule, { maxLength: 3 }),
        difference,
        price,
        interveneOn,
        (first, more, found, at, types) => {
          const decided = decideDrift(found, { drift: first, interveneOn: types }, at);
          if (decided.rule === null) return;
          expect(decideDrift(found, { drift: [...first, ...more], interveneOn: types }, at)).toEqual(decided);
          expect(decideDrift(found, { drift: first.slice(0, decided.rule), interveneOn: types }, at)).toEqual(decided);
        },
      ),
    );
  });

  it('without rules, and where none fits, interveneOn decides', () => {
    fc.assert(
      fc.property(fc.array(rule), difference, price, interveneOn, (drift, found, at, types) => {
        const byType = decideByType(found.type, types);
        expect(decideDrift(found, { interveneOn: types }, at)).toEqual(byType);
        const decided = decideDrift(found, { drift, interveneOn: types }, at);
        expect(decided.rule === null ? decided : byType).toEqual(byType);
        expect(byType).toEqual({
          action: types.includes(found.type) ? 'page' : 'record',
          closeGate: types.includes(found.type),
          rule: null,
        });
      }),
    );
  });

  it('a drift of unknown value is decided like one that is larger than every number', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 8 }),
        fc.integer({ min: 1, max: 2000 }),
        interveneOn,
        (drift, amount, types) => {
          const rules = { drift, interveneOn: types };
          const unknown = decideDrift(opened(`${amount}`), rules, null);
          expect(unknown).toEqual(decideDrift(opened(`${amount}`), rules, '1e30'));
        },
      ),
    );
  });

  it('where larger drifts are not treated more mildly, no price makes a drift stricter than an unknown one', () => {
    const stages = fc
      .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 4 }), fc.nat(3))
      .map(([sizes, start]) => {
        const limits = sizes.toSorted((a, b) => a - b);
        const drift = limits.map((limit, index): DriftRule => ({
          notionalBelow: `${limit}`,
          action: DRIFT_ACTIONS[Math.min(3, start + index)] ?? 'page',
        }));
        return [...drift, { action: 'page' } satisfies DriftRule];
      });
    fc.assert(
      fc.property(stages, difference, price, (drift, found, at) => {
        const rank = (known: string | null) =>
          DRIFT_ACTIONS.indexOf(decideDrift(found, { drift, interveneOn: [] }, known).action);
        expect(rank(null)).toBeGreaterThanOrEqual(rank(at));
      }),
    );
  });

  it('the amount of a difference is never negative', () => {
    fc.assert(fc.property(difference, (found) => expect(amountOf(found)?.startsWith('-')).not.toBe(true)));
  });
});

describe('a rule that ignores', () => {
  const drift: DriftRule[] = [{ notionalBelow: '50', action: 'ignore' }];
  const facts = { [BTC]: { amountStep: '0.001', markPrice: '60000' } };
  const observed = (amount: string, markets: Snapshot['markets'] = facts) =>
    sides({ positions: [position({ amount: '0.5' })], markets }, { positions: [position({ amount })] });

  it('leaves the difference out of the comparison and counts it by its number', () => {
    const [exchange, internal] = observed('0.4995');
    const rules = { ...RULES, tolerance: { [BTC]: '0' }, drift };
    const comparison = compare(exchange, internal, rules);
    expect(comparison).toMatchObject({
      differences: [],
      ignored: { 'drift rule 1': 1 },
      hidden: [`position|${BTC}`],
      dismissed: { [`position|${BTC}`]: 1 },
    });
    const open = [{ identity: `position|${BTC}`, difference: flipped }];
    expect(agreedIdentities(open, comparison, rules)).toEqual([]);
  });

  it('does not leave out a larger one, nor one of unknown size', () => {
    const rules = { ...RULES, drift };
    const [exchange, internal] = observed('0.4');
    expect(compare(exchange, internal, rules).differences).toHaveLength(1);
    const [unpriced, own] = observed('0.499', { [BTC]: { amountStep: '0.0001' } });
    expect(compare(unpriced, own, rules).differences).toHaveLength(1);
  });
});
