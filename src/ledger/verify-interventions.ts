import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Session } from './database.js';
import type { FaultList } from './fault-list.js';
import { intervention, type AccountRow } from './schema.js';
import { storable } from './stored-text.js';
import type { Told } from './told.js';

/** Checked, for who altered the row may have left anything there. */
const timed = z.array(z.object({ at: z.string() }));

/**
 * Holds interventions against the acknowledgements that the events tell of, and proves the total of open ones and whether
 * a call is due.
 */
export async function verifyInterventions(
  session: Session,
  account: AccountRow,
  told: Told,
  faults: FaultList,
): Promise<void> {
  const rows = await session.select().from(intervention).where(eq(intervention.account, account.account));
  for (const row of rows) {
    const known = told.acknowledged.get(row.id);
    if ((known !== undefined) !== (row.state === 'acknowledged')) {
      faults.add(null, `intervention ${row.id} is ${row.state}; the events say that it is not`);
    } else if (
      known !== undefined &&
      (storable(known.by) !== row.acknowledgedBy || storable(known.note) !== row.note)
    ) {
      faults.add(null, `the acknowledgement of intervention ${row.id} was changed`);
    }
    const snoozed = told.snoozed.get(row.id);
    if (row.state === 'acknowledged' || snoozed === undefined) continue;
    if (
      row.state !== 'snoozed' ||
      row.snoozedBy !== snoozed.by ||
      row.snoozedUntil?.getTime() !== Date.parse(snoozed.until)
    ) {
      faults.add(null, `the snooze of intervention ${row.id} was changed`);
    }
  }
  const there = new Set(rows.map(({ id }) => id));
  for (const id of told.acknowledged.keys()) if (!there.has(id)) faults.add(null, `intervention ${id} is not there`);
  const open = rows.filter(({ state }) => state !== 'acknowledged').length;
  faults.compare('open_interventions', account.openInterventions, open);
  const calledAt = newest(rows.flatMap(({ reasons }) => (timed.safeParse(reasons).data ?? []).map(({ at }) => at)));
  faults.compare('called_at', account.calledAt?.toISOString() ?? '', calledAt);
  faults.compare('call_due', account.callDue !== null, told.callingRunStartedAt > calledAt);
}

/** Of times in ISO 8601, UTC, with milliseconds; empty where there is none. */
function newest(times: readonly string[]): string {
  return times.reduce((latest, time) => (time > latest ? time : latest), '');
}
