import type { Rejection, RejectionReason } from '../../engine/rejection.js';

/**
 * Gate's error answer: `{"label": "INVALID_KEY", "message": "..."}` with a status other than 2xx. Labels and statuses:
 * https://www.gate.com/docs/developers/apiv4/en/ ("Error Handling", "label list", "Return Status").
 */
export class GateError extends Error {
  override readonly name = 'GateError';
  constructor(
    readonly label: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }

  body(): { label: string; message: string } {
    return { label: this.label, message: this.message };
  }
}

export const ORDER_NOT_FOUND = new GateError('ORDER_NOT_FOUND', 'Order not found', 404);
export const ORDER_FINISHED = new GateError('ORDER_FINISHED', 'Order already finished');
export const TOO_MANY_REQUESTS = new GateError('TOO_MANY_REQUESTS', 'Request Rate limit Exceeded', 429);

export function missing(name: string): GateError {
  return new GateError('MISSING_REQUIRED_PARAM', `Missing required parameter: ${name}`);
}

export function invalid(name: string, value: string): GateError {
  return new GateError('INVALID_PARAM_VALUE', `Invalid parameter \`${name}\` with value: ${value}`);
}

/** Whether the refusal concerns a contract or a currency pair: some labels differ. */
export type Product = 'futures' | 'spot';

/** Null: the engine's own sentence, because Gate's messages are free text. */
const REJECTIONS: Record<RejectionReason, [label: string, message: string | null, status?: number]> = {
  unknown_account: ['USER_NOT_FOUND', null],
  unknown_symbol: ['CONTRACT_NOT_FOUND', 'Contract not found', 404],
  unknown_order: ['ORDER_NOT_FOUND', 'Order not found', 404],
  order_not_open: ['ORDER_FINISHED', 'Order already finished'],
  missing_parameter: ['MISSING_REQUIRED_PARAM', null],
  bad_parameter: ['INVALID_PARAM_VALUE', null],
  price_step: ['INVALID_PARAM_VALUE', null],
  amount_step: ['INVALID_PARAM_VALUE', null],
  amount_too_small: ['SIZE_TOO_SMALL', null],
  notional_too_small: ['SIZE_TOO_SMALL', null],
  duplicate_client_order_id: ['INVALID_PARAM_VALUE', null],
  position_side_mismatch: ['POSITION_DUAL_MODE', null],
  reduce_only_in_hedge_mode: ['POSITION_DUAL_MODE', null],
  reduce_only: ['INCREASE_POSITION', null],
  would_trigger_immediately: ['INVALID_PARAM_VALUE', null],
  position_mode_locked: ['POSITION_HOLDING', 'Operation forbidden with holding position'],
  position_mode_unchanged: ['NO_CHANGE', 'No change is made'],
  insufficient_balance: ['INSUFFICIENT_AVAILABLE', 'Balance is not enough'],
};

const SPOT_LABELS: Record<string, string> = {
  CONTRACT_NOT_FOUND: 'INVALID_CURRENCY_PAIR',
  SIZE_TOO_SMALL: 'AMOUNT_TOO_LITTLE',
  INSUFFICIENT_AVAILABLE: 'BALANCE_NOT_ENOUGH',
  ORDER_FINISHED: 'ORDER_CLOSED',
};

/** The engine's refusal in Gate's words. */
export function gateErrorOf(rejection: Rejection, product: Product): GateError {
  const [label, message, status] = REJECTIONS[rejection.reason];
  const shown = product === 'spot' ? (SPOT_LABELS[label] ?? label) : label;
  return new GateError(shown, message ?? rejection.message, status);
}
