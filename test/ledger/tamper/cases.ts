import { literal } from './literal.js';
import type { TamperStage } from './stage.js';

/** One change of the database. */
export interface Tamper {
  /** The name by which `docs/tampering.md` may list it: action, table and column, new value. */
  name: string;
  statements: string[];
}

interface Column {
  table: string;
  column: string;
  type: string;
}

/** Values that a column of a type is set to, as SQL. `column` stands for its present value. */
const VALUES: Readonly<Record<string, (column: string) => Record<string, string>>> = {
  text: (column) => ({ 'another text': `'x'`, 'no text': `''`, 'a longer text': `${column} || 'x'` }),
  'timestamp with time zone': (column) => ({
    'an older time': `${column} - interval '1 hour'`,
    'a later time': `${column} + interval '1 day'`,
    'a millisecond more': `${column} + interval '1 millisecond'`,
    'a time in no year': `'infinity'`,
    'a time before all': `'0044-03-15 12:00:00+00 BC'`,
    'a year of five digits': `'20260-01-01'`,
  }),
  json: (column) => ({
    'null in JSON': `'null'`,
    'a JSON number': `'5'`,
    'a JSON text': `'"x"'`,
    'a JSON list': `'[]'`,
    'a list of lists': `'[[],null,[{}]]'`,
    'an empty object': `'{}'`,
    'other fields': `'{"x":1}'`,
    'a huge number': `'{"x":1e9999}'`,
    'huge numbers': `'[1e9999,-1e9999]'`,
    'a NUL': `'"\\u0000"'`,
    'deep nesting': `(repeat('[', 2000) || repeat(']', 2000))::json`,
    'other numbers': `regexp_replace(${column}::text, '[0-9]', '7')::json`,
    'a space more': `(${column}::text || ' ')::json`,
  }),
  integer: (column) => ({
    'one more': `${column} + 1`,
    zero: '0',
    'less than zero': '-1',
    'the largest': '2147483647',
  }),
  bigint: (column) => ({
    'one more': `${column} + 1`,
    zero: '0',
    'less than zero': '-1',
    'the largest': '9223372036854775807',
  }),
  boolean: (column) => ({ 'the opposite': `NOT ${column}` }),
  uuid: () => ({ 'another id': 'gen_random_uuid()' }),
  bytea: (column) => ({ 'other bytes': `'\\x00'`, 'a byte less': `substring(${column} from 2)` }),
};

/** Which rows represent a table, and what identifies a row. */
const ROWS: Readonly<Record<string, { key: string[]; rows: string }>> = {
  account: { key: ['account'], rows: `account = 'main'` },
  run: { key: ['id'], rows: `account = 'main' AND run_number IN (2, 3)` },
  snapshot_body: {
    key: ['account', 'digest'],
    rows: `(account, digest) IN (SELECT account, digest FROM plumbline.snapshot WHERE account = 'main' AND run_number IN (2, 3))`,
  },
  snapshot: { key: ['id'], rows: `account = 'main' AND run_number IN (1, 2, 3) AND side = 'internal'` },
  discrepancy: {
    key: ['id'],
    rows: `id IN (SELECT DISTINCT ON (state, accepted_by IS NULL) id FROM plumbline.discrepancy WHERE account = 'main'
      ORDER BY state, accepted_by IS NULL, id)`,
  },
  sighting: {
    key: ['run_id', 'discrepancy_id'],
    rows: `run_id IN (SELECT id FROM plumbline.run WHERE account = 'main' AND run_number IN (2, 5))`,
  },
  unsettled: { key: ['account', 'identity'], rows: `account = 'main'` },
  event: { key: ['account', 'sequence'], rows: `account = 'main' AND sequence IN (5, 22)` },
  intervention: { key: ['id'], rows: `account = 'main'` },
  intervention_request: { key: ['intervention_id', 'request_id'], rows: `intervention_id LIKE 'main/%'` },
  notification: { key: ['id'], rows: `account = 'main'` },
  channel: { key: ['channel'], rows: 'true' },
  execution: { key: ['workflow_run_id'], rows: `account = 'main'` },
  trail: { key: ['account', 'number'], rows: `account = 'main' AND number IN (1, 2, 6)` },
  roster: { key: ['number'], rows: `account = 'main'` },
  roster_head: { key: ['one'], rows: 'true' },
  pushed_state: { key: ['account'], rows: 'true' },
  request_budget: { key: ['exchange'], rows: 'true' },
  worker: { key: ['worker'], rows: 'true' },
  deployment: { key: ['single'], rows: 'true' },
  migration: { key: ['id'], rows: 'id = (SELECT max(id) FROM plumbline.migration)' },
};

