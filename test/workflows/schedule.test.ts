import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { nextTick, staggerMs } from '../../src/workflows/schedule.js';

const MINUTE = 60_000;
const account = fc.string({ minLength: 1, maxLength: 20 });
const interval = fc.integer({ min: 5, max: 1440 });
const anchor = fc.integer({ min: 0, max: 4_000_000_000_000 });
const later = fc.integer({ min: 0, max: 90 * 24 * 60 * MINUTE });

describe('the schedule', () => {
  it('keeps the grid of the first start: two ticks lie a whole number of intervals apart', () => {
    fc.assert(
      fc.property(account, interval, anchor, later, later, (name, minutes, start, a, b) => {
        const distance = nextTick(name, start, minutes, start + a) - nextTick(name, start, minutes, start + b);
        expect(Math.abs(distance) % (minutes * MINUTE)).toBe(0);
      }),
    );
  });

  it('answers the first tick after now: in the future, and at most one interval away', () => {
    fc.assert(
      fc.property(account, interval, anchor, later, (name, minutes, start, passed) => {
        const now = start + passed;
        const tick = nextTick(name, start, minutes, now);
        expect(tick).toBeGreaterThan(now - 1);
        expect(tick - now).toBeLessThanOrEqual(minutes * MINUTE);
      }),
    );
  });

  it('does not serve a tick twice: at a tick the next one is an interval later', () => {
    fc.assert(
      fc.property(account, interval, anchor, later, (name, minutes, start, passed) => {
        const tick = nextTick(name, start, minutes, start + passed);
        expect(nextTick(name, start, minutes, tick)).toBe(tick + minutes * MINUTE);
      }),
    );
  });

  it('skips missed ticks: after an outage of days there is one tick, not a pile', () => {
    const start = Date.parse('2026-11-22T00:00:00Z');
    const outage = start + 3 * 24 * 60 * MINUTE;
    expect(nextTick('main', start, 30, outage) - outage).toBeLessThanOrEqual(30 * MINUTE);
  });

  it('spreads accounts over the interval by their names', () => {
    const offsets = Array.from({ length: 600 }, (_, i) => staggerMs(`account-${i}`, 30));
    const perTenth = Array.from(
      { length: 10 },
      (_, tenth) => offsets.filter((offset) => Math.floor(offset / (3 * MINUTE)) === tenth).length,
    );
    expect(Math.min(...perTenth)).toBeGreaterThan(30);
    expect(Math.max(...offsets)).toBeLessThan(30 * MINUTE);
  });
});
