import { describe, expect, it } from '@jest/globals';
import { agreedIdentities, compare } from '../../src/domain/compare/compare.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import { RULES, order, position, sides } from './snapshots.js';

type Ids = [id: string | null, clientOrderId: string | null];
const rules = (ignore: Partial<CompareRules['ignore']>): CompareRules => ({
  ...RULES,
  ignore: { ...RULES.ignore, ...ignore },
});
const orders = (rows: Ids[], filled = '0') => ({
  orders: rows.map(([id, clientOrderId]) => order({ id, clientOrderId, filled })),
});

function seen(exchange: Ids[], internal: Ids[], ignore: Partial<CompareRules['ignore']>) {
  const { differences, ignored } = compare(...sides(orders(exchange), orders(internal, '0.005')), rules(ignore));
  return { types: differences.map(({ type }) => type), ignored };
}

const ONLY = { onlyClientOrderIdPrefixes: ['bot-', 'grid-'] };
const LEFT_OUT = 'other client order ids than bot-, grid-';

describe('only orders with our prefixes', () => {
  it.each<[string, Ids[], Ids[], string[], number]>([
    ['are compared', [['1', 'bot-1']], [], ['ORDER_PLACED_EXTERNALLY'], 0],
    ['are compared with any of the prefixes', [['1', 'grid-1']], [], ['ORDER_PLACED_EXTERNALLY'], 0],
    ['leave out those of others', [['1', 'web_1']], [], [], 1],
    ['leave out those without a client order id', [['1', null]], [], [], 1],
    ['leave out those of others that internal state has, too', [['1', 'web_1']], [['1', 'web_1']], [], 2],
    [
      'keep a pair of which the exchange knows the client order id',
      [['1', 'bot-1']],
      [['1', null]],
      ['ORDER_FILL_MISSED'],
      0,
    ],
    ['keep what internal state has by its exchange id alone', [], [['1', null]], ['ORDER_MISSING_ON_EXCHANGE'], 0],
    ['leave out what internal state has of others', [], [['1', 'web_1']], [], 1],
    ['keep a missing one', [], [['1', 'bot-1']], ['ORDER_MISSING_ON_EXCHANGE'], 0],
  ])('%s', (_, exchange, internal, types, leftOut) => {
    expect(seen(exchange, internal, ONLY)).toEqual({ types, ignored: leftOut === 0 ? {} : { [LEFT_OUT]: leftOut } });
  });

  it('does not concern positions', () => {
    const { differences } = compare(...sides({ positions: [position()] }, {}), rules(ONLY));
    expect(differences).toHaveLength(1);
  });

  it('yields to a prefix that is not ours', () => {
    const both = { ...ONLY, clientOrderIdPrefixes: ['bot-manual-'] };
    expect(seen([['1', 'bot-manual-1']], [], both)).toEqual({
      types: [],
      ignored: { 'client order id prefix bot-manual-': 1 },
    });
  });

  it('resolves nothing that it leaves out', () => {
    const [difference] = compare(...sides(orders([['1', 'web_1']]), {}), RULES).differences;
    if (difference === undefined) throw new Error('no difference');
    const open = [{ identity: identityOf(difference), difference }];
    const comparison = compare(...sides({}, {}), rules(ONLY));
    expect(agreedIdentities(open, comparison, rules(ONLY))).toEqual([]);
    expect(agreedIdentities(open, comparison, RULES)).toEqual([identityOf(difference)]);
  });
});

describe('orders without a client order id', () => {
  const rule = { ordersWithoutClientId: true };
  const left = { 'orders without a client order id': 1 };
  it.each<[string, Ids[], Ids[], string[], Record<string, number>]>([
    ['are left out on the exchange', [['1', null]], [], [], left],
    ['are compared if internal state has them', [['1', null]], [['1', null]], ['ORDER_FILL_MISSED'], {}],
    ['are missed if internal state has them', [], [['1', null]], ['ORDER_MISSING_ON_EXCHANGE'], {}],
    ['are no orders with one', [['1', 'a']], [], ['ORDER_PLACED_EXTERNALLY'], {}],
    ['are none if internal state knows one', [['1', null]], [['1', 'a']], ['ORDER_FILL_MISSED'], {}],
  ])('%s', (_, exchange, internal, types, ignored) => {
    expect(seen(exchange, internal, rule)).toEqual({ types, ignored });
  });
});
