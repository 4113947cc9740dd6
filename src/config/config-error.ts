import type { LimitName } from '../domain/limits/limits.js';

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** The path of the field: `accounts.main.exchange.id`. Empty if the problem is about the whole file. */
  path: string;
  /** Line and column in the file, from 1; null if the place is not known. */
  line: number | null;
  column: number | null;
  /** The value there, as text for people; secrets and possible secrets are masked. Null if there is no value. */
  value: string | null;
  /** What is wrong, one line. */
  message: string;
  /** What to do about it, one line. */
  remedy: string;
  /** The limit that was exceeded, if that is the problem. */
  limit?: LimitName;
}

/** A configuration that cannot be used, with all its problems. The message is for people and has several lines. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** For code that shows any error with its remedy. The message has the remedy of each problem. */
  readonly remedy: string;
  readonly kind: 'configuration' | 'too_large';
  constructor(
    /** The configuration file. */
    readonly path: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(describe(path, problems));
    this.kind = problems.some(({ limit }) => limit !== undefined) ? 'too_large' : 'configuration';
    this.remedy = `correct ${path} and try again`;
  }
}

function describe(path: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.flatMap((problem) => {
    const place = problem.line === null ? '' : ` (line ${problem.line})`;
    const subject = problem.path === '' ? '' : `${problem.path}${place}: `;
    return [`  - ${subject}${problem.message}`, `    remedy: ${problem.remedy}`];
  });
  return [`${path} has ${count}:`, ...lines].join('\n');
}
