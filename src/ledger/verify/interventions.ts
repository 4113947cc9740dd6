import { eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import { closesGate } from '../../domain/lifecycle/intervention.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import type { FaultList } from './fault-list.js';
import { digestInterventionDue, digestOf, digestReasons } from '../store/row-digests.js';
import { intervention, interventionRequest, type AccountRow } from '../store/schema.js';
import { storable } from '../store/stored-text.js';
import { isoOf } from '../store/stored-time.js';
import type { Reported } from './reported.js';
import type { ReportedTrail } from './reported-trail.js';

/** Validated, because an altered row may hold anything. */
const timed = z.array(z.object({ at: z.string() }));

type Row = typeof intervention.$inferSelect;

/**
 * Compares interventions with what the trail and the events report about them. Verifies the total of open ones, whether
 * an intervention is due, and for what.
 */
export async function verifyInterventions(
  session: DatabaseSession,
  account: AccountRow,
  { reported, trail, faults }: { reported: Reported; trail: ReportedTrail; faults: FaultList },
): Promise<void> {
  const rows = await session.select().from(intervention).where(eq(intervention.account, account.account));
  const requests = await requestsOf(session, rows);
  for (const row of rows) verifyOne(row, requests.get(row.id) ?? new Set(), { reported, trail, faults });
  const there = new Set(rows.map(({ id }) => id));
  const known = new Set([...trail.interventions.keys(), ...reported.acknowledged.keys(), ...reported.snoozed.keys()]);
  for (const id of known) if (!there.has(id)) faults.add(null, `intervention ${id} is not there`);
  const open = rows.filter(({ state }) => state !== 'acknowledged');
  faults.compare('open_interventions', account.openInterventions, open.length);
  const closing = open.filter(({ reasons }) => closesGate(reasons)).length;
  faults.compare('closing_interventions', account.closingInterventions, closing);
  const calledAt = newest(rows.flatMap(({ reasons }) => (timed.safeParse(reasons).data ?? []).map(({ at }) => at)));
  faults.compare('called_at', isoOf(account.calledAt) ?? (account.calledAt === null ? '' : 'no time'), calledAt);
  verifyInterventionDue(account, calledAt, { reported, trail, faults });
}

function verifyOne(
  row: Row,
  requests: ReadonlySet<string>,
  { reported, trail, faults }: { reported: Reported; trail: ReportedTrail; faults: FaultList },
): void {
  const name = `intervention ${row.id}`;
  const acknowledged = reported.acknowledged.get(row.id);
  const isAcknowledged = row.state === 'acknowledged';
  if ((acknowledged !== undefined) !== isAcknowledged) {
    faults.add(null, `${name} is ${row.state}; the events say that it is not`);
  } else if (!isAsReported(acknowledgementOf(row), acknowledged, storable)) {
    faults.add(null, `the acknowledgement of ${name} was changed`);
  }
  const snoozed = reported.snoozed.get(row.id);
  const isSnoozed =
    row.snoozedBy === (snoozed?.by ?? null) &&
    row.snoozeNote === (snoozed?.note ?? null) &&
    (isAcknowledged
      ? row.snoozedUntil === null
      : row.state === (snoozed === undefined ? 'open' : 'snoozed') &&
        (row.snoozedUntil?.getTime() ?? null) === (snoozed === undefined ? null : Date.parse(snoozed.until)));
  if (!isSnoozed) faults.add(null, `the snooze of ${name} was changed`);

  const opened = trail.interventions.get(row.id);
  if (opened === undefined) {
    faults.add(null, `nothing reports that ${name} was opened`);
    return;
  }
  faults.compare(`opened_at of ${name}`, isoOf(row.openedAt) ?? '', opened.openedAt);
  faults.compare(`notified_times of ${name}`, row.notifiedTimes, opened.notifiedTimes);
  if ((digestOf(() => digestReasons('', row.reasons)) ?? '') !== opened.reasons) {
    faults.add(null, `the reasons of ${name} were changed`);
  }
  const missing = [...opened.requests].find((id) => !requests.has(id));
  const extra = [...requests].find((id) => !opened.requests.has(id));
  if (missing !== undefined) faults.add(null, `the request ${missing} to ${name} is not there`);
  if (extra !== undefined) faults.add(null, `nothing reports the request ${extra} to ${name}`);
}

interface Acknowledgement {
  by: string;
  note: string;
  at: string;
}

function acknowledgementOf({ acknowledgedBy: by, note, acknowledgedAt }: Row) {
  return { by, note, at: acknowledgedAt === null ? null : (isoOf(acknowledgedAt) ?? 'no time') };
}

function isAsReported(
  { by, note, at }: Record<keyof Acknowledgement, string | null>,
  reported: Acknowledgement | undefined,
  asStored: (text: string) => string,
): boolean {
  if (reported === undefined) return by === null && note === null && at === null;
  return by === asStored(reported.by) && note === asStored(reported.note) && at === reported.at;
}

async function requestsOf(session: DatabaseSession, rows: readonly Row[]): Promise<Map<string, Set<string>>> {
  const byId = new Map<string, Set<string>>();
  for (const some of batches(rows)) {
    const stored = await session
      .select()
      .from(interventionRequest)
      .where(
        inArray(
          interventionRequest.interventionId,
          some.map(({ id }) => id),
        ),
      );
    for (const { interventionId, requestId } of stored) {
      const known = byId.get(interventionId);
      if (known === undefined) byId.set(interventionId, new Set([requestId]));
      else known.add(requestId);
    }
  }
  return byId;
}

/**
 * An intervention is due while the newest run that calls a human began after the newest reason. Events report what it
 * is for.
 */
function verifyInterventionDue(
  account: AccountRow,
  calledAt: string,
  { reported, trail: { anchor }, faults }: { reported: Reported; trail: ReportedTrail; faults: FaultList },
): void {
  const isDue = reported.callingRunStartedAt > calledAt;
  faults.compare('call_due', account.callDue !== null, isDue);
  if (account.callDue === null || !isDue) return;
  const isAnchored = anchor !== null && reported.callDue.sequence <= anchor.eventSequence;
  const digest = reported.callDue.digest === undefined && isAnchored ? anchor.callDue : reported.callDue.digest;
  if (digest !== undefined && digestOf(() => digestInterventionDue(account.callDue)) !== digest) {
    faults.add(null, 'the intervention that is due was changed');
  }
}

/** The latest of times in ISO 8601, UTC, with milliseconds; empty if there are none. */
function newest(times: readonly string[]): string {
  return times.reduce((latest, time) => (time > latest ? time : latest), '');
}
