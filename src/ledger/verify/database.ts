import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import type { DatabaseSession } from '../store/database.js';
import { sha256 } from '../store/canonical.js';
import { migrationFiles, MIGRATIONS_FOLDER, ownMigrations } from '../migrate/migration-files.js';
import { rightsOf, ROLES, type Action } from '../migrate/rights.js';

/**
 * The triggers of the ledger, by name: the table, the function that they call, and pg_trigger's type bits. They protect
 * its records, and notify `serve` of changed trading gates.
 */
const TRIGGERS: Readonly<Record<string, { table: string; calls: string; kind: number }>> = {
  ...Object.fromEntries(
    (
      [
        ['event', 'event_is_append_only'],
        ['run', 'run_is_append_only'],
        ['sighting', 'sighting_is_append_only'],
        ['execution', 'execution_is_append_only'],
        ['trail', 'trail_is_append_only'],
        ['roster', 'roster_is_append_only'],
        ['intervention_request', 'request_is_append_only'],
        ['deployment', 'deployment_is_append_only'],
      ] as const
    ).map(([table, name]) => [name, { table, calls: 'refuse_change', kind: beforeChange() }]),
  ),
  ...Object.fromEntries(
    (['account', 'discrepancy', 'intervention', 'notification'] as const).map((table) => [
      `${table}_needs_record`,
      { table, calls: 'require_record', kind: afterRowUpdate() },
    ]),
  ),
  account_added: { table: 'account', calls: 'tell_gate', kind: afterRowInsert() },
  account_changed: { table: 'account', calls: 'tell_gate', kind: afterRowUpdate() },
};

/** TRIGGER_TYPE_BEFORE, _DELETE, _UPDATE and _TRUNCATE of PostgreSQL's pg_trigger.h; for each statement. */
function beforeChange(): number {
  return 2 + 8 + 16 + 32;
}

/** TRIGGER_TYPE_ROW and _UPDATE; AFTER is the absence of BEFORE. */
function afterRowUpdate(): number {
  return 1 + 16;
}

/** TRIGGER_TYPE_ROW and _INSERT. */
function afterRowInsert(): number {
  return 1 + 4;
}

/**
 * Faults in the database's protection of the ledger: missing, disabled or altered triggers, altered functions, rules,
 * and rights that only the owner should have. It shows the present state of the database, not its past.
 */
export async function verifyDatabase(session: DatabaseSession): Promise<string[]> {
  return [
    ...(await triggerFaults(session)),
    ...(await functionFaults(session)),
    ...(await constraintFaults(session)),
    ...(await migrationFaults(session)),
    ...(await ruleFaults(session)),
    ...(await rightFaults(session)),
    ...(await roleFaults(session)),
  ];
}

async function triggerFaults(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{
    name: string;
    table: string;
    calls: string;
    kind: number;
    enabled: string;
    internal: boolean;
  }>(sql`
    select tgname as name, relname as table, proname as calls, tgtype as kind, tgenabled as enabled, tgisinternal as internal
    from pg_catalog.pg_trigger
    join pg_catalog.pg_class on pg_class.oid = tgrelid
    join pg_catalog.pg_proc on pg_proc.oid = tgfoid
    where relnamespace = 'plumbline'::regnamespace order by tgname`);
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { name, table, calls, kind, enabled, internal } of rows) {
    if (internal) {
      // A trigger that checks a foreign key.
      if (enabled === 'D') faults.push(`a foreign key of ${table} is not checked: its trigger ${name} is off`);
      continue;
    }
    const wanted = TRIGGERS[name];
    if (wanted === undefined || wanted.table !== table)
      faults.push(`${table} has a trigger ${name} that is not Plumbline's`);
    else if (wanted.calls !== calls || wanted.kind !== kind) faults.push(`the trigger ${name} of ${table} was changed`);
    else if (enabled !== 'A') faults.push(`the trigger ${name} of ${table} is off, or is off in replication sessions`);
    if (wanted?.table === table) seen.add(name);
  }
  for (const [name, { table }] of Object.entries(TRIGGERS)) {
    if (!seen.has(name)) faults.push(`the trigger ${name} of ${table} is not there`);
  }
  return faults;
}

