import { inArray } from 'drizzle-orm';
import type { InterventionCall } from '../../domain/lifecycle/intervention.js';
import type { DecidedDrift } from '../../domain/policy/drift-rules.js';
import type { Policy } from '../../domain/policy/policy.js';
import { callsHuman, marksOfCall, standingDecision } from './drift-decisions.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import type { DiscrepancyChanges } from './lifecycle.js';
import { discrepancy, type StoredDiscrepancy } from '../store/schema.js';

/** The columns of a discrepancy's row that hold an acceptance. */
export type AcceptanceColumns = Pick<StoredDiscrepancy, 'acceptedBy' | 'acceptedNote' | 'acceptedAt' | 'acceptedUntil'>;

/** The values of these columns if nobody accepts the discrepancy. */
export const NOT_ACCEPTED: AcceptanceColumns = {
  acceptedBy: null,
  acceptedNote: null,
  acceptedAt: null,
  acceptedUntil: null,
};

/** An acceptance that a verdict ends. */
export interface EndedAcceptance {
  /** The row before the verdict. */
  row: StoredDiscrepancy & { acceptedBy: string; acceptedUntil: Date };
  /**
   * - `changed`: its values are no longer the accepted ones
   * - `resolved`: both sides agree on its key
   * - `expired`: its time is over, and it is still open
   */
  why: 'changed' | 'resolved' | 'expired';
  /** The difference in one line: from the last observation if that saw it, otherwise from the row. */
  description: string;
  /** Whether this run saw it. */
  isSeen: boolean;
  /** What is decided on the discrepancy after the verdict. */
  decision: DecidedDrift | null;
}

/** The acceptances that a verdict ends. Pure. */
export function endedAcceptances(
  { sighted, resolved, unchanged, redecided }: DiscrepancyChanges,
  now: Date,
): EndedAcceptance[] {
  const ends: EndedAcceptance[] = [];
  const again = new Map(redecided.map(({ row, decision }) => [row, decision]));
  const end = (
    row: StoredDiscrepancy,
    why: EndedAcceptance['why'],
    { description, decision }: { description: string; decision: DecidedDrift | null },
  ) => {
    const { acceptedBy, acceptedUntil } = row;
    if (acceptedBy === null || acceptedUntil === null) return;
    // Written so that an invalid time counts as past.
    if (why === 'expired' && acceptedUntil > now) return;
    const isSeen = !unchanged.includes(row);
    ends.push({ row: { ...row, acceptedBy, acceptedUntil }, why, description, isSeen, decision });
  };
  for (const { change, confirmed, before, decision } of sighted) {
    if (before === null) continue;
    end(before, change === 'changed' ? 'changed' : 'expired', { description: confirmed.description, decision });
  }
  for (const row of unchanged) {
    const decision = again.has(row) ? (again.get(row) ?? null) : row.decision;
    end(row, 'expired', { description: row.description, decision });
  }
  for (const row of resolved) end(row, 'resolved', row);
  return ends;
}

/**
 * Whether a human is called because the acceptance ended. A change is called as a change of the discrepancy instead.
 */
export function callsForEnd({ row, why, decision }: EndedAcceptance, policy: Policy): boolean {
  return why === 'expired' && callsHuman(standingDecision(decision, row.type, policy));
}

/** The intervention call for an expired acceptance. */
export function callOfEnd({ row, description, isSeen, decision }: EndedAcceptance): InterventionCall {
  const stands = isSeen ? 'still differs' : 'is still open';
  const until = row.acceptedUntil.toISOString();
  return {
    action: row.type,
    text: `${row.symbol} ${stands}; ${row.acceptedBy} had accepted it until ${until}: ${description}`,
    ...marksOfCall([decision]),
  };
}

/** Clears the ended acceptances in the rows of their discrepancies. */
export async function storeEnds(session: DatabaseSession, ends: readonly EndedAcceptance[]): Promise<void> {
  for (const some of batches(ends)) {
    await session
      .update(discrepancy)
      .set(NOT_ACCEPTED)
      .where(
        inArray(
          discrepancy.id,
          some.map(({ row }) => row.id),
        ),
      );
  }
}
