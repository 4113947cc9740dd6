import { closesGate } from '../../domain/lifecycle/intervention.js';
import { asc, gt, sql } from 'drizzle-orm';
import type { Policy } from '../../domain/policy/policy.js';
import type { ReadGateState } from '../contract/gate.js';
import { MAX_ACCEPTANCE_DAYS } from '../contract/ledger.js';
import type { DatabaseSession } from '../store/database.js';
import { account } from '../store/schema.js';
import { countBlocking, totalsColumns } from './account-totals.js';

/** Only what a gate is decided from, because thousands of accounts are read every few seconds. */
const columns = {
  account: account.account,
  active: account.active,
  paused: account.paused,
  policy: sql<Pick<Policy, 'gateMaxAgeMinutes' | 'interveneOn'>>`json_build_object(
    'gateMaxAgeMinutes', ${account.policy} -> 'gateMaxAgeMinutes', 'interveneOn', ${account.policy} -> 'interveneOn')`,
  lastSuccessAt: account.lastSuccessAt,
  openInterventions: account.closingInterventions,
  callDue: account.callDue,
  consecutiveFailures: account.consecutiveFailures,
  expectedAt: account.expectedAt,
  version: sql<string>`${account.lastSequence} || '.' || ${account.trailNumber}`,
  readAtMs: totalsColumns.readAtMs,
  openCounts: totalsColumns.openCounts,
  undeliveredSince: totalsColumns.undeliveredSince,
  acceptanceEndsAtMs: sql<string | null>`(
    select (extract(epoch from min(one.accepted_until)) * 1000)::bigint from plumbline.discrepancy one
    where one.account = plumbline.account.account and one.state = 'open'
      and one.accepted_until > clock_timestamp()
      and one.accepted_until < clock_timestamp() + make_interval(days => ${MAX_ACCEPTANCE_DAYS + 1}))`,
};

/** Some accounts by name, or the next ones after a name in the database's order. */
export type WhichGates = { names: readonly string[] } | { after: string; limit: number };

/** The trading gates of registered accounts. One statement. */
export async function readGateStates(session: DatabaseSession, which: WhichGates): Promise<ReadGateState[]> {
  const all = session.select(columns).from(account);
  const rows = await ('names' in which
    ? all.where(sql`${account.account} = any(${sql.param(which.names)})`)
    : all.where(gt(account.account, which.after)).orderBy(asc(account.account)).limit(which.limit));
  return rows.map(({ callDue, readAtMs, openCounts, undeliveredSince, acceptanceEndsAtMs, ...row }) => ({
    ...row,
    callDueSince: callDue === null || !closesGate(callDue.calls) ? null : new Date(callDue.since),
    undeliveredSince: undeliveredSince === null ? null : new Date(undeliveredSince),
    ...countBlocking(openCounts ?? {}, row.policy),
    acceptanceEndsAt: acceptanceEndsAtMs === null ? null : new Date(Number(acceptanceEndsAtMs)),
    readAt: new Date(Number(readAtMs)),
  }));
}
