import { describe, expect, it } from '@jest/globals';
import { clockOf, costOf, latencyOf } from '../../src/cli/check/check-cost.js';
import type { ExchangeCall } from '../../src/exchange/exchange-reader.js';
import { position, sides } from '../domain/snapshots.js';

function call(fields: Partial<ExchangeCall>): ExchangeCall {
  return { question: 'GET /x', scope: null, weight: 1, startedAt: 1_000, endedAt: 1_000, failure: null, ...fields };
}

describe('the cost of an observation', () => {
  it('counts each call once, with all scopes that it answers', () => {
    const [exchange] = sides({ positions: [position()] }, {});
    const snapshot = {
      ...exchange,
      scopes: ['orders:conditional:linear:USDT', 'orders:regular:linear:USDT', 'positions:linear:USDT', 'balances'],
    };
    const calls = [
      call({ weight: 0.5 }),
      call({ scope: 'orders', weight: 5 }),
      call({ scope: 'orders', weight: 5 }),
      call({ scope: 'positions:linear', weight: 5 }),
    ];
    expect(costOf(snapshot, calls, 100)).toEqual({
      calls: 4,
      weight: 15.5,
      budgetPerMinute: 100,
      parts: [
        { scopes: [], found: 0, calls: 1, weight: 0.5 },
        // Read without a call of its own: reported with a cost of zero.
        { scopes: ['balances'], found: 0, calls: 0, weight: 0 },
        { scopes: ['orders:conditional:linear:USDT', 'orders:regular:linear:USDT'], found: 0, calls: 2, weight: 10 },
        { scopes: ['positions:linear:USDT'], found: 1, calls: 1, weight: 5 },
      ],
    });
  });
});

describe("the exchange's clock against ours", () => {
  const [exchange] = sides({}, {});
  it.each([
    ['between question and answer', 1_050, [1_000, 1_100], { differenceMs: 0, uncertaintyMs: 50 }],
    ['ahead', 8_555, [1_000, 1_111], { differenceMs: 7_500, uncertaintyMs: 56 }],
    ['behind', 555, [1_000, 1_110], { differenceMs: -500, uncertaintyMs: 55 }],
    ['in whole seconds', 1_000, [1_400, 1_600], { differenceMs: -500, uncertaintyMs: 1_100 }],
  ] as const)('is %s', (_name, asOf, [startedAt, endedAt], difference) => {
    const later = call({ startedAt: 9_000, endedAt: 9_500 });
    expect(clockOf({ ...exchange, asOf }, [call({ startedAt, endedAt }), later])).toEqual(difference);
  });
});

describe('latency', () => {
  it('counts answered calls only', () => {
    const took = (ms: number, failure: ExchangeCall['failure'] = null) => call({ endedAt: 1_000 + ms, failure });
    expect(latencyOf([took(30), took(10), took(20), took(9_000, 'timeout')])).toEqual({
      calls: 3,
      medianMs: 20,
      slowestMs: 30,
    });
    expect(latencyOf([took(5, 'network')])).toBeNull();
  });
});
