import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';
import { GENESIS_HASH, hashEvent, type HashedEvent } from '../store/event-chain.js';
import type { FaultList } from './fault-list.js';
import type { EventType } from '../contract/ledger.js';
import { event, type AccountRow } from '../store/schema.js';
import { isoTime } from '../store/stored-time.js';
import { gather, nothingReported, type Reported, type RunEvent } from './reported.js';
import type { ReportedTrail } from './reported-trail.js';
import { verifyResolved } from './discrepancies.js';
import type { RunRecount } from './runs.js';

/** Events in memory at the same time. Most belong to a run, whose row and evidence are read with them. */
const BATCH = 1_000;

interface StoredEvent {
  columns: HashedEvent;
  hash: string;
}

/**
 * Verifies sequence and chain, and collects what the events report. An altered event reports nothing. What is finished
 * (runs, resolved discrepancies) is compared during the walk and then forgotten, so memory does not grow with the
 * history.
 */
export async function verifyEvents(
  session: DatabaseSession,
  account: AccountRow,
  {
    trail,
    runs,
    faults,
    onEvents,
  }: { trail: ReportedTrail; runs: RunRecount; faults: FaultList; onEvents: (count: number) => void },
): Promise<Reported> {
  const reported = nothingReported(faults);
  let last = 0;
  let lastHash = GENESIS_HASH;
  for (;;) {
    const batch = await readBatch(session, account.account, last);
    const runEvents: RunEvent[] = [];
    for (const { columns, hash } of batch) {
      const { sequence } = columns;
      if (sequence !== last + 1) faults.add(sequence, `${missing(last + 1, sequence - 1)} before it`);
      if (columns.previousHash !== lastHash) faults.add(sequence, 'does not hold the hash of the event before it');
      const sound = hashEvent(columns) === hash;
      if (sound) gather(columns, { reported, runEvents, trail, faults });
      else faults.add(sequence, 'was changed: its columns do not give its hash');
      reported.events += 1;
      reported.lastEvent = { sequence, hash };
      last = sequence;
      lastHash = hash;
    }
    onEvents(batch.length);
    await runs.compare(session, runEvents);
    if (batch.length < BATCH) reported.discrepancies.nextRun();
    await verifyResolved(session, account.account, { reported, trail, faults });
    // An altered sequence may exceed the range of safe integers.
    if (batch.length < BATCH || !Number.isSafeInteger(last)) break;
  }
  if (last !== account.lastSequence) {
    faults.add(null, `events end at ${last}, the account has written ${account.lastSequence}`);
  } else if (lastHash !== account.lastHash) {
    faults.add(last, 'is not the event that the account wrote last: the hashes differ');
  }
  reported.streak.end();
  return reported;
}

function missing(from: number, to: number): string {
  return from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`;
}

async function readBatch(session: DatabaseSession, account: string, after: number): Promise<StoredEvent[]> {
  const rows = await session
    .select({
      account: event.account,
      sequence: event.sequence,
      id: event.id,
      type: sql<EventType>`${event.type}`,
      at: sql<string>`${event.at}::text`,
      workflowRunId: event.workflowRunId,
      runNumber: event.runNumber,
      requestId: event.requestId,
      payload: sql<string>`${event.payload}::text`,
      previousHash: event.previousHash,
      hash: event.hash,
    })
    .from(event)
    .where(and(eq(event.account, account), gt(event.sequence, after)))
    .orderBy(asc(event.sequence))
    .limit(BATCH);
  return rows.map(({ hash, ...columns }) => ({ hash, columns: { ...columns, at: isoTime(columns.at) } }));
}
