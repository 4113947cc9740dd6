import type { Client } from 'pg';
import { z } from 'zod';
import type { PlumblineClient } from '../../src/client.js';
import { reconciliationWorkflowId } from '../../src/workflows/messages.js';
import { staggerMs } from '../../src/workflows/schedule.js';

const runRow = z.object({
  account: z.string(),
  trigger: z.string(),
  outcome: z.string(),
  started: z.coerce.number(),
  ended: z.coerce.number(),
});
export type Run = z.infer<typeof runRow>;

/** What was recorded in a time, by the database's clock, milliseconds. */
export async function runsBetween(ledger: Client, from: number, to = Number.MAX_SAFE_INTEGER): Promise<Run[]> {
  const { rows } = await ledger.query<Record<string, unknown>>(
    `SELECT account, trigger, outcome, extract(epoch FROM started_at) * 1000 AS started,
       extract(epoch FROM ended_at) * 1000 AS ended
     FROM plumbline.run WHERE ended_at >= to_timestamp($1 / 1000.0) AND ended_at < to_timestamp($2 / 1000.0)`,
    [from, Math.min(to, 4e12)],
  );
  return rows.map((row) => runRow.parse(row));
}

const accountsRow = z.tuple([
  z.object({
    registered: z.coerce.number(),
    succeeded: z.coerce.number(),
    overdue: z.coerce.number(),
    late: z.coerce.number(),
    blocking: z.coerce.number(),
    called: z.coerce.number(),
  }),
]);

/** How the accounts stand. `succeeded`: since the time. `late`: by how many seconds the latest is. */
export async function accountsState(ledger: Client, since: number): Promise<z.infer<typeof accountsRow>[0]> {
  const { rows } = await ledger.query(
    `SELECT count(*) AS registered, count(*) FILTER (WHERE last_success_at >= to_timestamp($1 / 1000.0)) AS succeeded,
       count(*) FILTER (WHERE expected_at < now()) AS overdue,
       coalesce(max(greatest(0, extract(epoch FROM now() - expected_at))), 0) AS late,
       (SELECT count(*) FROM plumbline.discrepancy) AS blocking, coalesce(sum(open_interventions), 0) AS called
     FROM plumbline.account`,
    [since],
  );
  return accountsRow.parse(rows)[0];
}

/**
 * When the schedule of each of the accounts began: when a worker first took the workflow up, milliseconds. Thousands that
 * start at once wait for that.
 */
export async function scheduleStarts(
  { temporal }: PlumblineClient,
  accounts: readonly string[],
): Promise<Map<string, number>> {
  const starts = new Map<string, number>();
  for (const account of accounts) {
    const { events } = await temporal.workflow.getHandle(reconciliationWorkflowId(account)).fetchHistory();
    const first = events?.find(({ workflowTaskStartedEventAttributes: started }) => started)?.eventTime;
    if (first) starts.set(account, Number(first.seconds) * 1_000 + (first.nanos ?? 0) / 1_000_000);
  }
  return starts;
}

/** How late scheduled runs began, in milliseconds, for the accounts whose start is known. */
export function lateness(runs: readonly Run[], starts: ReadonlyMap<string, number>, intervalMinutes: number): number[] {
  const interval = intervalMinutes * 60_000;
  return runs.flatMap(({ account, trigger, started }) => {
    const start = starts.get(account);
    if (trigger !== 'schedule' || start === undefined) return [];
    return [(started - start - staggerMs(account, intervalMinutes)) % interval];
  });
}
