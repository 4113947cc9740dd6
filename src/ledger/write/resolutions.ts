import { desc, eq, and, inArray, sql } from 'drizzle-orm';
import { FailureError } from '../../domain/failure/failure.js';
import type { Ledger, DiscrepancyRow } from '../contract/ledger.js';
import { asDiscrepancyRow } from '../read/listings.js';
import { addCounts, clockAndAnswer, countTypes, lockAccount, updateAccount } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents, type NewEvent } from '../store/event-chain.js';
import { discrepancy, run, sighting, type StoredDiscrepancy } from '../store/schema.js';
import { authorOf, bounded } from '../store/stored-text.js';
import { wayFields } from '../store/way-fields.js';
import { NOT_ACCEPTED } from './acceptance-ends.js';
import { findOpen } from './acceptances.js';

/** See `Ledger.resolveDiscrepancies`. */
export async function resolveDiscrepancies(
  session: DatabaseSession,
  request: Parameters<Ledger['resolveDiscrepancies']>[0],
): Promise<DiscrepancyRow[]> {
  const { account: name } = request;
  const account = await lockAccount(session, name);
  const { now } = await clockAndAnswer(session, null);
  const rows = await findOpen(session, name, request.discrepancyIds);
  const lastRun = await lastRunOf(session, name);
  await refuseSeen(session, name, rows);
  if (lastRun === null || rows.length === 0) return [];
  const by = {
    by: authorOf(request.by),
    note: bounded(request.note),
    ...(request.via !== undefined && wayFields({ via: request.via })),
  };
  const events = rows.flatMap((row): NewEvent[] => [resolution(row, by), ...endOfAcceptance(row)]);
  const head = await appendEvents(session, account, now, events);
  const open = addCounts(account.openDiscrepancies, countTypes(rows), -1);
  await updateAccount(session, name, { ...head, openDiscrepancies: open });
  const resolved = { state: 'resolved' as const, resolvedAt: now, resolvedByRun: lastRun, ...NOT_ACCEPTED };
  await session
    .update(discrepancy)
    .set(resolved)
    .where(
      inArray(
        discrepancy.id,
        rows.map(({ id }) => id),
      ),
    );
  return rows.map((row) => asDiscrepancyRow({ ...row, ...resolved }, account.policy));
}

function resolution(row: StoredDiscrepancy, by: Record<string, unknown>): NewEvent {
  return {
    type: 'DISCREPANCY_RESOLVED',
    run: null,
    payload: {
      discrepancy_id: row.id,
      identity: row.identity,
      type: row.type,
      symbol: row.symbol,
      description: row.description,
      opened_at: row.openedAt,
      times_seen: row.timesSeen,
      ...by,
    },
  };
}

function endOfAcceptance(row: StoredDiscrepancy): NewEvent[] {
  if (row.acceptedBy === null) return [];
  const { id, identity, type, symbol, description, acceptedBy: by, acceptedUntil: until } = row;
  const payload = {
    discrepancy_id: id,
    identity,
    type,
    symbol,
    description,
    why: 'resolved',
    by,
    until,
    intervene: false,
  };
  return [{ type: 'ACCEPTANCE_ENDED', run: null, payload }];
}

/** The row of the account's last run; null if none has ended. */
async function lastRunOf(session: DatabaseSession, account: string): Promise<number | null> {
  const [last] = await session
    .select({ id: run.id })
    .from(run)
    .where(eq(run.account, account))
    .orderBy(desc(run.id))
    .limit(1);
  return last?.id ?? null;
}

/** Throws FailureError for a discrepancy that the last verdict saw: the next run would open it again. */
async function refuseSeen(
  session: DatabaseSession,
  account: string,
  rows: readonly StoredDiscrepancy[],
): Promise<void> {
  const [verdict] = await session
    .select({ id: run.id, runNumber: run.runNumber })
    .from(run)
    .where(and(eq(run.account, account), sql`${run.outcome} <> 'failed'`))
    .orderBy(desc(run.id))
    .limit(1);
  if (verdict === undefined || rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  const seen = await session
    .select({ id: sighting.discrepancyId })
    .from(sighting)
    .where(and(eq(sighting.runId, verdict.id), inArray(sighting.discrepancyId, ids)))
    .limit(1);
  const row = rows.find(({ id }) => id === seen[0]?.id);
  if (row === undefined) return;
  throw new FailureError({
    kind: 'configuration',
    side: 'ledger',
    message: `Run ${verdict.runNumber} still saw discrepancy ${row.id} (${bounded(row.description, 200)}), so the next run would open it again.`,
    where: null,
    remedy: 'Fix it, then `plumbline run`; or accept it for some time with `plumbline accept`.',
    retryAfterMs: null,
  });
}
