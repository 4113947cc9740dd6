import { FailureError } from '../domain/failure/failure.js';
import { LIMITS } from '../domain/limits/limits.js';
import { LOG_LEVELS, type LogLevel } from '../logging/log-levels.js';
import { readBoundedFile } from '../runtime/bounded-file.js';
import type { SecretSource } from './config.js';
import { errorCode } from '../runtime/error-shape.js';

/** What Plumbline itself reads from the environment. Temporal's library reads Temporal's variables. */
export interface Environment {
  /** PLUMBLINE_CONFIG: the configuration file if --config is not given. */
  configPath: string | null;
  /** PLUMBLINE_STATE: the state folder of the running `plumbline dev` that commands connect to. */
  statePath: string | null;
  /** PLUMBLINE_LOG_LEVEL; default "info". */
  logLevel: LogLevel;
  /** NO_COLOR is set, or TERM is "dumb". */
  noColor: boolean;
  /** FORCE_COLOR is set (to anything but "0"). */
  forceColor: boolean;
  /** A build server: no spinners, no questions. */
  ci: boolean;
  /** PLUMBLINE_BUILD_ID: the version of a worker, instead of the build of its code. */
  buildId: string | null;
  /** PLUMBLINE_DATABASE_URL: the ledger for commands without a configuration that names another. A secret. */
  databaseUrl: string | null;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** The value of PLUMBLINE_STATE that means: do not look for a running `plumbline dev`, the environment has everything. */
export const NO_STATE = '-';

/** Reads the process's environment; no other code does. Throws FailureError `configuration` for an unknown log level. */
export function readEnvironment(env: Variables = process.env): Environment {
  const level = text(env['PLUMBLINE_LOG_LEVEL'])?.toLowerCase() ?? 'info';
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (logLevel === undefined) {
    throw misconfigured(
      `PLUMBLINE_LOG_LEVEL is ${JSON.stringify(level)}`,
      'PLUMBLINE_LOG_LEVEL',
      `set it to one of ${LOG_LEVELS.join(', ')}`,
    );
  }
  const buildId = text(env['PLUMBLINE_BUILD_ID']);
  if (buildId !== null && !BUILD_ID.test(buildId)) {
    throw misconfigured(
      `PLUMBLINE_BUILD_ID is ${JSON.stringify(buildId)}`,
      'PLUMBLINE_BUILD_ID',
      'set it to letters, digits, dot, plus, dash and underscore, at most 80; or leave it out',
    );
  }
  const force = text(env['FORCE_COLOR']);
  return {
    configPath: text(env['PLUMBLINE_CONFIG']),
    statePath: text(env['PLUMBLINE_STATE']),
    logLevel,
    noColor: text(env['NO_COLOR']) !== null || env['TERM'] === 'dumb',
    forceColor: force !== null && force !== '0',
    ci: text(env['CI']) !== null && env['CI'] !== 'false' && env['CI'] !== '0',
    buildId,
    databaseUrl: text(env['PLUMBLINE_DATABASE_URL']),
  };
}

/** Safe in Temporal's text form of a version, which joins the worker deployment and the build. */
export const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/;

function text(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim();
}

export interface ResolveSecretOptions {
  env?: Variables;
  /** Receives a warning, such as a secret file that everyone may read. */
  note?: (note: string) => void;
}

/**
 * Reads the value of a secret. `what` names it in errors ("accounts.main.exchange.secret"); errors never have the value.
 *
 * Removes the final newline that editors and `echo` add. Throws FailureError `configuration` if the variable or file is
 * missing, empty, unreadable or no regular file, and `too_large` if the file is too large.
 */
export function resolveSecret(source: SecretSource, what: string, options: ResolveSecretOptions = {}): string {
  if ('env' in source) {
    const value = (options.env ?? process.env)[source.env];
    const remedy = `set ${source.env} in the environment of this process (export ${source.env}=..., or an env file)`;
    if (value === undefined) throw misconfigured(`${what}: ${source.env} is not set`, what, remedy);
    return trimmed(value) ?? fail(`${what}: ${source.env} is empty`, what, remedy);
  }
  const value = readSecretFile(source.file, what, options.note);
  return trimmed(value) ?? fail(`${what}: the file ${source.file} is empty`, what, 'write the secret into it');
}

function trimmed(value: string): string | null {
  const secret = value.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  return secret.trim() === '' ? null : secret;
}

function readSecretFile(path: string, what: string, note: ((note: string) => void) | undefined): string {
  try {
    const file = readBoundedFile(path, LIMITS.secretBytes.value);
    const alone = 'name a file that holds only the secret';
    if (file.kind === 'directory') return fail(`${what}: ${path} is a directory`, what, alone);
    if (file.kind === 'not regular') {
      return fail(`${what}: ${path} is a pipe, a socket or a device, not a regular file`, what, alone);
    }
    if (file.kind === 'too large') {
      const { value, remedy } = LIMITS.secretBytes;
      const message = `${what}: the file ${path} has ${file.bytes} bytes; at most ${value} are read`;
      throw misconfigured(message, what, remedy, 'too_large');
    }
    if (process.platform !== 'win32' && (file.stats.mode & 0o004) !== 0) {
      note?.(`${what}: everyone on this machine may read ${path}; chmod 600 it`);
    }
    return file.text;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const code = errorCode(error) ?? 'unknown reason';
    const remedies: Record<string, string> = {
      ENOENT: 'create it, or correct the path in the configuration',
      EACCES: 'let the user of this process read it',
      EPERM: 'let the user of this process read it',
    };
    return fail(`${what}: the file ${path} cannot be read (${code})`, what, remedies[code] ?? 'check the path');
  }
}

function fail(message: string, where: string, remedy: string): never {
  throw misconfigured(message, where, remedy);
}

function misconfigured(
  message: string,
  where: string,
  remedy: string,
  kind: 'configuration' | 'too_large' = 'configuration',
): FailureError {
  return new FailureError({
    kind,
    side: 'plumbline',
    message,
    where,
    remedy,
    retryAfterMs: null,
  });
}
