import { and, asc, count, eq, gt, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Difference } from '../domain/difference.js';
import { showsSameValues } from '../domain/same-values.js';
import { addCounts } from './account-row.js';
import { BATCH } from './batches.js';
import type { Session } from './database.js';
import type { FaultList } from './fault-list.js';
import {
  discrepancy,
  event,
  run,
  sighting,
  type AccountRow,
  type StoredDiscrepancy,
  type TypeCounts,
} from './schema.js';
import { storable } from './stored-text.js';
import { isoOf } from './stored-time.js';
import type { Told, ToldAcceptance } from './told.js';

/** Before every uuid. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Holds discrepancies against the events that opened, changed and resolved them, and proves their totals. */
export async function verifyDiscrepancies(
  session: Session,
  account: AccountRow,
  told: Told,
  faults: FaultList,
): Promise<void> {
  let after = FIRST_ID;
  const found = new Set<string>();
  const open: TypeCounts = {};
  for (;;) {
    const rows = await session
      .select()
      .from(discrepancy)
      .where(and(eq(discrepancy.account, account.account), gt(discrepancy.id, after)))
      .orderBy(asc(discrepancy.id))
      .limit(BATCH);
    const calls = await callsOf(session, account.account, rows, told);
    const sightings = await sightingsOf(session, rows);
    for (const row of rows) {
      found.add(row.id);
      if (row.state === 'open') open[row.type] = (open[row.type] ?? 0) + 1;
      verifyOne(row, told, calls, faults);
      faults.compare(`times_seen of discrepancy ${row.id}`, row.timesSeen, sightings.get(row.id) ?? 0);
      after = row.id;
    }
    if (rows.length < BATCH) break;
  }
  for (const id of told.discrepancies.keys()) {
    if (!found.has(id)) faults.add(told.discrepancies.get(id)?.lastCall ?? null, `discrepancy ${id} is not there`);
  }
  faults.compare('open_discrepancies', addCounts(account.openDiscrepancies, {}), addCounts(open, {}));

  const seen: TypeCounts = {};
  const counted = await session
    .select({ type: sighting.type, sightings: count() })
    .from(sighting)
    .innerJoin(run, eq(run.id, sighting.runId))
    .where(eq(run.account, account.account))
    .groupBy(sighting.type);
  for (const { type, sightings } of counted) seen[type] = sightings;
  faults.compare('discrepancy_total', addCounts(account.discrepancyTotal, {}), addCounts(seen, {}));
}

const callPayload = z.object({
  action: z.string(),
  identity: z.string(),
  difference: z.custom<Difference>((value) => typeof value === 'object' && value !== null),
});
type Call = z.infer<typeof callPayload>;

function verifyOne(row: StoredDiscrepancy, told: Told, calls: ReadonlyMap<number, Call>, faults: FaultList): void {
  const known = told.discrepancies.get(row.id);
  if (known === undefined) {
    faults.add(null, `no event opened discrepancy ${row.id} (${row.description})`);
    return;
  }
  if (known.resolved !== (row.state === 'resolved')) {
    faults.add(null, `discrepancy ${row.id} is ${row.state}; the events say that it is not`);
  }
  faults.compare(`acceptance of discrepancy ${row.id}`, acceptanceOf(row), known.accepted);
  const call = calls.get(known.lastCall);
  if (call === undefined) return;
  const same =
    call.action === row.type &&
    storable(call.identity) === row.identity &&
    storable(call.difference.symbol) === row.symbol &&
    isSameDifference(call.difference, row.difference);
  if (!same) faults.add(known.lastCall, `discrepancy ${row.id} was changed: it is not as this event tells`);
}

/** Of the four columns any may have been altered: a time to one that is none, one of them to null. */
function acceptanceOf(row: StoredDiscrepancy): Record<keyof ToldAcceptance, string | null> | null {
  const { acceptedBy: by, acceptedNote: note, acceptedUntil, acceptedAt } = row;
  if (by === null && note === null && acceptedUntil === null && acceptedAt === null) return null;
  return { by, note, until: isoOf(acceptedUntil), at: isoOf(acceptedAt) };
}

/** A row that was altered may hold anything: what cannot even be compared is not the same. */
function isSameDifference(told: Difference, stored: Difference): boolean {
  try {
    return showsSameValues(told, stored);
  } catch {
    return false;
  }
}

/** The events that tell the present values of these discrepancies, by sequence. */
async function callsOf(
  session: Session,
  account: string,
  rows: readonly StoredDiscrepancy[],
  told: Told,
): Promise<Map<number, Call>> {
  const sequences = rows.flatMap(({ id }) => told.discrepancies.get(id)?.lastCall ?? []);
  if (sequences.length === 0) return new Map();
  const events = await session
    .select({ sequence: event.sequence, payload: sql<unknown>`${event.payload}` })
    .from(event)
    .where(and(eq(event.account, account), inArray(event.sequence, sequences)));
  return new Map(events.map(({ sequence, payload }) => [sequence, callPayload.parse(payload)]));
}

async function sightingsOf(session: Session, rows: readonly StoredDiscrepancy[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map(({ id }) => id);
  const counted = await session
    .select({ id: sighting.discrepancyId, sightings: count() })
    .from(sighting)
    .where(inArray(sighting.discrepancyId, ids))
    .groupBy(sighting.discrepancyId);
  return new Map(counted.map(({ id, sightings }) => [id, sightings]));
}
