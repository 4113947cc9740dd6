import { asc, sql } from 'drizzle-orm';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../domain/difference/difference.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { DatabaseSession } from '../store/database.js';
import { MAX_ACCEPTANCE_DAYS, type AccountTotals } from '../contract/ledger.js';
import { account, type AccountRow, type TypeCounts } from '../store/schema.js';

/** Open discrepancies of one type: how many there are, and how many of them are accepted for now. */
type OpenCounts = Partial<Record<DiscrepancyType, { open: number; accepted: number }>>;

const columns = {
  row: account,
  readAtMs: sql<string>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  // An end beyond the maximum is ignored: only an altered row holds one, and it must not open the trading gate.
  openCounts: sql<OpenCounts | null>`(
    select json_object_agg(type, json_build_object('open', open, 'accepted', accepted)) from (
      select one.type, count(*) as open, count(*) filter (
        where one.accepted_until > clock_timestamp()
          and one.accepted_until < clock_timestamp() + make_interval(days => ${MAX_ACCEPTANCE_DAYS + 1})) as accepted
      from plumbline.discrepancy one
      where one.account = plumbline.account.account and one.state = 'open'
      group by one.type) by_type)`,
};

/** Ordered by name. One statement and one row per account, however long its history. */
export async function listAccounts(session: DatabaseSession): Promise<AccountTotals[]> {
  const rows = await session.select(columns).from(account).orderBy(asc(account.account));
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
 * Built once per connection: the trading gate asks a thousand times a second, and building it costs more than the answer.
 * It has no name, because a pooler such as PgBouncer may give every statement another connection of the server.
 */
function statementOf(session: DatabaseSession): ReturnType<typeof findStatement> {
  const statement = statements.get(session) ?? findStatement(session);
  statements.set(session, statement);
  return statement;
}

function findStatement(session: DatabaseSession) {
  return session
    .select(columns)
    .from(account)
    .where(sql`${account.account} = any(${sql.placeholder('names')})`)
    .prepare('');
}

function asTotals(found: { row: AccountRow; readAtMs: string; openCounts: OpenCounts | null }): AccountTotals {
  const { lastSequence: _sequence, lastHash: _hash, callDue, calledAt: _calledAt, ...rest } = found.row;
  const { trailNumber: _number, trailHash: _trailHash, ...totals } = rest;
  return {
    ...totals,
    callDueSince: callDue === null ? null : new Date(callDue.since),
    discrepancyTotal: everyType(found.row.discrepancyTotal),
    openDiscrepancies: everyType(found.row.openDiscrepancies),
    ...countBlocking(found.openCounts ?? {}, found.row.policy),
    readAt: new Date(Number(found.readAtMs)),
  };
}

function countBlocking(
  openCounts: OpenCounts,
  policy: Policy | null,
): Pick<AccountTotals, 'blockingDiscrepancies' | 'acceptedDiscrepancies'> {
  // If an altered policy names no readable types, every type blocks.
  const interveneOn: unknown = policy?.interveneOn;
  let blockingDiscrepancies = 0;
  let acceptedDiscrepancies = 0;
  for (const [type, { open, accepted }] of Object.entries(openCounts)) {
    acceptedDiscrepancies += accepted;
    const calls = !Array.isArray(interveneOn) || interveneOn.includes(type);
    if (calls) blockingDiscrepancies += open - accepted;
  }
  return { blockingDiscrepancies, acceptedDiscrepancies };
}

/** All types, with 0 if none was counted: an alert cannot fire on a metric that is absent. */
function everyType(counts: TypeCounts): Record<DiscrepancyType, number> {
  return Object.fromEntries(DISCREPANCY_TYPES.map((type) => [type, counts[type] ?? 0])) as Record<
    DiscrepancyType,
    number
  >;
}
