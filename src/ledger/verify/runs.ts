import { and, count, desc, eq, getTableColumns, inArray, ne, sql } from 'drizzle-orm';
import { addCounts } from '../store/account-row.js';
import type { DatabaseSession } from '../store/database.js';
import type { FaultList } from './fault-list.js';
import { digestRun } from '../write/record-run.js';
import { digestOf, digestSnapshots, SIGHTINGS_DIGEST } from '../store/row-digests.js';
import {
  execution,
  run,
  sighting,
  snapshot,
  type AccountRow,
  type StoredRun,
  type TypeCounts,
} from '../store/schema.js';
import type { RunEvent } from './reported.js';
import { countsOf } from './discrepancies.js';

interface CountedSightings {
  counts: TypeCounts;
  digests: Record<string, string>;
}

const keyOf = (row: { workflowRunId: string | null; runNumber: number | null }) =>
  `${row.workflowRunId} ${row.runNumber}`;

/** Compares an account's runs with the events of their ends, a batch at a time, and counts them. */
export class RunRecount {
  runs = 0;
  #failures = 0;
  #last: StoredRun | null = null;
  #lastSuccess: StoredRun | null = null;
  #seen: TypeCounts = {};

  constructor(
    private readonly account: AccountRow,
    private readonly faults: FaultList,
  ) {}

