import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare } from '../../src/domain/compare/compare.js';
import { foreignAccount } from './foreign/account.js';
import { judge } from './foreign/judge.js';

/** PLUMBLINE_ORACLE_CASES=100000: a long run. PLUMBLINE_ORACLE_SEED repeats one. */
const CASES = Number(process.env.PLUMBLINE_ORACLE_CASES ?? 1500);
const SEED = Number(process.env.PLUMBLINE_ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('comparing accounts whose sides show themselves differently', () => {
  it(
    `reports what was planted and nothing else in ${CASES} accounts from seed ${SEED}`,
    () => {
      const counts = new Map<string, number>();
      let things = 0;
      fc.assert(
        fc.property(foreignAccount, (account) => {
          const verdict = judge(account, compare(account.exchange, account.internal, account.rules));
          if (verdict.wrong.length > 0) throw new Error(verdict.wrong.join('\n'));
          things += account.things.length;
          for (const [kind, count] of verdict.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
        }),
        { numRuns: CASES, seed: SEED, endOnFailure: false },
      );
      // Each plant must occur as a difference, else the agreement would say nothing about it.
      const differing = new Set([...counts.keys()].filter((kind) => kind.endsWith(' differs')));
      expect(differing.size).toBeGreaterThan(40);
      if (CASES > 1500) process.stderr.write(report(CASES, things, counts));
    },
    CASES * 20 + 30_000,
  );
});

function report(cases: number, things: number, counts: Map<string, number>): string {
  const sums = new Map<string, number>();
  for (const [kind, count] of counts) {
    const answer = kind.split(' ').at(-1) ?? '';
    sums.set(answer, (sums.get(answer) ?? 0) + count);
  }
  const lines = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `  ${kind}: ${count}`);
  return `${cases} accounts, ${things} things: ${JSON.stringify(Object.fromEntries(sums))}\n${lines.join('\n')}\n`;
}
