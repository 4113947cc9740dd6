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
    expect(checkFreshness(snapshot, AS_OF + 5 * 3600_000, 300)).toEqual({
      kind: 'internal_stale',
      side: 'internal',
      message: 'the internal state is of 2026-11-22T15:00:00.000Z, 5 h old; at most 5 min is accepted',
      where: 'as_of',
      remedy: 'check that the bot runs and updates its state, or raise max_internal_age_seconds',
      retryAfterMs: null,
    });
  });
});
