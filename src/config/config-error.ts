import type { LimitName } from '../domain/limits/limits.js';

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** Where: `accounts.main.exchange.id`. Empty where it is about the whole file. */
  path: string;
  /** Line and column in the file, from 1; null where no place can be named. */
  line: number | null;
  column: number | null;
  /** What stands there, as text for people; a secret, or what may be one, is masked. Null where nothing stands there. */
  value: string | null;
  /** What is wrong, one line. */
  message: string;
  /** What to do about it, one line. */
  remedy: string;
  /** The limit that was exceeded, if that is the problem. */
  limit?: LimitName;
}

/** A configuration that cannot be used, with all that is wrong in it. Its message is for people and has several lines. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** For whoever shows any error with its remedy; each problem's own remedy stands in the message. */
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