/** Compares the functions with the texts in the migrations. */
async function functionFaults(session: DatabaseSession): Promise<string[]> {
  const wanted = new Map<string, string>();
  for (const path of migrationFiles()) {
    const created = readFileSync(path, 'utf8').matchAll(
      /CREATE (?:OR REPLACE )?FUNCTION plumbline\.(\w+)\(\).*?AS \$\$(.*?)\$\$/gs,
    );
    for (const [, name = '', text = ''] of created) wanted.set(name, text);
  }
  const { rows } = await session.execute<{ name: string; text: string }>(sql`
    select proname as name, prosrc as text from pg_catalog.pg_proc
    where pronamespace = 'plumbline'::regnamespace order by proname`);
  const faults = rows.flatMap(({ name, text }) => {
    if (!wanted.has(name)) return [`there is a function ${name} that is not Plumbline's`];
    return wanted.get(name) === text ? [] : [`the function ${name} was changed`];
  });
  const there = new Set(rows.map(({ name }) => name));
  return [
    ...faults,
    ...[...wanted.keys()].filter((name) => !there.has(name)).map((name) => `the function ${name} is not there`),
  ];
}

/** The constraints of each table: keys, references, checks and unique indexes, by their names in the migrations. */
const CONSTRAINTS: Readonly<Record<string, readonly string[]>> = {
  account: ['account_pkey'],
  channel: ['channel_pkey'],
  deployment: ['deployment_pkey', 'deployment_single_check'],
  discrepancy: [
    'discrepancy_account_fkey',
    'discrepancy_check',
    'discrepancy_check1',
    'discrepancy_check2',
    'discrepancy_open',
    'discrepancy_opened_by_run_fkey',
    'discrepancy_pkey',
    'discrepancy_resolved_by_run_fkey',
    'discrepancy_state_check',
  ],
  event: [
    'event_account_fkey',
    'event_account_workflow_run_id_run_number_fkey',
    'event_id_key',
    'event_pkey',
    'event_request',
    'event_sequence_check',
  ],
  execution: ['execution_account_fkey', 'execution_pkey'],
  intervention: ['intervention_account_fkey', 'intervention_check', 'intervention_pkey', 'intervention_state_check'],
  intervention_request: ['intervention_request_intervention_id_fkey', 'intervention_request_pkey'],
  notification: [
    'notification_account_fkey',
    'notification_delivered',
    'notification_pkey',
    'notification_receipt',
    'notification_severity',
  ],
  pushed_state: ['pushed_state_digest', 'pushed_state_pkey', 'pushed_state_size'],
  request_budget: ['request_budget_pkey'],
  roster: ['roster_account_fkey', 'roster_account_key', 'roster_number_check', 'roster_pkey'],
  roster_head: ['roster_head_one_check', 'roster_head_pkey'],
  run: ['run_account_fkey', 'run_account_workflow_run_id_run_number_key', 'run_outcome_check', 'run_pkey'],
  sighting: ['sighting_change_check', 'sighting_discrepancy_id_fkey', 'sighting_pkey', 'sighting_run_id_fkey'],
  snapshot: [
    'snapshot_account_digest_fkey',
    'snapshot_account_workflow_run_id_run_number_look_side_key',
    'snapshot_pkey',
    'snapshot_side_check',
  ],
  snapshot_body: ['snapshot_body_account_fkey', 'snapshot_body_pkey'],
  trail: ['trail_account_fkey', 'trail_number_check', 'trail_pkey'],
  unsettled: ['unsettled_account_fkey', 'unsettled_once'],
  worker: ['worker_pkey'],
};

async function constraintFaults(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{ table: string; name: string }>(sql`
    select relname as table, conname as name from pg_catalog.pg_constraint
    join pg_catalog.pg_class on pg_class.oid = conrelid
    where relnamespace = 'plumbline'::regnamespace and convalidated
    union
    select of_table.relname, one.relname from pg_catalog.pg_index
    join pg_catalog.pg_class one on one.oid = indexrelid
    join pg_catalog.pg_class of_table on of_table.oid = indrelid
    where of_table.relnamespace = 'plumbline'::regnamespace and indisunique and indisvalid`);
  const there = new Set(rows.map(({ table, name }) => `${table}.${name}`));
  return Object.entries(CONSTRAINTS).flatMap(([table, names]) =>
    names
      .filter((name) => !there.has(`${table}.${name}`))
      .map((name) => `the constraint ${name} of ${table} is not there`),
  );
}

