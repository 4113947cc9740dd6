import { and, count, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Difference } from '../../domain/difference/difference.js';
import { showsSameValues } from '../../domain/difference/same-values.js';
import { addCounts } from '../store/account-row.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import type { FaultList } from './fault-list.js';
import { digestOf, digestWords } from '../store/row-digests.js';
import {
  discrepancy,
  event,
  run,
  sighting,
  type AccountRow,
  type StoredDiscrepancy,
  type TypeCounts,
} from '../store/schema.js';
import { isMap } from '../../domain/text/is-map.js';
import { storable } from '../store/stored-text.js';
import { isoOf } from '../store/stored-time.js';
import type { Reported } from './reported.js';
import type { ReportedAcceptance, ReportedDiscrepancy } from './reported-discrepancies.js';
import type { ReportedTrail } from './reported-trail.js';

/** Maximum number of sightings that one statement counts: a discrepancy may be open for years. */
const MAX_SIGHTINGS = 500_000;

interface Known {
  reported: Reported;
  trail: ReportedTrail;
  faults: FaultList;
}

/** Compares the resolved discrepancies that no further event reports with what was reported about them. */
export async function verifyResolved(session: DatabaseSession, account: string, known: Known): Promise<void> {
  await verifyDiscrepancyRows(session, account, known.reported.discrepancies.takeResolved(), known);
}

/**
 * Compares the open discrepancies with what was reported about them, finds those that no event opened, and verifies the
 * total.
 */
export async function verifyDiscrepancies(session: DatabaseSession, account: AccountRow, known: Known): Promise<void> {
  const { reported, faults } = known;
  const missing = await verifyDiscrepancyRows(session, account.account, reported.discrepancies.open(), known);
  const counted = await session
    .select({ type: discrepancy.type, state: discrepancy.state, rows: count() })
    .from(discrepancy)
    .where(eq(discrepancy.account, account.account))
    .groupBy(discrepancy.type, discrepancy.state);
  const rows = counted.reduce((sum, { rows: ofType }) => sum + ofType, 0);
  if (missing > 0 || rows !== reported.discrepancies.opened) await nameUnopened(session, account.account, faults);
  const open: TypeCounts = {};
  for (const { type, state, rows: ofType } of counted) if (state === 'open') open[type] = ofType;
  faults.compare('open_discrepancies', countsOf(account.openDiscrepancies), countsOf(open));
}

/** Accepts any column value: counts by type, without those that are 0. */
export function countsOf(stored: unknown): unknown {
  return typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? addCounts(stored, {}) : stored;
}

/** Returns how many of them are missing. */
async function verifyDiscrepancyRows(
  session: DatabaseSession,
  account: string,
  discrepancies: readonly ReportedDiscrepancy[],
  known: Known,
): Promise<number> {
  let missing = 0;
  for (const some of batches(discrepancies)) {
    const ids = some.map(({ id }) => id).filter(isUuid);
    const rows = await session
      .select()
      .from(discrepancy)
      .where(and(eq(discrepancy.account, account), inArray(discrepancy.id, ids)));
    const byId = new Map(rows.map((row) => [row.id, row]));
    const sightings = await sightingsOf(session, rows);
    const calls = await callsOf(session, account, some, known);
    for (const discrepancy of some) {
      const row = byId.get(discrepancy.id);
      if (row === undefined) {
        missing += 1;
        known.faults.add(discrepancy.lastCall, `discrepancy ${discrepancy.id} is not there`);
      } else
        verifyOne(row, discrepancy, {
          ...known,
          sighted: sightings.get(row.id),
          call: calls.get(discrepancy.lastCall),
        });
    }
  }
  return missing;
}

/** A reported id may not be a UUID, and PostgreSQL would then refuse the comparison. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

interface Sighted {
  times: number;
  /** Rows of runs, as texts: an altered one may exceed the range of a number. */
  first: string | null;
  last: string | null;
  lastEndedAt: Date | null;
}

function verifyOne(
  row: StoredDiscrepancy,
  discrepancy: ReportedDiscrepancy,
  {
    reported,
    trail,
    sighted,
    call,
    faults,
  }: Known & { sighted: Sighted | undefined; call: InterventionEvent | undefined },
): void {
  const name = `discrepancy ${row.id}`;
  const isResolved = row.state === 'resolved';
  if ((discrepancy.resolved !== null) !== isResolved) {
    faults.add(null, `${name} is ${row.state}; the events say that it is not`);
    return;
  }
  faults.compare(`acceptance of ${name}`, acceptanceOf(row), discrepancy.accepted);
  faults.compare(`times_seen of ${name}`, row.timesSeen, sighted?.times ?? 0);
  faults.compare(`last_seen_at of ${name}`, isoOf(row.lastSeenAt), isoOf(sighted?.lastEndedAt ?? null));
  faults.compare(`opened_by_run of ${name}`, row.openedByRun, discrepancy.openedRow ?? Number(sighted?.first ?? 0));
  const anchored = trail.anchor?.open.get(row.id);
  const openedAt = discrepancy.openedAt ?? anchored?.openedAt ?? null;
  if (openedAt !== null) faults.compare(`opened_at of ${name}`, isoOf(row.openedAt), openedAt);
  const { resolved } = discrepancy;
  if (resolved === null || resolved.run.row !== null) {
    const reportedResolution = resolved === null ? [null, null] : [resolved.at, resolved.run.row];
    const stored = row.resolvedAt === null ? null : (isoOf(row.resolvedAt) ?? 'no time');
    faults.compare(`resolution of ${name}`, [stored, row.resolvedByRun], reportedResolution);
  }
  const words =
    discrepancy.words ??
    (anchored === undefined || anchored.words === null
      ? null
      : { digest: anchored.words, sequence: trail.anchor?.eventSequence ?? 0 });
  // A run of an earlier version changes words without an event.
  const until = resolved === null ? reported.run.sequence : resolved.run.sequence;
  const isOldSince = words !== null && reported.lastOldRun > words.sequence && words.sequence <= until;
  const same =
    words === null || isOldSince
      ? call === undefined || isAsCalled(row, call)
      : digestOf(() => digestWords(row)) === words.digest;
  if (row.closesGate !== closingOf(row.decision)) faults.add(null, `closes_gate of ${name} was changed`);
  if (!same) faults.add(discrepancy.lastCall, `${name} was changed: it is not as this event reports`);
}

