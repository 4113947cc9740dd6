import { BinanceError } from './errors.js';
import type { Rejection, RejectionReason } from '../../engine/rejection.js';

/*
 * https://developers.binance.com/docs/binance-spot-api-docs/errors: a failed filter is -1013; a refusal of the matching
 * engine is -2010 with a specific sentence.
 */

export function rejected(message: string): BinanceError {
  return new BinanceError(400, -2010, message);
}

const REJECTIONS: Record<RejectionReason, [code: number, text: string | null]> = {
  unknown_account: [-2015, 'Invalid API-key, IP, or permissions for action.'],
  unknown_symbol: [-1121, 'Invalid symbol.'],
  unknown_order: [-2013, 'Order does not exist.'],
  order_not_open: [-2011, 'Unknown order sent.'],
  missing_parameter: [-1102, null],
  bad_parameter: [-1130, null],
  price_step: [-1013, 'Filter failure: PRICE_FILTER'],
  amount_step: [-1013, 'Filter failure: LOT_SIZE'],
  amount_too_small: [-1013, 'Invalid quantity.'],
  notional_too_small: [-1013, 'Filter failure: NOTIONAL'],
  insufficient_balance: [-2010, 'Account has insufficient balance for requested action.'],
  duplicate_client_order_id: [-2010, 'Duplicate order sent.'],
  would_trigger_immediately: [-2010, 'Order would trigger immediately.'],
  // Exists only for contracts; a spot market refuses it as a bad parameter.
  position_side_mismatch: [-1106, null],
  reduce_only_in_hedge_mode: [-1106, null],
  reduce_only: [-1106, null],
  position_mode_locked: [-1106, null],
  position_mode_unchanged: [-1106, null],
};

/** The engine's refusal in the words of Binance's spot API; the engine's own sentence if there is none. */
export function spotErrorOf(rejection: Rejection): BinanceError {
  const [code, text] = REJECTIONS[rejection.reason];
  return new BinanceError(400, code, text ?? rejection.message);
}
