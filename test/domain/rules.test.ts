import { describe, expect, it } from '@jest/globals';
import { DISCREPANCY_TYPES } from '../../src/domain/difference/difference.js';
import { FAILURE_KINDS, defaultRemedy, isRetryable, meaningOf } from '../../src/domain/failure/failure.js';
import { DEFAULT_POLICY, defaultGateMaxAgeMinutes } from '../../src/domain/policy/policy.js';
import { marketPath } from '../../src/domain/snapshot/scope.js';

describe('each kind of failure', () => {
  it.each(FAILURE_KINDS)('%s has a meaning and a remedy, in one line each', (kind) => {
    for (const text of [meaningOf(kind), defaultRemedy(kind)]) expect(text).toMatch(/^[A-Z][^\n]{20,}\.$|\?$/);
  });

  it('is retried unless only a person can fix it', () => {
    expect(FAILURE_KINDS.filter((kind) => !isRetryable(kind))).toEqual([
      'too_large',
      'authentication',
      'permission',
      'unsupported',
      'configuration',
      'bug',
    ]);
  });
});

describe('the default policy', () => {
  it('requires an intervention for every type', () => {
    expect(DEFAULT_POLICY.interveneOn).toEqual([...DISCREPANCY_TYPES]);
  });

  it('cannot be changed by accident', () => {
    expect(() => DEFAULT_POLICY.interveneOn.pop()).toThrow(TypeError);
    expect(() => {
      DEFAULT_POLICY.ignore.symbols = ['BTC/USDT:USDT'];
    }).toThrow(TypeError);
  });

  it('can confirm within its observations and its interval', () => {
    const { confirmations, maxLooks, settleSeconds, graceSeconds, intervalMinutes } = DEFAULT_POLICY;
    expect(confirmations).toBeLessThan(maxLooks);
    expect(maxLooks * settleSeconds + graceSeconds).toBeLessThan(intervalMinutes * 60);
  });

  it.each([
    [30, 90],
    [5, 60],
    [1440, 4320],
  ])('closes the trading gate of a %d minutes interval after %d minutes', (interval, age) => {
    expect(defaultGateMaxAgeMinutes(interval)).toBe(age);
  });
});

describe('the market of a symbol', () => {
  it.each([
    ['BTC/USDT', 'spot'],
    ['BTC/USDT:USDT', 'linear:USDT'],
    ['BTC/USD:BTC', 'inverse:BTC'],
    ['BTC/USD:BTC-261225', 'inverse:BTC'],
    ['ETH/USDC:USDC-261225-4000-C', 'linear:USDC'],
  ])('%s is %s', (symbol, path) => {
    expect(marketPath(symbol)).toBe(path);
  });
});
