import { FailureError } from '../domain/failure/failure.js';
import { LIMITS } from '../domain/limits/limits.js';
import { LOG_LEVELS, type LogLevel } from '../logging/log-levels.js';
import { readBoundedFile } from '../runtime/bounded-file.js';
import type { SecretSource } from './config.js';
import { errorCode } from '../runtime/error-shape.js';

/** What Plumbline itself takes from the environment. Temporal's own variables are read by Temporal's library. */
export interface Environment {
  /** PLUMBLINE_CONFIG: the configuration file where no --config is given. */
  configPath: string | null;
  /** PLUMBLINE_STATE: the state folder of the running `plumbline dev` that commands work on. */
  statePath: string | null;
  /** PLUMBLINE_LOG_LEVEL, "info" where it is not set. */
  logLevel: LogLevel;
  /** NO_COLOR is set, or TERM is "dumb". */
  noColor: boolean;
  /** FORCE_COLOR is set (to anything but "0"). */
  forceColor: boolean;
  /** A build server: no spinners, no questions. */
  ci: boolean;
  /** PLUMBLINE_DATABASE_URL, which the ledger's commands take where no configuration names another. A secret. */
  databaseUrl: string | null;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** As PLUMBLINE_STATE: work on no `plumbline dev` that may be found; all that is needed is in the environment. */
export const NO_STATE = '-';

/** The one place that reads the process's environment. An unknown log level throws FailureError `configuration`. */
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
  const force = text(env['FORCE_COLOR']);
  return {
    configPath: text(env['PLUMBLINE_CONFIG']),
    statePath: text(env['PLUMBLINE_STATE']),
    logLevel,
    noColor: text(env['NO_COLOR']) !== null || env['TERM'] === 'dumb',
    forceColor: force !== null && force !== '0',
    ci: text(env['CI']) !== null && env['CI'] !== 'false' && env['CI'] !== '0',
    databaseUrl: text(env['PLUMBLINE_DATABASE_URL']),
  };
}

function text(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim();
}

export interface ResolveSecretOptions {
  env?: Variables;
  /** Receives what is not wrong but should be better, such as a secret file that everyone may read. */
  note?: (note: string) => void;
}

/**
 * The value of a secret. `what` names it in errors ("accounts.main.exchange.secret"); the value never is in one.
 *
 * The newline that editors and `echo` put at the end is not part of it. Throws FailureError `configuration` where the
 * variable or file is missing, empty, unreadable or no regular file, `too_large` where the file is.
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
    const alone = 'name the file that holds the secret';
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
