import type { Rejection, RejectionReason } from '../../engine/rejection.js';

/**
 * Bybit's refusal: the usual envelope with a `retCode` other than 0, nearly always under HTTP 200.
 * https://bybit-exchange.github.io/docs/v5/error (codes, and the four HTTP statuses that are not 200) and
 * https://bybit-exchange.github.io/docs/v5/guide ("Common response parameters").
 */
export class BybitError extends Error {
  override readonly name = 'BybitError';
  constructor(
    readonly code: number,
    message: string,
    readonly status = 200,
  ) {
    super(message);
  }
}

export const ORDER_NOT_FOUND = new BybitError(110_001, 'order not exists or too late to cancel');
export const WRONG_POSITION_IDX = new BybitError(10_001, 'position idx not match position mode');

export function parameterError(text: string): BybitError {
  return new BybitError(10_001, `params error: ${text}`);
}

/** The envelope of every answer. */
export function envelope(code: number, message: string, result: unknown, time: number): Record<string, unknown> {
  return { retCode: code, retMsg: message, result, retExtInfo: {}, time };
}

/** `would_trigger_immediately` is 110092 or 110093, by the expected direction of the trigger; see `orders.ts`. */
const REJECTIONS: Record<RejectionReason, [code: number, text: string | null]> = {
  unknown_account: [10_003, 'API key is invalid.'],
  unknown_symbol: [10_001, 'params error: symbol invalid'],
  unknown_order: [110_001, 'order not exists or too late to cancel'],
  order_not_open: [110_001, 'order not exists or too late to cancel'],
  missing_parameter: [10_001, null],
  bad_parameter: [10_001, null],
  price_step: [10_001, 'params error: price invalid'],
  amount_step: [10_001, 'Qty invalid'],
  amount_too_small: [10_001, 'Qty invalid'],
  notional_too_small: [110_094, 'Order does not meet minimum order value'],
  duplicate_client_order_id: [110_072, 'OrderLinkedID is duplicate'],
  position_side_mismatch: [10_001, 'position idx not match position mode'],
  reduce_only_in_hedge_mode: [110_017, 'Reduce-only rule not satisfied'],
  reduce_only: [110_017, 'current position is zero, cannot fix reduce-only order qty'],
  would_trigger_immediately: [110_092, null],
  position_mode_locked: [110_024, 'You have an existing position, so position mode cannot be switched'],
  position_mode_unchanged: [110_025, 'Position mode is not modified'],
  insufficient_balance: [110_007, 'ab not enough for new order'],
};

/** The engine's refusal in Bybit's words; the engine's own sentence if Bybit's text would need a value filled in. */
export function bybitErrorOf(rejection: Rejection): BybitError {
  const [code, text] = REJECTIONS[rejection.reason];
  return new BybitError(code, text ?? rejection.message);
}
