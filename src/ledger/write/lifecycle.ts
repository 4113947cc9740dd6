import { createHash, randomUUID } from 'node:crypto';
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { Turns } from '../../runtime/turns.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import type { Policy } from '../../domain/policy/policy.js';
import { decisionOf, decisionOnUnseen, isRaised } from './drift-decisions.js';
import { advance, type LifecycleStep, type Sighting } from '../../domain/lifecycle/lifecycle.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import type { VerdictRecord } from '../contract/ledger.js';
import { discrepancy, sighting, type StoredDiscrepancy } from '../store/schema.js';
import { storable } from '../store/stored-text.js';

type Confirmed = VerdictRecord['confirmed'][number];

/** A confirmed difference with the discrepancy that it belongs to from now on. */
export interface Sighted extends Pick<Sighting<StoredDiscrepancy, Confirmed>, 'change' | 'confirmed'> {
  id: string;
  /** What the drift policy decides on it; null if `interveneOn` decides. */
  decision: DecidedDrift | null;
  /** Whether it was open before and the new decision is stricter: a human is called again. */
  isRaised: boolean;
  /** The discrepancy before, if it was already open. */
  before: StoredDiscrepancy | null;
  /** The resolved discrepancy of the same identity that recurs. */
  reopens: StoredDiscrepancy | null;
}

/** The effect of one verdict on the account's discrepancies. */
export interface DiscrepancyChanges {
  sighted: Sighted[];
  resolved: StoredDiscrepancy[];
  /** Neither seen nor agreed on: they stay open unchanged. */
  unchanged: StoredDiscrepancy[];
  /** Those with a new decision. */
  redecided: Redecided[];
}

/** An open discrepancy that the run did not see and that has a new decision. */
export interface Redecided {
  row: StoredDiscrepancy;
  decision: DecidedDrift | null;
  /** As in `Sighted`. */
  isRaised: boolean;
}

/** A discrepancy that recurs gets a new row, because the resolved one is history; its event names the resolved one. */
export function isNew({ change }: Pick<Sighted, 'change'>): boolean {
  return change === 'opened' || change === 'reopened';
}

/** The effect of the verdict on the discrepancies; see `advance` of the domain. Writes nothing. */
export async function changesOf(
  session: DatabaseSession,
  record: VerdictRecord,
  hadOpen: boolean,
  policy: Policy,
): Promise<DiscrepancyChanges> {
  const { account } = record.key;
  const { drift: facts } = record;
  const confirmed = record.confirmed.map((entry) => ({ ...entry, identity: storable(entry.identity) }));
  const open = hadOpen ? await loadOpen(session, account) : [];
  const openIdentities = new Set(open.map(({ identity }) => identity));
  const unknown = confirmed.map(({ identity }) => identity).filter((identity) => !openIdentities.has(identity));
  const before = await loadLastResolved(session, account, unknown);
  const turns = new Turns();
  await turns.next();
  const { sightings, resolved, unchanged }: LifecycleStep<StoredDiscrepancy, Confirmed> = advance(
    open,
    { confirmed, agreed: record.agreed.map(storable) },
    before,
  );
  await turns.next();
  const sighted = sightings.map(({ change, confirmed: seen, before: known }): Sighted => {
    const stillOpen = isNew({ change }) ? null : known;
    const reopens = change === 'reopened' ? known : null;
    const decision = decisionOf(seen.difference, { before: stillOpen, isSame: change === 'seen', policy, facts });
    return {
      id: stillOpen?.id ?? randomUUID(),
      change,
      confirmed: seen,
      before: stillOpen,
      reopens,
      decision,
      isRaised: stillOpen !== null && isRaised(decision, stillOpen, { type: seen.difference.type, policy }),
    };
  });
  await turns.next();
  const redecided = unchanged.flatMap((row): Redecided[] => {
    const decision = decisionOnUnseen(row, policy, facts);
    return decision === row.decision
      ? []
      : [{ row, decision, isRaised: isRaised(decision, row, { type: row.type, policy }) }];
  });
  return { sighted, resolved, unchanged, redecided };
}

