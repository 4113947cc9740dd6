/**
 * The program that reads a SQLite file, for `node -e`. Node's SQLite blocks its thread and has no time limit, so it runs in a
 * process of its own that can be killed. It is a text because the same code must run from the sources and compiled, and it
 * loads `node:sqlite` only here, because older versions of Node do not have it.
 *
 * stdin: `{"path": "...", "busyMs": 1000, "queries": [{"name": "orders", "sql": "select ..."}]}`
 *
 * stdout, one JSON value a line: `{"query", "columns"}`, then `{"rows"}` any number of times, for each query; at last
 * `{"done": true}` or `{"error": {"query", "code", "number", "message"}}`. A value is null, its text, `["real", text]` or
 * `["blob", bytes]`.
 */
export const SQLITE_PROGRAM = `'use strict';
const { readFileSync, writeSync } = require('node:fs');

const say = (value) => {
  const bytes = Buffer.from(JSON.stringify(value) + '\\n');
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};
const cellOf = (value) => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return ['real', String(value)];
  return ['blob', String(value.length)];
};

let query = null;
try {
  const { path, busyMs, queries } = JSON.parse(readFileSync(0, 'utf8'));
  const { DatabaseSync, StatementSync } = require('node:sqlite');
  if (StatementSync.prototype.columns === undefined || StatementSync.prototype.setReturnArrays === undefined) {
    throw Object.assign(new Error('node:sqlite is too old'), { code: 'ERR_UNKNOWN_BUILTIN_MODULE' });
  }
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('PRAGMA busy_timeout = ' + Number(busyMs));
  database.exec('PRAGMA query_only = 1');
  database.exec('BEGIN');
  for (const { name, sql } of queries) {
    query = name;
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    say({ query, columns: statement.columns().map((column) => column.name) });
    let rows = [];
    for (const row of statement.iterate()) {
      rows.push(row.map(cellOf));
      if (rows.length < 200) continue;
      say({ rows });
      rows = [];
    }
    say({ rows });
  }
  query = null;
  database.exec('COMMIT');
  database.close();
  say({ done: true });
} catch (error) {
  say({ error: { query, code: String(error.code), number: error.errcode ?? null, message: String(error.message) } });
}
`;
