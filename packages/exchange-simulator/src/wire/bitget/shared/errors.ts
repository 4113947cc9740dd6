import type { Rejection, RejectionReason } from '../../../engine/rejection.js';

/**
 * Bitget's error answer: `{"code": "40034", "msg": "...", "requestTime": 1627293504612, "data": null}` with HTTP 400, or 429
 * for too many requests. Codes and texts: https://www.bitget.com/api-doc/common/error-code/restapi
 */
export class BitgetError extends Error {
  override readonly name = 'BitgetError';
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }

  body(requestTime: number): Record<string, unknown> {
    return { code: this.code, msg: this.message, requestTime, data: null };
  }
}

export const ORDER_NOT_FOUND = new BitgetError(
  '40109',
  'The data of the order cannot be found, please confirm the order number',
);
export const ORDER_DOES_NOT_EXIST = new BitgetError('40768', 'Order does not exist');
export const PLAN_DOES_NOT_EXIST = new BitgetError('43025', 'Plan order does not exist');
export const TOO_MANY_REQUESTS = new BitgetError('429', 'Too Many Requests', 429);

export function empty(name: string): BitgetError {
  return new BitgetError('40019', `Parameter ${name} cannot be empty`);
}

export function wrong(name: string): BitgetError {
  return new BitgetError('40020', `Parameter ${name} error`);
}

/** A symbol, a coin or another item of this name that Bitget does not have. */
export function doesNotExist(name: string): BitgetError {
  return new BitgetError('40034', `Parameter ${name} does not exist`);
}

export function verificationFailed(why: string): BitgetError {
  return new BitgetError('40017', `Parameter verification failed ${why}`);
}

/** Null: Bitget's words plus the engine's own sentence, because Bitget's text would need a value filled in. */
const REJECTIONS: Record<RejectionReason, [code: string, text: string | null]> = {
  unknown_account: ['40807', 'The account does not exist'],
  unknown_symbol: ['40034', 'Parameter symbol does not exist'],
  unknown_order: ['40768', 'Order does not exist'],
  order_not_open: ['22001', 'No order to cancel'],
  missing_parameter: ['40017', null],
  bad_parameter: ['40017', null],
  price_step: ['45115', null],
  amount_step: ['40808', null],
  amount_too_small: ['45111', 'less than the minimum order quantity'],
  notional_too_small: ['45110', 'less than the minimum amount 5 USDT'],
  duplicate_client_order_id: ['45034', 'clientOid duplicate'],
  position_side_mismatch: [
    '40774',
    'The order type for unilateral position must also be the unilateral position type.',
  ],
  reduce_only_in_hedge_mode: ['40017', null],
  reduce_only: ['22002', 'No position to close'],
  would_trigger_immediately: ['43011', null],
  position_mode_locked: ['40920', 'Position or order exists, the position mode cannot be switched'],
  position_mode_unchanged: ['40017', null],
  insufficient_balance: ['43012', 'Insufficient balance'],
};

const WITH_A_BLANK: Record<string, string> = {
  '40017': 'Parameter verification failed',
  '40808': 'Parameter verification exception',
  '43011': 'The parameter does not meet the specification',
  '45115': 'The price you enter is not valid:',
};

/** The engine's refusal in Bitget's words. */
export function bitgetErrorOf(rejection: Rejection): BitgetError {
  const [code, text] = REJECTIONS[rejection.reason];
  return new BitgetError(code, text ?? `${WITH_A_BLANK[code] ?? ''} ${rejection.message}`.trim());
}
