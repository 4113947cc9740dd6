import { readFileSync } from 'node:fs';
import type { SslOptions } from 'mysql2';
import { causesOf, errorCode } from '../../runtime/error-shape.js';
import { sourceFailure } from '../source-failure.js';

/** What a URL of MySQL or MariaDB names. */
export interface MysqlPlace {
  host: string;
  port: number;
  /** Of a server on this machine, instead of host and port. */
  socketPath: string | null;
  user: string;
  password: string;
  database: string | undefined;
  tls: TlsMode;
  /** The file of the authority that signed the server's certificate; null: the ones that Node knows. */
  authority: string | null;
  /** The URL's place in the configuration. */
  where: string;
}

/** As in MySQL's own URLs and clients. `preferred` does not exist: it would also accept no encryption. */
const TLS_MODES = ['disabled', 'required', 'verify_ca', 'verify_identity'] as const;
type TlsMode = (typeof TLS_MODES)[number];

/** `charset` is accepted because SQLAlchemy's URLs have it; texts are always read as UTF-8. */
const PARAMETERS = ['ssl-mode', 'ssl-ca', 'socket', 'charset'];
const DEFAULT_PORT = 3_306;
const FORM = 'mysql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded';

/** Whether the scheme is one of MySQL or MariaDB, also with a driver, as SQLAlchemy names it: "mysql+pymysql://". */
export function isMysqlUrl(url: string): boolean {
  return /^(?:mysql|mariadb)(?:\+[a-z0-9]+)?:/i.test(url.trim());
}

/**
 * Reads `mysql://user:password@host:port/database`, with the parameters `ssl-mode` (disabled, required, verify_ca,
 * verify_identity), `ssl-ca` (a file) and `socket` (a path).
 *
 * @throws FailureError `configuration`, without a part of the URL
 */
export function mysqlPlaceOf(url: string, where: string): MysqlPlace {
  const { parts, user, password, path } = partsOf(url, where);
  const parameters = new Map([...parts.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    const message = `the URL has a parameter that is not known: ${unknown.slice(0, 30)}`;
    throw sourceFailure('configuration', message, 'use ssl-mode, ssl-ca and socket', { where });
  }
  const authority = parameters.get('ssl-ca') ?? null;
  const mode = (parameters.get('ssl-mode') ?? (authority === null ? 'disabled' : 'verify_ca')).toLowerCase();
  const tls = TLS_MODES.find((each) => each === mode);
  if (tls === undefined) {
    throw sourceFailure('configuration', 'the URL has an ssl-mode that is not known', `use ${TLS_MODES.join(', ')}`, {
      where,
    });
  }
  return {
    host: parts.hostname.replace(/^\[|\]$/g, ''),
    port: parts.port === '' ? DEFAULT_PORT : Number(parts.port),
    socketPath: parameters.get('socket') ?? null,
    user,
    password,
    database: path === '' ? undefined : path,
    tls,
    authority,
    where,
  };
}

function partsOf(url: string, where: string): { parts: URL; user: string; password: string; path: string } {
  try {
    const parts = new URL(url.trim());
    const [user, password, path] = [parts.username, parts.password, parts.pathname.slice(1)].map(decodeURIComponent);
    if (parts.hostname === '' || user === undefined || user === '') throw new TypeError('no host or no user');
    return { parts, user, password: password ?? '', path: path ?? '' };
  } catch {
    throw sourceFailure('configuration', 'the URL of the database cannot be read', `write it as ${FORM}`, { where });
  }
}

/** Host, port and database, never user or password. */
export function describeMysql({ host, port, socketPath, database = '' }: MysqlPlace): string {
  return socketPath === null ? `${host}:${port}/${database}` : `${database} at socket ${socketPath}`;
}

/** @throws FailureError if the file of the authority cannot be read */
export function tlsOptionsOf({ tls, authority, where }: MysqlPlace): SslOptions | undefined {
  if (tls === 'disabled') return undefined;
  if (tls === 'required') return { rejectUnauthorized: false };
  const verifyIdentity = tls === 'verify_identity';
  if (authority === null) return { rejectUnauthorized: true, verifyIdentity };
  try {
    return { rejectUnauthorized: true, verifyIdentity, ca: readFileSync(authority) };
  } catch (error) {
    const code =
      causesOf(error)
        .map(errorCode)
        .find((each) => each !== null) ?? 'unknown reason';
    const message = `the file of ssl-ca in the URL cannot be read (${code})`;
    throw sourceFailure('configuration', message, 'check its path, and that the user of this process may read it', {
      where,
    });
  }
}