async function loadLastResolved(
  session: DatabaseSession,
  account: string,
  identities: readonly string[],
): Promise<Map<string, StoredDiscrepancy>> {
  const last = new Map<string, StoredDiscrepancy>();
  for (const some of batches([...identities])) {
    const rows = await session
      .selectDistinctOn([discrepancy.identity])
      .from(discrepancy)
      .where(
        and(
          eq(discrepancy.account, account),
          inArray(sql`md5(${discrepancy.identity})`, some.map(md5)),
          eq(discrepancy.state, 'resolved'),
        ),
      )
      .orderBy(discrepancy.identity, desc(discrepancy.resolvedAt));
    for (const row of rows) last.set(row.identity, row);
  }
  return last;
}

/** Same as PostgreSQL's md5: an identity may be too long to be indexed itself. */
function md5(identity: string): string {
  return createHash('md5').update(identity).digest('hex');
}

export async function loadOpen(session: DatabaseSession, account: string): Promise<StoredDiscrepancy[]> {
  return session
    .select()
    .from(discrepancy)
    .where(and(eq(discrepancy.account, account), eq(discrepancy.state, 'open')));
}

/** Whether the row of an open discrepancy needs new words or values. */
export function isReworded({
  before,
  confirmed,
  decision,
}: Pick<Sighted, 'before' | 'confirmed' | 'decision'>): boolean {
  if (before === null) return false;
  const [now, then] = [columnsOf({ ...confirmed, decision }), columnsOf(before)];
  return JSON.stringify(now) !== JSON.stringify(then);
}

/** Writes the changes, for the run that saw them. */
export async function storeChanges(
  session: DatabaseSession,
  account: string,
  { sighted, resolved, redecided }: DiscrepancyChanges,
  at: { now: Date; runId: number },
): Promise<void> {
  for (const rows of batches(sighted.filter(isNew))) {
    await session.insert(discrepancy).values(
      rows.map(({ id, confirmed, decision }) => ({
        id,
        account,
        identity: confirmed.identity,
        state: 'open' as const,
        ...columnsOf({ ...confirmed, decision }),
        openedAt: at.now,
        lastSeenAt: at.now,
        timesSeen: 1,
        openedByRun: at.runId,
      })),
    );
  }
  for (const rows of batches(sighted.filter((seen) => !isNew(seen)))) {
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
  for (const { id, confirmed, before, decision } of sighted) {
    // Also if only the words or the explanation changed: a person always reads what the last observation showed.
    if (isReworded({ before, confirmed, decision })) {
      await session
        .update(discrepancy)
        .set(columnsOf({ ...confirmed, decision }))
        .where(eq(discrepancy.id, id));
    }
  }
  for (const { row, decision } of redecided) {
    await session.update(discrepancy).set(decisionColumns(decision)).where(eq(discrepancy.id, row.id));
  }
  for (const rows of batches(sighted)) {
    await session.insert(sighting).values(
      rows.map(({ id, change, confirmed }) => ({
        runId: at.runId,
        discrepancyId: id,
        type: confirmed.difference.type,
        change: storedChange(change),
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

/** Only the event names the resolved discrepancy that recurred; the sighting's row does not. */
export function storedChange(change: Sighted['change']): 'opened' | 'seen' | 'changed' {
  return change === 'reopened' ? 'opened' : change;
}

/** The texts, values and decision of a discrepancy, as columns of its row. */
export function columnsOf({
  description,
  remedy,
  difference,
  decision,
}: Pick<Confirmed, 'description' | 'remedy' | 'difference'> & { decision: DecidedDrift | null }) {
  return {
    type: difference.type,
    symbol: storable(difference.symbol),
    description: storable(description),
    remedy: storable(remedy),
    difference,
    ...decisionColumns(decision),
  };
}

function decisionColumns(decision: DecidedDrift | null) {
  return { decision, closesGate: decision?.closeGate ?? null };
}
