import { inArray } from 'drizzle-orm';
import type { ActRequest } from '../../domain/lifecycle/way.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { AcceptanceColumns } from './acceptance-ends.js';
import { clockAndAnswer, lockAccount, updateAccount } from '../store/account-row.js';
import { batches } from '../store/batches.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents, type NewEvent } from '../store/event-chain.js';
import { loadOpen } from './lifecycle.js';
import { MAX_ACCEPTANCE_DAYS, type DiscrepancyRow, type Ledger } from '../contract/ledger.js';
import { asDiscrepancyRow } from '../read/listings.js';
import { discrepancy, type StoredDiscrepancy } from '../store/schema.js';
import { actOf } from '../read/acts.js';
import { actKey, authorOf, bounded } from '../store/stored-text.js';
import { wayFields } from '../store/way-fields.js';

/** See `Ledger.acceptDiscrepancies`. */
export async function acceptDiscrepancies(
  session: DatabaseSession,
  request: Parameters<Ledger['acceptDiscrepancies']>[0],
): Promise<DiscrepancyRow[]> {
  const account = await lockAccount(session, request.account);
  const { now } = await clockAndAnswer(session, null);
  const until = allowedEnd(request.until, now);
  const rows = await findOpen(session, request.account, request.discrepancyIds);
  const { requestId } = request;
  if (requestId !== undefined && (await actOf(session, request.account, requestId, null)) !== null) {
    return rows.filter((row) => row.acceptedBy !== null).map((row) => asDiscrepancyRow(row, account.policy));
  }
  const wanted = { acceptedBy: authorOf(request.by), acceptedNote: bounded(request.note), acceptedUntil: until };
  // A repeated delivery: the discrepancy is already accepted like this.
  const changed = rows.filter((row) => !isAcceptedLike(row, wanted));
  if (changed.length > 0) {
    const head = await appendEvents(
      session,
      account,
      now,
      changed.map((row, index) => ({
        ...acceptanceEvent(row, wanted, request),
        // One event holds the request's key, because keys are unique.
        ...(index === 0 && actKey(requestId)),
      })),
    );
    await updateAccount(session, request.account, head);
    for (const some of batches(changed)) {
      await session
        .update(discrepancy)
        .set({ ...wanted, acceptedAt: now })
        .where(
          inArray(
            discrepancy.id,
            some.map(({ id }) => id),
          ),
        );
    }
  }
  const accepted = rows.map((row) => (changed.includes(row) ? { ...row, ...wanted, acceptedAt: now } : row));
  return accepted.map((row) => asDiscrepancyRow(row, account.policy));
}

type Wanted = Omit<AcceptanceColumns, 'acceptedAt'> & { acceptedUntil: Date };

function isAcceptedLike(row: AcceptanceColumns, wanted: Wanted): boolean {
  return (
    row.acceptedBy === wanted.acceptedBy &&
    row.acceptedNote === wanted.acceptedNote &&
    row.acceptedUntil?.getTime() === wanted.acceptedUntil.getTime()
  );
}

function acceptanceEvent(row: StoredDiscrepancy, wanted: Wanted, request: ActRequest): NewEvent {
  return {
    type: 'DISCREPANCY_ACCEPTED',
    run: null,
    payload: {
      by: wanted.acceptedBy,
      note: wanted.acceptedNote,
      until: wanted.acceptedUntil,
      discrepancy_id: row.id,
      identity: row.identity,
      type: row.type,
      difference: row.difference,
      ...wayFields(request),
    },
  };
}

/** The time, if it lies in the future by the database's clock and within the limit. */
function allowedEnd(until: Date, now: Date): Date {
  const aheadMs = until.getTime() - now.getTime();
  // Written so that an invalid time is refused.
  if (aheadMs > 0 && aheadMs <= MAX_ACCEPTANCE_DAYS * 86_400_000) return until;
  const given = Number.isNaN(until.getTime()) ? 'no time' : until.toISOString();
  throw refused(
    `A difference can be accepted until a time that lies ahead, by ${MAX_ACCEPTANCE_DAYS} days at most; this is ${given}.`,
    'Name a time within the next year, such as "2 hours" or "7 days" from now.',
  );
}

/** The account's open discrepancies with these ids, or all of them. Throws FailureError if one is not open. */
export async function findOpen(
  session: DatabaseSession,
  name: string,
  ids: readonly string[] | null,
): Promise<StoredDiscrepancy[]> {
  const open = await loadOpen(session, name);
  if (ids === null) return open;
  const byId = new Map(open.map((row) => [row.id, row]));
  return [...new Set(ids.map((id) => id.toLowerCase()))].map((id) => {
    const row = byId.get(id);
    if (row !== undefined) return row;
    throw refused(
      `The account "${name}" has no open discrepancy "${bounded(id, 100)}".`,
      'List the open ones with `plumbline discrepancies`; one that is resolved needs nobody to accept it.',
    );
  });
}

function refused(message: string, remedy: string): FailureError {
  return new FailureError({
    kind: 'configuration',
    side: 'ledger',
    message,
    where: null,
    remedy,
    retryAfterMs: null,
  });
}
