import { and, asc, desc, eq, gt, lt, ne, sql, type SQL } from 'drizzle-orm';
import { IgnoreRules } from '../../domain/compare/ignore-rules.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { DatabaseSession } from '../store/database.js';
import type {
  Acceptance,
  DiscrepancyRow,
  DiscrepancyState,
  InterventionRow,
  LedgerEvent,
  OpenDiscrepancy,
  RunRow,
} from '../contract/ledger.js';
import type { NotificationRow } from '../contract/notifications.js';
import { asNotificationRow, type ShownColumns } from '../store/notification-rows.js';
import { account, discrepancy, event, intervention, run, type StoredDiscrepancy } from '../store/schema.js';

const DEFAULT_LIMIT = 50;

export const runColumns = {
  account: run.account,
  runNumber: run.runNumber,
  workflowRunId: run.workflowRunId,
  trigger: run.trigger,
  outcome: run.outcome,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  looks: run.looks,
  discrepancies: run.discrepancies,
  unsettled: run.unsettled,
  compared: run.compared,
  notCompared: run.notCompared,
  ignored: run.ignored,
  positions: run.positions,
  failure: run.failure,
};

/** Newest first, in the order of recording; with `before`, in the order of run numbers, which is used for paging. */
export async function listRuns(
  session: DatabaseSession,
  name: string,
  { limit = DEFAULT_LIMIT, before }: { limit?: number; before?: number } = {},
): Promise<RunRow[]> {
  return session
    .select(runColumns)
    .from(run)
    .where(and(eq(run.account, name), before === undefined ? undefined : lt(run.runNumber, before)))
    .orderBy(...(before === undefined ? [] : [desc(run.runNumber)]), desc(run.id))
    .limit(limit);
}

/** Oldest first from `after`; without it the newest ones, oldest first. */
export async function listEvents(
  session: DatabaseSession,
  name: string,
  { limit = DEFAULT_LIMIT, after }: { limit?: number; after?: number } = {},
): Promise<LedgerEvent[]> {
  const rows = await session
    .select({
      id: event.id,
      account: event.account,
      sequence: event.sequence,
      type: event.type,
      at: event.at,
      workflowRunId: event.workflowRunId,
      runNumber: event.runNumber,
      payload: sql<Record<string, unknown>>`${event.payload}`,
      previousHash: event.previousHash,
      hash: event.hash,
    })
    .from(event)
    .where(and(eq(event.account, name), after === undefined ? undefined : gt(event.sequence, after)))
    .orderBy(after === undefined ? desc(event.sequence) : asc(event.sequence))
    .limit(limit);
  return after === undefined ? rows.toReversed() : rows;
}

const openColumns = {
  id: discrepancy.id,
  identity: discrepancy.identity,
  type: discrepancy.type,
  symbol: discrepancy.symbol,
  description: discrepancy.description,
  remedy: discrepancy.remedy,
  difference: discrepancy.difference,
  openedAt: discrepancy.openedAt,
  lastSeenAt: discrepancy.lastSeenAt,
  timesSeen: discrepancy.timesSeen,
  decision: discrepancy.decision,
};

/** All open discrepancies, oldest first. */
export async function listOpenDiscrepancies(session: DatabaseSession, name: string): Promise<OpenDiscrepancy[]> {
  return session
    .select(openColumns)
    .from(discrepancy)
    .where(and(eq(discrepancy.account, name), eq(discrepancy.state, 'open')))
    .orderBy(asc(discrepancy.openedAt), asc(discrepancy.id));
}

/** Newest first. */
export async function listDiscrepancies(
  session: DatabaseSession,
  name: string,
  { state, limit = DEFAULT_LIMIT }: { state?: DiscrepancyState; limit?: number } = {},
): Promise<DiscrepancyRow[]> {
  const rows = await session
    .select()
    .from(discrepancy)
    .where(and(eq(discrepancy.account, name), state === undefined ? undefined : eq(discrepancy.state, state)))
    .orderBy(desc(discrepancy.openedAt), desc(discrepancy.id))
    .limit(limit);
  const [settings] = await session.select({ policy: account.policy }).from(account).where(eq(account.account, name));
  return rows.map((row) => asDiscrepancyRow(row, settings?.policy ?? null));
}

