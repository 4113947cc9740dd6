import { randomUUID } from 'node:crypto';
import { Turns } from '../../runtime/turns.js';
import { batches } from './batches.js';
import { canonicalJson, sha256 } from './canonical.js';
import type { DatabaseSession } from './database.js';
import type { EventType } from '../contract/ledger.js';
import { event, type AccountRow } from './schema.js';

/** The hash before the first event of every account. */
export const GENESIS_HASH = '0'.repeat(64);

/** Every column of a stored event except its own hash. */
export interface HashedEvent {
  account: string;
  sequence: number;
  id: string;
  type: string;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
  workflowRunId: string | null;
  runNumber: number | null;
  requestId: string | null;
  /** The exact text of the JSON column. */
  payload: string;
  previousHash: string;
}

/** SHA-256, hex, of the canonical JSON of the event's columns under these names; `payload` is hashed as a text. */
export function hashEvent(columns: HashedEvent): string {
  return sha256(canonicalJson(columns));
}

export interface NewEvent {
  type: EventType;
  run: { workflowRunId: string; runNumber: number } | null;
  requestId?: string;
  payload: Record<string, unknown>;
}

/**
 * Appends events to the account's chain and returns its new head. The caller holds the lock on the account's row and
 * writes the head to it in the same transaction, which makes sequence numbers gapless.
 */
export async function appendEvents(
  session: DatabaseSession,
  head: Pick<AccountRow, 'account' | 'lastSequence' | 'lastHash'>,
  at: Date,
  events: readonly NewEvent[],
): Promise<Pick<AccountRow, 'lastSequence' | 'lastHash'>> {
  let { lastSequence, lastHash } = head;
  const turns = new Turns();
  const rows: (typeof event.$inferInsert)[] = [];
  for (const { type, run, requestId, payload } of events) {
    await turns.next();
    const columns = {
      account: head.account,
      sequence: ++lastSequence,
      id: randomUUID(),
      type,
      workflowRunId: run?.workflowRunId ?? null,
      runNumber: run?.runNumber ?? null,
      requestId: requestId ?? null,
      payload: canonicalJson(payload),
      previousHash: lastHash,
    };
    lastHash = hashEvent({ ...columns, at: at.toISOString() });
    rows.push({ ...columns, at, hash: lastHash });
  }
  for (const batch of batches(rows)) await session.insert(event).values(batch);
  return { lastSequence, lastHash };
}