/** Columns that need a unique value in a plausible additional row. */
const EXTRA: Readonly<Record<string, Record<string, string>>> = {
  account: { account: `'third'` },
  run: { id: '1000', run_number: '1000' },
  snapshot_body: { digest: `repeat('a', 64)` },
  snapshot: { id: 'gen_random_uuid()', look: '9' },
  discrepancy: { id: 'gen_random_uuid()', identity: `identity || 'x'` },
  sighting: { run_id: `(SELECT max(id) FROM plumbline.run WHERE account = 'main' AND run_number < 5)` },
  unsettled: { identity: `identity || 'x'` },
  event: {
    sequence: `(SELECT max(sequence) + 1 FROM plumbline.event WHERE account = 'main')`,
    id: 'gen_random_uuid()',
    request_id: 'NULL',
  },
  intervention: { id: `id || 'x'` },
  notification: { id: `id || 'x'` },
  channel: { channel: `channel || 'x'` },
  intervention_request: { request_id: `request_id || 'x'` },
  execution: { workflow_run_id: `workflow_run_id || 'x'` },
  trail: { number: `(SELECT max(number) + 1 FROM plumbline.trail WHERE account = 'main')` },
  roster: { number: '(SELECT max(number) + 1 FROM plumbline.roster)', account: `'third'` },
  roster_head: { one: 'NOT one' },
  pushed_state: { account: `account || 'x'` },
  request_budget: { exchange: `exchange || 'x'` },
  worker: { worker: `worker || 'x'` },
  deployment: { single: 'NOT single' },
  migration: { id: 'id + 1' },
};

/** The owners to which a row can be moved: another account, run, discrepancy or intervention. */
const PARENTS: Readonly<Record<string, string>> = {
  account: `'other'`,
  run_id: `(SELECT id FROM plumbline.run WHERE account = 'other' AND run_number = 2)`,
  opened_by_run: `(SELECT id FROM plumbline.run WHERE account = 'main' AND run_number = 3)`,
  resolved_by_run: `(SELECT id FROM plumbline.run WHERE account = 'main' AND run_number = 5)`,
  discrepancy_id: `(SELECT id FROM plumbline.discrepancy WHERE account = 'other' ORDER BY id LIMIT 1)`,
  intervention_id: `'main/snoozed'`,
  workflow_run_id: `'execution/other'`,
  digest: `(SELECT digest FROM plumbline.snapshot WHERE account = 'main' AND run_number = 5 - 4 ORDER BY id LIMIT 1)`,
};

export async function columnsOf(stage: TamperStage): Promise<Map<string, Column[]>> {
  const rows = await stage.query<Column>(
    `SELECT table_name AS table, column_name AS column, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'plumbline' ORDER BY table_name, ordinal_position`,
  );
  const byTable = new Map<string, Column[]>();
  for (const row of rows) byTable.set(row.table, [...(byTable.get(row.table) ?? []), row]);
  return byTable;
}

/** Every change of every column of every table, in representative rows; rows deleted, inserted and moved. */
export async function tampersOf(stage: TamperStage, table: string, columns: readonly Column[]): Promise<Tamper[]> {
  const known = ROWS[table];
  if (known === undefined || EXTRA[table] === undefined) {
    throw new Error(`say in ROWS and EXTRA of ${import.meta.url} which rows of the table ${table} stand for all`);
  }
  const places = await placesOf(stage, table, known);
  if (places.length === 0) throw new Error(`the table ${table} holds nothing that could be changed`);
  const tampers = places.flatMap((place) => [
    ...columns.flatMap((column) => changesOf(table, column, place)),
    { name: `delete ${table}${place.about}`, statements: [`DELETE FROM plumbline."${table}" WHERE ${place.where}`] },
  ]);
  const [first] = places;
  return [
    ...tampers,
    { name: `delete all of ${table}`, statements: [`DELETE FROM plumbline."${table}"`] },
    { name: `empty ${table}`, statements: [`TRUNCATE plumbline."${table}"`] },
    ...(first === undefined ? [] : [extraRow(table, columns, first)]),
  ];
}

interface Place {
  where: string;
  /** The kind of case, if the allowed result depends on it. */
  about: string;
}

async function placesOf(stage: TamperStage, table: string, known: { key: string[]; rows: string }): Promise<Place[]> {
  const keys = known.key.map((column) => `"${column}"::text AS "${column}"`).join(', ');
  const about = ABOUT[table] ?? `''`;
  const rows = await stage.query<Record<string, string>>(
    `SELECT ${keys}, ${about} AS about FROM plumbline."${table}" WHERE ${known.rows} ORDER BY ${known.key.map((column) => `"${column}"`).join(', ')}`,
  );
  return rows.map((row) => ({
    where: known.key.map((column) => `"${column}"::text = ${literal(row[column] ?? '')}`).join(' AND '),
    about: row['about'] === '' ? '' : ` of ${row['about']}`,
  }));
}

const OF_CLEAN = `CASE WHEN EXISTS (SELECT FROM plumbline.run WHERE run.account = snapshot.account AND run.workflow_run_id = snapshot.workflow_run_id
  AND run.run_number = snapshot.run_number AND outcome = 'matched') THEN 'a clean run' ELSE '' END`;
const OF_UNDELIVERED = `CASE WHEN delivered_at IS NULL THEN 'an undelivered one' ELSE '' END`;
const ABOUT: Readonly<Record<string, string>> = { snapshot: OF_CLEAN, notification: OF_UNDELIVERED };

