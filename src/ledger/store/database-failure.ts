import { DrizzleQueryError } from 'drizzle-orm';
import { Client } from 'pg';
import { FailureError, type Failure } from '../../domain/failure/failure.js';
import { aggregatedErrors, errorCode, isError } from '../../runtime/error-shape.js';

/** The part of a ledger's URL that may be shown: host, port and database, never user or password. */
export function describeDatabase(url: string): string {
  try {
    const { host, port, database } = new Client({ connectionString: url });
    return host.startsWith('/') ? `${database ?? ''} at socket ${host}` : `${host}:${port}/${database ?? ''}`;
  } catch {
    // Not kept as a cause: the parser's error contains the URL, and with it the password.
    throw new FailureError({
      kind: 'configuration',
      side: 'ledger',
      message: "The ledger's URL cannot be read",
      where: 'ledger',
      remedy: 'Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded.',
      retryAfterMs: null,
    });
  }
}

/** The driver's own error beneath drizzle's, whose message repeats every parameter. */
export function driverError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? (error.cause ?? error) : error;
}

/** The SQLSTATE of a server's answer, or the errno of the system; null if there is neither. */
export function databaseCode(error: unknown): string | null {
  return errorCode(firstError(error));
}

/** Whether the server answered with an error, which means that the connection itself works. */
export function isServerAnswer(error: unknown): boolean {
  const first = firstError(error);
  return first !== null && 'severity' in first && !isConnectionLost(first);
}

/** If a host has several addresses, all attempts fail in an AggregateError without a message of its own. */
function firstError(error: unknown): Error | null {
  const first = isError(error) ? (aggregatedErrors(error)[0] ?? error) : error;
  return isError(first) ? first : null;
}

/** The server ended the connection (also because a transaction was idle while this machine slept), or it broke. */
const LOST = new Set(['57P01', '57P02', '25P03', 'ECONNRESET', 'EPIPE']);

/** Serialization failure, deadlock, and evidence that was pruned while a new snapshot was about to refer to it. */
const TRANSIENT = new Set(['40001', '40P01', '23503']);

/**
 * Whether the same transaction may succeed at once: another one was in its way, or its connection broke. Every write of
 * the ledger is idempotent, so a transaction whose commit answer was lost may be repeated too.
 */
export function isTransient(error: unknown): boolean {
  const code = databaseCode(error);
  return TRANSIENT.has(code ?? '') || isConnectionLost(error);
}

function isConnectionLost(error: unknown): boolean {
  if (LOST.has(databaseCode(error) ?? '')) return true;
  return /^Connection terminated|not queryable$/.test(firstError(error)?.message ?? '');
}

/** Data that PostgreSQL cannot hold (class 22) or that exceeds its limits (class 54): a retry cannot help. */
function isRefusedForGood(code: string | null): boolean {
  return code !== null && /^(22|54)/.test(code);
}

/**
 * Converts a database error to a FailureError of kind `ledger`; a FailureError and a fault of our own are returned
 * unchanged.
 */
export function asLedgerError(error: unknown, doing: string, database: string): unknown {
  const cause = driverError(error);
  if (cause instanceof FailureError || cause instanceof TypeError || cause instanceof RangeError) return cause;
  const code = databaseCode(cause);
  const message = firstError(cause)?.message ?? String(cause);
  const failure = {
    kind: isRefusedForGood(code) ? 'bug' : 'ledger',
    side: 'ledger',
    message: `The ledger (${database}) could not ${doing}: ${message}${code === null ? '' : ` (${code})`}`,
    where: null,
    remedy: remedyFor(code, message),
    retryAfterMs: null,
  } as const satisfies Failure;
  return new FailureError(failure, { cause });
}

const MIGRATE = "The ledger's schema is missing or old: run `plumbline migrate`.";

const REMEDIES: Record<string, string> = {
  ECONNREFUSED: "Start PostgreSQL, or correct host and port in the ledger's URL.",
  ENOTFOUND: "Correct the host in the ledger's URL.",
  '28000': "Correct user, password or TLS in the ledger's URL, or PostgreSQL's pg_hba.conf.",
  '28P01': "Correct user and password in the ledger's URL.",
  '3D000': 'Create the database, then run `plumbline migrate`.',
  '3F000': MIGRATE,
  '42P01': MIGRATE,
  '42703': MIGRATE,
  '42883': MIGRATE,
  '42501': "Grant the user of the ledger's URL its rights: it must own the schema plumbline, or its database.",
  '25006': 'The ledger needs the primary: this server is read only.',
  '53100': "The database server's disk is full: make room on it.",
  '53300': 'The server has no connection left: raise max_connections, or lower the pool sizes.',
  '55P03': "Another session holds the account's row for too long: look for it in pg_stat_activity.",
  '57P03': 'PostgreSQL is starting up or shutting down: wait, Plumbline retries.',
  '57014': 'The statement took too long: check the load of the database server.',
};

function remedyFor(code: string | null, message: string): string {
  const known = code === null ? undefined : REMEDIES[code];
  if (known !== undefined) return known;
  if (/timeout/i.test(message)) return 'Check that the database server is reachable and not overloaded.';
  return "Check the database server's log; Plumbline retries.";
}
