import { randomUUID } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { showsSameValues } from '../domain/same-values.js';
import { batches } from './batches.js';
import type { Session } from './database.js';
import type { VerdictRecord } from './ledger.js';
import { discrepancy, sighting, type StoredDiscrepancy } from './schema.js';
import { storable } from './stored-text.js';

type Confirmed = VerdictRecord['confirmed'][number];

/** A confirmed difference, and the discrepancy it belongs to from now on. */
export interface Sighted {
  id: string;
  /** `opened`: the first of its incident. `changed`: its values moved since it was last seen. */
  change: 'opened' | 'seen' | 'changed';
  confirmed: Confirmed;
  /** What it was before, where it was open already. */
  before: StoredDiscrepancy | null;
}

/** What one verdict means for the account's discrepancies. */
export interface Incidents {
  sighted: Sighted[];
  resolved: StoredDiscrepancy[];
}

/**
 * The life of discrepancies, pure:
 * 1. A confirmed difference whose identity is open already is that discrepancy seen again, or changed if its values moved.
 * 2. One whose identity is not open opens a discrepancy, also where the identity was open and resolved before.
 * 3. An open discrepancy is resolved by positive agreement alone; one that is neither confirmed nor agreed stays open.
 */
export function advance(open: readonly StoredDiscrepancy[], record: VerdictRecord): Incidents {
  const openByIdentity = new Map(open.map((row) => [row.identity, row]));
  const sighted = new Map<string, Sighted>();
  for (const confirmed of record.confirmed) {
    const identity = storable(confirmed.identity);
    if (sighted.has(identity)) throw new RangeError(`"${identity}" is confirmed twice in one verdict`);
    const before = openByIdentity.get(identity) ?? null;
    const change = before === null ? 'opened' : isSame(before, confirmed) ? 'seen' : 'changed';
    sighted.set(identity, { id: before?.id ?? randomUUID(), change, confirmed, before });
  }
  const resolved = record.agreed.flatMap((agreed) => {
    const identity = storable(agreed);
    const row = openByIdentity.get(identity);
    if (row !== undefined && sighted.has(identity))
      throw new RangeError(`"${identity}" is confirmed and agreed at once`);
    return row ?? [];
  });
  return { sighted: [...sighted.values()], resolved: [...new Set(resolved)] };
}

function isSame(before: StoredDiscrepancy, { difference }: Confirmed): boolean {
  return before.type === difference.type && showsSameValues(before.difference, difference);
}

export async function loadOpen(session: Session, account: string): Promise<StoredDiscrepancy[]> {
  return session
    .select()
    .from(discrepancy)
    .where(and(eq(discrepancy.account, account), eq(discrepancy.state, 'open')));
}

/** Writes what `advance` decided, for the run that saw it. */
export async function storeIncidents(
  session: Session,
  account: string,
  { sighted, resolved }: Incidents,
  at: { now: Date; runId: number },
): Promise<void> {
  for (const rows of batches(sighted.filter(({ change }) => change === 'opened'))) {
    await session.insert(discrepancy).values(
      rows.map(({ id, confirmed }) => ({
        id,
        account,
        identity: storable(confirmed.identity),
        state: 'open' as const,
        ...columnsOf(confirmed),
        openedAt: at.now,
        lastSeenAt: at.now,
        timesSeen: 1,
        openedByRun: at.runId,
      })),
    );
  }
  for (const rows of batches(sighted.filter(({ change }) => change !== 'opened'))) {
    await session
      .update(discrepancy)
      .set({ lastSeenAt: at.now, timesSeen: sql`${discrepancy.timesSeen} + 1` })
      .where(
        inArray(
          discrepancy.id,
          rows.map(({ id }) => id),
        ),
      );
  }
  for (const { id, confirmed, before } of sighted) {
    // Also where only the words or the explanation moved: what a person reads is always the last look's.
    if (before !== null && JSON.stringify(columnsOf(confirmed)) !== JSON.stringify(columnsOf(before))) {
      await session.update(discrepancy).set(columnsOf(confirmed)).where(eq(discrepancy.id, id));
    }
  }
  for (const rows of batches(sighted)) {
    await session.insert(sighting).values(
      rows.map(({ id, change, confirmed }) => ({
        runId: at.runId,
        discrepancyId: id,
        type: confirmed.difference.type,
        change,
      })),
    );
  }
  for (const rows of batches(resolved)) {
    await session
      .update(discrepancy)
      .set({ state: 'resolved', resolvedAt: at.now, resolvedByRun: at.runId })
      .where(
        inArray(
          discrepancy.id,
          rows.map(({ id }) => id),
        ),
      );
  }
}

function columnsOf({ description, remedy, difference }: Pick<Confirmed, 'description' | 'remedy' | 'difference'>) {
  return {
    type: difference.type,
    symbol: storable(difference.symbol),
    description: storable(description),
    remedy: storable(remedy),
    difference,
  };
}
