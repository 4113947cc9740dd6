import { and, eq, ne } from 'drizzle-orm';
import { FailureError } from '../../domain/failure/failure.js';
import { closesGate } from '../../domain/lifecycle/intervention.js';
import { clockAndAnswer, lockAccount, lockAccountIfThere, notRegistered, updateAccount } from '../store/account-row.js';
import { afterReasons } from './intervention-due.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents } from '../store/event-chain.js';
import type { InterventionReasonRow, Ledger } from '../contract/ledger.js';
import { intervention, interventionRequest, type AccountRow } from '../store/schema.js';
import { actOf } from '../read/acts.js';
import { actKey, authorOf, bounded, requestKey, storable } from '../store/stored-text.js';
import { wayFields } from '../store/way-fields.js';
import { appendTrail } from '../store/trail.js';

export async function openIntervention(
  session: DatabaseSession,
  request: Parameters<Ledger['openIntervention']>[0],
): Promise<void> {
  const row = await lockAccountIfThere(session, request.account);
  if (row === null) throw notYetRegistered(request.account);
  const { now } = await clockAndAnswer(session, null);
  const opened = await session
    .insert(intervention)
    .values({
      id: request.interventionId,
      account: request.account,
      state: 'open',
      openedAt: now,
      reasons: request.reasons,
      notifiedTimes: 0,
    })
    .onConflictDoNothing({ target: intervention.id })
    .returning({ id: intervention.id });
  // Repeated delivery. Nobody was notified of reasons that its row lacks, so their call stays due.
  if (opened.length === 0) return;
  const payload = { intervention_id: request.interventionId, reasons: request.reasons };
  await updateAccount(session, row.account, {
    ...(await appendTrail(session, row, now, [{ kind: 'intervention_opened', payload }])),
    ...afterReasons(row, request.reasons),
    ...(await countOpen(session, row.account)),
  });
}

export async function addInterventionReason(
  session: DatabaseSession,
  request: Parameters<Ledger['addInterventionReason']>[0],
): Promise<void> {
  const { row, account } = await lockIntervention(session, request.interventionId);
  // The person who acknowledged it has not seen this reason. It belongs to another intervention, and its call stays
  // due.
  if (row.state === 'acknowledged') return;
  if (!(await isFirst(session, request))) return;
  const reasons: InterventionReasonRow[] = [...row.reasons, request.reason];
  await session.update(intervention).set({ reasons }).where(eq(intervention.id, row.id));
  const { now } = await clockAndAnswer(session, null);
  const payload = { intervention_id: row.id, request_id: request.requestId, reason: request.reason };
  await updateAccount(session, row.account, {
    ...(await appendTrail(session, account, now, [{ kind: 'reason_added', payload }])),
    ...afterReasons(account, [request.reason]),
    ...(await countOpen(session, row.account)),
  });
}

export async function recordNotification(
  session: DatabaseSession,
  request: Parameters<Ledger['recordNotification']>[0],
): Promise<void> {
  const { row, account } = await lockIntervention(session, request.interventionId);
  if (!(await isFirst(session, request))) return;
  await session
    .update(intervention)
    .set({ notifiedTimes: row.notifiedTimes + 1 })
    .where(eq(intervention.id, row.id));
  const { now } = await clockAndAnswer(session, null);
  const payload = { intervention_id: row.id, request_id: request.requestId };
  await updateAccount(session, row.account, await appendTrail(session, account, now, [{ kind: 'notified', payload }]));
}

