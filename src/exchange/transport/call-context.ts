import { AsyncLocalStorage } from 'node:async_hooks';
import type { FailureError } from '../../domain/failure/failure.js';
import type { Endpoint } from './endpoint.js';
import type { ExchangeCall } from './exchange-call.js';
import type { CcxtExchange } from './ccxt-exchange.js';

/** What the lower layers (throttle, transport) have to know of the call that began above ccxt. */
export interface ExchangeCallContext {
  /** The instance the call was begun on: implicit methods of the template are led back to it. */
  exchange: CcxtExchange;
  /** The only questions this call may ask. */
  allowed: readonly Endpoint<unknown>[];
  signal: AbortSignal | undefined;
  onProgress: ((step: string) => void) | undefined;
  onCall: ((call: ExchangeCall) => void) | undefined;
  /** Answers that had the shape their endpoint owes, in order. */
  answers: unknown[];
  /** The `Date` of the last answer, milliseconds; null where it had none. */
  answeredAt: number | null;
  /** Failures on the way, also those that ccxt swallows: a call with one is not believed. */
  failures: FailureError[];
  /** Lanes taken by requests that have not ended. */
  lanes: (() => void)[];
  /** Weights spent for requests that have not ended. */
  weights: number[];
}

/**
 * Carries the context through ccxt, which has no room for it, so that calls of one instance may overlap.
 */
export const callContext = new AsyncLocalStorage<ExchangeCallContext>();
