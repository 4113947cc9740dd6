import { and, desc, eq, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import { LIMITS } from '../../domain/limits/limits.js';
import type { KnownAccount, OpenIntervention, Pause, Streak } from '../../domain/lifecycle/known-account.js';
import { notRegistered } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { account, event, intervention, type AccountRow } from '../store/schema.js';
import { isoOf } from '../store/stored-time.js';

/**
 * Maximum number of newest reasons of an open intervention that are returned, because they pass through workflow
 * history.
 */
const MAX_REASONS = LIMITS.reasons.value;

/** See `Ledger.registerAccount`. */
export async function knownAccount(session: DatabaseSession, row: AccountRow, now: Date): Promise<KnownAccount> {
  return {
    lastRunNumber: row.lastRunNumber,
    streak: { failures: row.consecutiveFailures, called: row.streakCalled },
    paused: row.paused ? await pauseOf(session, row.account, now) : null,
    lastSuccessAt: isoOf(row.lastSuccessAt),
    openIntervention: row.openInterventions > 0 ? await openInterventionOf(session, row.account) : null,
  };
}

/** See `Ledger.streak`. */
export async function streakOf(session: DatabaseSession, name: string): Promise<Streak> {
  const [row] = await session
    .select({ failures: account.consecutiveFailures, called: account.streakCalled })
    .from(account)
    .where(eq(account.account, name));
  if (row === undefined) throw notRegistered(name);
  return row;
}

const pausePayload = z.object({ by: z.string(), reason: z.string().nullable() });

/** Who paused the account last. If that event was altered, the author is unknown, but the account is still paused. */
async function pauseOf(session: DatabaseSession, name: string, now: Date): Promise<Pause> {
  const [last] = await session
    .select({ at: event.at, payload: sql<unknown>`${event.payload}` })
    .from(event)
    .where(and(eq(event.account, name), eq(event.type, 'RECONCILIATION_PAUSED')))
    .orderBy(desc(event.sequence))
    .limit(1);
  const reported = pausePayload.safeParse(last?.payload).data;
  const since = isoOf(last?.at ?? null) ?? now.toISOString();
  return { by: reported?.by ?? 'unknown', reason: reported?.reason ?? '', since };
}

/** See `Ledger.openInterventionOf`. */
export async function openInterventionOf(session: DatabaseSession, name: string): Promise<OpenIntervention | null> {
  const [row] = await session
    .select({
      interventionId: intervention.id,
      openedAt: intervention.openedAt,
      reasons: intervention.reasons,
      notifiedTimes: intervention.notifiedTimes,
      snoozedUntil: intervention.snoozedUntil,
      isSnoozed: sql<boolean>`${intervention.state} = 'snoozed' and ${intervention.snoozedUntil} > now()`,
    })
    .from(intervention)
    .where(and(eq(intervention.account, name), ne(intervention.state, 'acknowledged')))
    .orderBy(desc(intervention.openedAt), desc(intervention.id))
    .limit(1);
  if (row === undefined) return null;
  return {
    interventionId: row.interventionId,
    openedAt: row.openedAt.toISOString(),
    reasons: row.reasons.slice(-MAX_REASONS),
    notifiedTimes: row.notifiedTimes,
    snoozedUntil: row.isSnoozed ? isoOf(row.snoozedUntil) : null,
  };
}

/** See `Ledger.acknowledgedBy`. */
export async function acknowledgedBy(session: DatabaseSession, interventionId: string): Promise<string | null> {
  const [row] = await session
    .select({ by: intervention.acknowledgedBy })
    .from(intervention)
    .where(eq(intervention.id, interventionId));
  return row?.by ?? null;
}
