import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { inTurns } from '../config/turns.js';
import { FailureError } from '../domain/failure.js';
import type { RunKey, SnapshotReceipt } from '../domain/run.js';
import type { Snapshot } from '../domain/snapshot.js';
import { clockAndAnswer, holdAccount } from './account-row.js';
import { sha256 } from './canonical.js';
import type { Session } from './database.js';
import { bindExecution } from './execution.js';
import type { StoredLook } from './ledger.js';
import type { RecentBodies } from './recent-bodies.js';
import { snapshot, snapshotBody } from './schema.js';
import { bodyOf, decodeBody, encodedBody, type SnapshotBody } from './snapshot-body.js';

const deflated = promisify(deflate);
const inflated = promisify(inflate);

/** See `Ledger.putSnapshot`. */
export async function putSnapshot(
  session: Session,
  key: RunKey,
  look: number,
  taken: Snapshot,
  recent: RecentBodies,
): Promise<SnapshotReceipt> {
  const body = await inTurns(encodedBody(taken));
  const digest = sha256(body);
  recent.keep(digest, bodyOf(taken), body.length);
  await holdAccount(session, key.account);
  const { now, answer, boundTo } = await clockAndAnswer(session, key);
  const place = {
    account: key.account,
    workflowRunId: key.workflowRunId,
    runNumber: key.runNumber,
    look,
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
        // A delivery that was given up and writes late does not replace the younger read of the one after it.
        setWhere: sql`${snapshot.readStartedAt} <= excluded.read_started_at`,
      });
  }
  const [stored] = await session.select().from(snapshot).where(isAt(place));
  return {
    // A run that has its verdict takes no more evidence, and a receipt that names none is still an answer.
    snapshotId: stored?.id ?? randomUUID(),
    side: taken.side,
    digest: stored?.digest ?? digest,
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

/** Most looks see what the look before saw: an identical body is stored once per account, and not even compressed again. */
async function putBody(session: Session, account: string, digest: string, body: string): Promise<void> {
  const known = await session
    .select({ digest: snapshotBody.digest })
    .from(snapshotBody)
    .where(and(eq(snapshotBody.account, account), eq(snapshotBody.digest, digest)))
    // Held so that pruning cannot take it away before this snapshot refers to it.
    .for('key share');
  if (known.length > 0) return;
  await session
    .insert(snapshotBody)
    .values({ account, digest, deflated: await deflated(body, { level: 1 }) })
    .onConflictDoUpdate({ target: [snapshotBody.account, snapshotBody.digest], set: { digest } });
}

/** See `Ledger.loadLooks`. Throws FailureError where a body is not what its digest says. */
export async function loadLooks(session: Session, key: RunKey, recent: RecentBodies): Promise<StoredLook[]> {
  const rows = await session
    .select({
      look: snapshot.look,
      side: snapshot.side,
      digest: snapshot.digest,
      readStartedAt: snapshot.readStartedAt,
      readEndedAt: snapshot.readEndedAt,
      asOf: snapshot.asOf,
    })
    .from(snapshot)
    .where(
      and(
        eq(snapshot.account, key.account),
        eq(snapshot.workflowRunId, key.workflowRunId),
        eq(snapshot.runNumber, key.runNumber),
      ),
    )
    .orderBy(asc(snapshot.look));
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
  return [...halves].flatMap(([look, { exchange, internal }]) =>
    exchange === undefined || internal === undefined ? [] : [{ look, exchange, internal }],
  );
}

/** By their digests, from memory where they are at hand; without those whose text is not what its digest says. */
async function bodiesOf(
  session: Session,
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

/** The body's text; null where the bytes are not a zlib stream. */
export async function readBody(bytes: Buffer): Promise<string | null> {
  try {
    return (await inflated(bytes)).toString('utf8');
  } catch {
    return null;
  }
}

function altered(key: RunKey, look: number, side: string): FailureError {
  return new FailureError({
    kind: 'ledger',
    side: 'ledger',
    message: `The stored ${side} snapshot of ${key.account}, run ${key.runNumber}, look ${look} is not what its digest says.`,
    where: `snapshot ${key.account}/${key.workflowRunId}/${key.runNumber}/${look}/${side}`,
    remedy: 'The database was altered or is damaged: run `plumbline verify`, and look at the database server.',
    retryAfterMs: null,
  });
}
