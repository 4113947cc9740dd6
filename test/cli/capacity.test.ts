import { describe, expect, it } from '@jest/globals';
import { OBSERVATION_WEIGHT } from '../../src/exchange/observation-weight.js';
import { capacityOf, capacityRemedy, capacityText } from '../../src/cli/check/capacity.js';
import type { AccountConfig } from '../../src/config/config.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';

function accounts(
  count: number,
  exchange: Partial<AccountConfig['exchange']> = {},
  intervalMinutes = 5,
  enabled = true,
): AccountConfig[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `acc-${index}`,
    enabled,
    exchange: { id: 'binanceusdm', baseUrl: null, weightPerMinute: null, ...exchange },
    policy: { ...DEFAULT_POLICY, intervalMinutes },
  })) as unknown as AccountConfig[];
}

describe('the capacity of one address', () => {
  it('is reported for the accounts as they are configured', () => {
    const [capacity] = capacityOf(accounts(60));
    expect(capacity).toMatchObject({ exchange: 'binanceusdm', accounts: 60, carries: 65 });
    expect(capacityText(capacity!)).toBe(
      'binanceusdm: 60 accounts take 91 % of the rate limit of one address, which can serve 65 like these',
    );
    expect(capacityOf(accounts(60, {}, 30))[0]?.carries).toBe(395);
  });

  it('warns if the schedule needs more, with what would suffice', () => {
    const [enough] = capacityOf(accounts(50));
    expect(capacityRemedy(enough!)).toBeNull();
    const [tooMany] = capacityOf(accounts(3_000));
    const remedy = capacityRemedy(tooMany!);
    const longer = Number(/(\d+(\.\d+)?) times as long/.exec(remedy ?? '')?.[1]);
    expect(capacityRemedy(capacityOf(accounts(3_000, {}, 5 * longer))[0]!)).toBeNull();
    const addresses = Number(/over (\d+) addresses/.exec(remedy ?? '')?.[1]);
    expect(capacityRemedy(capacityOf(accounts(Math.ceil(3_000 / addresses)))[0]!)).toBeNull();
  });

  it('prefers measured weights over estimates', () => {
    const estimated = capacityOf(accounts(10))[0]!.share;
    const seen = capacityOf(accounts(10), new Map([['acc-0', 2 * (OBSERVATION_WEIGHT['binanceusdm'] ?? 0)]]))[0]!.share;
    expect(seen / estimated).toBeCloseTo(2, 5);
  });

  it('counts each exchange and address separately, without disabled accounts and servers on this machine', () => {
    const all = [
      ...accounts(3),
      ...accounts(4, { id: 'okx' }),
      ...accounts(5, { baseUrl: 'https://proxy.example' }),
      ...accounts(6, { baseUrl: 'http://127.0.0.1:9300/binanceusdm' }),
      ...accounts(7, {}, 5, false),
      ...accounts(8, { id: 'phemex' }),
    ];
    expect(capacityOf(all).map(({ exchange, accounts: count }) => [exchange, count])).toEqual([
      ['binanceusdm', 3],
      ['okx', 4],
      ['binanceusdm', 5],
    ]);
  });

  it('uses the lowest budget that an account sets', () => {
    const half = capacityOf(accounts(10, { weightPerMinute: 900 }))[0]!.share;
    expect(half / capacityOf(accounts(10))[0]!.share).toBeCloseTo(2, 5);
  });
});
