import { and, desc, eq, sql } from 'drizzle-orm';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../../domain/difference/difference.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { RecordedRun, RunKey } from '../../domain/lifecycle/run.js';
import type { DatabaseSession } from './database.js';
import { account, event, execution, run, type AccountRow, type StoredAnswer, type TypeCounts } from './schema.js';

/**
 * The account's row, locked until the transaction ends. All writers of one account take this lock, which makes its
 * sequence gapless and its totals exact. Throws FailureError if the account was never registered.
 */
export async function lockAccount(session: DatabaseSession, name: string): Promise<AccountRow> {
  const row = await lockAccountIfThere(session, name);
  if (row === null) throw notRegistered(name);
  return row;
}

export async function lockAccountIfThere(session: DatabaseSession, name: string): Promise<AccountRow | null> {
  // NO KEY UPDATE: foreign keys, which only need the account to exist, do not wait for it.
  const [row] = await session.select().from(account).where(eq(account.account, name)).for('no key update');
  return row ?? null;
}

/** What a transaction that records a run starts with. */
export interface RunTransaction {
  account: AccountRow;
  /** From `clockAndAnswer`. */
  now: Date;
  answer: RecordedRun | null;
  boundTo: string | null;
  /** Whether the run before left unconfirmed keys; true if that is not certain. */
  hasUnconfirmed: boolean;
}

/** `lockAccount` and `clockAndAnswer` in one statement. Throws FailureError if the account was never registered. */
export async function lockForRun(session: DatabaseSession, key: RunKey): Promise<RunTransaction> {
  const [row] = await session
    .select({
      account,
      nowMs: sql<string>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
      answer: sql<StoredAnswer | null>`(${answerOf(session, key)})`,
      lastEvent: sql<RecordedRun['lastEvent']>`(${lastEventOfRun(session, key)})`,
      boundTo: sql<string | null>`(${ownerOf(session, key)})`,
      hasUnconfirmed: sql<boolean>`exists (select from plumbline.unsettled as u where u.account = ${key.account})`,
      sequenceBefore: sql<string>`(select a.last_sequence from plumbline.account as a where a.account = ${key.account})`,
    })
    .from(account)
    .where(eq(account.account, key.account))
    .for('no key update');
  if (row === undefined) throw notRegistered(key.account);
  // If the lock waited for another writer, the row is new but everything else was read before that writer wrote.
  if (Number(row.sequenceBefore) !== row.account.lastSequence) {
    return { account: row.account, ...(await clockAndAnswer(session, key)), hasUnconfirmed: true };
  }
  return {
    account: row.account,
    now: new Date(Number(row.nowMs)),
    answer: row.answer === null ? null : { ...row.answer, lastEvent: row.lastEvent },
    boundTo: row.boundTo,
    hasUnconfirmed: row.hasUnconfirmed,
  };
}

/** Keeps the account unchanged until the transaction ends. A shared lock: callers do not block each other. */
export async function holdAccount(session: DatabaseSession, name: string): Promise<void> {
  const rows = await session
    .select({ name: account.account })
    .from(account)
    .where(eq(account.account, name))
    .for('share');
  if (rows.length === 0) throw notRegistered(name);
}

/**
 * The database's clock in milliseconds, the one clock of all workers. Read after the account's row is locked, so that
 * the times of its events never run backwards. Also returns what is already recorded of a run, and the account that the
 * run's execution belongs to.
 */
export async function clockAndAnswer(
  session: DatabaseSession,
  key: RunKey | null,
): Promise<{ now: Date; answer: RecordedRun | null; boundTo: string | null }> {
  const nothing = sql`null::json`;
  const answer = key === null ? nothing : answerOf(session, key);
  const lastEvent = key === null ? nothing : lastEventOfRun(session, key);
  const owner = key === null ? sql`null::text` : ownerOf(session, key);
  const result = await session.execute<{
    now: string;
    answer: StoredAnswer | null;
    last_event: RecordedRun['lastEvent'];
    bound_to: string | null;
  }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
      (${answer}) as answer, (${lastEvent}) as last_event, (${owner}) as bound_to`,
  );
  const [row] = result.rows;
  if (row === undefined) throw new TypeError('PostgreSQL answered a select of one row with none');
  return {
    now: new Date(Number(row.now)),
    answer: row.answer === null ? null : { ...row.answer, lastEvent: row.last_event },
    boundTo: row.bound_to,
  };
}

/** Expression for a select list. */
export function answerOf(session: DatabaseSession, key: RunKey) {
  return session.select({ answer: run.answer }).from(run).where(isRun(key));
}

function ownerOf(session: DatabaseSession, { workflowRunId }: RunKey) {
  return session.select({ owner: execution.account }).from(execution).where(eq(execution.workflowRunId, workflowRunId));
}

/** Expression for a select list. */
export function lastEventOfRun(session: DatabaseSession, key: RunKey) {
  return session
    .select({ last: sql`json_build_object('sequence', ${event.sequence}, 'hash', ${event.hash})` })
    .from(event)
    .where(
      and(
        eq(event.account, key.account),
        eq(event.workflowRunId, key.workflowRunId),
        eq(event.runNumber, key.runNumber),
      ),
    )
    .orderBy(desc(event.sequence))
    .limit(1);
}

export function lastEventOf(head: Pick<AccountRow, 'lastSequence' | 'lastHash'>): RecordedRun['lastEvent'] {
  return head.lastSequence === 0 ? null : { sequence: head.lastSequence, hash: head.lastHash };
}

export function isRun(key: RunKey) {
  return and(eq(run.account, key.account), eq(run.workflowRunId, key.workflowRunId), eq(run.runNumber, key.runNumber));
}

/** Writes the changed columns of the locked row. */
export async function updateAccount(
  session: DatabaseSession,
  name: string,
  changes: Partial<AccountRow>,
): Promise<void> {
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

/** Sum of two counts by type; types with a sum of 0 are left out. */
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
