import { canonicalJson, sha256 } from './canonical.js';
import { batches } from './batches.js';
import type { DatabaseSession } from './database.js';
import { trail, type AccountRow, type TrailKind } from './schema.js';

export interface NewTrailEntry {
  kind: TrailKind;
  payload: Record<string, unknown>;
}

/** Every column of a stored entry except its own hash. `at`: ISO 8601, UTC, milliseconds; `payload`: the exact text. */
export interface HashedTrailEntry {
  account: string;
  number: number;
  kind: string;
  at: string;
  payload: string;
  previousHash: string;
}

/** SHA-256, hex, of the canonical JSON of the entry's columns under these names; `payload` is hashed as a text. */
export function hashTrailEntry(columns: HashedTrailEntry): string {
  return sha256(canonicalJson(columns));
}

export type TrailHead = Pick<AccountRow, 'trailNumber' | 'trailHash'>;

/**
 * Appends to the account's trail and returns its new head. As with events, the caller holds the lock on the account's
 * row and writes the head to it in the same transaction.
 */
export async function appendTrail(
  session: DatabaseSession,
  head: Pick<AccountRow, 'account' | 'trailNumber' | 'trailHash'>,
  at: Date,
  entries: readonly NewTrailEntry[],
): Promise<TrailHead> {
  let { trailNumber, trailHash } = head;
  const rows = entries.map(({ kind, payload }) => {
    const columns = {
      account: head.account,
      number: ++trailNumber,
      kind,
      payload: canonicalJson(payload),
      previousHash: trailHash,
    };
    trailHash = hashTrailEntry({ ...columns, at: at.toISOString() });
    return { ...columns, at, hash: trailHash };
  });
  for (const batch of batches(rows)) await session.insert(trail).values(batch);
  return { trailNumber, trailHash };
}

/** The head as run events hold it, so that the chain of events also covers the trail. Empty if there is no trail. */
export function trailOf({ trailNumber, trailHash }: TrailHead): Record<string, unknown> {
  return trailNumber === 0 ? {} : { trail: { number: trailNumber, hash: trailHash } };
}