function changesOf(table: string, { column, type }: Column, place: Place): Tamper[] {
  const values = VALUES[type];
  if (values === undefined)
    throw new Error(`say in VALUES of ${import.meta.url} what to set a column of the type ${type} to`);
  const name = `"${column}"`;
  const parent = PARENTS[column];
  const wanted = {
    nothing: 'NULL',
    ...values(name),
    'the value of another row': `(SELECT one.${name} FROM plumbline."${table}" one
      WHERE one.${name}::text IS DISTINCT FROM plumbline."${table}".${name}::text ORDER BY one.${name}::text DESC LIMIT 1)`,
    ...(parent === undefined ? {} : { 'another parent': parent }),
  };
  return Object.entries(wanted).map(([what, value]) => ({
    name: `update ${table}.${column}${place.about}: ${what}`,
    statements: [
      `UPDATE plumbline."${table}" SET ${name} = ${value} WHERE ${place.where} AND ${name}::text IS DISTINCT FROM (${value})::text`,
    ],
  }));
}

function extraRow(table: string, columns: readonly Column[], { where }: Place): Tamper {
  const names = columns.map(({ column }) => `"${column}"`).join(', ');
  const values = columns.map(({ column }) => EXTRA[table]?.[column] ?? `"${column}"`).join(', ');
  return {
    name: `insert ${table}`,
    statements: [
      `INSERT INTO plumbline."${table}" (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM plumbline."${table}" WHERE ${where}`,
    ],
  };
}

/** The ledger's protection, removed or changed: by the owner of the tables, unless only an administrator may do it. */
export const DEFINITIONS: readonly string[] = [
  'ALTER TABLE plumbline.event DISABLE TRIGGER event_is_append_only',
  'ALTER TABLE plumbline.account DISABLE TRIGGER USER',
  'ALTER TABLE plumbline.run ENABLE TRIGGER run_is_append_only',
  'ALTER TABLE plumbline.sighting ENABLE REPLICA TRIGGER sighting_is_append_only',
  'ALTER TABLE plumbline.discrepancy DISABLE TRIGGER ALL',
  'DROP TRIGGER event_is_append_only ON plumbline.event',
  'DROP TRIGGER execution_is_append_only ON plumbline.execution',
  'DROP TRIGGER account_needs_record ON plumbline.account',
  'DROP TRIGGER account_changed ON plumbline.account',
  'DROP TRIGGER intervention_needs_record ON plumbline.intervention',
  'DROP TRIGGER notification_needs_record ON plumbline.notification',
  'ALTER TRIGGER event_is_append_only ON plumbline.event RENAME TO other',
  `DROP TRIGGER trail_is_append_only ON plumbline.trail; CREATE TRIGGER trail_is_append_only BEFORE UPDATE ON plumbline.trail
     FOR EACH STATEMENT EXECUTE FUNCTION plumbline.refuse_change();
   ALTER TABLE plumbline.trail ENABLE ALWAYS TRIGGER trail_is_append_only`,
  `CREATE OR REPLACE FUNCTION plumbline.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
  `CREATE OR REPLACE FUNCTION plumbline.require_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
  `CREATE OR REPLACE FUNCTION plumbline.tell_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
  `CREATE FUNCTION plumbline.mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
   CREATE TRIGGER mine BEFORE INSERT ON plumbline.event FOR EACH ROW EXECUTE FUNCTION plumbline.mine()`,
  'CREATE RULE mine AS ON INSERT TO plumbline.event DO INSTEAD NOTHING',
  'ALTER TABLE plumbline.intervention ENABLE ROW LEVEL SECURITY',
  'DROP INDEX plumbline.discrepancy_open',
  'ALTER TABLE plumbline.sighting DROP CONSTRAINT sighting_run_id_fkey',
  'ALTER TABLE plumbline.event DROP CONSTRAINT event_id_key',
  'ALTER TABLE plumbline.discrepancy DROP CONSTRAINT discrepancy_state_check',
  'ALTER TABLE plumbline.notification DROP CONSTRAINT notification_receipt',
  'GRANT UPDATE ON plumbline.event TO plumbline_worker',
  'GRANT DELETE ON plumbline.account TO plumbline_worker',
  'GRANT DELETE ON plumbline.intervention TO plumbline_worker',
  'GRANT UPDATE (opened_at) ON plumbline.intervention TO plumbline_worker',
  'GRANT UPDATE (wanted_at) ON plumbline.notification TO plumbline_worker',
  'GRANT DELETE ON plumbline.notification TO plumbline_worker',
  'GRANT TRUNCATE, TRIGGER ON plumbline.run TO plumbline_worker',
  'GRANT INSERT ON plumbline.run TO plumbline_reader',
  'GRANT UPDATE (policy) ON plumbline.account TO plumbline_reader',
  'GRANT UPDATE ON plumbline.snapshot TO PUBLIC',
  'GRANT CREATE ON SCHEMA plumbline TO plumbline_worker',
  'GRANT plumbline_owner TO plumbline_worker',
  'ALTER ROLE plumbline_worker SUPERUSER',
];