/** Whether the trading gate closes by a decision, which may have been altered; undefined if it does not say. */
function closingOf(decision: unknown): unknown {
  if (decision === null) return null;
  return isMap(decision) ? decision['closeGate'] : undefined;
}

/** Any of the four columns may have been altered: a time to an invalid one, one of them to null. */
function acceptanceOf(row: StoredDiscrepancy): Record<keyof ReportedAcceptance, string | null> | null {
  const { acceptedBy: by, acceptedNote: note, acceptedUntil, acceptedAt } = row;
  if (by === null && note === null && acceptedUntil === null && acceptedAt === null) return null;
  return { by, note, until: isoOf(acceptedUntil), at: isoOf(acceptedAt) };
}

const callPayload = z.object({
  action: z.string(),
  identity: z.string(),
  difference: z.custom<Difference>((value) => typeof value === 'object' && value !== null),
});
type InterventionEvent = z.infer<typeof callPayload>;

/** Whether the row shows the values of the call: the only comparison possible if an earlier version recorded it. */
function isAsCalled(row: StoredDiscrepancy, call: InterventionEvent): boolean {
  try {
    return (
      call.action === row.type &&
      storable(call.identity) === row.identity &&
      storable(call.difference.symbol) === row.symbol &&
      showsSameValues(call.difference, row.difference)
    );
  } catch {
    // An altered row may hold anything; values that cannot be compared count as different.
    return false;
  }
}

/** The events that report the values of discrepancies whose words are not reported, by sequence. */
async function callsOf(
  session: DatabaseSession,
  account: string,
  discrepancies: readonly ReportedDiscrepancy[],
  { reported }: Known,
): Promise<Map<number, InterventionEvent>> {
  const sequences = discrepancies.flatMap(({ words, lastCall }) =>
    words === null || reported.lastOldRun > words.sequence ? [lastCall] : [],
  );
  if (sequences.length === 0) return new Map();
  const events = await session
    .select({ sequence: event.sequence, payload: sql<unknown>`${event.payload}` })
    .from(event)
    .where(and(eq(event.account, account), inArray(event.sequence, sequences)));
  return new Map(
    events.flatMap(({ sequence, payload }) => {
      const call = callPayload.safeParse(payload);
      return call.success ? [[sequence, call.data] as const] : [];
    }),
  );
}

async function sightingsOf(
  session: DatabaseSession,
  rows: readonly StoredDiscrepancy[],
): Promise<Map<string, Sighted>> {
  const byId = new Map<string, Sighted>();
  for (const ids of groupsOf(rows)) {
    const counted = await session
      .select({
        id: sighting.discrepancyId,
        times: count(),
        first: sql<string>`min(${sighting.runId})::text`,
        last: sql<string>`max(${sighting.runId})::text`,
      })
      .from(sighting)
      .where(inArray(sighting.discrepancyId, ids))
      .groupBy(sighting.discrepancyId);
    for (const { id, times, first, last } of counted) byId.set(id, { times, first, last, lastEndedAt: null });
  }
  const lastRuns = [...new Set([...byId.values()].map(({ last }) => last))];
  if (lastRuns.length === 0) return byId;
  const ended = await session
    .select({ id: sql<string>`${run.id}::text`, endedAt: run.endedAt })
    .from(run)
    .where(sql`${run.id} = any(${sql.param(lastRuns)}::bigint[])`);
  const endedAt = new Map<string | null, Date>(ended.map(({ id, endedAt: at }) => [id, at]));
  for (const sighted of byId.values()) sighted.lastEndedAt = endedAt.get(sighted.last) ?? null;
  return byId;
}

/** Groups ids so that, by their own counts, no group has too many sightings. */
function groupsOf(rows: readonly StoredDiscrepancy[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { id, timesSeen } of rows) {
    const group = groups.at(-1);
    if (group === undefined || timesSeen > room) {
      groups.push([id]);
      room = MAX_SIGHTINGS - timesSeen;
    } else {
      group.push(id);
      room -= timesSeen;
    }
  }
  return groups;
}

/** Lists discrepancies that no event of their opening run reports. */
async function nameUnopened(session: DatabaseSession, account: string, faults: FaultList): Promise<void> {
  const unopened = await session.execute<{ id: string; description: string }>(sql`
    select id, description from plumbline.discrepancy one where account = ${account} and not exists (
      select from plumbline.run join plumbline.event using (account, workflow_run_id, run_number)
      where run.id = one.opened_by_run and event.type = 'MANUAL_INTERVENTION'
        and position('"discrepancy_id":"' || one.id::text || '"' in event.payload::text) > 0)
    order by id limit 100`);
  for (const { id, description } of unopened.rows)
    faults.add(null, `no event opened discrepancy ${id} (${description})`);
}