  /** Must be called with the events in order. */
  async compare(session: DatabaseSession, events: readonly RunEvent[]): Promise<void> {
    if (events.length === 0) return;
    const name = this.account.account;
    // Both parts of the key are used: together they have an index, so a batch's cost does not depend on the ledger's
    // size.
    const numbers = [...new Set(events.flatMap(({ runNumber }) => runNumber ?? []))].filter(Number.isSafeInteger);
    const executions = [...new Set(events.flatMap(({ workflowRunId }) => workflowRunId ?? []))];
    const found = await session
      .select({ ...getTableColumns(run), owner: execution.account })
      .from(run)
      .leftJoin(execution, eq(execution.workflowRunId, run.workflowRunId))
      .where(and(eq(run.account, name), inArray(run.workflowRunId, executions), inArray(run.runNumber, numbers)));
    // An altered row may have a number beyond the safe integers.
    const rows = found.filter(({ id }) => Number.isSafeInteger(id));
    const runs = new Map(rows.map(({ owner, ...row }) => [keyOf(row), { owner, row }]));
    const sightings = await sightingsOf(session, rows);
    const evidence = await evidenceOf(session, name, executions, numbers);
    for (const event of events) {
      const stored = runs.get(keyOf(event));
      if (stored === undefined) this.faults.add(event.sequence, `reports run ${event.runNumber}, which is not there`);
      else
        this.#compareOne(event, {
          ...stored,
          sightings: sightings.get(stored.row.id),
          evidence: evidence.get(keyOf(event)),
        });
    }
  }

  /** Must be called after the last event: verifies that every run has one event, and the totals of runs. */
  async end(session: DatabaseSession): Promise<void> {
    const { account, faults } = this;
    const ofAccount = eq(run.account, account.account);
    const [rows] = await session.select({ runs: count() }).from(run).where(ofAccount);
    if (rows?.runs !== this.runs) await this.#countRows(session);
    faults.compare('success_total', account.successTotal, this.runs - this.#failures);
    faults.compare('failure_total', account.failureTotal, this.#failures);
    faults.compare('last_run_number', account.lastRunNumber, this.#last?.runNumber ?? 0);
    faults.compare('last_run_at', account.lastRunAt, this.#last?.endedAt ?? null);
    faults.compare('last_outcome', account.lastOutcome, this.#last?.outcome ?? null);
    faults.compare('last_success_at', account.lastSuccessAt, this.#lastSuccess?.endedAt ?? null);
    faults.compare('discrepancy_total', countsOf(account.discrepancyTotal), countsOf(this.#seen));
  }

  #compareOne(
    event: RunEvent,
    {
      row: { ...row },
      owner,
      sightings = { counts: {}, digests: {} },
      evidence = [],
    }: {
      row: StoredRun;
      owner: string | null;
      sightings: CountedSightings | undefined;
      evidence: (typeof snapshot.$inferSelect)[] | undefined;
    },
  ): void {
    const { faults } = this;
    // A run is recorded in the transaction of its event, with the account's row locked, so rows and events have one
    // order.
    if (this.#last !== null && row.id <= this.#last.id) {
      faults.add(
        event.sequence,
        `run ${row.runNumber} has more than one end event, or another row than its event names`,
      );
      return;
    }
    this.runs += 1;
    if (row.outcome === 'failed') this.#failures += 1;
    else this.#lastSuccess = row;
    this.#last = row;
    this.#seen = addCounts(this.#seen, sightings.counts);

    if (owner !== row.account) {
      const whose = owner === null ? 'which belongs to no account' : `which is an execution of account ${owner}`;
      faults.add(null, `run ${row.runNumber} was recorded under ${row.workflowRunId}, ${whose}`);
    }
    const { id, ...columns } = row;
    if (event.row !== null && event.row !== id)
      faults.add(event.sequence, `run ${row.runNumber} has another row than this event names`);
    if (digestOf(() => digestRun(columns)) !== event.digest) {
      faults.add(event.sequence, `run ${row.runNumber} was changed`);
      return;
    }
    if ((row.outcome === 'failed') !== (event.type === 'RECONCILIATION_FAILED')) {
      faults.add(event.sequence, `is not the event type of a run whose outcome is ${row.outcome}`);
    }
    const what = `sightings of run ${row.runNumber} by type`;
    const countedTypes = JSON.stringify(addCounts(row.answer.byType, {}));
    faults.compare(what, JSON.parse(countedTypes), addCounts(sightings.counts, {}));
    if (event.sightings !== null && countedTypes === JSON.stringify(addCounts(sightings.counts, {}))) {
      for (const [type, digest] of Object.entries(event.sightings)) {
        if (sightings.digests[type] !== digest)
          faults.add(event.sequence, `sightings of run ${row.runNumber} (${type}) were changed`);
      }
    }
    compareEvidence(event, row, evidence, faults);
  }

  /** Lists the runs with no event or several, and counts the rows: totals count rows. */
  async #countRows(session: DatabaseSession): Promise<void> {
    const { account } = this.account;
    const lonely = await session.execute<{ run_number: string; events: string }>(sql`
      select run.run_number, count(event.sequence) as events
      from plumbline.run left join plumbline.event
        on event.account = run.account and event.workflow_run_id = run.workflow_run_id
        and event.run_number = run.run_number and event.type in ('RECONCILIATION_COMPLETED', 'RECONCILIATION_FAILED')
      where run.account = ${account}
      group by run.id having count(event.sequence) <> 1 order by run.id limit 100`);
    for (const { run_number, events } of lonely.rows) {
      this.faults.add(null, `run ${run_number} has ${events} events of its end; it must have one`);
    }
    const ofAccount = eq(run.account, account);
    const [totals] = await session
      .select({ runs: count(), failures: sql<string>`count(*) filter (where ${run.outcome} = 'failed')` })
      .from(run)
      .where(ofAccount);
    this.runs = totals?.runs ?? 0;
    this.#failures = Number(totals?.failures ?? 0);
    const newest = session.select().from(run);
    const [last] = await newest.where(ofAccount).orderBy(desc(run.id)).limit(1);
    this.#last = last ?? null;
    const [success] = await session
      .select()
      .from(run)
      .where(and(ofAccount, ne(run.outcome, 'failed')))
      .orderBy(desc(run.id))
      .limit(1);
    this.#lastSuccess = success ?? null;
  }
}

async function sightingsOf(
  session: DatabaseSession,
  rows: readonly { id: number }[],
): Promise<Map<number, CountedSightings>> {
  const byRun = new Map<number, CountedSightings>();
  if (rows.length === 0) return byRun;
  const counted = await session
    .select({
      runId: sighting.runId,
      type: sighting.type,
      sightings: count(),
      digest: sql<string>`${sql.raw(SIGHTINGS_DIGEST)}`,
    })
    .from(sighting)
    .where(
      inArray(
        sighting.runId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(sighting.runId, sighting.type);
  for (const { runId, type, sightings, digest } of counted) {
    const known = byRun.get(runId) ?? { counts: {}, digests: {} };
    known.counts[type] = sightings;
    known.digests[type] = digest;
    byRun.set(runId, known);
  }
  return byRun;
}

async function evidenceOf(session: DatabaseSession, account: string, executions: string[], numbers: number[]) {
  const rows = await session
    .select()
    .from(snapshot)
    .where(
      and(
        eq(snapshot.account, account),
        inArray(snapshot.workflowRunId, executions),
        inArray(snapshot.runNumber, numbers),
      ),
    );
  const byRun = new Map<string, (typeof snapshot.$inferSelect)[]>();
  for (const row of rows) {
    const known = byRun.get(keyOf(row));
    if (known === undefined) byRun.set(keyOf(row), [row]);
    else known.push(row);
  }
  return byRun;
}

/** Evidence may be missing only if it may be pruned: all of it, of a clean run. */
function compareEvidence(
  event: RunEvent,
  row: StoredRun,
  stored: (typeof snapshot.$inferSelect)[],
  faults: FaultList,
): void {
  const nameOf = ({ look, side, digest }: { look: number; side: string; digest: string }) =>
    `${side} snapshot of observation ${look} (${digest})`;
  const reported = new Set(event.evidence.map(nameOf));
  const found = new Set(stored.map(nameOf));
  for (const name of found) {
    if (reported.has(name)) continue;
    faults.add(event.sequence, `run ${row.runNumber} did not rest on the ${name}, which is stored for it`);
  }
  const prunable = row.outcome === 'matched' && row.unsettled.length === 0;
  if (prunable && found.size === 0) return;
  for (const name of reported) {
    if (!found.has(name)) faults.add(event.sequence, `run ${row.runNumber} rested on the ${name}, which is gone`);
  }
  const isWhole = stored.length === event.evidence.length;
  if (event.evidenceRows !== null && isWhole && digestOf(() => digestSnapshots(stored)) !== event.evidenceRows) {
    faults.add(event.sequence, `the times or ids of the snapshots of run ${row.runNumber} were changed`);
  }
}
