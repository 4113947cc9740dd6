import { describe, expect, it } from '@jest/globals';
import { agreedIdentities, compare } from '../../src/domain/compare/compare.js';
import type { Difference } from '../../src/domain/difference/difference.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import { advance, countUnconfirmed } from '../../src/domain/lifecycle/lifecycle.js';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { BTC, RULES, order, position, sides } from './snapshots.js';

type Fields = Partial<Omit<Snapshot, 'side'>>;

interface Discrepancy {
  identity: string;
  difference: Difference;
  timesSeen: number;
}

/** An account whose runs confirm whatever their observation sees. */
class Account {
  open: Discrepancy[] = [];
  readonly resolved = new Map<string, Discrepancy>();

  /** What the run did to the account's discrepancies: "opened position|BTC/USDT:USDT". */
  run(exchange: Fields, internal: Fields): string[] {
    const comparison = compare(...sides(exchange, internal), RULES);
    const confirmed = comparison.differences.map((difference) => ({ identity: identityOf(difference), difference }));
    const agreed = agreedIdentities(this.open, comparison, RULES);
    const { sightings, resolved, unchanged } = advance(this.open, { confirmed, agreed }, this.resolved);
    for (const discrepancy of resolved) this.resolved.set(discrepancy.identity, discrepancy);
    this.open = [
      ...unchanged,
      ...sightings.map(({ change, confirmed: seen, before }) => ({
        ...seen,
        timesSeen: change === 'opened' || change === 'reopened' ? 1 : (before?.timesSeen ?? 0) + 1,
      })),
    ];
    return [
      ...sightings.map(({ change, confirmed: { identity } }) => `${change} ${identity}`),
      ...resolved.map(({ identity }) => `resolved ${identity}`),
      ...unchanged.map(({ identity }) => `unchanged ${identity}`),
    ];
  }
}

const KEY = `position|${BTC}`;
const holds = (amount: string): Fields => ({ positions: [position({ amount })] });

describe('the life of a discrepancy', () => {
  it('1. is one discrepancy although it is seen a hundred times', () => {
    const account = new Account();
    expect(account.run(holds('0.5'), {})).toEqual([`opened ${KEY}`]);
    for (let run = 2; run <= 100; run += 1) expect(account.run(holds('0.50'), {})).toEqual([`seen ${KEY}`]);
    expect(account.open).toMatchObject([{ identity: KEY, timesSeen: 100 }]);
  });

  it('1. changes when one of its values changes, whatever its new type', () => {
    const account = new Account();
    account.run(holds('0.5'), {});
    expect(account.run(holds('0.7'), {})).toEqual([`changed ${KEY}`]);
    expect(account.run(holds('0.7'), {})).toEqual([`seen ${KEY}`]);
    expect(account.run(holds('0.7'), holds('0.2'))).toEqual([`changed ${KEY}`]);
    expect(account.run({}, holds('0.2'))).toEqual([`changed ${KEY}`]);
    expect(account.open).toMatchObject([{ timesSeen: 5 }]);
  });

  it('2. is reopened when it is confirmed again after it was resolved', () => {
    const account = new Account();
    account.run(holds('0.5'), {});
    account.run(holds('0.5'), holds('0.5'));
    expect(account.run(holds('0.5'), {})).toEqual([`reopened ${KEY}`]);
    expect(account.open).toMatchObject([{ timesSeen: 1 }]);
  });

  it('2. is a new one when it is confirmed again with other values', () => {
    const account = new Account();
    account.run(holds('0.5'), {});
    account.run(holds('0.5'), holds('0.5'));
    expect(account.run(holds('0.7'), {})).toEqual([`opened ${KEY}`]);
  });

  it('3. is resolved by agreement', () => {
    const account = new Account();
    account.run(holds('0.5'), {});
    expect(account.run({}, {})).toEqual([`resolved ${KEY}`]);
    expect(account.open).toEqual([]);
  });

  it('4. stays unchanged while its scope is not covered', () => {
    const account = new Account();
    account.run({ ...holds('0.5'), orders: [order()] }, {});
    expect(account.run({ scopes: ['orders'] }, {})).toEqual([
      `resolved order-presence|${BTC}|id:17`,
      `unchanged ${KEY}`,
    ]);
    expect(account.open).toMatchObject([{ identity: KEY, timesSeen: 1 }]);
    expect(account.run({}, {})).toEqual([`resolved ${KEY}`]);
  });

  it('5. refuses a verdict that contradicts itself', () => {
    const [difference] = compare(...sides(holds('0.5'), {}), RULES).differences;
    if (difference === undefined) throw new Error('no difference');
    const confirmed = { identity: KEY, difference };
    expect(() => advance([], { confirmed: [confirmed, confirmed], agreed: [] })).toThrow(RangeError);
    expect(() => advance([], { confirmed: [confirmed], agreed: [KEY] })).toThrow(RangeError);
  });

  it('distinguishes what is fixed separately', () => {
    const account = new Account();
    account.run({ orders: [order({ price: '1', filled: '0.004' })] }, { orders: [order()] });
    expect(account.run({ orders: [order({ price: '1' })] }, { orders: [order()] })).toEqual([
      `seen order-terms|${BTC}|id:17`,
      `resolved order-fill|${BTC}|id:17`,
    ]);
  });
});

describe('keys that stay unconfirmed', () => {
  const key = (identity: string) => ({
    identity,
    type: 'POSITION_SIZE_CHANGED' as const,
    symbol: BTC,
    reason: 'moved',
  });

  it('are counted over runs in a row', () => {
    let counts = countUnconfirmed(new Map(), [key('a'), key('b')]);
    counts = countUnconfirmed(counts, [key('a')]);
    counts = countUnconfirmed(counts, [key('a'), key('b')]);
    expect([...counts]).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
  });
});
