/** Why the engine refuses. Each wire maps a reason to its exchange's own code, text and HTTP status. */
export type RejectionReason =
  | 'unknown_account'
  | 'unknown_symbol'
  | 'unknown_order'
  | 'order_not_open'
  | 'missing_parameter'
  | 'bad_parameter'
  | 'price_step'
  | 'amount_step'
  | 'amount_too_small'
  | 'notional_too_small'
  | 'insufficient_balance'
  | 'duplicate_client_order_id'
  | 'position_side_mismatch'
  | 'reduce_only_in_hedge_mode'
  | 'reduce_only'
  | 'would_trigger_immediately'
  | 'position_mode_locked'
  | 'position_mode_unchanged';

/** A refusal by the exchange, with a sentence that says what to do instead. Nothing was changed. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  constructor(
    readonly reason: RejectionReason,
    message: string,
  ) {
    super(message);
  }
}
