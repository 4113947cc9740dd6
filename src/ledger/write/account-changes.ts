import { and, eq } from 'drizzle-orm';
import type { RefusedRequests } from '../../domain/lifecycle/refused-requests.js';
import { clockAndAnswer, lockAccount, updateAccount } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents, type NewEvent } from '../store/event-chain.js';
import { expectedAfter } from './expected-sign.js';
import type { Ledger } from '../contract/ledger.js';
import { event, type AccountRow } from '../store/schema.js';
import { authorOf, bounded, requestKey } from '../store/stored-text.js';
import { wayFields } from '../store/way-fields.js';

/** Maximum number of a repair's actions that are listed. */
const MAX_ACTIONS = 50;

/** See `Ledger.recordPause`. */
export async function recordPause(
  session: DatabaseSession,
  change: Parameters<Ledger['recordPause']>[0],
): Promise<void> {
  const { paused, by, reason, nextRunAt, via, channel } = change;
  const happened = {
    type: paused ? ('RECONCILIATION_PAUSED' as const) : ('RECONCILIATION_RESUMED' as const),
    run: null,
    requestId: requestKey('pause', change.requestId),
    payload: { by, reason, ...wayFields({ ...(via && { via }), ...(channel && { channel }) }) },
  };
  await recordOnce(session, change.account, happened, ({ expectedAt }, now) => ({
    paused,
    ...expectedAfter(expectedAt, paused ? null : nextRunAt, now),
  }));
}

/** See `Ledger.recordCancellation`. */
export async function recordCancellation(
  session: DatabaseSession,
  { account, requestId }: Parameters<Ledger['recordCancellation']>[0],
): Promise<void> {
  const happened = {
    type: 'RECONCILIATION_CANCELLED' as const,
    run: null,
    requestId: requestKey('cancelled', requestId),
    payload: { by: 'unknown (cancelled in Temporal)' },
  };
  // No workflow is left to show a sign of life: that is an alarm at once, not only when the next run is due.
  await recordOnce(session, account, happened, (row, now) => ({
    expectedAt: row.expectedAt !== null && row.expectedAt > now ? now : row.expectedAt,
  }));
}

/** See `Ledger.recordRepair`. */
export async function recordRepair(
  session: DatabaseSession,
  repair: Parameters<Ledger['recordRepair']>[0],
): Promise<void> {
  await recordOnce(session, repair.account, {
    type: 'ACCOUNT_REPAIRED',
    run: null,
    requestId: requestKey('repair', repair.requestId),
    payload: {
      by: authorOf(repair.by),
      ...(repair.via !== undefined && wayFields({ via: repair.via })),
      found: bounded(repair.found),
      actions: repair.actions.slice(0, MAX_ACTIONS).map((action) => bounded(action)),
    },
  });
}

/** See `Ledger.recordRefusal`. Accepts any value, because a refused request may have any form. */
export async function recordRefusal(session: DatabaseSession, refused: RefusedRequests): Promise<void> {
  await recordOnce(session, refused.account, {
    type: 'REQUEST_REFUSED',
    run: null,
    requestId: requestKey('refused', refused.requestId),
    payload: {
      by: authorOf(refused.by),
      message: bounded(refused.message),
      reason: bounded(refused.reason),
      count: Number.isSafeInteger(refused.count) ? refused.count : 1,
      first_at: bounded(refused.firstAt),
      last_at: bounded(refused.lastAt),
    },
  });
}

/** Records an event with a request id, and the changes that belong to it, unless the request is already recorded. */
async function recordOnce(
  session: DatabaseSession,
  name: string,
  happened: NewEvent & { requestId: string },
  changesOf: (row: AccountRow, now: Date) => Partial<AccountRow> = () => ({}),
): Promise<void> {
  const row = await lockAccount(session, name);
  const recorded = await session
    .select({ sequence: event.sequence })
    .from(event)
    .where(and(eq(event.account, name), eq(event.requestId, happened.requestId)));
  if (recorded.length > 0) return;
  const { now } = await clockAndAnswer(session, null);
  const head = await appendEvents(session, row, now, [happened]);
  await updateAccount(session, name, { ...head, ...changesOf(row, now) });
}
