import { and, eq, sql } from 'drizzle-orm';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../domain/difference.js';
import { FailureError } from '../domain/failure.js';
import type { RecordedRun, RunKey } from '../domain/run.js';
import type { Session } from './database.js';
import type { AccountTotals } from './ledger.js';
import { account, run, type AccountRow, type TypeCounts } from './schema.js';

/**
 * The account's row, locked until the transaction ends: all writers of one account take turns here, which is what makes
 * its sequence gapless and its totals exact. Throws FailureError where the account was never registered.
 */
export async function lockAccount(session: Session, name: string): Promise<AccountRow> {
  // NO KEY: foreign keys that only need the account to exist do not wait.
  const [row] = await session.select().from(account).where(eq(account.account, name)).for('no key update');
  if (row === undefined) throw notRegistered(name);
  return row;
}

/** Keeps the account as it is until the transaction ends, together with others that only want that. */
export async function holdAccount(session: Session, name: string): Promise<void> {
  const rows = await session
    .select({ name: account.account })
    .from(account)
    .where(eq(account.account, name))
    .for('share');
  if (rows.length === 0) throw notRegistered(name);
}

/**
 * The database's clock, in milliseconds: the one clock of all workers. Asked after the account's row is locked, so that the
 * times of its events do not run backwards. Answers too what was recorded of a run already.
 */
export async function clockAndAnswer(
  session: Session,
  key: RunKey | null,
): Promise<{ now: Date; answer: RecordedRun | null }> {
  const found = key === null ? sql`null::json` : session.select({ answer: run.answer }).from(run).where(isRun(key));
  const result = await session.execute<{ now: string; answer: RecordedRun | null }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now, (${found}) as answer`,
  );
  const [row] = result.rows;
  if (row === undefined) throw new TypeError('PostgreSQL answered a select of one row with none');
  return { now: new Date(Number(row.now)), answer: row.answer };
}

export function isRun(key: RunKey) {
  return and(eq(run.account, key.account), eq(run.workflowRunId, key.workflowRunId), eq(run.runNumber, key.runNumber));
}

/** Writes back what a transaction changed of the row that it locked. */
export async function updateAccount(session: Session, name: string, changes: Partial<AccountRow>): Promise<void> {
  await session.update(account).set(changes).where(eq(account.account, name));
}

export function notRegistered(name: string): FailureError {
  return new FailureError({
    kind: 'configuration',
    side: 'ledger',
    message: `The ledger does not know the account "${name}".`,
    where: name,
    remedy: 'Register it with `plumbline apply`.',
    retryAfterMs: null,
  });
}

/** Sum of two counts by type, types that come to 0 left out. */
export function addCounts(a: TypeCounts, b: TypeCounts, sign: 1 | -1 = 1): TypeCounts {
  const sum: TypeCounts = {};
  for (const type of DISCREPANCY_TYPES) {
    const total = (a[type] ?? 0) + sign * (b[type] ?? 0);
    if (total !== 0) sum[type] = total;
  }
  return sum;
}

export function countTypes(rows: readonly { type: DiscrepancyType }[]): TypeCounts {
  const counts: TypeCounts = {};
  for (const { type } of rows) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

export function totalOf(counts: TypeCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function asTotals(row: AccountRow): AccountTotals {
  const { lastSequence: _sequence, lastHash: _hash, ...totals } = row;
  return {
    ...totals,
    discrepancyTotal: everyType(row.discrepancyTotal),
    openDiscrepancies: everyType(row.openDiscrepancies),
  };
}

/** All types, with 0 where nothing was counted: a metric that is absent until it alarms cannot be alarmed on. */
function everyType(counts: TypeCounts): Record<DiscrepancyType, number> {
  return Object.fromEntries(DISCREPANCY_TYPES.map((type) => [type, counts[type] ?? 0])) as Record<
    DiscrepancyType,
    number
  >;
}
