import { and, eq, gte, lt } from 'drizzle-orm';
import type { Policy } from '../domain/policy.js';
import { clockAndAnswer, lockAccount, notRegistered, updateAccount } from './account-row.js';
import type { Session } from './database.js';
import { appendEvents, GENESIS_HASH } from './event-chain.js';
import type { Ledger } from './ledger.js';
import { account, event, unsettled } from './schema.js';

export async function registerAccount(
  session: Session,
  request: { account: string; exchange: string; policy: Policy },
): Promise<void> {
  const { now } = await clockAndAnswer(session, null);
  await keepWhoWasTold(session, request.account, request.policy.unsettledThreshold);
  const settings = { exchange: request.exchange, policy: request.policy, active: true };
  await session
    .insert(account)
    .values({
      account: request.account,
      ...settings,
      paused: false,
      registeredAt: now,
      successTotal: 0,
      failureTotal: 0,
      discrepancyTotal: {},
      openDiscrepancies: {},
      consecutiveFailures: 0,
      openInterventions: 0,
      lastRunNumber: 0,
      lastSequence: 0,
      lastHash: GENESIS_HASH,
    })
    .onConflictDoUpdate({ target: account.account, set: settings });
}

/**
 * A human was told of a key when its count of unsettled runs reached the threshold. So under another threshold a key of which
 * nobody was told comes to stand just before it, and one of which somebody was told is past it.
 */
async function keepWhoWasTold(session: Session, name: string, threshold: number): Promise<void> {
  const [before] = await session
    .select({ policy: account.policy })
    .from(account)
    .where(eq(account.account, name))
    .for('update');
  const thresholdBefore = before?.policy.unsettledThreshold ?? threshold;
  if (thresholdBefore === threshold) return;
  const isLower = threshold < thresholdBefore;
  await session
    .update(unsettled)
    .set({ runsInARow: isLower ? threshold - 1 : threshold })
    .where(
      and(
        eq(unsettled.account, name),
        gte(unsettled.runsInARow, isLower ? threshold : thresholdBefore),
        lt(unsettled.runsInARow, isLower ? thresholdBefore : threshold),
      ),
    );
}

export async function deactivateAccount(session: Session, name: string): Promise<void> {
  const changed = await session
    .update(account)
    .set({ active: false })
    .where(eq(account.account, name))
    .returning({ account: account.account });
  if (changed.length === 0) throw notRegistered(name);
}

/** See `Ledger.recordPause`. */
export async function recordPause(session: Session, change: Parameters<Ledger['recordPause']>[0]): Promise<void> {
  const row = await lockAccount(session, change.account);
  const requestId = `pause/${change.requestId}`;
  const recorded = await session
    .select({ sequence: event.sequence })
    .from(event)
    .where(and(eq(event.account, change.account), eq(event.requestId, requestId)));
  if (recorded.length > 0) return;
  const { now } = await clockAndAnswer(session, null);
  const head = await appendEvents(session, row, now, [
    {
      type: change.paused ? 'RECONCILIATION_PAUSED' : 'RECONCILIATION_RESUMED',
      run: null,
      requestId,
      payload: { by: change.by, reason: change.reason },
    },
  ]);
  await updateAccount(session, change.account, { ...head, paused: change.paused });
}