export function asDiscrepancyRow(row: StoredDiscrepancy, policy: Policy | null): DiscrepancyRow {
  const { account: _account, openedByRun: _opened, resolvedByRun: _resolved, closesGate: _closes, ...reported } = row;
  const { acceptedBy, acceptedNote, acceptedAt, acceptedUntil, ...columns } = reported;
  const isAccepted = acceptedBy !== null && acceptedNote !== null && acceptedAt !== null && acceptedUntil !== null;
  const accepted: Acceptance | null = isAccepted
    ? { by: acceptedBy, note: acceptedNote, until: acceptedUntil, at: acceptedAt }
    : null;
  const byRule = row.state === 'open' && policy !== null ? new IgnoreRules(policy).ofDifference(row.difference) : null;
  const byDrift = row.state === 'open' && row.decision?.action === 'ignore' ? `drift rule ${row.decision.rule}` : null;
  const ignoredBy = byRule ?? byDrift;
  return { ...columns, ignoredBy, accepted };
}

/** Open discrepancies that an intervention shows. */
const MAX_STANDING = 20;

/** Notifications that an intervention shows. */
const MAX_NOTIFICATIONS = 20;

/** A notification in JSON, which has no times: milliseconds since the epoch. */
type ShownInJson = Omit<ShownColumns, 'wantedAt' | 'deliveredAt'> & { wantedMs: number; deliveredMs: number | null };

const NOTIFICATIONS = sql<ShownInJson[]>`(
  select coalesce(json_agg(json_build_object('id', sent.id, 'account', sent.account,
    'interventionId', sent.intervention_id, 'channel', sent.channel, 'occasion', sent.occasion, 'severity', sent.severity,
    'wantedMs', (extract(epoch from sent.wanted_at) * 1000)::float8,
    'deliveredMs', (extract(epoch from sent.delivered_at) * 1000)::float8,
    'failedAttempts', sent.failed_attempts, 'receipt', sent.receipt, 'failure', sent.failure)), '[]'::json)
  from (
    select * from plumbline.notification one where one.intervention_id = plumbline.intervention.id
    order by one.wanted_at desc, one.id desc limit ${MAX_NOTIFICATIONS}) sent)`;

function asShown({ wantedMs, deliveredMs, ...row }: ShownInJson): NotificationRow {
  const deliveredAt = deliveredMs === null ? null : new Date(deliveredMs);
  return asNotificationRow({ ...row, wantedAt: new Date(wantedMs), deliveredAt });
}

/** Of one account with an equality: only then its index also gives the order of the list. */
function isOneOf(accounts: readonly string[]): SQL {
  const [one] = accounts;
  return one !== undefined && accounts.length === 1
    ? eq(intervention.account, one)
    : sql`${intervention.account} = any(${sql.param(accounts)})`;
}

/** See `Ledger.interventions`. Newest first. */
export async function listInterventions(
  session: DatabaseSession,
  {
    account,
    accounts = account === undefined ? null : [account],
    openOnly = false,
    limit = 50,
  }: { account?: string; accounts?: readonly string[] | null; openOnly?: boolean; limit?: number },
): Promise<InterventionRow[]> {
  const rows = await session
    .select({
      id: intervention.id,
      account: intervention.account,
      state: sql<InterventionRow['state']>`case
        when ${intervention.state} = 'snoozed' and ${intervention.snoozedUntil} <= now() then 'open'
        else ${intervention.state} end`,
      openedAt: intervention.openedAt,
      reasons: intervention.reasons,
      now: sql<string[]>`case when ${intervention.state} = 'acknowledged' then '[]'::json else (
        select coalesce(json_agg(stands.description), '[]'::json) from (
          select open_one.description from plumbline.discrepancy open_one
          where open_one.account = plumbline.intervention.account and open_one.state = 'open'
          order by open_one.opened_at, open_one.id limit ${MAX_STANDING}) stands) end`,
      notifiedTimes: intervention.notifiedTimes,
      notifications: NOTIFICATIONS,
      snoozedUntil: intervention.snoozedUntil,
      snoozedBy: intervention.snoozedBy,
      snoozeNote: intervention.snoozeNote,
      acknowledgedAt: intervention.acknowledgedAt,
      acknowledgedBy: intervention.acknowledgedBy,
      note: intervention.note,
    })
    .from(intervention)
    .where(
      and(
        accounts === null ? undefined : isOneOf(accounts),
        openOnly ? ne(intervention.state, 'acknowledged') : undefined,
      ),
    )
    .orderBy(desc(intervention.openedAt), desc(intervention.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, notifications: row.notifications.map(asShown) }));
}
