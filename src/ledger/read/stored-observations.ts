import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { FailureError } from '../../domain/failure/failure.js';
import type { RecordedRun, RunKey } from '../../domain/lifecycle/run.js';
import type { Side, Snapshot } from '../../domain/snapshot/snapshot.js';
import { answerOf, lastEventOfRun } from '../store/account-row.js';
import { sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import type { RunSoFar, StoredObservation } from '../contract/ledger.js';
import { listOpenDiscrepancies } from './listings.js';
import type { RecentBodies } from '../store/recent-bodies.js';
import { snapshot, snapshotBody, type StoredAnswer } from '../store/schema.js';
import { snapshotsOf, type SnapshotRow } from '../store/snapshot-rows.js';
import { decodeBody, type SnapshotBody } from '../store/snapshot-body.js';

const inflated = promisify(inflate);

/** See `Ledger.loadObservations`. Throws FailureError if a body does not match its digest. */
export async function loadObservations(
  session: DatabaseSession,
  key: RunKey,
  recent: RecentBodies,
): Promise<StoredObservation[]> {
  const { rows } = await session.execute<{ snapshots: SnapshotRow[] }>(sql`select ${snapshotsOf(key)} as snapshots`);
  return observationsOf(session, key, rows[0]?.snapshots ?? [], recent);
}

/** See `Ledger.storedSides`. */
export async function storedSides(session: DatabaseSession, key: RunKey, observation: number): Promise<Side[]> {
  const rows = await session
    .select({ side: snapshot.side })
    .from(snapshot)
    .where(
      and(
        eq(snapshot.account, key.account),
        eq(snapshot.workflowRunId, key.workflowRunId),
        eq(snapshot.runNumber, key.runNumber),
        eq(snapshot.look, observation),
      ),
    );
  return rows.map(({ side }) => side);
}

/** See `Ledger.loadRun`. One statement, if no discrepancy is open and the bodies are cached. */
export async function loadRun(session: DatabaseSession, key: RunKey, recent: RecentBodies): Promise<RunSoFar> {
  const { rows } = await session.execute<{
    answer: StoredAnswer | null;
    last_event: RecordedRun['lastEvent'];
    has_open: boolean;
    snapshots: SnapshotRow[];
  }>(
    sql`select (${answerOf(session, key)}) as answer, (${lastEventOfRun(session, key)}) as last_event,
      ${snapshotsOf(key)} as snapshots,
      exists (select from plumbline.discrepancy as d where d.account = ${key.account} and d.state = 'open') as has_open`,
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('PostgreSQL answered a select of one row with none');
  if (row.answer !== null)
    return { recorded: { ...row.answer, lastEvent: row.last_event }, observations: [], open: [] };
  const observations = await observationsOf(session, key, row.snapshots, recent);
  return { recorded: null, observations, open: row.has_open ? await listOpenDiscrepancies(session, key.account) : [] };
}

async function observationsOf(
  session: DatabaseSession,
  key: RunKey,
  rows: readonly SnapshotRow[],
  recent: RecentBodies,
): Promise<StoredObservation[]> {
  const halves = new Map<number, Partial<Record<Snapshot['side'], Snapshot>>>();
  const bodies = await bodiesOf(session, key.account, new Set(rows.map(({ digest }) => digest)), recent);
  for (const row of rows) {
    const body = bodies.get(row.digest);
    if (body === undefined) throw altered(key, row.look, row.side);
    const half = halves.get(row.look) ?? {};
    half[row.side] = {
      ...body,
      side: row.side,
      readStartedAt: row.readStartedAt,
      readEndedAt: row.readEndedAt,
      asOf: row.asOf,
    };
    halves.set(row.look, half);
  }
  return [...halves].flatMap(([observation, { exchange, internal }]) =>
    exchange === undefined || internal === undefined ? [] : [{ number: observation, exchange, internal }],
  );
}

/** The bodies by digest, from the cache if possible; without those whose text does not match its digest. */
async function bodiesOf(
  session: DatabaseSession,
  account: string,
  digests: ReadonlySet<string>,
  recent: RecentBodies,
): Promise<Map<string, SnapshotBody>> {
  const bodies = new Map<string, SnapshotBody>();
  const missing: string[] = [];
  for (const digest of digests) {
    const body = recent.find(digest);
    if (body === undefined) missing.push(digest);
    else bodies.set(digest, body);
  }
  if (missing.length === 0) return bodies;
  const rows = await session
    .select({ digest: snapshotBody.digest, deflated: snapshotBody.deflated })
    .from(snapshotBody)
    .where(and(eq(snapshotBody.account, account), inArray(snapshotBody.digest, missing)));
  for (const { digest, deflated: bytes } of rows) {
    const text = await readBody(bytes);
    if (text !== null && sha256(text) === digest) bodies.set(digest, decodeBody(text));
  }
  return bodies;
}

/** The body's text; null if the bytes are not a zlib stream. */
export async function readBody(bytes: Buffer): Promise<string | null> {
  try {
    return (await inflated(bytes)).toString('utf8');
  } catch {
    return null;
  }
}

function altered(key: RunKey, observation: number, side: string): FailureError {
  return new FailureError({
    kind: 'ledger',
    side: 'ledger',
    message: `The stored ${side} snapshot of ${key.account}, run ${key.runNumber}, observation ${observation} is not what its digest says.`,
    where: `snapshot ${key.account}/${key.workflowRunId}/${key.runNumber}/${observation}/${side}`,
    remedy: 'The database was altered or is damaged: run `plumbline verify`, and check the database server.',
    retryAfterMs: null,
  });
}
