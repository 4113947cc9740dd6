import { AsyncLocalStorage } from 'node:async_hooks';
import type { FailureError } from '../domain/failure.js';
import type { Endpoint } from './endpoint.js';

/** What the transport, at the bottom of ccxt, has to know of the call that began above it. */
export interface CallContext {
  /** The only questions this call may ask. */
  allowed: readonly Endpoint<unknown>[];
  signal: AbortSignal | undefined;
  onProgress: ((step: string) => void) | undefined;
  /** Answers that had the shape their endpoint owes, in order. */
  answers: unknown[];
  /** The `Date` of the last answer, milliseconds; null where it had none. */
  answeredAt: number | null;
  /** Failures on the way, also those that ccxt swallows: a call with one is not believed. */
  failures: FailureError[];
}

/**
 * Carries the context through ccxt, which has no room for it, so that calls of one instance may overlap.
 */
export const callContext = new AsyncLocalStorage<CallContext>();
