import { and, asc, desc, eq, gt, lt, ne, sql } from 'drizzle-orm';
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
  const { account: _account, openedByRun: _opened, resolvedByRun: _resolved, ...reported } = row;
  const { acceptedBy, acceptedNote, acceptedAt, acceptedUntil, ...columns } = reported;
  const isAccepted = acceptedBy !== null && acceptedNote !== null && acceptedAt !== null && acceptedUntil !== null;
  const accepted: Acceptance | null = isAccepted
    ? { by: acceptedBy, note: acceptedNote, until: acceptedUntil, at: acceptedAt }
    : null;
  const ignoredBy =
    row.state === 'open' && policy !== null ? new IgnoreRules(policy).ofDifference(row.difference) : null;
  return { ...columns, ignoredBy, accepted };
}

/** See `Ledger.interventions`. Newest first. */
export async function listInterventions(
  session: DatabaseSession,
  { account, openOnly = false, limit = 50 }: { account?: string; openOnly?: boolean; limit?: number },
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
      notifiedTimes: intervention.notifiedTimes,
      snoozedUntil: intervention.snoozedUntil,
      acknowledgedAt: intervention.acknowledgedAt,
      acknowledgedBy: intervention.acknowledgedBy,
      note: intervention.note,
    })
    .from(intervention)
    .where(
      and(
        account === undefined ? undefined : eq(intervention.account, account),
        openOnly ? ne(intervention.state, 'acknowledged') : undefined,
      ),
    )
    .orderBy(desc(intervention.openedAt), desc(intervention.id))
    .limit(limit);
  return rows;
}
