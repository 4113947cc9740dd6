import { asc, eq, max, sql, type SQL } from 'drizzle-orm';
import { clockAndAnswer, lockAccount, updateAccount } from '../store/account-row.js';
import { batches } from '../store/batches.js';
import { sha256 } from '../store/canonical.js';
import type { DatabaseSession } from '../store/database.js';
import { enrol } from '../store/roster.js';
import { digestInspection, digestInterventionDue, digestOf, digestReasons, digestWords } from '../store/row-digests.js';
import { discrepancy, intervention, interventionRequest, roster, run, unconfirmed } from '../store/schema.js';
import { isoOf } from '../store/stored-time.js';
import { appendTrail, type NewTrailEntry } from '../store/trail.js';

/** Rows that one statement hashes. */
const PAGE = 5_000;

/** Digests of what an account had recorded before it had a trail: sightings, resolved discrepancies, evidence. */
export interface AnchoredDigests {
  sightings: string;
  resolved: string;
  evidence: string;
}

/** The accounts that earlier versions registered and that have no anchor yet, oldest first. */
export async function accountsToAnchor(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{ account: string }>(sql`
    select account from plumbline.account one
    where not exists (select from plumbline.roster where roster.account = one.account)
    order by registered_at, account`);
  return rows.map(({ account }) => account);
}

/**
 * Adds an anchor to the trail of an account that an earlier version registered: digests of its present rows, so that
 * later changes to them are detected. Runs in its own transaction. Idempotent.
 */
export async function anchorAccount(session: DatabaseSession, name: string): Promise<void> {
  await useTexts(session);
  const account = await lockAccount(session, name);
  const enrolled = await session.select().from(roster).where(eq(roster.account, name));
  if (enrolled.length > 0) return;
  await enrol(session, name);
  const { now } = await clockAndAnswer(session, null);
  const [newest] = await session
    .select({ row: max(run.id) })
    .from(run)
    .where(eq(run.account, name));
  const lastRunRow = newest?.row ?? 0;
  const keys = await session
    .select()
    .from(unconfirmed)
    .where(eq(unconfirmed.account, name))
    .orderBy(asc(unconfirmed.identity));
  const anchor: NewTrailEntry = {
    kind: 'anchored',
    payload: {
      event_sequence: account.lastSequence,
      last_run_row: lastRunRow,
      exchange: account.exchange,
      policy: account.policy,
      active: account.active,
      registered_at: isoOf(account.registeredAt),
      inspection: digestOf(() => digestInspection(account.inspection)),
      call_due: digestOf(() => digestInterventionDue(account.callDue)),
      unsettled: keys.map(({ identity, runsInARow }) => [identity, runsInARow]),
      ...(await anchoredDigests(session, name, lastRunRow)),
    },
  };
  const entries = [anchor, ...(await openDiscrepancies(session, name)), ...(await interventionsOf(session, name))];
  await updateAccount(session, name, await appendTrail(session, account, now, entries));
}

async function openDiscrepancies(session: DatabaseSession, account: string): Promise<NewTrailEntry[]> {
  const rows = await session
    .select()
    .from(discrepancy)
    .where(sql`${discrepancy.account} = ${account} and ${discrepancy.state} = 'open'`)
    .orderBy(asc(discrepancy.id));
  return batches(rows).map((some) => ({
    kind: 'anchored_discrepancies',
    payload: {
      open: some.map((row) => ({
        id: row.id,
        opened_at: isoOf(row.openedAt),
        words: digestOf(() => digestWords(row)),
      })),
    },
  }));
}

