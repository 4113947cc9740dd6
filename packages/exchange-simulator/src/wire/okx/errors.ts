import { Rejection, type RejectionReason } from '../../engine/rejection.js';

/**
 * OKX's refusal: `{"code": "51000", "msg": "...", "data": []}`. Refusals of the caller have HTTP 401 or 429, those of
 * the request's content HTTP 200; https://www.okx.com/docs-v5/en/#error-code.
 */
export class OkxError extends Error {
  override readonly name = 'OkxError';
  constructor(
    readonly code: string,
    message: string,
    readonly status = 200,
  ) {
    super(message);
  }
}

export interface Envelope {
  code: string;
  msg: string;
  data: readonly unknown[];
}

export const ORDER_NOT_FOUND = new OkxError('51603', 'Order does not exist');
/** Cancellation and amendment have their own codes. */
export const NOTHING_TO_CANCEL = new OkxError(
  '51400',
  'Cancellation failed as the order has been filled, canceled or does not exist.',
);
export const NOTHING_TO_AMEND = new OkxError(
  '51503',
  'Order modification failed as the order has been filled, canceled or does not exist.',
);
export const UNKNOWN_INSTRUMENT = new OkxError(
  '51001',
  "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
);

export function parameterError(name: string): OkxError {
  return new OkxError('51000', `Parameter ${name} error`);
}

export function emptyParameter(name: string): OkxError {
  return new OkxError('50014', `Parameter ${name} cannot be empty.`);
}

const REJECTIONS: Record<RejectionReason, [code: string, text: string | null]> = {
  unknown_account: ['50119', "API key doesn't exist"],
  unknown_symbol: [UNKNOWN_INSTRUMENT.code, UNKNOWN_INSTRUMENT.message],
  unknown_order: [ORDER_NOT_FOUND.code, ORDER_NOT_FOUND.message],
  order_not_open: [NOTHING_TO_CANCEL.code, NOTHING_TO_CANCEL.message],
  missing_parameter: ['51000', null],
  bad_parameter: ['51000', null],
  price_step: ['51000', 'Parameter px error'],
  amount_step: ['51121', 'Order quantity must be a multiple of the lot size.'],
  amount_too_small: ['51000', 'Parameter sz error'],
  notional_too_small: ['51020', 'Your order should meet or exceed the minimum order amount.'],
  duplicate_client_order_id: ['51016', 'Client order ID already exists.'],
  position_side_mismatch: ['51000', 'Parameter posSide error'],
  reduce_only_in_hedge_mode: ['51000', 'Parameter reduceOnly error'],
  reduce_only: [
    '51169',
    "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
  ],
  would_trigger_immediately: ['51000', null],
  position_mode_locked: [
    '59000',
    'Setting failed. Cancel any open orders, close positions, and stop trading bots first.',
  ],
  position_mode_unchanged: ['59000', null],
  insufficient_balance: ['51008', 'Order failed. Insufficient balance in account'],
};

/** The engine's refusal in OKX's words; the engine's own sentence if OKX's text would need a value filled in. */
export function okxErrorOf(rejection: Rejection): OkxError {
  const [code, text] = REJECTIONS[rejection.reason];
  return new OkxError(code, text ?? rejection.message);
}

/**
 * The answer to a request that acts once for each of its items. The envelope says whether all, some or none succeeded;
 * `sCode` of each row says which did.
 */
export function operations<T>(items: readonly T[], act: (item: T) => object, idsOf: (item: T) => object): Envelope {
  let failed = 0;
  const data = items.map((item) => {
    try {
      return { ...act(item), sCode: '0', sMsg: '' };
    } catch (error) {
      const shown = error instanceof Rejection ? okxErrorOf(error) : error;
      if (!(shown instanceof OkxError)) throw error;
      failed += 1;
      return { ...idsOf(item), sCode: shown.code, sMsg: shown.message };
    }
  });
  if (failed === 0) return { code: '0', msg: '', data };
  const none = items.length === 1 ? 'Operation failed.' : 'All operations failed';
  return failed === items.length
    ? { code: '1', msg: none, data }
    : { code: '2', msg: 'Bulk operation partially succeeded.', data };
}
