import type { Rejection, RejectionReason } from '../../engine/rejection.js';

/**
 * Binance's error answer: `{"code": -1121, "msg": "Invalid symbol."}` with an HTTP status of 4xx.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
 */
export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  body(): { code: number; msg: string } {
    return { code: this.code, msg: this.message };
  }
}

export const INVALID_SYMBOL = new BinanceError(400, -1121, 'Invalid symbol.');
export const NO_SUCH_ORDER = new BinanceError(400, -2013, 'Order does not exist.');
export const UNKNOWN_ORDER_SENT = new BinanceError(400, -2011, 'Unknown order sent.');

export function mandatoryParameter(name: string): BinanceError {
  return new BinanceError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

const REJECTIONS: Record<RejectionReason, [code: number, text: string | null]> = {
  unknown_account: [-1109, 'Invalid account.'],
  unknown_symbol: [-1121, 'Invalid symbol.'],
  unknown_order: [-2013, 'Order does not exist.'],
  order_not_open: [-2011, 'Unknown order sent.'],
  missing_parameter: [-1102, null],
  bad_parameter: [-1130, null],
  price_step: [-4014, 'Price not increased by tick size.'],
  amount_step: [-1111, 'Precision is over the maximum defined for this asset.'],
  amount_too_small: [-4003, 'Quantity less than or equal to zero.'],
  notional_too_small: [-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."],
  insufficient_balance: [-2018, 'Balance is insufficient.'],
  duplicate_client_order_id: [-4116, 'ClientOrderId is duplicated.'],
  position_side_mismatch: [-4061, "Order's position side does not match user's setting."],
  reduce_only_in_hedge_mode: [-1106, "Parameter 'reduceonly' sent when not required."],
  reduce_only: [-2022, 'ReduceOnly Order is rejected.'],
  would_trigger_immediately: [-2021, 'Order would immediately trigger.'],
  position_mode_locked: [-4068, 'Position side cannot be changed if there exists position.'],
  position_mode_unchanged: [-4059, 'No need to change position side.'],
};

/**
 * The engine's refusal in Binance's words; the engine's own sentence if Binance's text would need a value filled in.
 */
export function binanceErrorOf(rejection: Rejection): BinanceError {
  const [code, text] = REJECTIONS[rejection.reason];
  return new BinanceError(400, code, text ?? rejection.message);
}
