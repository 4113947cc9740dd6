import { Pool } from 'pg';

/** Distinguishes the driver's own connections from those of the product, which it breaks. */
const APPLICATION = 'chaos-record';

export interface RunRow {
  account: string;
  workflowRunId: string;
  runNumber: number;
  trigger: string;
  outcome: string;
  startedAt: Date;
  endedAt: Date;
  consecutiveFailures: number;
  byType: Record<string, number>;
}

export interface DiscrepancyRow {
  id: string;
  account: string;
  type: string;
  symbol: string;
  state: string;
  description: string;
  openedAt: Date;
  resolvedAt: Date | null;
}

export interface InterventionRow {
  id: string;
  account: string;
  state: string;
  openedAt: Date;
  reasons: { action: string; text: string; at: string }[];
  acknowledgedBy: string | null;
  note: string | null;
}

export interface EventRow {
  account: string;
  sequence: number;
  type: string;
  runNumber: number | null;
  payload: Record<string, unknown>;
  previousHash: string;
  hash: string;
}

export interface HeadRow {
  account: string;
  lastSequence: number;
  lastHash: string;
}

/** The ledger's tables, read without the product's code, so that the checks are independent. */
export class LedgerTables {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({
      connectionString: url,
      max: 3,
      application_name: APPLICATION,
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
    });
    this.pool.on('error', () => {});
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Ends each connection of workers and of serve with this probability. Returns how many. */
  async terminateBackends(chance: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name not like 'chaos-%'
         and random() < $1`,
      [chance],
    );
    return rowCount ?? 0;
  }

  async runCount(): Promise<number> {
    const [row] = await this.rows<{ runs: string }>('select count(*) as runs from plumbline.run');
    return Number(row?.runs ?? 0);
  }

  async heads(): Promise<HeadRow[]> {
    return this.rows(
      'select account, last_sequence::int as "lastSequence", last_hash as "lastHash" from plumbline.account',
    );
  }

  /** The open ones, and those that were resolved within the last `seconds`. */
  async recentDiscrepancies(seconds: number): Promise<DiscrepancyRow[]> {
    return this.discrepanciesWhere(`state = 'open' or resolved_at > now() - interval '${seconds} seconds'`);
  }

  async discrepancies(): Promise<DiscrepancyRow[]> {
    return this.discrepanciesWhere('true');
  }

  async openInterventions(): Promise<InterventionRow[]> {
    return this.interventionsWhere(`state <> 'acknowledged'`);
  }

  async interventions(): Promise<InterventionRow[]> {
    return this.interventionsWhere('true');
  }

  /** In the order of their numbers. */
  async runs(account: string): Promise<RunRow[]> {
    return this.rows(
      `select account, workflow_run_id as "workflowRunId", run_number::int as "runNumber", trigger, outcome,
         started_at as "startedAt", ended_at as "endedAt", consecutive_failures as "consecutiveFailures",
         coalesce(answer -> 'byType', '{}'::json) as "byType"
       from plumbline.run where account = $1 order by run_number, id`,
      [account],
    );
  }

  async events(account: string): Promise<EventRow[]> {
    return this.rows(
      `select account, sequence::int as sequence, type, run_number::int as "runNumber", payload,
         previous_hash as "previousHash", hash
       from plumbline.event where account = $1 order by sequence`,
      [account],
    );
  }

  private async discrepanciesWhere(condition: string): Promise<DiscrepancyRow[]> {
    return this.rows(
      `select id, account, type, symbol, state, description, opened_at as "openedAt", resolved_at as "resolvedAt"
       from plumbline.discrepancy where ${condition} order by opened_at`,
    );
  }

  private async interventionsWhere(condition: string): Promise<InterventionRow[]> {
    return this.rows(
      `select id, account, state, opened_at as "openedAt", reasons, acknowledged_by as "acknowledgedBy", note
       from plumbline.intervention where ${condition} order by opened_at`,
    );
  }

  private async rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(sql, values)).rows as Row[];
  }
}
