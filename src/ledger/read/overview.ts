import { sql, type SQL } from 'drizzle-orm';
import { findAccounts, listAccounts } from './account-totals.js';
import type { DatabaseSession } from '../store/database.js';
import type { AccountOverview, AccountTotals, DiscrepancyRow, RunRow } from '../contract/ledger.js';
import { asDiscrepancyRow, listInterventions, runColumns } from './listings.js';
import { discrepancy, event, run } from '../store/schema.js';

/** More than the accounts that one ledger serves; each has at most one open intervention. */
const MAX_INTERVENTIONS = 100_000;
/** Maximum number of open discrepancies that are shown with an account. */
const SHOWN_DISCREPANCIES = 20;

/** See `Ledger.overview`. A fixed number of statements, however many accounts there are. */
export async function listOverview(
  session: DatabaseSession,
  only: string | readonly string[] | null,
): Promise<AccountOverview[]> {
  const accounts = await wanted(session, only);
  const interventions = await listInterventions(session, {
    openOnly: true,
    limit: MAX_INTERVENTIONS,
    ...(only !== null && { accounts: typeof only === 'string' ? [only] : only }),
  });
  const newest = new Map(interventions.toReversed().map((row) => [row.account, row]));
  const runs = await lastRuns(
    session,
    namesOf(accounts, (totals) => totals.lastRunAt !== null),
  );
  const pauses = await lastPauses(
    session,
    namesOf(accounts, (totals) => totals.paused),
  );
  const discrepancies = await openDiscrepancies(session, accounts);
  return accounts.map((totals) => ({
    totals,
    lastRun: runs.get(totals.account) ?? null,
    pause: totals.paused ? (pauses.get(totals.account) ?? null) : null,
    intervention: newest.get(totals.account) ?? null,
    discrepancies: discrepancies.get(totals.account) ?? [],
  }));
}

async function wanted(session: DatabaseSession, only: string | readonly string[] | null): Promise<AccountTotals[]> {
  if (only === null) return (await listAccounts(session)).filter(({ active }) => active);
  return [...(await findAccounts(session, typeof only === 'string' ? [only] : only)).values()];
}

function namesOf(accounts: readonly AccountTotals[], which: (totals: AccountTotals) => boolean): string[] {
  return accounts.filter(which).map((totals) => totals.account);
}

/** One parameter, however many names. */
function among(names: readonly string[]): SQL {
  return sql`json_array_elements_text(${JSON.stringify(names)}::json) as wanted (account)`;
}

/** The last run of each account, in the order of recording. */
async function lastRuns(session: DatabaseSession, names: readonly string[]): Promise<Map<string, RunRow>> {
  if (names.length === 0) return new Map();
  const last = session
    .select(runColumns)
    .from(run)
    .where(sql`${run.account} = wanted.account`)
    .orderBy(sql`${run.account} desc, ${run.id} desc`)
    .limit(1)
    .as('last');
  const rows = await session.select().from(among(names)).crossJoinLateral(last);
  return new Map(rows.map(({ last: row }) => [row.account, row]));
}

/** Who paused each account, from the newest pause event. */
async function lastPauses(
  session: DatabaseSession,
  names: readonly string[],
): Promise<Map<string, NonNullable<AccountOverview['pause']>>> {
  if (names.length === 0) return new Map();
  const last = session
    .select({
      account: event.account,
      at: event.at,
      payload: sql<Record<string, unknown>>`${event.payload}`.as('payload'),
    })
    .from(event)
    .where(sql`${event.account} = wanted.account and ${event.type} = 'RECONCILIATION_PAUSED'`)
    .orderBy(sql`${event.account} desc, ${event.sequence} desc`)
    .limit(1)
    .as('last');
  const rows = await session.select().from(among(names)).crossJoinLateral(last);
  return new Map(
    rows.map(({ last: { account: name, at, payload } }) => [
      name,
      { by: textOf(payload['by']) ?? 'unknown', reason: textOf(payload['reason']) ?? '', since: at },
    ]),
  );
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Newest first, up to the limit for each account. */
async function openDiscrepancies(
  session: DatabaseSession,
  accounts: readonly AccountTotals[],
): Promise<Map<string, DiscrepancyRow[]>> {
  const policies = new Map(accounts.map((totals) => [totals.account, totals.policy]));
  const names = namesOf(accounts, ({ openDiscrepancies: open }) => Object.values(open).some((count) => count > 0));
  if (names.length === 0) return new Map();
  const open = session
    .select()
    .from(discrepancy)
    .where(sql`${discrepancy.account} = wanted.account and ${discrepancy.state} = 'open'`)
    .orderBy(sql`${discrepancy.openedAt} desc, ${discrepancy.id} desc`)
    .limit(SHOWN_DISCREPANCIES)
    .as('open');
  const rows = await session.select().from(among(names)).crossJoinLateral(open);
  const found = new Map<string, DiscrepancyRow[]>();
  for (const { open: row } of rows) {
    const list = found.get(row.account) ?? [];
    list.push(asDiscrepancyRow(row, policies.get(row.account) ?? null));
    found.set(row.account, list);
  }
  return found;
}