export async function snoozeIntervention(
  session: DatabaseSession,
  request: Parameters<Ledger['snoozeIntervention']>[0],
): Promise<void> {
  const { row, account } = await lockIntervention(session, request.interventionId);
  if (row.state === 'acknowledged') return;
  const { until } = request;
  const snooze = { snoozedUntil: until, snoozedBy: authorOf(request.by), snoozeNote: bounded(request.note) };
  // Repeated delivery or repeated request: it is already snoozed like this.
  if (row.snoozedBy === snooze.snoozedBy && row.snoozedUntil?.getTime() === until.getTime()) return;
  const { requestId } = request;
  if (requestId !== undefined && (await actOf(session, row.account, requestId, null)) !== null) return;
  const { now } = await clockAndAnswer(session, null);
  const payload = {
    by: snooze.snoozedBy,
    until,
    note: snooze.snoozeNote,
    intervention_id: row.id,
    ...wayFields(request),
  };
  const head = await appendEvents(session, account, now, [
    { type: 'INTERVENTION_SNOOZED', run: null, payload, ...actKey(requestId) },
  ]);
  await updateAccount(session, row.account, head);
  await session
    .update(intervention)
    .set({ state: 'snoozed', ...snooze })
    .where(eq(intervention.id, row.id));
}

/**
 * Closes the intervention and every other open one of the account. An account has one intervention at a time, so
 * another open one is left over from a workflow that was ended from outside, and nobody else could ever close it.
 */
export async function acknowledgeIntervention(
  session: DatabaseSession,
  { interventionId, by, note, ...request }: Parameters<Ledger['acknowledgeIntervention']>[0],
): Promise<void> {
  const { account: name } = await findIntervention(session, interventionId);
  // Locks the account before its interventions, as everywhere: writers that lock in one order cannot deadlock.
  const account = await lockAccount(session, name);
  const { now } = await clockAndAnswer(session, null);
  if ((await findIntervention(session, interventionId)).state === 'acknowledged') return;
  const closed = await session
    .update(intervention)
    .set({
      state: 'acknowledged',
      acknowledgedAt: now,
      acknowledgedBy: storable(by),
      note: storable(note),
      snoozedUntil: null,
    })
    .where(and(eq(intervention.account, name), ne(intervention.state, 'acknowledged')))
    .returning();
  const head = await appendEvents(session, account, now, [
    {
      type: 'MANUAL_REVIEW_ACKNOWLEDGED',
      run: null,
      requestId: requestKey('acknowledge', interventionId),
      payload: {
        by,
        note,
        intervention_id: interventionId,
        closed: closed.map(({ id }) => id).toSorted(),
        reasons: closed.flatMap(({ reasons }) => reasons),
        ...wayFields(request),
      },
    },
  ]);
  await updateAccount(session, name, { ...head, ...(await countOpen(session, name)) });
}

async function lockIntervention(session: DatabaseSession, id: string) {
  const { account: name } = await findIntervention(session, id);
  const account = await lockAccount(session, name);
  return { account, row: await findIntervention(session, id) };
}

async function findIntervention(session: DatabaseSession, id: string) {
  const [row] = await session.select().from(intervention).where(eq(intervention.id, id));
  if (row !== undefined) return row;
  throw new FailureError({
    kind: 'ledger',
    side: 'ledger',
    message: `The ledger does not know the intervention "${id}".`,
    where: id,
    remedy: 'The ledger records an intervention before any change to it; check whether a backup was restored.',
    retryAfterMs: null,
  });
}

/**
 * The failure's kind is one that is retried, unlike elsewhere: if the ledger was unreachable from the account's first run
 * on, a human was called before the account could be registered.
 */
export function notYetRegistered(name: string): FailureError {
  return new FailureError({ ...notRegistered(name).failure, kind: 'ledger' });
}

/** Whether this is the first delivery of the request. */
async function isFirst(
  session: DatabaseSession,
  request: { interventionId: string; requestId: string },
): Promise<boolean> {
  const { interventionId, requestId } = request;
  const inserted = await session
    .insert(interventionRequest)
    .values({ interventionId, requestId })
    .onConflictDoNothing()
    .returning({ requestId: interventionRequest.requestId });
  return inserted.length > 0;
}

async function countOpen(
  session: DatabaseSession,
  account: string,
): Promise<Pick<AccountRow, 'openInterventions' | 'closingInterventions'>> {
  const rows = await session
    .select({ reasons: intervention.reasons })
    .from(intervention)
    .where(and(eq(intervention.account, account), ne(intervention.state, 'acknowledged')));
  return {
    openInterventions: rows.length,
    closingInterventions: rows.filter(({ reasons }) => closesGate(reasons)).length,
  };
}
