import { asc, sql } from 'drizzle-orm';
import { NOT_COMPARED_REASONS, type NotComparedReason } from '../../domain/snapshot/snapshot.js';
import { closesGate } from '../../domain/lifecycle/intervention.js';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../domain/difference/difference.js';
import { LOG_CHANNEL } from '../../domain/policy/channel-name.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { DatabaseSession } from '../store/database.js';
import { MAX_ACCEPTANCE_DAYS, type AccountTotals } from '../contract/ledger.js';
import { account, type AccountRow, type TypeCounts } from '../store/schema.js';

/**
 * Open discrepancies of one type: how many are accepted for now. Of the others: how many close the trading gate by decision, and
 * how many have no decision, so that their type decides.
 */
type OpenCounts = Partial<Record<DiscrepancyType, { accepted: number; closing: number; undecided: number }>>;

/** Expressions over a row of `account`. */
export const totalsColumns = {
  row: account,
  readAtMs: sql<string>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  // An end beyond the maximum is ignored: only an altered row holds one, and it must not open the trading gate.
  openCounts: sql<OpenCounts | null>`(
    select json_object_agg(type, json_build_object('accepted', accepted, 'closing', closing, 'undecided', undecided))
    from (
      select standing.type,
        count(*) filter (where standing.accepted) as accepted,
        count(*) filter (where not standing.accepted and standing.closes_gate) as closing,
        count(*) filter (where not standing.accepted and standing.closes_gate is null) as undecided
      from (
        select one.type, one.closes_gate,
          coalesce(one.accepted_until > clock_timestamp()
            and one.accepted_until < clock_timestamp() + make_interval(days => ${MAX_ACCEPTANCE_DAYS + 1}), false)
            as accepted
        from plumbline.discrepancy one
        where one.account = plumbline.account.account and one.state = 'open') standing
      group by standing.type) by_type)`,
  // One row by index. A failed run compared nothing, and is counted as failed.
  notCompared: sql<unknown>`(
    select last_run.not_compared from plumbline.run last_run where last_run.account = plumbline.account.account
    order by last_run.id desc limit 1)`,
  // By index, from the few interventions that are open. The log accepts every message and reaches nobody, and somebody who
  // was only notified has not been paged.
  undeliveredSince: sql<number | null>`(
    select (extract(epoch from min(wanted.wanted_at)) * 1000)::float8
    from plumbline.intervention open_one
    join plumbline.notification wanted on wanted.intervention_id = open_one.id
    where open_one.account = plumbline.account.account and open_one.state <> 'acknowledged'
      and wanted.occasion in ('called', 'reason') and wanted.severity = 'page' and wanted.delivered_at is null
      and wanted.channel <> ${LOG_CHANNEL}
      and not exists (
        select from plumbline.notification reached
        where reached.intervention_id = open_one.id and reached.delivered_at is not null
          and reached.severity = 'page' and reached.channel <> ${LOG_CHANNEL}))`,
};

/** Ordered by name. One statement and one row per account, however long its history. */
export async function listAccounts(session: DatabaseSession): Promise<AccountTotals[]> {
  const rows = await session.select(totalsColumns).from(account).orderBy(asc(account.account));
  return rows.map(asTotals);
}

/** The totals of the registered accounts among `names`. One statement. */
export async function findAccounts(
  session: DatabaseSession,
  names: readonly string[],
): Promise<Map<string, AccountTotals>> {
  // PostgreSQL refuses a text with a NUL, which would fail the query for the other names too.
  const possible = names.filter((name) => !name.includes('\0'));
  if (possible.length === 0) return new Map();
  const rows = await statementOf(session).execute({ names: possible });
  return new Map(rows.map((found) => [found.row.account, asTotals(found)]));
}

const statements = new WeakMap<DatabaseSession, ReturnType<typeof findStatement>>();

/**
 * Built once per connection, because building it costs more than the answer.
 * It has no name, because a pooler such as PgBouncer may give every statement another connection of the server.
 */
function statementOf(session: DatabaseSession): ReturnType<typeof findStatement> {
  const statement = statements.get(session) ?? findStatement(session);
  statements.set(session, statement);
  return statement;
}

function findStatement(session: DatabaseSession) {
  return session
    .select(totalsColumns)
    .from(account)
    .where(sql`${account.account} = any(${sql.placeholder('names')})`)
    .prepare('');
}

interface Found {
  row: AccountRow;
  readAtMs: string;
  openCounts: OpenCounts | null;
  notCompared: unknown;
  undeliveredSince: number | null;
}

function asTotals(found: Found): AccountTotals {
  const { lastSequence: _sequence, lastHash: _hash, callDue, calledAt: _calledAt, ...rest } = found.row;
  const { trailNumber: _number, trailHash: _trailHash, openInterventions, closingInterventions, ...totals } = rest;
  return {
    ...totals,
    openInterventions: closingInterventions,
    interventionsOpen: openInterventions,
    undeliveredSince: found.undeliveredSince === null ? null : new Date(found.undeliveredSince),
    callDueSince: callDue === null || !closesGate(callDue.calls) ? null : new Date(callDue.since),
    discrepancyTotal: everyType(found.row.discrepancyTotal),
    openDiscrepancies: everyType(found.row.openDiscrepancies),
    ...countBlocking(found.openCounts ?? {}, found.row.policy),
    notCompared: countReasons(found.notCompared),
    readAt: new Date(Number(found.readAtMs)),
  };
}

/** @param policy the account's, or an altered one */
export function countBlocking(
  openCounts: OpenCounts,
  policy: Pick<Policy, 'interveneOn'> | null,
): Pick<AccountTotals, 'blockingDiscrepancies' | 'acceptedDiscrepancies'> {
  // If an altered policy names no readable types, every type blocks.
  const interveneOn: unknown = policy?.interveneOn;
  let blockingDiscrepancies = 0;
  let acceptedDiscrepancies = 0;
  for (const [type, { accepted, closing, undecided }] of Object.entries(openCounts)) {
    acceptedDiscrepancies += accepted;
    const calls = !Array.isArray(interveneOn) || interveneOn.includes(type);
    blockingDiscrepancies += calls ? closing + undecided : closing;
  }
  return { blockingDiscrepancies, acceptedDiscrepancies };
}

/** Entries by reason. Accepts any column value: an altered one counts as "not covered". */
function countReasons(notCompared: unknown): Record<NotComparedReason, number> {
  const counts = Object.fromEntries(NOT_COMPARED_REASONS.map((reason) => [reason, 0])) as Record<
    NotComparedReason,
    number
  >;
  for (const entry of Array.isArray(notCompared) ? (notCompared as unknown[]) : []) {
    counts[reasonOf(entry)] += 1;
  }
  return counts;
}

function reasonOf(entry: unknown): NotComparedReason {
  const code: unknown = typeof entry === 'object' && entry !== null && 'code' in entry ? entry.code : null;
  return NOT_COMPARED_REASONS.find((reason) => reason === code) ?? 'NOT_COVERED';
}

/** All types, with 0 if none was counted: an alert cannot fire on a metric that is absent. */
function everyType(counts: TypeCounts): Record<DiscrepancyType, number> {
  return Object.fromEntries(DISCREPANCY_TYPES.map((type) => [type, counts[type] ?? 0])) as Record<
    DiscrepancyType,
    number
  >;
}
