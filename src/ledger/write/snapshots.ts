import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { and, eq, sql } from 'drizzle-orm';
import { inTurns } from '../../runtime/turns.js';
import type { RunKey, SnapshotReceipt } from '../../domain/lifecycle/run.js';
import type { Side, Snapshot } from '../../domain/snapshot/snapshot.js';
import { clockAndAnswer, holdAccount } from '../store/account-row.js';
import { sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import { bindExecution } from './execution.js';
import type { RecentBodies } from '../store/recent-bodies.js';
import { snapshot, snapshotBody } from '../store/schema.js';
import { bodyOf, encodedBody } from '../store/snapshot-body.js';

const deflated = promisify(deflate);

/** A snapshot that is encoded for the ledger. */
export interface EncodedSnapshot {
  taken: Snapshot;
  /** Canonical JSON of everything except its times. */
  body: string;
  digest: string;
  /** Whether this process stored the same body before, so that the ledger most likely has it. */
  isKnown: boolean;
}

/**
 * The stored form of a snapshot with its digest. Keeps the body in `recent`, so that an unchanged one is not stored
 * again.
 */
export async function encodeSnapshot(taken: Snapshot, recent: RecentBodies): Promise<EncodedSnapshot> {
  const body = await inTurns(encodedBody(taken));
  const digest = sha256(body);
  const isKnown = recent.find(digest) !== undefined;
  recent.keep(digest, bodyOf(taken), body.length);
  return { taken, body, digest, isKnown };
}

/**
 * `storeSnapshots` in one statement, for known bodies and a bound execution. Returns null if a precondition does not hold
 * for one of them; then the caller uses `storeSnapshots`, which may store a side a second time with the same content.
 *
 * It waits for the account's row as `putSnapshot` does. Everything else that it reads may be older than that row, so
 * the row itself must show whether the run has its verdict.
 */
export async function putKnownSnapshots(
  session: DatabaseSession,
  { account, workflowRunId, runNumber }: RunKey,
  observation: number,
  snapshots: readonly EncodedSnapshot[],
): Promise<SnapshotReceipt[] | null> {
  const read = sql.join(
    snapshots.map(
      ({ taken, digest }) => sql`(${randomUUID()}::uuid, ${taken.side}, ${digest}, ${taken.readStartedAt}::bigint,
        ${taken.readEndedAt}::bigint, ${taken.asOf}::bigint)`,
    ),
    sql`, `,
  );
  const digests = sql.join(
    snapshots.map(({ digest }) => sql`${digest}`),
    sql`, `,
  );
  const { rows } = await session.execute<{ id: string; side: Side }>(sql`
    insert into plumbline.snapshot as s
      (id, account, workflow_run_id, run_number, look, side, digest, read_started_at, read_ended_at, as_of, stored_at)
    select read.id, held.account, ${workflowRunId}, ${runNumber}::bigint, ${observation}::integer, read.side,
      known.digest, read.read_started_at, read.read_ended_at, read.as_of, date_trunc('milliseconds', clock_timestamp())
    from (
      select a.account from plumbline.account as a
      where a.account = ${account} and a.last_run_number < ${runNumber} for share
    ) as held, (
      values ${read}
    ) as read (id, side, digest, read_started_at, read_ended_at, as_of), (
      -- Held so that pruning cannot take it away before this snapshot refers to it.
      select b.digest from plumbline.snapshot_body as b
      where b.account = ${account} and b.digest in (${digests}) for key share
    ) as known
    where read.digest = known.digest and exists (
      select from plumbline.execution as e where e.workflow_run_id = ${workflowRunId} and e.account = ${account}
    )
    on conflict (account, workflow_run_id, run_number, look, side) do update
      set digest = excluded.digest, read_started_at = excluded.read_started_at,
        read_ended_at = excluded.read_ended_at, as_of = excluded.as_of, stored_at = excluded.stored_at
      where s.read_started_at <= excluded.read_started_at
    returning s.id, s.side`);
  const ids = new Map(rows.map(({ id, side }) => [side, id]));
  const receipts: SnapshotReceipt[] = [];
  for (const { taken, digest } of snapshots) {
    const id = ids.get(taken.side);
    if (id === undefined) return null;
    receipts.push(receiptOf(taken, id, digest));
  }
  return receipts;
}

/** See `Ledger.putSnapshots`. */
export async function storeSnapshots(
  session: DatabaseSession,
  key: RunKey,
  observation: number,
  snapshots: readonly EncodedSnapshot[],
): Promise<SnapshotReceipt[]> {
  const receipts: SnapshotReceipt[] = [];
  for (const encoded of snapshots) receipts.push(await putSnapshot(session, key, observation, encoded));
  return receipts;
}

async function putSnapshot(
  session: DatabaseSession,
  key: RunKey,
  observation: number,
  { taken, body, digest }: EncodedSnapshot,
): Promise<SnapshotReceipt> {
  await holdAccount(session, key.account);
  const { now, answer, boundTo } = await clockAndAnswer(session, key);
  const place = {
    account: key.account,
    workflowRunId: key.workflowRunId,
    runNumber: key.runNumber,
    look: observation,
    side: taken.side,
  };
  if (answer === null) {
    await bindExecution(session, key, boundTo);
    await putBody(session, key.account, digest, body);
    const reading = { digest, readStartedAt: taken.readStartedAt, readEndedAt: taken.readEndedAt, asOf: taken.asOf };
    await session
      .insert(snapshot)
      .values({ id: randomUUID(), ...place, ...reading, storedAt: now })
      .onConflictDoUpdate({
        target: [snapshot.account, snapshot.workflowRunId, snapshot.runNumber, snapshot.look, snapshot.side],
        set: { ...reading, storedAt: now },
        // A late write of an abandoned delivery does not replace the newer read of the next delivery.
        setWhere: sql`${snapshot.readStartedAt} <= excluded.read_started_at`,
      });
  }
  const [stored] = await session.select().from(snapshot).where(isAt(place));
  // A run with a verdict takes no more evidence; the receipt then has a new id that refers to nothing.
  return receiptOf(taken, stored?.id ?? randomUUID(), stored?.digest ?? digest);
}

function receiptOf(taken: Snapshot, snapshotId: string, digest: string): SnapshotReceipt {
  return {
    snapshotId,
    side: taken.side,
    digest,
    positions: taken.positions.length,
    orders: taken.orders.length,
    scopes: taken.scopes,
    gaps: taken.gaps.length,
  };
}

function isAt(place: Pick<typeof snapshot.$inferSelect, 'account' | 'workflowRunId' | 'runNumber' | 'look' | 'side'>) {
  return and(
    eq(snapshot.account, place.account),
    eq(snapshot.workflowRunId, place.workflowRunId),
    eq(snapshot.runNumber, place.runNumber),
    eq(snapshot.look, place.look),
    eq(snapshot.side, place.side),
  );
}

/**
 * Most observations see the same as the observation before. An identical body is stored once per account, and not even
 * compressed again.
 */
async function putBody(session: DatabaseSession, account: string, digest: string, body: string): Promise<void> {
  const known = await session
    .select({ digest: snapshotBody.digest })
    .from(snapshotBody)
    .where(and(eq(snapshotBody.account, account), eq(snapshotBody.digest, digest)))
    // Locked so that pruning cannot delete it before this snapshot refers to it.
    .for('key share');
  if (known.length > 0) return;
  await session
    .insert(snapshotBody)
    .values({ account, digest, deflated: await deflated(body, { level: 1 }) })
    .onConflictDoUpdate({ target: [snapshotBody.account, snapshotBody.digest], set: { digest } });
}
