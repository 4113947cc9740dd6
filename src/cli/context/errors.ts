import { ConfigError } from '../../config/config-error.js';
import { suggest } from '../../config/suggest.js';
import type { Failure } from '../../domain/failure/failure.js';
import { FailureError } from '../../domain/failure/failure.js';
import { isError } from '../../runtime/error-shape.js';

/** The command line is invalid. Exit 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not be carried out; carries the remedy. Exit 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** How an error is reported: to people as text, to programs as JSON. */
export interface ErrorReport {
  kind: Failure['kind'] | 'usage' | 'refused';
  message: string;
  where: string | null;
  remedy: string;
  /** Only for a fault in Plumbline itself. */
  stack: string | null;
}

/**
 * Errors that carry their own remedy (configuration, client, failed reads) are reported with it. The client's error
 * class is recognised by its shape, because importing it would load Temporal for every command.
 */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof FailureError) {
    const { kind, message, where, remedy } = error.failure;
    return { kind, message, where, remedy, stack: kind === 'bug' ? (error.stack ?? null) : null };
  }
  if (error instanceof ConfigError) {
    const { kind, message, remedy } = error;
    return { kind, message, where: null, remedy, stack: null };
  }
  if (error instanceof UsageError) {
    return { kind: 'usage', message: error.message, where: null, remedy: 'see --help', stack: null };
  }
  if (isError(error)) {
    const remedy = remedyOf(error);
    if (remedy !== null) return { kind: 'refused', message: error.message, where: null, remedy, stack: null };
    const system = systemErrorOf(error);
    if (system !== null) return system;
  }
  return {
    kind: 'bug',
    message: isError(error) ? error.message : String(error),
    where: null,
    remedy: 'this is a fault in Plumbline itself: please report it with the lines above',
    stack: isError(error) ? (error.stack ?? null) : null,
  };
}

function remedyOf(error: Error): string | null {
  return 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : null;
}

/** Errors of the operating system with an obvious remedy. */
function systemErrorOf(error: NodeJS.ErrnoException): ErrorReport | null {
  const remedies: Record<string, string> = {
    ENOENT: 'check the path',
    EISDIR: 'name a file, not a folder',
    EACCES: 'give this user the right to read it, or choose a port above 1023',
    EADDRINUSE: 'stop the other process or choose another port',
    EADDRNOTAVAIL: 'choose an address that this machine has',
  };
  const remedy = remedies[error.code ?? ''];
  if (remedy === undefined) return null;
  return { kind: 'configuration', message: error.message, where: error.path ?? null, remedy, stack: null };
}

/** For a remedy: "did you mean "main"?", otherwise the list of choices. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = suggest(word, candidates);
  if (meant !== null) return `did you mean "${meant}"?`;
  return candidates.length === 0 ? 'there are none yet' : `there are: ${candidates.join(', ')}`;
}

/** The report in the form for programs, without the stack. */
export function reportDocument({ kind, message, where, remedy }: ErrorReport) {
  return { kind, message, where, remedy };
}

/** The commands that answer with an outcome. */
const JUDGES: readonly string[] = ['compare', 'diff', 'run'];

/** What a command prints for programs on an error. A command that judges also answers that it could not. */
export function errorDocument(report: ErrorReport, command: string | undefined) {
  const error = reportDocument(report);
  return command !== undefined && JUDGES.includes(command) ? { outcome: 'failed', failure: error } : { error };
}
