import type { FailureError } from '../../domain/failure/failure.js';
import type { Redactor } from '../../redaction/redactor.js';
import { causesOf, errorCode, isCertificateCode } from '../../runtime/error-shape.js';
import { QueryError } from './query-error.js';
import {
  CHECK_QUERY,
  LOST,
  NETWORK_RULES,
  READ_ONLY,
  readFailure,
  TOO_SLOW,
  WAIT,
  wordsOf,
  type Rule,
} from './sql-failures.js';

const LOGIN: Rule = {
  kind: 'authentication',
  remedy: 'check user and password of the URL, and from which hosts the user may connect',
};
const NO_RIGHT: Rule = { kind: 'permission', remedy: 'grant the user of the URL SELECT on the tables of the query' };
const FULL: Rule = { kind: 'rate_limited', remedy: 'the server has no connection left: raise max_connections' };
const AGAIN: Rule = { kind: 'unreadable', remedy: 'the next run reads again' };
const NO_TLS: Rule = {
  kind: 'configuration',
  remedy: 'let the server offer TLS (ssl_cert, ssl_key), or remove ssl-mode from the URL',
};

/** By error number, which MySQL and MariaDB share below 1900. */
const BY_NUMBER: Readonly<Record<number, Rule>> = {
  1040: FULL,
  1044: NO_RIGHT,
  1045: LOGIN,
  1049: { kind: 'configuration', remedy: 'check the name of the database in the URL' },
  1053: WAIT,
  1129: { kind: 'network', remedy: 'the server blocks this host after failed connections: FLUSH HOSTS' },
  1130: LOGIN,
  1142: NO_RIGHT,
  1143: NO_RIGHT,
  1203: FULL,
  1205: TOO_SLOW,
  1213: AGAIN,
  1226: FULL,
  1227: NO_RIGHT,
  1251: LOGIN,
  1290: READ_ONLY,
  1317: TOO_SLOW,
  1370: NO_RIGHT,
  1412: AGAIN,
  1698: LOGIN,
  1792: READ_ONLY,
  1969: TOO_SLOW,
  3024: TOO_SLOW,
  3159: {
    kind: 'configuration',
    remedy: 'the server accepts TLS only: add ssl-mode=required to the URL, or verify_identity',
  },
};

/** By class of SQLSTATE. */
const BY_CLASS: Readonly<Record<string, Rule>> = {
  '08': LOST,
  '22': { kind: 'unreadable', remedy: CHECK_QUERY },
  '28': LOGIN,
  '40': AGAIN,
  '42': { kind: 'configuration', remedy: CHECK_QUERY },
};

/** By the code of the driver. */
const BY_CODE: Readonly<Record<string, Rule>> = {
  HANDSHAKE_NO_SSL_SUPPORT: NO_TLS,
  PROTOCOL_CONNECTION_LOST: LOST,
};

/** Converts an error of MySQL or MariaDB, or of its driver. */
export function mysqlFailure(error: unknown, redactor: Redactor): FailureError {
  const query = error instanceof QueryError ? error.query.name : null;
  const causes = causesOf(error instanceof QueryError ? error.cause : error);
  const code = causes.map(errorCode).find((each) => each !== null) ?? null;
  const said = wordsOf(causes.at(-1), code);
  return readFailure(ruleOf(code, causes), query, said, error, redactor);
}

function ruleOf(code: string | null, causes: readonly unknown[]): Rule {
  if (isCertificateCode(code)) {
    const remedy = 'name its authority in the URL (ssl-ca=FILE), or renew the certificate';
    return { kind: 'configuration', remedy };
  }
  const { errno, sqlState } = causes.map(numbersOf).find((each) => each.errno !== null) ?? {
    errno: null,
    sqlState: '',
  };
  return (
    BY_NUMBER[errno ?? -1] ??
    BY_CODE[code ?? ''] ??
    NETWORK_RULES[code ?? ''] ??
    BY_CLASS[sqlState.slice(0, 2)] ?? { kind: 'unreadable', remedy: "check the database server's log" }
  );
}

function numbersOf(error: unknown): { errno: number | null; sqlState: string } {
  if (typeof error !== 'object' || error === null) return { errno: null, sqlState: '' };
  const errno = 'errno' in error && typeof error.errno === 'number' && error.errno > 0 ? error.errno : null;
  const sqlState = 'sqlState' in error && typeof error.sqlState === 'string' ? error.sqlState : '';
  return { errno, sqlState };
}
