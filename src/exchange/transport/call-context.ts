import { AsyncLocalStorage } from 'node:async_hooks';
import type { FailureError } from '../../domain/failure/failure.js';
import type { Endpoint } from './endpoint.js';
import type { ExchangeCall } from './exchange-call.js';
import type { CcxtExchange } from './ccxt-exchange.js';

/** What the layers below ccxt (throttle, transport) need to know of the call above it. */
export interface ExchangeCallContext {
  /** The instance of the call. Implicit methods of the template use it. */
  exchange: CcxtExchange;
  /** The only endpoints that this call may request. */
  allowed: readonly Endpoint<unknown>[];
  signal: AbortSignal | undefined;
  onProgress: ((step: string) => void) | undefined;
  onCall: ((call: ExchangeCall) => void) | undefined;
  /** Answers with the shape of their endpoint, in order. */
  answers: unknown[];
  /** The `Date` of the last answer, milliseconds; null where it had none. */
  answeredAt: number | null;
  /** Failures of the call's requests, also those that ccxt swallows. A call with one fails. */
  failures: FailureError[];
  /** Lanes held by requests that have not ended. */
  lanes: (() => void)[];
  /** Weights spent for requests that have not ended. */
  weights: number[];
}

/** Carries the context through ccxt, which has no parameter for it, so calls of one instance may overlap. */
export const callContext = new AsyncLocalStorage<ExchangeCallContext>();
