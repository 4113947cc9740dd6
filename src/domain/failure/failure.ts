import type { Side } from '../snapshot/snapshot.js';

/**
 * Why a run could not tell. The kind decides about retries and about what a person reads.
 *
 * `internal_stale` is the frozen bot, `ledger` a database that cannot be reached, `bug` our own fault.
 */
export const FAILURE_KINDS = [
  'network',
  'timeout',
  'rate_limited',
  'maintenance',
  'unreadable',
  'incomplete',
  'too_large',
  'authentication',
  'permission',
  'clock_skew',
  'unsupported',
  'configuration',
  'internal_stale',
  'ledger',
  'bug',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A failed read as a value. All texts are redacted before they are put here. */
export interface Failure {
  kind: FailureKind;
  /** Which side or part could not answer. */
  side: Side | 'ledger' | 'plumbline';
  /** What was asked and what came back, one line. */
  message: string;
  /** The scopes, endpoint or path in the document the failure is about; null where it is about everything. */
  where: string | null;
  /** What a person does about it, one line. */
  remedy: string;
  /** Milliseconds the other side asked us to wait (Retry-After); null where it did not. */
  retryAfterMs: number | null;
}

interface KindRule {
  /** Whether the same question may get a better answer within this run. */
  retryable: boolean;
  /** What happened, one line. */
  meaning: string;
  /** What a person does about it where the place that failed knows nothing better, one line. */
  remedy: string;
}

const RULES: Record<FailureKind, KindRule> = {
  network: {
    retryable: true,
    meaning: 'No connection, or it broke before the whole answer had come.',
    remedy: 'Check name resolution, firewall and proxy between the worker and the other side.',
  },
  timeout: {
    retryable: true,
    meaning: 'The whole answer did not come within its deadline.',
    remedy: 'Look at how slow the other side is; raise its deadline_seconds if that is how it is.',
  },
  rate_limited: {
    retryable: true,
    meaning: 'The other side refused to answer more often, or has banned this address for a while.',
    remedy: 'Find what else uses this key or address; a longer interval_minutes needs fewer calls.',
  },
  maintenance: {
    retryable: true,
    meaning: 'The other side says that it is down for maintenance or overloaded.',
    remedy: "Read the exchange's status page; nothing needs to be done here, runs go on by themselves.",
  },
  unreadable: {
    retryable: true,
    meaning: 'An answer came that is empty, cut off, or not of the form it must have.',
    remedy: 'Look at the quoted answer: a proxy or a login page may have answered in its place.',
  },
  incomplete: {
    retryable: true,
    meaning: 'An answer came that does not hold all that was asked, so nothing can be said of what is missing.',
    remedy: 'The next run asks anew; if it persists, report the endpoint that the message names.',
  },
  too_large: {
    retryable: false,
    meaning: 'An answer, or a part of it, is larger than any that is read.',
    remedy: 'The message names the limit; docs/limits.md lists all of them and says what to do about each.',
  },
  authentication: {
    retryable: false,
    meaning: 'The credentials were refused.',
    remedy:
      'Check the key, secret and passphrase that the account names, their expiry, and the IP addresses they allow.',
  },
  permission: {
    retryable: false,
    meaning: 'The credentials are right and may not read what was asked.',
    remedy: 'Give the key permission to read positions, orders and balances; it needs no other.',
  },
  clock_skew: {
    retryable: true,
    meaning: "The other side refused a request because of the time it carries: this machine's clock is off.",
    remedy: 'Synchronise the clock of the machine that the worker runs on (NTP).',
  },
  unsupported: {
    retryable: false,
    meaning: 'The exchange, account mode or document version is one that cannot be read.',
    remedy: 'Read which exchanges, modes and versions are supported, and change the account or its configuration.',
  },
  configuration: {
    retryable: false,
    meaning: 'The configuration of the account cannot be used.',
    remedy: 'Fix the configuration at the path the message names, then restart the worker.',
  },
  internal_stale: {
    retryable: true,
    meaning: "The bot's own state is older than allowed, or stands still while the exchange moves: it may be frozen.",
    remedy: 'Look at the bot: is it running, and does it write as_of anew each time it knows its state to be true?',
  },
  ledger: {
    retryable: true,
    meaning: 'The database that records the runs cannot be reached or refused.',
    remedy: 'Check that PostgreSQL runs, that its URL is right, and that `plumbline migrate` was run.',
  },
  bug: {
    retryable: false,
    meaning: 'Plumbline made a mistake of its own.',
    remedy: 'Report it with the message; until it is fixed, do not take this account for checked.',
  },
};

export function isRetryable(kind: FailureKind): boolean {
  return RULES[kind].retryable;
}

/** What a failure of this kind means, one line. */
export function meaningOf(kind: FailureKind): string {
  return RULES[kind].meaning;
}

/** What a person does about it where nothing better is known, one line. */
export function defaultRemedy(kind: FailureKind): string {
  return RULES[kind].remedy;
}

/** A Failure on its way up through code that cannot decide about it. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}
