import { eq, max } from 'drizzle-orm';
import { canonicalJson, sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import { digestSnapshots } from '../store/row-digests.js';
import { run, unconfirmed, type NewRun } from '../store/schema.js';
import { snapshotsOf, type SnapshotRow } from '../store/snapshot-rows.js';
import { authorOf } from '../store/stored-text.js';

/** The digests of a run's snapshots as its event keeps them: by them the chain vouches for the evidence too. */
export type EvidenceDigests = { look: number; side: string; digest: string }[];

/** What a run rests on. */
export interface Evidence {
  digests: EvidenceDigests;
  /** Of the ids and times of all its snapshots; null where it has none. */
  rowsDigest: string | null;
}

/** Stores the run and answers its row's id, its digest and those of its evidence, for its event to hold. */
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

/** SHA-256, hex, of the canonical JSON of all columns of a run but its id. In its event, it makes the chain vouch for it. */
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

/** The fields of a run's event that report what it rests on. */
export function evidenceFields({ digests, rowsDigest }: Evidence): Record<string, unknown> {
  return { evidence: digests, ...(rowsDigest === null ? {} : { evidence_rows: rowsDigest }) };
}

/** Names that a run's event reports; a run that everybody asks for at once is still one event. */
const MAX_NAMES = 100;

/** Who asked for a run, for its event; nothing where nobody did. */
export function requestedBy({ requestedBy: names = [] }: { requestedBy?: readonly string[] }): Record<string, unknown> {
  if (names.length === 0) return {};
  return { requested_by: names.slice(0, MAX_NAMES).map((name) => authorOf(name)) };
}

/** For how many runs in a row one key of the account has been unconfirmed at most. A failed run leaves it as it was. */
export async function longestUnconfirmed(session: DatabaseSession, account: string): Promise<number> {
  const [row] = await session
    .select({ longest: max(unconfirmed.runsInARow) })
    .from(unconfirmed)
    .where(eq(unconfirmed.account, account));
  return row?.longest ?? 0;
}