/** Compares the applied migrations with those of this version. */
async function migrationFaults(session: DatabaseSession): Promise<string[]> {
  const wanted = ownMigrations().map(({ when, tag }) => ({
    tag,
    row: `${when} ${sha256(readFileSync(`${MIGRATIONS_FOLDER}/${tag}.sql`))}`,
  }));
  const { rows } = await session.execute<{ row: string }>(
    sql`select concat(created_at, ' ', hash) as row from plumbline.migration order by created_at, id`,
  );
  const faults = wanted.flatMap(({ tag, row }, index) =>
    rows[index]?.row === row ? [] : [`the migration ${tag} is not recorded as it was applied`],
  );
  return rows.length > wanted.length ? [...faults, 'more migrations are recorded than this Plumbline has'] : faults;
}

/** Plumbline uses no rules, no row security and no views. */
async function ruleFaults(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{ fault: string }>(sql`
    select 'a rule of ' || relname || ' (' || rulename || ') is not Plumbline''s' as fault
    from pg_catalog.pg_rewrite join pg_catalog.pg_class on pg_class.oid = ev_class
    where relnamespace = 'plumbline'::regnamespace and relkind in ('r', 'p')
    union all
    select 'row security of ' || relname || ' hides rows' from pg_catalog.pg_class
    where relnamespace = 'plumbline'::regnamespace and relkind in ('r', 'p') and (relrowsecurity or relforcerowsecurity)
    order by 1`);
  return rows.map(({ fault }) => fault);
}

const ACTIONS = new Set<string>(['SELECT', 'INSERT', 'UPDATE', 'DELETE'] satisfies Action[]);

/** Rights beyond those of `rightsOf`. A missing right is not a fault of the ledger: the role that lacks it fails. */
async function rightFaults(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{ role: string; action: string; table: string; column: string | null }>(sql`
    select coalesce(rolname, 'PUBLIC') as role, privilege_type as action, relname as table, attname as column
    from (
      select relowner, relname, null::name as attname, acl.* from pg_catalog.pg_class, aclexplode(relacl) acl
      where relnamespace = 'plumbline'::regnamespace and relkind in ('r', 'p', 'v', 'm')
      union all
      select relowner, relname, attname, acl.* from pg_catalog.pg_class
      join pg_catalog.pg_attribute on attrelid = pg_class.oid, aclexplode(attacl) acl
      where relnamespace = 'plumbline'::regnamespace and relkind in ('r', 'p', 'v', 'm')
      union all
      select nspowner, nspname || ' (schema)', null, acl.* from pg_catalog.pg_namespace, aclexplode(nspacl) acl
      where nspname = 'plumbline' and privilege_type = 'CREATE'
    ) granted left join pg_catalog.pg_roles on pg_roles.oid = grantee
    where grantee <> relowner order by 1, 3, 2, 4`);
  return rows.flatMap(({ role, action, table, column }) => {
    const allowed = ACTIONS.has(action) ? rightsOf(role, table)[action as Action] : undefined;
    if (allowed === true || (column !== null && allowed?.includes(column))) return [];
    return [`the role ${role} may ${action} ${table}${column === null ? '' : `.${column}`}`];
  });
}

/** Rights that a role has through membership or as a superuser. */
async function roleFaults(session: DatabaseSession): Promise<string[]> {
  const { rows } = await session.execute<{ fault: string }>(sql`
    select 'the role ' || role.rolname || ' may do what ' || owner.rolname || ' may, who owns the ledger' as fault
    from pg_catalog.pg_roles role, pg_catalog.pg_namespace
    join pg_catalog.pg_roles owner on owner.oid = nspowner
    where nspname = 'plumbline' and role.rolname = any(${sql.param(ROLES)}) and role.oid <> nspowner
      and (role.rolsuper or pg_has_role(role.oid, nspowner, 'MEMBER'))
    order by 1`);
  return rows.map(({ fault }) => fault);
}
