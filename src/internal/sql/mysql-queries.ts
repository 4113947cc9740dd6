import { connect } from 'node:net';
import { createConnection, type Connection, type FieldPacket } from 'mysql2';
import { tlsOptionsOf, type MysqlPlace } from './mysql-url.js';
import { QueryError } from './query-error.js';
import { noText, type Answer, type Cell, type Column, type ColumnType, type Query } from './query-rows.js';

export interface MysqlRead {
  place: MysqlPlace;
  deadlineMs: number;
  /** Ends the read by closing the connection. */
  signal: AbortSignal;
}

/** Rows that wait in memory while others are taken over. */
const ROWS_AT_ONCE = 500;

/**
 * Runs the queries of MySQL or MariaDB in one transaction that can change nothing, on one snapshot, so that all answers are of
 * one moment. The server ends a statement after the deadline, too.
 *
 * Each query is a prepared statement: it can only be one statement, and its values arrive in the binary protocol, whose floats
 * keep every digit. (The text protocol cuts FLOAT to six digits.)
 *
 * @throws the driver's errors; when the signal aborts, any error
 */
export async function readMysql<Name extends string>(
  { place, deadlineMs, signal }: MysqlRead,
  queries: readonly Query<Name>[],
  answerOf: (query: Query<Name>) => Answer,
): Promise<void> {
  signal.throwIfAborted();
  const ssl = tlsOptionsOf(place);
  const { host, port, socketPath, user, password, database } = place;
  const socket = socketPath === null ? connect(port, host) : connect(socketPath);
  socket.setNoDelay(true);
  const connection = createConnection({
    stream: () => socket,
    host,
    user,
    password,
    charset: 'utf8mb4',
    ...(database === undefined ? {} : { database }),
    ...(ssl === undefined ? {} : { ssl }),
    // A server may not ask for files of this machine.
    flags: ['-LOCAL_FILES'],
    connectTimeout: deadlineMs,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
  });
  // Without a listener, a connection that breaks would end the process. The pending command fails with the same error.
  connection.on('error', () => {});
  const { aborted, forget } = onAbort(signal, () => void socket.destroy());
  try {
    await Promise.race([readAll(connection, deadlineMs, queries, answerOf), aborted]);
  } finally {
    forget();
    // Also ends the transaction. A server that does not answer is not waited for.
    connection.destroy();
    socket.destroySoon();
  }
}

async function readAll<Name extends string>(
  connection: Connection,
  deadlineMs: number,
  queries: readonly Query<Name>[],
  answerOf: (query: Query<Name>) => Answer,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  await run(connection, sessionSettings(await versionOf(connection), deadlineMs));
  await run(connection, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await run(connection, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  for (const query of queries) {
    try {
      await fetchAll(connection, query, answerOf(query));
    } catch (error) {
      throw new QueryError(query, error);
    }
  }
  await run(connection, 'COMMIT');
}

/**
 * Settings of this session: the time limit of a statement, one form of texts and times, and quotes as they are by default, which
 * is how `oneSelect` has read the queries.
 */
export function sessionSettings(version: string, deadlineMs: number): string {
  const limit = /mariadb/i.test(version)
    ? `max_statement_time = ${deadlineMs / 1_000}`
    : `max_execution_time = ${deadlineMs}`;
  const mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
  return `SET SESSION ${limit}, SESSION time_zone = '+00:00', SESSION sql_mode = '${mode}'`;
}

async function versionOf(connection: Connection): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.query('SELECT VERSION()', (error, rows) => {
      if (error !== null) return reject(error);
      const [row]: unknown[] = Array.isArray(rows) ? rows : [];
      return resolve(Array.isArray(row) ? String(row[0]) : '');
    });
  });
}

async function run(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error) => (error === null ? resolve() : reject(error)));
  });
}

async function fetchAll(connection: Connection, query: Query, answer: Answer): Promise<void> {
  let fields: readonly FieldPacket[] = [];
  const command = connection.execute({ sql: query.sql, rowsAsArray: true });
  command.on('fields', (received: FieldPacket[]) => {
    fields = received;
  });
  let isFirst = true;
  const begin = (): void => {
    if (isFirst) answer.columns(fields.map(columnOf));
    isFirst = false;
  };
  for await (const row of command.stream({ objectMode: true, highWaterMark: ROWS_AT_ONCE }) as AsyncIterable<unknown>) {
    begin();
    answer.row(Array.isArray(row) ? row.map((value: unknown, index) => cellOf(value, fields[index])) : []);
  }
  begin();
}

/** Type numbers (MySQL, "Column Definition"). */
const TYPES: Readonly<Record<number, ColumnType>> = {
  4: 'float',
  5: 'float',
  7: 'time',
  10: 'naive time',
  12: 'time as UTC',
  14: 'naive time',
};
const [FLOAT, TIMESTAMP, DATETIME] = [4, 7, 12];

function columnOf(field: FieldPacket): Column {
  return { name: field.name, type: TYPES[field.columnType ?? -1] ?? 'other' };
}

/** TIMESTAMP arrives in the session's zone, which is UTC. DATETIME has no zone and is taken as UTC. */
function cellOf(value: unknown, field: FieldPacket | undefined): Cell {
  if (value === null || value === undefined) return null;
  const type = field?.columnType;
  if (typeof value === 'string') return type === TIMESTAMP || type === DATETIME ? `${value}Z` : value;
  if (typeof value === 'number') return type === FLOAT ? shortestFloat(value) : String(value);
  return noText(Buffer.isBuffer(value) ? `a binary value of ${value.length} bytes` : 'a value of another type');
}

/** The shortest text that means the same single-precision number. */
function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}

/** A promise that fails when the signal aborts, after `act`. */
function onAbort(signal: AbortSignal, act: () => void): { aborted: Promise<never>; forget: () => void } {
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const listener = (): void => {
      act();
      reject(new Error('the read was ended', { cause: signal.reason }));
    };
    signal.addEventListener('abort', listener, { once: true });
    forget = () => signal.removeEventListener('abort', listener);
  });
  // The rejection is handled even if the race is over.
  aborted.catch(() => {});
  return { aborted, forget };
}
