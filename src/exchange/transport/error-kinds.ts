import { defaultRemedy, FailureError, type FailureKind } from '../../domain/failure/failure.js';
import { clockOf, retryAfterOf } from '../../domain/failure/retry-after.js';

/** A failed request to an exchange, with the exchange's own error code. */
export class ExchangeFailure extends FailureError {
  constructor(
    failure: Omit<FailureError['failure'], 'side' | 'remedy'> & { remedy?: string },
    /** The exchange's own error code ("-2013"), null where it gave none. */
    readonly exchangeCode: string | null = null,
    readonly httpStatus: number | null = null,
  ) {
    super({ ...failure, side: 'exchange', remedy: failure.remedy ?? defaultRemedy(failure.kind) });
  }
}

/** Kinds of ccxt's error classes. The most special class in the inheritance chain decides. */
const CCXT_CLASSES: Record<string, FailureKind> = {
  AccountNotEnabled: 'permission',
  AccountSuspended: 'permission',
  PermissionDenied: 'permission',
  AuthenticationError: 'authentication',
  NotSupported: 'unsupported',
  BadRequest: 'unsupported',
  ArgumentsRequired: 'unsupported',
  OrderNotFound: 'unsupported',
  OnMaintenance: 'maintenance',
  InvalidNonce: 'clock_skew',
  DDoSProtection: 'rate_limited',
  RateLimitExceeded: 'rate_limited',
  RequestTimeout: 'timeout',
  NetworkError: 'network',
  BadResponse: 'unreadable',
  OperationFailed: 'network',
  ExchangeError: 'unreadable',
};

/** The kind of an error that ccxt throws for an answer; null where the error is not ccxt's. */
export function kindOfCcxtError(error: unknown): FailureKind | null {
  if (typeof error !== 'object' || error === null) return null;
  for (let type: unknown = error.constructor; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const kind = CCXT_CLASSES[type.name];
    if (kind !== undefined) return kind;
  }
  return null;
}

const STATUSES: Record<number, FailureKind> = {
  401: 'authentication',
  403: 'permission',
  408: 'timeout',
  418: 'rate_limited',
  425: 'network',
  429: 'rate_limited',
  451: 'permission',
  503: 'maintenance',
};

/** The kind of an HTTP status other than 200, where nothing explains the refusal better. */
export function kindOfStatus(status: number): FailureKind {
  const kind = STATUSES[status];
  if (kind !== undefined) return kind;
  if (status >= 500) return 'network';
  return status >= 400 ? 'unsupported' : 'unreadable';
}

const BANNED_UNTIL = /banned until (\d{13})/i;

/** Whether an answer calls itself a ban, as Binance's do. */
export function saysBan(body: string): boolean {
  return BANNED_UNTIL.test(body);
}

/**
 * How long the exchange asks us to wait, milliseconds: `Retry-After` or "banned until <ms>" in the text; the longer of both.
 * Absolute times are compared with the answer's own `Date`, so only one clock counts; with ours where the answer has none. Not
 * bounded.
 */
export function retryAfterMs(headers: Headers, body: string, nowMs: number): number | null {
  const header = retryAfterOf(headers, nowMs);
  const ban = BANNED_UNTIL.exec(body)?.[1];
  const waits = [header, ban === undefined ? null : Number(ban) - clockOf(headers, nowMs)].filter(
    (wait) => wait !== null,
  );
  return waits.length === 0 ? null : Math.max(0, ...waits);
}
