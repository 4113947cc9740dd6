import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import type { Session } from './database.js';
import { migrationFiles } from './migration-files.js';
import { READER, rightsOf, WORKER, type Action } from './rights.js';

/** The triggers that protect the ledger, by name: the table, the function they call, and pg_trigger's kind of trigger. */
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
      ] as const
    ).map(([table, name]) => [name, { table, calls: 'refuse_change', kind: beforeChange() }]),
  ),
  ...Object.fromEntries(
    (['account', 'discrepancy', 'intervention'] as const).map((table) => [
      `${table}_needs_record`,
      { table, calls: 'require_record', kind: afterRowUpdate() },
    ]),
  ),
};

/** TRIGGER_TYPE_BEFORE, _DELETE, _UPDATE and _TRUNCATE of PostgreSQL's pg_trigger.h; for each statement. */
function beforeChange(): number {
  return 2 + 8 + 16 + 32;
}

/** TRIGGER_TYPE_ROW and _UPDATE; AFTER is the absence of BEFORE. */
function afterRowUpdate(): number {
  return 1 + 16;
}

/**
 * What is wrong with the protection of the ledger in its database: triggers that are gone, off or changed, their functions,
 * rules, and rights that nobody but the owner should have. It shows how the database is now, not how it was.
 */
export async function verifyDatabase(session: Session): Promise<string[]> {
  return [
    ...(await triggerFaults(session)),
    ...(await functionFaults(session)),
    ...(await ruleFaults(session)),
    ...(await rightFaults(session)),
    ...(await roleFaults(session)),
  ];
}

async function triggerFaults(session: Session): Promise<string[]> {
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
      // What checks a foreign key.
      if (enabled === 'D') faults.push(`a foreign key of ${table} is not checked: its trigger ${name} is off`);
      continue;
    }
    const wanted = TRIGGERS[name];
    if (wanted === undefined || wanted.table !== table)
      faults.push(`${table} has a trigger ${name} that is not Plumbline's`);
    else if (wanted.calls !== calls || wanted.kind !== kind) faults.push(`the trigger ${name} of ${table} was changed`);
    else if (enabled !== 'A') faults.push(`the trigger ${name} of ${table} is off, or off in sessions that replicate`);
    if (wanted?.table === table) seen.add(name);
  }
  for (const [name, { table }] of Object.entries(TRIGGERS)) {
    if (!seen.has(name)) faults.push(`the trigger ${name} of ${table} is not there`);
  }
  return faults;
}

/** Functions do what the migrations say: their texts are the same. */
async function functionFaults(session: Session): Promise<string[]> {
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

/** Plumbline has no rules, no row security and no views. */
async function ruleFaults(session: Session): Promise<string[]> {
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

/** Rights beyond those of `rightsOf`. One that is missing is no fault of the ledger's: whoever lacks it fails. */
async function rightFaults(session: Session): Promise<string[]> {
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

/** Rights that come with being somebody. */
async function roleFaults(session: Session): Promise<string[]> {
  const { rows } = await session.execute<{ fault: string }>(sql`
    select 'the role ' || role.rolname || ' may do what ' || owner.rolname || ' may, who owns the ledger' as fault
    from pg_catalog.pg_roles role, pg_catalog.pg_namespace
    join pg_catalog.pg_roles owner on owner.oid = nspowner
    where nspname = 'plumbline' and role.rolname in (${WORKER}, ${READER}) and role.oid <> nspowner
      and (role.rolsuper or pg_has_role(role.oid, nspowner, 'MEMBER'))
    order by 1`);
  return rows.map(({ fault }) => fault);
}
