import type { Side } from '../snapshot/snapshot.js';

/**
 * Why a run was inconclusive. The kind decides whether the read is retried and which remedy a person reads.
 *
 * `internal_stale`: the bot may be frozen. `ledger`: the database cannot be used. `bug`: a defect of Plumbline.
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

/** A failed read as a value. All texts are redacted before they are stored here. */
export interface Failure {
  kind: FailureKind;
  /** The side or part that could not answer. */
  side: Side | 'ledger' | 'channel' | 'plumbline';
  /** What was asked and what the answer was, one line. */
  message: string;
  /** The scopes, endpoint or document path that the failure is about; null if it is about everything. */
  where: string | null;
  /** What a person should do, one line. */
  remedy: string;
  /** Milliseconds that the other side asked to wait (Retry-After); null if it did not ask. */
  retryAfterMs: number | null;
}

interface KindRule {
  /** Whether a retry within this run may succeed. */
  retryable: boolean;
  /** What happened, one line. */
  meaning: string;
  /** What a person should do if the code that failed has no more specific remedy, one line. */
  remedy: string;
}

const RULES: Record<FailureKind, KindRule> = {
  network: {
    retryable: true,
    meaning: 'There was no connection, or it broke before the answer was complete.',
    remedy:
      'Check name resolution, firewall and proxy between the worker and the other side. If the exchange reports an outage, wait.',
  },
  timeout: {
    retryable: true,
    meaning: 'The answer was not complete within its deadline.',
    remedy: 'Check how long the other side takes to answer; if it is always slow, raise its deadline_seconds.',
  },
  rate_limited: {
    retryable: true,
    meaning: 'The other side limits the rate of requests, or has banned this address for a while.',
    remedy:
      'Wait as long as the other side asks. Find what else uses this key or address; a longer interval_minutes needs fewer requests.',
  },
  maintenance: {
    retryable: true,
    meaning: 'The other side says that it is down for maintenance or overloaded.',
    remedy: "Read the exchange's status page. Plumbline needs no action: the next runs try again.",
  },
  unreadable: {
    retryable: true,
    meaning: 'The answer is empty, cut off, or does not have the expected form.',
    remedy: 'Read the quoted answer: a proxy or a login page may have answered instead.',
  },
  incomplete: {
    retryable: true,
    meaning: 'The answer lacks a part of what was asked, and the state of the missing part is unknown.',
    remedy: 'The next run asks again; if it persists, report the endpoint that the message names.',
  },
  too_large: {
    retryable: false,
    meaning: 'The answer, or a part of it, is larger than its limit.',
    remedy: 'The message names the limit; docs/limits.md lists all of them and says what to do about each.',
  },
  authentication: {
    retryable: false,
    meaning: 'The other side refused the credentials.',
    remedy:
      "Check that the account's key, secret and passphrase belong together, are active, and allow this IP address.",
  },
  permission: {
    retryable: false,
    meaning: 'The credentials are valid but have no permission to read what was asked.',
    remedy:
      'Give the key permission to read positions, orders and balances of this account, and allow this IP address; it needs no other permission.',
  },
  clock_skew: {
    retryable: true,
    meaning: "The other side refused a request because of its timestamp: this machine's clock is wrong.",
    remedy: "Synchronise the clock of the worker's machine (NTP).",
  },
  unsupported: {
    retryable: false,
    meaning: 'The exchange, account mode or document version is not supported.',
    remedy:
      "Check the exchange's id, base_url and account mode against what is supported, and change the account or its configuration.",
  },
  configuration: {
    retryable: false,
    meaning: 'The configuration of the account cannot be used.',
    remedy: 'Fix the configuration at the path that the message names, then restart the worker.',
  },
  internal_stale: {
    retryable: true,
    meaning:
      "The bot's state is older than allowed, or does not change while the exchange does: the bot may be frozen.",
    remedy: 'Check that the bot runs, and that it updates as_of each time it has verified its state.',
  },
  ledger: {
    retryable: true,
    meaning: 'The database that records the runs cannot be reached, or refused the request.',
    remedy: 'Check that PostgreSQL runs, that its URL is right, and that `plumbline migrate` was run.',
  },
  bug: {
    retryable: false,
    meaning: 'Plumbline has a defect.',
    remedy: 'Report it with the message. Until it is fixed, treat this account as not checked.',
  },
};

export function isRetryable(kind: FailureKind): boolean {
  return RULES[kind].retryable;
}

/** What a failure of this kind means, one line. */
export function meaningOf(kind: FailureKind): string {
  return RULES[kind].meaning;
}

/** What a person should do if no more specific remedy is known, one line. */
export function defaultRemedy(kind: FailureKind): string {
  return RULES[kind].remedy;
}

/** Carries a Failure through code that does not handle it. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}
