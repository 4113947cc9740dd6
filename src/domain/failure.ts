import type { Side } from './snapshot.js';

/**
 * Why a run could not tell. The kind decides about retries and about what a person is told.
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
}

const RULES: Record<FailureKind, KindRule> = {
  network: { retryable: true },
  timeout: { retryable: true },
  rate_limited: { retryable: true },
  maintenance: { retryable: true },
  unreadable: { retryable: true },
  incomplete: { retryable: true },
  authentication: { retryable: false },
  permission: { retryable: false },
  clock_skew: { retryable: true },
  unsupported: { retryable: false },
  configuration: { retryable: false },
  internal_stale: { retryable: true },
  ledger: { retryable: true },
  bug: { retryable: false },
};

export function isRetryable(kind: FailureKind): boolean {
  return RULES[kind].retryable;
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
