import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare } from '../../src/domain/compare/compare.js';
import { DISCREPANCY_TYPES, type Difference, type DiscrepancyType } from '../../src/domain/difference/difference.js';
import { identityOf } from '../../src/domain/difference/identity.js';
import type { OpenOrder, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import { bothSides, compareRules, rewritten, sideOf, strictRules, tidySides } from './arbitraries.js';
import { inWords, naiveDifferences } from './oracle.js';
import { adoptExchange, restoreExchange } from './remedies.js';

const MIRRORED: Record<DiscrepancyType, DiscrepancyType> = {
  POSITION_OPENED_EXTERNALLY: 'POSITION_CLOSED_EXTERNALLY',
  POSITION_SIZE_CHANGED: 'POSITION_SIZE_CHANGED',
  POSITION_CLOSED_EXTERNALLY: 'POSITION_OPENED_EXTERNALLY',
  ORDER_PLACED_EXTERNALLY: 'ORDER_MISSING_ON_EXCHANGE',
  ORDER_MISSING_ON_EXCHANGE: 'ORDER_PLACED_EXTERNALLY',
  ORDER_AMENDED_EXTERNALLY: 'ORDER_AMENDED_EXTERNALLY',
  ORDER_FILL_MISSED: 'ORDER_FILL_MISSED',
  BALANCE_CHANGED_EXTERNALLY: 'BALANCE_CHANGED_EXTERNALLY',
};

describe('comparing', () => {
  it('finds nothing between equal snapshots', () => {
    fc.assert(
      fc.property(bothSides, compareRules, ([state], rules) => {
        expect(compare(state, sideOf('internal', state), rules).differences).toEqual([]);
      }),
    );
  });

  it('finds nothing between two texts of the same numbers', () => {
    fc.assert(
      fc.property(
        bothSides.chain(([state]) => fc.tuple(fc.constant(state), inOtherWords(state))),
        strictRules,
        ([state, other], rules) => {
          expect(compare(state, sideOf('internal', other), rules).differences).toEqual([]);
        },
      ),
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(
        bothSides.chain(([exchange, internal]) =>
          fc.tuple(fc.constant([exchange, internal] as const), shuffled(exchange), shuffled(internal)),
        ),
        compareRules,
        ([[exchange, internal], otherExchange, otherInternal], rules) => {
          expect(valuesOf(compare(otherExchange, otherInternal, rules))).toEqual(
            valuesOf(compare(exchange, internal, rules)),
          );
        },
      ),
    );
  });

  it('sees the same from the other side, opened for closed and placed for missing', () => {
    fc.assert(
      fc.property(bothSides, strictRules, ([exchange, internal], rules) => {
        // Only an exchange can be without positions (a spot account); then an empty list of the bot agrees.
        const names = ({ scopes, gaps }: Snapshot): boolean =>
          [...scopes, ...gaps.map(({ scope }) => scope)].some((scope) => scope.startsWith('positions'));
        fc.pre(names(exchange) === names(internal));
        const there = compare(exchange, internal, rules);
        const back = compare(sideOf('exchange', internal), sideOf('internal', exchange), rules);
        const seen = (differences: Difference[], name: (type: DiscrepancyType) => DiscrepancyType): string[] =>
          differences.map((difference) => `${name(difference.type)} ${keyOf(difference)}`).toSorted();
        expect(seen(back.differences, (type) => MIRRORED[type])).toEqual(seen(there.differences, (type) => type));
        expect(back.compared).toEqual(there.compared);
        expect(back.uncompared).toEqual({ exchange: there.uncompared.internal, internal: there.uncompared.exchange });
      }),
    );
  });

  it('finds nothing after the bot has carried out each remedy', () => {
    fc.assert(
      fc.property(tidySides, compareRules, ([exchange, internal], rules) => {
        const { differences } = compare(exchange, internal, rules);
        const fixed = adoptExchange(internal, differences);
        expect(compare(exchange, fixed, rules).differences).toEqual([]);
      }),
    );
  });

  it('finds nothing after each remedy was carried out on the exchange', () => {
    fc.assert(
      fc.property(tidySides, compareRules, ([exchange, internal], rules) => {
        const { differences } = compare(exchange, internal, rules);
        const fixed = restoreExchange(exchange, differences);
        expect(compare(fixed, internal, rules).differences).toEqual([]);
      }),
    );
  });

  // PLUMBLINE_ORACLE_CASES=100000: a long run.
  it('agrees with a naive comparison that shares no code with it', () => {
    const counts = new Map<DiscrepancyType, number>();
    fc.assert(
      fc.property(tidySides, compareRules, ([exchange, internal], rules) => {
        const { differences } = compare(exchange, internal, rules);
        expect(inWords(differences)).toEqual(naiveDifferences(exchange, internal, rules));
        for (const { type } of differences) counts.set(type, (counts.get(type) ?? 0) + 1);
      }),
      { numRuns: Number(process.env.PLUMBLINE_ORACLE_CASES ?? 500) },
    );
    // Else the agreement would say nothing about a type.
    expect(DISCREPANCY_TYPES.filter((type) => (counts.get(type) ?? 0) < 10)).toEqual([]);
  });
});

function keyOf(difference: Difference): string {
  return identityOf(difference).replace(/\|(?:id|client):.*$/, '') + amounts(difference);
}

/** Both values whichever side has them: the two rows of a pair may know different ids. */
function amounts(difference: Difference): string {
  const rows = [difference.exchange, difference.internal].map((row) => (row === null ? '' : JSON.stringify(row)));
  return rows.toSorted().join(' ');
}

function valuesOf({ differences, ...rest }: ReturnType<typeof compare>): unknown {
  return {
    differences: differences.map((difference) => ({ ...difference, exchange: undefined, internal: undefined })),
    rest,
  };
}

function shuffled(state: Snapshot): fc.Arbitrary<Snapshot> {
  const any = <T>(rows: T[]): fc.Arbitrary<T[]> =>
    fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length });
  return fc
    .record({ positions: any(state.positions), orders: any(state.orders), balances: any(state.balances) })
    .map((rows) => ({ ...state, ...rows }));
}

function inOtherWords(state: Snapshot): fc.Arbitrary<Snapshot> {
  const reworded = (text: string | null): fc.Arbitrary<string | null> =>
    text === null ? fc.constant(null) : rewritten(text);
  const certain = (text: string): fc.Arbitrary<string> => rewritten(text);
  const all = <T>(arbitraries: fc.Arbitrary<T>[]): fc.Arbitrary<T[]> => fc.tuple(...arbitraries);
  return fc
    .record({
      positions: all(state.positions.map((row) => certain(row.amount).map((amount) => ({ ...row, amount })))),
      orders: all(
        state.orders.map((row) =>
          fc
            .record({ price: reworded(row.price), amount: reworded(row.amount), filled: certain(row.filled) })
            .map((numbers): OpenOrder => ({ ...row, ...numbers })),
        ),
      ),
      balances: all(state.balances.map((row) => certain(row.total).map((total) => ({ ...row, total })))),
    })
    .map((rows) => ({ ...state, ...rows }));
}
