import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isKnownTimeZone, quietUntil } from '../../src/domain/lifecycle/quiet-hours.js';

const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const lunch = { from: '12:00', to: '13:30', timeZone: 'America/New_York' };

function until(hours: typeof night, at: string): string | null {
  const ms = quietUntil(hours, Date.parse(at));
  return ms === null ? null : new Date(ms).toISOString();
}

describe('quiet hours', () => {
  it.each([
    ['before they begin', night, '2026-11-28T20:59:59Z', null],
    ['at their first minute', night, '2026-11-28T21:00:00Z', '2026-11-29T06:00:00.000Z'],
    ['before midnight', night, '2026-11-28T22:30:10Z', '2026-11-29T06:00:00.000Z'],
    ['after midnight', night, '2026-11-29T05:59:59Z', '2026-11-29T06:00:00.000Z'],
    ['at their end', night, '2026-11-29T06:00:00Z', null],
    ['by day, in their zone', lunch, '2026-07-01T16:10:00Z', '2026-07-01T17:30:00.000Z'],
    ['by day, elsewhere', lunch, '2026-07-01T12:10:00Z', null],
    // Clocks go back an hour at 01:00 UTC.
    ['over a night of 25 hours', night, '2026-10-24T21:00:00Z', '2026-10-25T06:00:00.000Z'],
    // Clocks go forward an hour at 01:00 UTC.
    ['over a night of 23 hours', night, '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z'],
    [
      'that end at a time that the clocks leave out',
      { ...night, to: '02:30' },
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:30:00.000Z',
    ],
    ['in a zone that is not known', { ...night, timeZone: 'Europe/Atlantis' }, '2026-11-28T22:30:00Z', null],
  ])('%s', (_, hours, at, end) => {
    expect(until(hours, at)).toBe(end);
  });

  it('always end later, within a day, and are over then', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const zones = ['Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'];
    const from2026 = Date.parse('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        time,
        time,
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 366 * 86_400_000 }),
        (from, to, timeZone, ms) => {
          fc.pre(from !== to);
          const now = from2026 + ms;
          const end = quietUntil({ from, to, timeZone }, now);
          if (end === null) return;
          expect(end).toBeGreaterThan(now);
          expect(end - now).toBeLessThanOrEqual(25 * 3_600_000);
          expect(quietUntil({ from, to, timeZone }, end)).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('know the zones of IANA', () => {
    expect(['Europe/Berlin', 'UTC', 'Etc/GMT+5'].map(isKnownTimeZone)).toEqual([true, true, true]);
    expect(['', 'Mars/Olympus', 'x'.repeat(50)].map(isKnownTimeZone)).toEqual([false, false, false]);
  });
});
