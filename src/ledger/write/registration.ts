import { and, eq, gte, lt } from 'drizzle-orm';
import type { KnownAccount } from '../../domain/lifecycle/known-account.js';
import type { Way } from '../../domain/lifecycle/way.js';
import { clockAndAnswer, lockAccount, lockAccountIfThere, updateAccount } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import { appendEvents, GENESIS_HASH, type NewEvent } from '../store/event-chain.js';
import { expectedAfter } from './expected-sign.js';
import { knownAccount } from '../read/known-account.js';
import type { Ledger } from '../contract/ledger.js';
import { enrol } from '../store/roster.js';
import { account, unconfirmed, type AccountRow } from '../store/schema.js';
import { asStored, sameSettings, type Settings } from './settings.js';
import { wayFields } from '../store/way-fields.js';
import { authorOf } from '../store/stored-text.js';

/** See `Ledger.registerAccount`. */
export async function registerAccount(
  session: DatabaseSession,
  request: Parameters<Ledger['registerAccount']>[0],
): Promise<KnownAccount> {
  const settings: Settings = { exchange: request.exchange, policy: asStored(request.policy), active: true };
  const inserted = await insertAccount(session, request.account, settings);
  const row = inserted ?? (await lockAccount(session, request.account));
  // The registration has the time of its event.
  const now = inserted?.registeredAt ?? (await clockAndAnswer(session, null)).now;
  const before: Settings = { exchange: row.exchange, policy: row.policy, active: row.active };
  const author = { by: authorOf(request.by), ...viaOf(request.via) };
  const event: NewEvent | null =
    inserted !== null
      ? {
          type: 'ACCOUNT_REGISTERED',
          run: null,
          payload: { ...author, exchange: settings.exchange, policy: settings.policy },
        }
      : sameSettings(before, settings)
        ? null
        : { type: 'POLICY_CHANGED', run: null, payload: { ...author, before, after: settings } };
  if (inserted === null) await keepWhoWasNotified(session, row, settings.policy.unsettledThreshold);
  const isStarting = inserted !== null || !row.active;
  const nextRunAt = request.nextRunAt === undefined && isStarting ? (row.paused ? null : now) : request.nextRunAt;
  const expected = expectedAfter(row.expectedAt, nextRunAt, now);
  const changes =
    event === null ? expected : { ...expected, ...settings, ...(await appendEvents(session, row, now, [event])) };
  await updateAccount(session, row.account, changes);
  const known = await knownAccount(session, { ...row, ...changes }, now);
  // Last, because all registrations wait for this lock until it commits, and a fleet registers hundreds at once.
  if (inserted !== null) await enrol(session, row.account);
  return known;
}

function viaOf(via: Way | undefined): Record<string, unknown> {
  return via === undefined ? {} : wayFields({ via });
}

/** Inserts the row of a new account, which is locked from then on; null if the account already exists. */
async function insertAccount(session: DatabaseSession, name: string, settings: Settings): Promise<AccountRow | null> {
  if ((await lockAccountIfThere(session, name)) !== null) return null;
  const { now } = await clockAndAnswer(session, null);
  const [row] = await session
    .insert(account)
    .values({
      account: name,
      ...settings,
      paused: false,
      registeredAt: now,
      successTotal: 0,
      failureTotal: 0,
      discrepancyTotal: {},
      openDiscrepancies: {},
      consecutiveFailures: 0,
      openInterventions: 0,
      closingInterventions: 0,
      lastRunNumber: 0,
      lastSequence: 0,
      lastHash: GENESIS_HASH,
      streakCalled: false,
      trailNumber: 0,
      trailHash: GENESIS_HASH,
    })
    // Another transaction registers it at the same time.
    .onConflictDoNothing({ target: account.account })
    .returning();
  return row ?? null;
}

/**
 * A human is notified of a key when its count of unconfirmed runs reaches the threshold. When the threshold changes,
 * counts are reset: a key that nobody was notified of is set just below the new threshold, and every other key above it.
 */
async function keepWhoWasNotified(session: DatabaseSession, row: AccountRow, threshold: number): Promise<void> {
  const thresholdBefore = row.policy.unsettledThreshold;
  if (thresholdBefore === threshold) return;
  const isLower = threshold < thresholdBefore;
  await session
    .update(unconfirmed)
    .set({ runsInARow: isLower ? threshold - 1 : threshold })
    .where(
      and(
        eq(unconfirmed.account, row.account),
        gte(unconfirmed.runsInARow, isLower ? threshold : thresholdBefore),
        lt(unconfirmed.runsInARow, isLower ? thresholdBefore : threshold),
      ),
    );
}

/** See `Ledger.deactivateAccount`. */
export async function deactivateAccount(
  session: DatabaseSession,
  name: string,
  by: string | undefined,
  via: Way | undefined,
): Promise<void> {
  const row = await lockAccount(session, name);
  if (!row.active) return;
  const { now } = await clockAndAnswer(session, null);
  const head = await appendEvents(session, row, now, [
    { type: 'RECONCILIATION_STOPPED', run: null, payload: { by: authorOf(by), ...viaOf(via) } },
  ]);
  await updateAccount(session, name, { ...head, active: false, expectedAt: null });
}
