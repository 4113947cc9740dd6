import { stat } from 'node:fs/promises';
import type { SecretSource } from '../../config/config.js';
import type { SqlConfig } from '../../config/sql-config.js';
import { FailureError } from '../../domain/failure/failure.js';
import type { SqlDialect } from '../../domain/text/one-select.js';
import type { Redactor } from '../../redaction/redactor.js';
import { errorCode } from '../../runtime/error-shape.js';
import { sourceFailure } from '../source-failure.js';
import { mysqlFailure } from './mysql-failures.js';
import { readMysql } from './mysql-queries.js';
import { describeMysql, isMysqlUrl, mysqlPlaceOf } from './mysql-url.js';
import { describePostgres, readPostgres } from './postgres-queries.js';
import type { Answer, Query } from './query-rows.js';
import { postgresFailure, sqliteFailure } from './sql-failures.js';
import { readSqlite } from './sqlite-queries.js';

export interface DatabaseDependencies {
  resolveSecret: (source: SecretSource, what: string) => string;
  redactor: Redactor;
  /** Options of Node for the process that reads SQLite; for tests. */
  nodeOptions?: readonly string[] | undefined;
}

/** Where the database is: a name for failures, never with user or password, and its URL (empty for SQLite). */
export interface DatabasePlace {
  name: string;
  url: string;
  dialect: SqlDialect;
}

/** MySQL only for queries that were written for MySQL. */
export type ServerDialect = Exclude<SqlDialect, 'sqlite'>;

export interface DatabaseRead {
  deadlineMs: number;
  /** Ends the read. */
  signal: AbortSignal;
}

const FORMS = {
  one: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
  both: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE or mysql://USER:PASSWORD@HOST:PORT/DATABASE',
};

const FAILURES: Readonly<Record<SqlDialect, (error: unknown, redactor: Redactor) => FailureError>> = {
  postgresql: postgresFailure,
  mysql: mysqlFailure,
  sqlite: sqliteFailure,
};

/** A bot's own database, which is only read. */
export class BotDatabase {
  /** @param at the place of the database's fields in the configuration: "internal" */
  constructor(
    private readonly database: SqlConfig['database'],
    private readonly at: string,
    private readonly deps: DatabaseDependencies,
    private readonly servers: readonly ServerDialect[] = ['postgresql'],
  ) {}

  /** For people, without secrets: "sqlite /bots/tradesv3.sqlite", "a database server". */
  get description(): string {
    const { database, deps, servers } = this;
    if (database.kind === 'sqlite') return `sqlite ${deps.redactor.text(database.path)}`;
    return servers.length === 1 ? 'postgresql' : 'a database server';
  }

  /** Reads the URL anew, because secrets change. Throws FailureError `configuration`. */
  place(): DatabasePlace {
    const { database, deps, at } = this;
    const { redactor } = deps;
    if (database.kind === 'sqlite') return { dialect: 'sqlite', name: redactor.text(database.path), url: '' };
    const written = deps.resolveSecret(database.url, `${at}.url`);
    redactor.add(written);
    if (this.servers.includes('mysql') && isMysqlUrl(written)) {
      const mysql = mysqlPlaceOf(written, `${at}.url`);
      redactor.add(mysql.password);
      return { dialect: 'mysql', name: `MySQL ${redactor.text(describeMysql(mysql))}`, url: written };
    }
    // SQLAlchemy names the driver in the scheme: "postgresql+psycopg2://".
    const url = written.replace(/^(postgres(?:ql)?)\+[a-z0-9]+:/i, '$1:');
    redactor.add(url);
    const name = /^[a-z][a-z0-9+]*:/i.test(url) && !/^postgres(?:ql)?:/i.test(url) ? null : describePostgres(url);
    if (name !== null) return { dialect: 'postgresql', name: `PostgreSQL ${redactor.text(name)}`, url };
    const isSqlite = /^sqlite/i.test(url);
    throw sourceFailure(
      'configuration',
      isSqlite ? 'the URL of the database is that of a SQLite file' : 'the URL of the database cannot be read',
      isSqlite
        ? 'name the file with path instead of a URL'
        : `write it as ${FORMS[this.servers.length === 1 ? 'one' : 'both']}, with special characters percent-encoded`,
      { where: `${at}.url` },
    );
  }

  /** Runs the queries in one read-only transaction. Errors are those of the reader; see `failureOf`. */
  async read<Name extends string>(
    { url, dialect }: Omit<DatabasePlace, 'name'>,
    limits: DatabaseRead,
    queries: readonly Query<Name>[],
    answerOf: (query: Query<Name>) => Answer,
  ): Promise<void> {
    const { database, deps, at } = this;
    if (database.kind === 'sqlite') {
      await this.requireFile(database.path);
      return readSqlite({ path: database.path, ...limits, nodeOptions: deps.nodeOptions }, queries, answerOf);
    }
    if (dialect !== 'mysql') return readPostgres({ url, ...limits }, queries, answerOf);
    return readMysql({ place: mysqlPlaceOf(url, `${at}.url`), ...limits }, queries, answerOf);
  }

  /** Converts an error of `read`. Its message does not name the database; see `placed`. */
  failureOf(error: unknown, { dialect }: Pick<DatabasePlace, 'dialect'>): FailureError {
    if (error instanceof FailureError) return error;
    const cause = error instanceof Error && error.cause instanceof FailureError ? error.cause : null;
    if (cause !== null) return cause;
    return FAILURES[dialect](error, this.deps.redactor);
  }

  /** The failure with the database's name before its message. */
  placed(place: Pick<DatabasePlace, 'name'>, { failure, cause }: FailureError): FailureError {
    const message = this.deps.redactor.text(`${place.name}: ${failure.message}`);
    return new FailureError({ ...failure, message }, cause === undefined ? undefined : { cause });
  }

  /** Refuses a path that is not a file before SQLite opens it: SQLite has one message for every reason. */
  private async requireFile(path: string): Promise<void> {
    const where = `${this.at}.path`;
    let isFile: boolean;
    try {
      isFile = (await stat(path)).isFile();
    } catch (error) {
      const code = errorCode(error) ?? 'unknown reason';
      const kind = code === 'EACCES' || code === 'EPERM' ? 'permission' : 'unreadable';
      const remedy = `check ${where}, and that the user of this process may read it`;
      throw sourceFailure(kind, `it cannot be read (${code})`, remedy, { where });
    }
    if (isFile) return;
    throw sourceFailure('configuration', 'it is not a regular file', `name the database file in ${where}`, { where });
  }
}
