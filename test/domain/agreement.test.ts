import { describe, expect, it } from '@jest/globals';
import { agreedIdentities } from '../../src/domain/compare/agreement.js';
import { compare } from '../../src/domain/compare/compare.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import type { CompareRules } from '../../src/domain/policy/policy.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, ETH, RULES, balance, order, position, sides, stopOrder } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;
type Sides = [exchange: Fields, internal: Fields];

/** The discrepancies that the first observation opens and the second one resolves. */
function resolved(then: Sides, now: Sides, rules: CompareRules = RULES): string[] {
  const open = compare(...sides(...then), { ...RULES, compareBalances: true }).differences.map((difference) => ({
    identity: identityOf(difference),
    difference,
  }));
  expect(open).not.toEqual([]);
  return agreedIdentities(open, compare(...sides(...now), rules), rules);
}

const OPENED: Sides = [{ positions: [position()] }, {}];
const HEDGED: Sides = [{ positionMode: 'hedge', positions: [position()] }, {}];
const PLACED: Sides = [{ orders: [order()] }, {}];
const MISSING: Sides = [{}, { orders: [order()] }];
const AMENDED: Sides = [{ orders: [order({ price: '61000' })] }, { orders: [order()] }];
const FILLED: Sides = [{ orders: [order({ filled: '0.005' })] }, { orders: [order()] }];
const BALANCE: Sides = [{ balances: [balance('USDT', '1')] }, { balances: [balance('USDT', '2')] }];
const EMPTY: Sides = [{}, {}];

const AGREED: Record<string, [then: Sides, identity: string]> = {
  position: [OPENED, `position|${BTC}`],
  leg: [HEDGED, `position|${BTC}|long`],
  placed: [PLACED, `order-presence|${BTC}|id:17`],
  missing: [MISSING, `order-presence|${BTC}|id:17`],
  terms: [AMENDED, `order-terms|${BTC}|id:17`],
  fill: [FILLED, `order-fill|${BTC}|id:17`],
};

describe('a discrepancy', () => {
  it.each(Object.entries(AGREED))('is resolved by an observation that agrees: %s', (_, [then, identity]) => {
    expect(resolved(then, EMPTY)).toEqual([identity]);
  });

  it('is resolved by an observation in which both sides hold the same', () => {
    expect(resolved(OPENED, [{ positions: [position()] }, { positions: [position()] }])).toEqual([`position|${BTC}`]);
    expect(resolved(AMENDED, [{ orders: [order()] }, { orders: [order()] }])).toEqual([`order-terms|${BTC}|id:17`]);
  });

  it.each(Object.entries(AGREED))('stays open while it differs: %s', (_, [then]) => {
    expect(resolved(then, then)).toEqual([]);
  });

  it('stays open while its key differs in another way', () => {
    const grown: Sides = [{ positions: [position({ amount: '0.7' })] }, { positions: [position({ amount: '0.6' })] }];
    expect(resolved(OPENED, grown)).toEqual([]);
    expect(resolved(MISSING, PLACED)).toEqual([]);
  });

  it.each<[what: string, then: Sides, exchangeScopes: string[], internalScopes: string[]]>([
    ['nothing', OPENED, [], []],
    ['position, by the exchange', OPENED, ['orders'], ['positions', 'orders']],
    ['position, by the bot', OPENED, ['positions', 'orders'], ['orders']],
    ['position, of this market kind', OPENED, ['positions:inverse'], ['positions']],
    ['order', MISSING, ['positions'], ['orders']],
    ['conditional order', [{ orders: [stopOrder()] }, {}], ['orders:regular'], ['orders']],
    ['order that may be conditional', [{}, { orders: [order({ type: 'stop' })] }], ['orders:regular'], ['orders']],
    ['terms', AMENDED, ['orders:conditional'], ['orders']],
  ])('stays open while its scope is not compared: %s', (_, then, exchangeScopes, internalScopes) => {
    expect(resolved(then, [{ scopes: exchangeScopes }, { scopes: internalScopes }])).toEqual([]);
  });

  it('stays open while the read of its symbol is inconsistent', () => {
    expect(resolved(OPENED, [{ movedWhileRead: [BTC] }, {}])).toEqual([]);
    expect(resolved(OPENED, [{ movedWhileRead: [ETH] }, {}])).toEqual([`position|${BTC}`]);
  });

  const ignoring = (ignore: Partial<CompareRules['ignore']>): CompareRules => ({
    ...RULES,
    ignore: { ...RULES.ignore, ...ignore },
  });

  it.each<[what: string, rules: CompareRules]>([
    ['symbol', ignoring({ symbols: [BTC] })],
    ['prefix', ignoring({ clientOrderIdPrefixes: ['bot-'] })],
  ])('stays open while a rule hides its rows: %s', (_, rules) => {
    expect(resolved(AMENDED, AMENDED, rules)).toEqual([]);
    expect(resolved(AMENDED, EMPTY, rules)).toEqual([]);
  });

  it('stays open while a rule by type hides the current difference', () => {
    const rules = ignoring({ types: ['POSITION_OPENED_EXTERNALLY'] });
    expect(resolved(OPENED, OPENED, rules)).toEqual([]);
    expect(resolved(OPENED, EMPTY, rules)).toEqual([`position|${BTC}`]);
    expect(resolved(HEDGED, OPENED, rules)).toEqual([]);
  });

  it('of a balance stays open while balances are not compared', () => {
    expect(resolved(BALANCE, EMPTY)).toEqual([]);
    expect(resolved(BALANCE, EMPTY, { ...RULES, compareBalances: true })).toEqual(['balance|USDT']);
  });

  it('of a net position stays open while a leg differs, and the other way round', () => {
    expect(resolved(OPENED, HEDGED)).toEqual([]);
    expect(resolved(HEDGED, OPENED)).toEqual([]);
    expect(resolved(OPENED, [{ positionMode: 'hedge' }, {}])).toEqual([`position|${BTC}`]);
  });

  it('of one leg does not wait for the other', () => {
    const otherLeg: Sides = [{ positionMode: 'hedge', positions: [position({ side: 'short' })] }, {}];
    expect(resolved(HEDGED, otherLeg)).toEqual([`position|${BTC}|long`]);
  });

  it('of terms or fills ends with the order; only the presence remains', () => {
    expect(resolved(AMENDED, MISSING)).toEqual([`order-terms|${BTC}|id:17`]);
    expect(resolved(FILLED, PLACED)).toEqual([`order-fill|${BTC}|id:17`]);
  });
});
