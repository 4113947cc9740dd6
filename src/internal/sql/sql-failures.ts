import type { FailureError, FailureKind } from '../../domain/failure/failure.js';
import type { Redactor } from '../../redaction/redactor.js';
import { causesOf, errorCode, isCertificateCode, isError } from '../../runtime/error-shape.js';
import { sourceFailure } from '../source-failure.js';
import { QueryError } from './query-error.js';
import { SqliteError } from './sqlite-queries.js';

export interface Rule {
  kind: FailureKind;
  remedy: string;
}

export const CHECK_QUERY = 'correct the query; run it with the same role in the database to see the whole message';
export const TOO_SLOW: Rule = {
  kind: 'timeout',
  remedy: 'make the query faster (an index), or raise internal.deadline_seconds',
};
const UNREACHED: Rule = {
  kind: 'network',
  remedy: 'check host and port in the URL, and that the database server runs there',
};
export const LOST: Rule = { kind: 'network', remedy: "the connection was closed; check the database server's log" };
export const READ_ONLY: Rule = { kind: 'configuration', remedy: 'select only: the transaction can change nothing' };
export const WAIT: Rule = { kind: 'maintenance', remedy: 'wait until the database is up' };
const LOGIN: Rule = {
  kind: 'authentication',
  remedy: "check user and password of the URL, and PostgreSQL's pg_hba.conf",
};

/** By the system's code. */
export const NETWORK_RULES: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: UNREACHED,
  ENOTFOUND: UNREACHED,
  ENOENT: UNREACHED,
  ETIMEDOUT: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  EAI_AGAIN: { kind: 'network', remedy: 'check the name server of this machine' },
  ECONNRESET: LOST,
  EPIPE: LOST,
};

/** By SQLSTATE, its class (the first two characters), or the system's code. The longer key decides. */
const POSTGRES: Readonly<Record<string, Rule>> = {
  ...NETWORK_RULES,
  '08': LOST,
  '22': { kind: 'unreadable', remedy: CHECK_QUERY },
  '25006': READ_ONLY,
  '25P03': TOO_SLOW,
  '28': LOGIN,
  '3D000': { kind: 'configuration', remedy: 'check the name of the database in the URL' },
  '40': { kind: 'unreadable', remedy: 'the next run reads again; on a standby raise max_standby_streaming_delay' },
  '42': { kind: 'configuration', remedy: CHECK_QUERY },
  '42501': { kind: 'permission', remedy: 'let the role of the URL select from the tables of the query' },
  '53300': { kind: 'rate_limited', remedy: 'the server has no connection left: raise max_connections' },
  '55P03': TOO_SLOW,
  '57014': TOO_SLOW,
  '57P01': LOST,
  '57P03': WAIT,
};

/** By SQLite's primary result code. */
const SQLITE: Readonly<Record<number, Rule>> = {
  1: { kind: 'configuration', remedy: CHECK_QUERY },
  5: { kind: 'unreadable', remedy: 'another process holds the file locked; the next run reads again' },
  8: READ_ONLY,
  10: { kind: 'unreadable', remedy: 'check the disk' },
  11: { kind: 'unreadable', remedy: 'the file is damaged, or was copied while it was written: read the original' },
  14: {
    kind: 'permission',
    remedy: 'let the user of this process read the file; beside a file in WAL mode it must reach -wal and -shm, too',
  },
  26: { kind: 'configuration', remedy: 'check internal.path: the file is no SQLite database, or is encrypted' },
};

/** Converts an error of PostgreSQL or of its driver. */
export function postgresFailure(error: unknown, redactor: Redactor): FailureError {
  const query = error instanceof QueryError ? error.query.name : null;
  const causes = causesOf(error instanceof QueryError ? error.cause : error);
  const code = causes.map(errorCode).find((each) => each !== null) ?? null;
  const said = wordsOf(causes.at(-1), code);
  if (isCertificateCode(code)) {
    const remedy = 'name its authority in the URL (sslrootcert=...), or renew the certificate';
    return readFailure({ kind: 'configuration', remedy }, query, said, error, redactor);
  }
  const isLost = /^Connection terminated|not queryable$/.test(said);
  const rule = POSTGRES[code ?? ''] ?? POSTGRES[code?.slice(0, 2) ?? ''];
  const unknown: Rule = /password|SASL|SCRAM/.test(said)
    ? LOGIN
    : { kind: 'unreadable', remedy: "check the database server's log" };
  return readFailure(rule ?? (isLost ? LOST : unknown), query, said, error, redactor);
}

/** The first Node with everything of `node:sqlite` that is used. */
const NODE_WITH_SQLITE = '22.16';

/** Converts an error of SQLite or of the process that reads it. */
export function sqliteFailure(error: unknown, redactor: Redactor): FailureError {
  const sqlite = error instanceof SqliteError ? error : null;
  if (sqlite?.code === 'ERR_UNKNOWN_BUILTIN_MODULE') {
    return sourceFailure(
      'unsupported',
      `SQLite needs Node ${NODE_WITH_SQLITE} or later, whose node:sqlite reads it; this is ${process.version}`,
      `run Plumbline with Node ${NODE_WITH_SQLITE} or later, or let the bot use PostgreSQL or write its state to a file`,
      { where: 'internal.path' },
    );
  }
  const rule = SQLITE[(sqlite?.number ?? 0) & 0xff] ?? { kind: 'unreadable', remedy: 'check the file and its disk' };
  return readFailure(rule, sqlite?.query ?? null, wordsOf(error, null), error, redactor);
}

/** The failure of one query, or of the whole read if `query` is null. */
export function readFailure(
  rule: Rule,
  query: string | null,
  said: string,
  error: unknown,
  redactor: Redactor,
): FailureError {
  const what = query === null ? 'it cannot be read' : `the query ${query} failed`;
  return sourceFailure(rule.kind, `${what}: ${redactor.text(said)}`, rule.remedy, {
    ...(query === null ? {} : { where: `internal.${query}` }),
    cause: redactor.value(error instanceof QueryError ? error.cause : error),
  });
}

/** The database's own message on one line, with its code. */
export function wordsOf(error: unknown, code: string | null): string {
  const message = (isError(error) ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
  return code === null || message.includes(code) ? message : `${message} (${code})`;
}
