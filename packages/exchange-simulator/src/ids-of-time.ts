import type { NextIds } from './engine/state.js';

const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Ids per second of uptime. A simulator that uses more could reuse ids after its next start. */
const IDS_PER_SECOND = 1_000;

/**
 * Start ids that no simulator used before this time. The sequences stay apart from each other, and all ids are exact as
 * JSON numbers, for thirty years.
 */
export function idsOfTime(now: number): NextIds {
  const taken = Math.max(0, Math.floor((now - EPOCH_MS) / 1_000)) * IDS_PER_SECOND;
  return { regular: 8_389_765_000_000 + taken, conditional: 2_146_761_000_000 + taken, trade: 698_760_000_000 + taken };
}
