import type { RejectionReason } from '../../engine/rejection.js';

/** The error texts that every page lists under "ErrorResponse"; only those that the simulator returns. */
export type KrakenErrorCode =
  | 'accountInactive'
  | 'apiLimitExceeded'
  | 'authenticationError'
  | 'invalidArgument'
  | 'nonceDuplicate'
  | 'notFound'
  | 'requiredArgumentMissing'
  | 'Server Error';

/**
 * Kraken Futures refuses with its own body and HTTP 200: `{"result": "error", "error": "apiLimitExceeded",
 * "serverTime": ...}`. https://docs.kraken.com/api/docs/futures-api/trading/get-open-positions (example "failure").
 */
export class KrakenError extends Error {
  override readonly name = 'KrakenError';
  constructor(readonly code: KrakenErrorCode) {
    super(code);
  }
}

export function errorBody(code: KrakenErrorCode, serverTime: number): Record<string, string> {
  return { result: 'error', error: code, serverTime: new Date(serverTime).toISOString() };
}

/**
 * `sendStatus.status` of an order that was not placed; the answer still has `result: "success"`.
 * https://docs.kraken.com/api/docs/futures-api/trading/send-order ("status").
 */
export type SendStatus =
  | 'placed'
  | 'invalidPrice'
  | 'invalidSize'
  | 'clientOrderIdAlreadyExist'
  | 'insufficientAvailableFunds'
  | 'wouldNotReducePosition'
  | 'postWouldExecute'
  | 'iocWouldNotExecute';

/** The engine's refusal as a status of the order, or as an error of the whole request. */
export const REFUSALS: Record<RejectionReason, { status: SendStatus } | { error: KrakenErrorCode }> = {
  unknown_account: { error: 'authenticationError' },
  unknown_symbol: { error: 'invalidArgument' },
  unknown_order: { error: 'notFound' },
  order_not_open: { error: 'notFound' },
  missing_parameter: { error: 'requiredArgumentMissing' },
  bad_parameter: { error: 'invalidArgument' },
  price_step: { status: 'invalidPrice' },
  amount_step: { status: 'invalidSize' },
  amount_too_small: { status: 'invalidSize' },
  notional_too_small: { status: 'invalidSize' },
  duplicate_client_order_id: { status: 'clientOrderIdAlreadyExist' },
  insufficient_balance: { status: 'insufficientAvailableFunds' },
  position_side_mismatch: { error: 'accountInactive' },
  reduce_only_in_hedge_mode: { error: 'accountInactive' },
  reduce_only: { status: 'wouldNotReducePosition' },
  would_trigger_immediately: { status: 'invalidPrice' },
  position_mode_locked: { error: 'invalidArgument' },
  position_mode_unchanged: { error: 'invalidArgument' },
};
