import { expect, it } from '@jest/globals';
import { compare } from '../../src/domain/compare/compare.js';
import { order, RULES, snapshot } from './snapshots.js';

it('rows of 20,000 settle currencies outside all scopes are listed by their part of the account', () => {
  const orders = Array.from({ length: 20_000 }, (_, i) => order({ id: String(i), symbol: `A/B:C${i}` }));
  const scopes = Array.from({ length: 500 }, (_, i) => `positions:linear:C${i}`);
  const began = performance.now();
  const { notCompared, uncompared } = compare(
    snapshot('exchange', { scopes, orders }),
    snapshot('internal', { scopes, orders: [] }),
    RULES,
  );
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(uncompared.exchange).toBe(20_000);
  const named = notCompared.map(({ scope }) => scope);
  expect(named.length).toBeLessThan(200);
  expect(named).toContain('orders:regular');
});