async function interventionsOf(session: DatabaseSession, account: string): Promise<NewTrailEntry[]> {
  const rows = await session
    .select()
    .from(intervention)
    .where(eq(intervention.account, account))
    .orderBy(asc(intervention.id));
  const requests = await session
    .select({ id: interventionRequest.interventionId, request: interventionRequest.requestId })
    .from(interventionRequest)
    .innerJoin(intervention, eq(intervention.id, interventionRequest.interventionId))
    .where(eq(intervention.account, account));
  const byId = new Map<string, string[]>();
  for (const { id, request } of requests) byId.set(id, [...(byId.get(id) ?? []), request]);
  return batches(rows).map((some) => ({
    kind: 'anchored_interventions',
    payload: {
      interventions: some.map((row) => ({
        id: row.id,
        opened_at: isoOf(row.openedAt),
        reasons: digestOf(() => digestReasons('', row.reasons)),
        notified_times: row.notifiedTimes,
        requests: (byId.get(row.id) ?? []).toSorted(),
      })),
    },
  }));
}

/** Times are hashed as texts, which depend on settings of the session. */
async function useTexts(session: DatabaseSession): Promise<void> {
  await session.execute(sql`set local time zone 'UTC'`);
  await session.execute(sql`set local datestyle = 'ISO'`);
}

/**
 * Digests of everything that was recorded up to that run and never changes again. Each is a SHA-256 over pages of rows,
 * so memory stays bounded. `session` must write times as UTC in ISO format.
 */
export async function anchoredDigests(
  session: DatabaseSession,
  account: string,
  lastRunRow: number,
): Promise<AnchoredDigests> {
  return {
    sightings: await digestPages(session, {
      from: sql`plumbline.sighting join plumbline.run on run.id = run_id`,
      where: sql`run.account = ${account} and run.id <= ${lastRunRow}`,
      line: sql`concat_ws(' ', run_id, discrepancy_id, sighting.type, change)`,
      order: sql`run_id, discrepancy_id`,
      key: sql`run_id::text || ' ' || discrepancy_id::text`,
      after: (last) => {
        const [runId = '', discrepancyId = ''] = last.split(' ');
        return sql`(run_id, discrepancy_id) > (${runId}::bigint, ${discrepancyId}::uuid)`;
      },
    }),
    resolved: await digestPages(session, {
      from: sql`plumbline.discrepancy`,
      where: sql`account = ${account} and resolved_by_run <= ${lastRunRow}`,
      line: sql`concat_ws(E'\n', id, identity, type, symbol, state, description, remedy, difference::text, opened_at,
        last_seen_at, resolved_at, times_seen, opened_by_run, resolved_by_run)`,
      order: sql`id`,
      key: sql`id::text`,
      after: (last) => sql`id > ${last}::uuid`,
    }),
    // Without the evidence of clean runs, which may be pruned at any time.
    evidence: await digestPages(session, {
      from: sql`plumbline.snapshot join plumbline.run using (account, workflow_run_id, run_number)`,
      where: sql`account = ${account} and run.id <= ${lastRunRow} and run.outcome <> 'matched'`,
      line: sql`concat_ws(E'\n', snapshot.id, workflow_run_id, run_number, look, side, digest, read_started_at,
        read_ended_at, as_of, stored_at)`,
      order: sql`snapshot.id`,
      key: sql`snapshot.id::text`,
      after: (last) => sql`snapshot.id > ${last}::uuid`,
    }),
  };
}

interface Rows {
  from: SQL;
  where: SQL;
  /** The expression that is hashed for a row. */
  line: SQL;
  order: SQL;
  /** The key of the last row of a page, which is passed to `after`. */
  key: SQL;
  after: (last: string) => SQL;
}

async function digestPages(session: DatabaseSession, { from, where, line, order, key, after }: Rows): Promise<string> {
  let digest = '';
  let further = sql`true`;
  for (;;) {
    const { rows } = await session.execute<{ rows: string; last: string | null; page: string | null }>(sql`
      select count(*) as rows, (array_agg(key order by place desc))[1] as last,
        encode(sha256(convert_to(string_agg(line, E'\n' order by place), 'UTF8')), 'hex') as page
      from (select ${key} as key, ${line} as line, row_number() over (order by ${order}) as place
            from ${from} where ${where} and ${further} order by ${order} limit ${PAGE}) one`);
    const [page] = rows;
    if (page === undefined || page.page === null || page.last === null) return digest;
    digest = sha256(`${digest}${page.page}`);
    if (Number(page.rows) < PAGE) return digest;
    further = after(page.last);
  }
}
