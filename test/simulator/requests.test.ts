import { describe, expect, it } from '@jest/globals';
import { RequestLog } from '../../packages/exchange-simulator/src/wire/requests.js';
import { RateWindow } from '../../packages/exchange-simulator/src/wire/rate-window.js';

describe('the request log', () => {
  it('counts by endpoint and account, faulty requests without weight', () => {
    const log = new RequestLog(() => 0);
    const arrive = (endpoint: string, account?: string, weight = 0): void => {
      const request = {};
      log.arrive(request, endpoint);
      if (account !== undefined) log.attribute(request, account, weight);
    };
    arrive('GET /a', 'one', 5);
    arrive('GET /a', 'two', 5);
    arrive('GET /b', 'one', 40);
    arrive('GET /b');
    expect(log.report()).toMatchObject({
      requests: 4,
      weight: 50,
      by_endpoint: { 'GET /a': 2, 'GET /b': 2 },
      by_account: {
        one: { requests: 2, weight: 45, by_endpoint: { 'GET /a': 1, 'GET /b': 1 } },
        two: { requests: 1, weight: 5 },
      },
    });
    log.clear();
    expect(log.report()).toMatchObject({ requests: 0, weight: 0, by_endpoint: {}, by_account: {} });
  });

  it('knows the peaks over any second and any minute', () => {
    let clock = 0;
    const log = new RequestLog(() => clock);
    for (const at of [0, 900, 1_100, 1_200, 59_000, 61_000]) {
      clock = at;
      const request = {};
      log.arrive(request, 'GET /a');
      log.attribute(request, 'one', 10);
    }
    // 900, 1100 and 1200 lie within a second, the first five within a minute.
    expect(log.report().peak).toEqual({ requests_per_second: 3, weight_per_minute: 50 });
  });
});

describe('the rate window', () => {
  it('starts anew with each minute of the clock', () => {
    let clock = 59_000;
    const window = new RateWindow({ limit: 10, windowMs: 60_000, now: () => clock });
    expect(window.take(10)).toEqual({ verdict: 'ok', used: 10, until: 60_000 });
    expect(window.take(1)).toMatchObject({ verdict: 'limited', used: 11, until: 60_000 });
    clock = 60_000;
    expect(window.take(1)).toEqual({ verdict: 'ok', used: 1, until: 120_000 });
  });

  it('bans for two minutes who keeps on, also into the next minute', () => {
    let clock = 0;
    const window = new RateWindow({ limit: 0, windowMs: 60_000, now: () => clock });
    const verdicts = Array.from({ length: 12 }, () => window.take(1).verdict);
    expect(verdicts).toEqual([...Array.from({ length: 10 }, () => 'limited'), 'banned', 'banned']);
    clock = 119_999;
    expect(window.take(1).verdict).toBe('banned');
    clock = 120_000;
    window.limit = 5;
    expect(window.take(1).verdict).toBe('ok');
  });
});
