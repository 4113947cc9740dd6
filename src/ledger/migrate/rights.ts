import { sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';

/**
 * `plumbline_worker` writes records, `plumbline_serve` reads them and records what people do, `plumbline_reader` reads.
 * `migrate` sets their rights if the server has these roles.
 */
export const WORKER = 'plumbline_worker';
export const SERVE = 'plumbline_serve';
export const READER = 'plumbline_reader';
export const ROLES: readonly string[] = [WORKER, SERVE, READER];

export type Action = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** True means all columns. */
export type Rights = Partial<Record<Action, true | readonly string[]>>;

const APPEND: Rights = { SELECT: true, INSERT: true };

/**
 * The worker's rights by table: exactly what its statements need. It may delete only evidence, which is pruned,
 * unconfirmed keys, which each verdict counts again, and reports of workers.
 */
export const WORKER_RIGHTS: Readonly<Record<string, Rights>> = {
  account: {
    ...APPEND,
    UPDATE: [
      'exchange',
      'policy',
      'active',
      'paused',
      'success_total',
      'failure_total',
      'discrepancy_total',
      'open_discrepancies',
      'consecutive_failures',
      'open_interventions',
      'closing_interventions',
      'last_run_number',
      'last_run_at',
      'last_success_at',
      'last_outcome',
      'last_sequence',
      'last_hash',
      'call_due',
      'called_at',
      'inspection',
      'streak_called',
      'expected_at',
      'trail_number',
      'trail_hash',
    ],
  },
  run: APPEND,
  event: APPEND,
  trail: APPEND,
  sighting: APPEND,
  execution: APPEND,
  intervention_request: APPEND,
  roster: APPEND,
  roster_head: { SELECT: true, UPDATE: ['number', 'hash'] },
  discrepancy: {
    ...APPEND,
    UPDATE: [
      'type',
      'symbol',
      'state',
      'description',
      'remedy',
      'difference',
      'last_seen_at',
      'resolved_at',
      'times_seen',
      'resolved_by_run',
      'accepted_by',
      'accepted_note',
      'accepted_at',
      'accepted_until',
      'decision',
      'closes_gate',
    ],
  },
  intervention: {
    ...APPEND,
    UPDATE: [
      'state',
      'reasons',
      'notified_times',
      'snoozed_until',
      'snoozed_by',
      'snooze_note',
      'acknowledged_at',
      'acknowledged_by',
      'note',
    ],
  },
  notification: {
    ...APPEND,
    UPDATE: [
      'batch_key',
      'leased_until',
      'failed_attempts',
      'failure',
      'delivered_at',
      'delivered_key',
      'receipt',
      'thread',
    ],
  },
  channel: { ...APPEND, UPDATE: ['delivered_total', 'failure_total', 'last_success_at'] },
  unsettled: { ...APPEND, UPDATE: ['runs_in_a_row'], DELETE: true },
  // A repeated delivery of an observation replaces the first one until the run has its verdict.
  snapshot: {
    ...APPEND,
    UPDATE: ['digest', 'read_started_at', 'read_ended_at', 'as_of', 'stored_at'],
    DELETE: true,
  },
  snapshot_body: { ...APPEND, UPDATE: ['digest'], DELETE: true },
  request_budget: { ...APPEND, UPDATE: ['earned_at'] },
  worker: { ...APPEND, UPDATE: ['accounts', 'config_digest', 'seen_at'], DELETE: true },
  migration: { SELECT: true },
};

/**
 * What `serve` needs beside reading: it accepts discrepancies, answers an intervention whose workflow does not, and stores the
 * states that bots push. It can neither record a run nor open an intervention.
 */
const SERVE_RIGHTS: Readonly<Record<string, Rights>> = {
  event: APPEND,
  pushed_state: { ...APPEND, UPDATE: ['document', 'sha256', 'as_of', 'received_at'] },
  account: { SELECT: true, UPDATE: ['last_sequence', 'last_hash', 'open_interventions', 'closing_interventions'] },
  discrepancy: { SELECT: true, UPDATE: ['accepted_by', 'accepted_note', 'accepted_at', 'accepted_until'] },
  intervention: {
    SELECT: true,
    UPDATE: ['state', 'snoozed_until', 'snoozed_by', 'snooze_note', 'acknowledged_at', 'acknowledged_by', 'note'],
  },
};

/** The maximum rights of a role other than the owner. Reading is always allowed. */
export function rightsOf(role: string, table: string): Rights {
  const rights = { [WORKER]: WORKER_RIGHTS, [SERVE]: SERVE_RIGHTS }[role] ?? {};
  return rights[table] ?? { SELECT: true };
}

/**
 * Grants the roles their rights on the existing tables and revokes all others. Idempotent. Does nothing on a server
 * without these roles. Must run as the owner of the tables.
 */
export async function setRights(session: DatabaseSession): Promise<void> {
  const { rows: roles } = await session.execute<{ role: string }>(
    sql`select rolname as role from pg_catalog.pg_roles where rolname = any(${sql.param(ROLES)})`,
  );
  const { rows: tables } = await session.execute<{ name: string }>(
    sql`select relname as name from pg_catalog.pg_class
        where relnamespace = 'plumbline'::regnamespace and relkind in ('r', 'p') order by relname`,
  );
  for (const { role } of roles) {
    await session.execute(sql.raw(`GRANT USAGE ON SCHEMA plumbline TO ${role}`));
    for (const { name } of tables) {
      for (const statement of rightsStatements(role, name)) await session.execute(sql.raw(statement));
    }
  }
}

function rightsStatements(role: string, table: string): string[] {
  const grants = Object.entries(rightsOf(role, table)).map(([action, columns]) =>
    columns === true ? action : `${action} (${columns.join(', ')})`,
  );
  return [
    `REVOKE ALL ON plumbline."${table}" FROM ${role}`,
    `GRANT ${grants.join(', ')} ON plumbline."${table}" TO ${role}`,
  ];
}
