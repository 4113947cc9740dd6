import { Socket } from 'node:net';
import { Client, type FieldDef } from 'pg';
import { Turns } from '../../runtime/turns.js';
import { QueryError } from './query-error.js';
import type { Answer, Column, ColumnType, Query } from './query-rows.js';

export interface PostgresRead {
  /** With the password. Never shown. */
  url: string;
  deadlineMs: number;
  /** Ends the read by closing the connection. */
  signal: AbortSignal;
}

/** Rows of one fetch, which are in memory together. */
const ROWS_AT_ONCE = 500;

/**
 * Runs the queries in one transaction, so that all answers are of one moment. It can change nothing, it ends after the
 * deadline on the server too, and each value arrives as PostgreSQL's own text.
 *
 * Each query is the body of a cursor, which PostgreSQL allows only for statements that change no data.
 *
 * @throws the driver's errors; when the signal aborts, any error
 */
export async function readPostgres<Name extends string>(
  { url, deadlineMs, signal }: PostgresRead,
  queries: readonly Query<Name>[],
  answerOf: (query: Query<Name>) => Answer,
): Promise<void> {
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    application_name: 'plumbline',
    stream: () => socket,
    types: { getTypeParser: () => asWritten },
  });
  // Without a listener, a connection that breaks would end the process. The pending query fails with the same error.
  client.on('error', () => {});
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(settings(deadlineMs));
    for (const query of queries) {
      try {
        await fetchAll(client, query, answerOf(query));
      } catch (error) {
        throw new QueryError(query, error);
      }
    }
    await client.query('COMMIT');
  } finally {
    signal.removeEventListener('abort', abort);
    // Also ends the transaction. A server that does not answer is not waited for.
    socket.destroySoon();
    void client.end().catch(() => {});
  }
}

/** Host, port and database of a URL, never user or password; null if the URL cannot be read. */
export function describePostgres(url: string): string | null {
  try {
    const { host, port, database } = new Client({ connectionString: url });
    return host.startsWith('/') ? `${database ?? ''} at socket ${host}` : `${host}:${port}/${database ?? ''}`;
  } catch {
    return null;
  }
}

/**
 * Settings of this transaction alone: time limits, and one form of texts and times whatever the role or database has set.
 * Floats have as many digits as they need to be read back unchanged.
 */
function settings(deadlineMs: number): string {
  return `SET LOCAL statement_timeout = ${deadlineMs}; SET LOCAL idle_in_transaction_session_timeout = ${deadlineMs};
    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1;
    SET LOCAL standard_conforming_strings = on`;
}

async function fetchAll(client: Client, query: Query, answer: Answer): Promise<void> {
  const cursor = `plumbline_${query.name}`;
  // The extended protocol takes one statement only.
  const declare = { text: `DECLARE ${cursor} NO SCROLL CURSOR FOR ${query.sql}`, queryMode: 'extended' };
  await client.query(declare);
  const turns = new Turns();
  for (let isFirst = true; ; isFirst = false) {
    const fetch = { text: `FETCH ${ROWS_AT_ONCE} FROM ${cursor}`, rowMode: 'array' as const };
    const { rows, fields } = await client.query<(string | null)[]>(fetch);
    if (isFirst) answer.columns(fields.map(columnOf));
    for (const row of rows) answer.row(row);
    if (rows.length < ROWS_AT_ONCE) break;
    await turns.next();
  }
  await client.query(`CLOSE ${cursor}`);
}

function asWritten(text: string): string {
  return text;
}

/** Types by their fixed object ids (pg_type.dat). */
const TYPES: ReadonlyMap<number, ColumnType> = new Map([
  [16, 'boolean'],
  [17, 'binary'],
  [700, 'float'],
  [701, 'float'],
  [1082, 'naive time'],
  [1114, 'naive time'],
  [1184, 'time'],
]);

function columnOf({ name, dataTypeID }: FieldDef): Column {
  return { name, type: TYPES.get(dataTypeID) ?? 'other' };
}
