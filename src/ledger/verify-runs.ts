import { and, count, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import { addCounts } from './account-row.js';
import type { Session } from './database.js';
import type { HashedEvent } from './event-chain.js';
import type { FaultList } from './fault-list.js';
import { digestRun, type EvidenceDigests } from './record-run.js';
import { run, sighting, snapshot, type AccountRow, type NewRun, type StoredRun, type TypeCounts } from './schema.js';

/** A sound event that tells of a run's end. */
export interface RunEvent extends HashedEvent {
  digest: string;
  evidence: EvidenceDigests;
}

const keyOf = (row: { workflowRunId: string | null; runNumber: number | null }) =>
  `${row.workflowRunId} ${row.runNumber}`;

/** Holds the runs of a batch of events against what the events tell of them. */
export async function verifyRunEvents(
  session: Session,
  account: string,
  events: readonly RunEvent[],
  faults: FaultList,
): Promise<void> {
  // Both parts of the key: together they have an index, which keeps a batch's cost apart from the ledger's size.
  const numbers = [...new Set(events.flatMap(({ runNumber }) => runNumber ?? []))];
  const executions = [...new Set(events.flatMap(({ workflowRunId }) => workflowRunId ?? []))];
  if (numbers.length === 0) return;
  const rows = await session
    .select()
    .from(run)
    .where(and(eq(run.account, account), inArray(run.workflowRunId, executions), inArray(run.runNumber, numbers)));
  const runs = new Map(rows.map((row) => [keyOf(row), row]));
  const sightings = await sightingsOf(session, rows);
  const evidence = await evidenceOf(session, account, executions, numbers);
  for (const event of events) {
    const row = runs.get(keyOf(event));
    if (row === undefined) {
      faults.add(event.sequence, `tells of run ${event.runNumber}, which is not there`);
      continue;
    }
    const { id, ...columns } = row;
    if (!hasDigest(columns, event.digest)) {
      faults.add(event.sequence, `run ${row.runNumber} was changed`);
      continue;
    }
    if ((row.outcome === 'failed') !== (event.type === 'RECONCILIATION_FAILED')) {
      faults.add(event.sequence, `is not the event of a run that ${row.outcome}`);
    }
    faults.compare(
      `sightings of run ${row.runNumber} by type`,
      addCounts(row.answer.byType, {}),
      addCounts(sightings.get(id) ?? {}, {}),
    );
    compareEvidence(event, row, evidence.get(keyOf(row)) ?? [], faults);
  }
}

/** A row that was altered may hold what has no digest at all, such as a time without end. */
function hasDigest(columns: NewRun, digest: string): boolean {
  try {
    return digestRun(columns) === digest;
  } catch {
    return false;
  }
}

async function sightingsOf(session: Session, rows: readonly StoredRun[]): Promise<Map<number, TypeCounts>> {
  if (rows.length === 0) return new Map();
  const counted = await session
    .select({ runId: sighting.runId, type: sighting.type, sightings: count() })
    .from(sighting)
    .where(
      inArray(
        sighting.runId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(sighting.runId, sighting.type);
  const byRun = new Map<number, TypeCounts>();
  for (const { runId, type, sightings } of counted) {
    byRun.set(runId, { ...byRun.get(runId), [type]: sightings });
  }
  return byRun;
}

async function evidenceOf(session: Session, account: string, executions: string[], numbers: number[]) {
  const rows = await session
    .select({
      workflowRunId: snapshot.workflowRunId,
      runNumber: snapshot.runNumber,
      look: snapshot.look,
      side: snapshot.side,
      digest: snapshot.digest,
    })
    .from(snapshot)
    .where(
      and(
        eq(snapshot.account, account),
        inArray(snapshot.workflowRunId, executions),
        inArray(snapshot.runNumber, numbers),
      ),
    );
  const byRun = new Map<string, EvidenceDigests>();
  for (const row of rows) byRun.set(keyOf(row), [...(byRun.get(keyOf(row)) ?? []), row]);
  return byRun;
}

/** Evidence may only be missing where it may be pruned: all of it, of a clean run. */
function compareEvidence(event: RunEvent, row: StoredRun, stored: EvidenceDigests, faults: FaultList): void {
  const named = (digests: EvidenceDigests) =>
    new Set(digests.map(({ look, side, digest }) => `${side} snapshot of look ${look} (${digest})`));
  const told = named(event.evidence);
  const found = named(stored);
  for (const name of found) {
    if (told.has(name)) continue;
    faults.add(event.sequence, `run ${row.runNumber} did not rest on the ${name}, which is stored for it`);
  }
  const prunable = row.outcome === 'matched' && row.unsettled.length === 0;
  if (prunable && found.size === 0) return;
  for (const name of told) {
    if (!found.has(name)) faults.add(event.sequence, `run ${row.runNumber} rested on the ${name}, which is gone`);
  }
}

/** Proves that every run has one event, and the totals of runs. Answers how many runs there are. */
export async function verifyRuns(session: Session, account: AccountRow, faults: FaultList): Promise<number> {
  const lonely = await session.execute<{ run_number: string; events: string }>(sql`
    select run.run_number, count(event.sequence) as events
    from plumbline.run left join plumbline.event
      on event.account = run.account and event.workflow_run_id = run.workflow_run_id
      and event.run_number = run.run_number and event.type in ('RECONCILIATION_COMPLETED', 'RECONCILIATION_FAILED')
    where run.account = ${account.account}
    group by run.id having count(event.sequence) <> 1 order by run.id limit 100`);
  for (const { run_number, events } of lonely.rows) {
    faults.add(null, `run ${run_number} has ${events} events of its end; it needs one`);
  }

  await verifyExecutions(session, account.account, faults);

  const ofAccount = eq(run.account, account.account);
  const [totals] = await session
    .select({
      runs: count(),
      failures: sql<string>`count(*) filter (where ${run.outcome} = 'failed')`,
    })
    .from(run)
    .where(ofAccount);
  const runs = totals?.runs ?? 0;
  const failures = Number(totals?.failures ?? 0);
  faults.compare('success_total', account.successTotal, runs - failures);
  faults.compare('failure_total', account.failureTotal, failures);

  const [last] = await session.select().from(run).where(ofAccount).orderBy(desc(run.id)).limit(1);
  const [success] = await session
    .select({ endedAt: run.endedAt })
    .from(run)
    .where(and(ofAccount, ne(run.outcome, 'failed')))
    .orderBy(desc(run.id))
    .limit(1);
  faults.compare('last_run_number', account.lastRunNumber, last?.runNumber ?? 0);
  faults.compare('last_run_at', account.lastRunAt, last?.endedAt ?? null);
  faults.compare('last_outcome', account.lastOutcome, last?.outcome ?? null);
  faults.compare('last_success_at', account.lastSuccessAt, success?.endedAt ?? null);
  return runs;
}

/** Proves that every run was recorded under an execution of its own account. */
async function verifyExecutions(session: Session, account: string, faults: FaultList): Promise<void> {
  const foreign = await session.execute<{ run_number: string; workflow_run_id: string; owner: string | null }>(sql`
    select run.run_number, run.workflow_run_id, execution.account as owner
    from plumbline.run left join plumbline.execution using (workflow_run_id)
    where run.account = ${account} and execution.account is distinct from run.account
    order by run.id limit 100`);
  for (const { run_number, workflow_run_id, owner } of foreign.rows) {
    const whose = owner === null ? 'which belongs to no account' : `which is an execution of account ${owner}`;
    faults.add(null, `run ${run_number} was recorded under ${workflow_run_id}, ${whose}`);
  }
}
