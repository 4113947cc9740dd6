import { eq, max } from 'drizzle-orm';
import { canonicalJson, sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import { digestSnapshots } from '../store/row-digests.js';
import { run, unconfirmed, type NewRun } from '../store/schema.js';
import { snapshotsOf, type SnapshotRow } from '../store/snapshot-rows.js';
import { authorOf, bounded } from '../store/stored-text.js';

/** The digests of a run's snapshots as its event holds them, so that the chain also covers the evidence. */
export type EvidenceDigests = { look: number; side: string; digest: string }[];

/** The evidence of a run. */
export interface Evidence {
  digests: EvidenceDigests;
  /** Digest of the ids and times of all its snapshots; null if it has none. */
  rowsDigest: string | null;
}

/** Stores the run and returns its row's id, its digest and those of its evidence, which its event holds. */
export async function insertRun(
  session: DatabaseSession,
  row: NewRun,
): Promise<{ id: number; digest: string; evidence: Evidence }> {
  const [stored] = await session
    .insert(run)
    .values(row)
    .returning({ id: run.id, snapshots: snapshotsOf(row) });
  if (stored === undefined) throw new TypeError('PostgreSQL stored a run and did not return its id');
  return { id: stored.id, digest: digestRun(row), evidence: evidenceOf(stored.snapshots) };
}

/**
 * SHA-256, hex, of the canonical JSON of all columns of a run except its id. The run's event holds it, so that the
 * chain covers the row.
 */
export function digestRun(row: NewRun): string {
  return sha256(canonicalJson(row));
}

function evidenceOf(stored: readonly SnapshotRow[]): Evidence {
  const rows = stored.map(({ storedMs, ...row }) => ({ ...row, storedAt: new Date(storedMs) }));
  return {
    digests: rows.map(({ look, side, digest }) => ({ look, side, digest })),
    rowsDigest: rows.length === 0 ? null : digestSnapshots(rows),
  };
}

/** The fields of a run's event that describe its evidence. */
export function evidenceFields({ digests, rowsDigest }: Evidence): Record<string, unknown> {
  return { evidence: digests, ...(rowsDigest === null ? {} : { evidence_rows: rowsDigest }) };
}

/** Maximum number of names in a run's event, however many people requested the run. */
const MAX_NAMES = 100;

/** The event fields that name who requested the run, and how; empty if nobody did. */
export function requestedBy({
  requestedBy: names = [],
  requestedVia: ways = [],
}: {
  requestedBy?: readonly string[];
  requestedVia?: readonly string[];
}): Record<string, unknown> {
  if (names.length === 0) return {};
  return {
    requested_by: names.slice(0, MAX_NAMES).map((name) => authorOf(name)),
    ...(ways.length > 0 && { requested_via: ways.slice(0, MAX_NAMES).map((way) => bounded(way)) }),
  };
}

/**
 * The highest number of consecutive runs for which one key of the account is unconfirmed. A failed run does not change
 * it.
 */
export async function longestUnconfirmed(session: DatabaseSession, account: string): Promise<number> {
  const [row] = await session
    .select({ longest: max(unconfirmed.runsInARow) })
    .from(unconfirmed)
    .where(eq(unconfirmed.account, account));
  return row?.longest ?? 0;
}
