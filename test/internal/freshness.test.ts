import { describe, expect, it } from '@jest/globals';
import { checkFreshness } from '../../src/internal/freshness.js';
import { parseStateDocument } from '../../src/internal/state-document.js';

const AS_OF = Date.UTC(2026, 10, 22, 15);
const snapshot = parseStateDocument(
  JSON.stringify({ version: 1, as_of: new Date(AS_OF).toISOString(), scopes: ['positions'], positions: [] }),
  { side: 'internal', receivedAt: { startedAt: 0, endedAt: 0 } },
);

describe('internal state', () => {
  it.each([
    [0, null],
    [300_000, null],
    [300_001, 'internal_stale'],
    [86_400_000, 'internal_stale'],
    [-300_000, null],
    [-300_001, 'clock_skew'],
  ])('read %s ms after its own time: %s', (later, kind) => {
    expect(checkFreshness(snapshot, AS_OF + later, 300)?.kind ?? null).toBe(kind);
  });

  it('that is too old has its age, the maximal age and a remedy', () => {
    expect(checkFreshness(snapshot, AS_OF + 3.7 * 3600_000, 300)).toEqual({
      kind: 'internal_stale',
      side: 'internal',
      message: 'the internal state is of 2026-11-22T15:00:00.000Z, 3.7 h old; at most 5 min is accepted',
      where: 'as_of',
      remedy: 'check that the bot runs and updates its state, or raise max_internal_age_seconds',
      retryAfterMs: null,
    });
  });

  const HOUR = 3600;
  it.each([
    [5 * HOUR, '5 h behind', '-05:00'],
    [5 * HOUR + 120, '5 h behind', '-05:00'],
    [5 * HOUR - 30, '5 h behind', '-05:00'],
    [12 * HOUR + 60, '12 h behind', '-12:00'],
    [3.5 * HOUR + 10, '3 h 30 min behind', '-03:30'],
    [-HOUR, '1 h ahead', '+01:00'],
    [-14 * HOUR + 100, '14 h ahead', '+14:00'],
    [-5.75 * HOUR + 20, '5 h 45 min ahead', '+05:45'],
    [-9.5 * HOUR, '9 h 30 min ahead', '+09:30'],
  ])('%s s old by a zone: %s', (ageSeconds, said, offset) => {
    const failure = checkFreshness(snapshot, AS_OF + ageSeconds * 1000, 300);
    expect(failure?.message).toContain(`, ${said}: local time written as UTC?`);
    expect(failure?.remedy).toContain(`(${offset})`);
    expect(failure?.remedy).not.toMatch(/max_internal_age|NTP/);
  });

  it.each([
    ['more than two minutes after a whole hour', 5 * HOUR + 121],
    ['more than half a minute before one', 5 * HOUR - 31],
    ['a quarter of an hour that no zone has', 5.75 * HOUR],
    ['further than any zone', 13 * HOUR],
    ['further ahead than any zone', -15 * HOUR],
    ['less than an hour', 1800],
  ])('%s is no zone', (_, ageSeconds) => {
    expect(checkFreshness(snapshot, AS_OF + ageSeconds * 1000, 300)?.message).not.toMatch(/UTC/);
  });
});
