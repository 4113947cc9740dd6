import type { Balance, OpenOrder, Position, PositionSide } from '../snapshot/snapshot.js';

export const DISCREPANCY_TYPES = [
  'POSITION_OPENED_EXTERNALLY',
  'POSITION_SIZE_CHANGED',
  'POSITION_CLOSED_EXTERNALLY',
  'ORDER_PLACED_EXTERNALLY',
  'ORDER_MISSING_ON_EXCHANGE',
  'ORDER_AMENDED_EXTERNALLY',
  'ORDER_FILL_MISSED',
  'BALANCE_CHANGED_EXTERNALLY',
] as const;
export type DiscrepancyType = (typeof DISCREPANCY_TYPES)[number];

/** Why an order that is open in the bot's state is not open on the exchange. Only an explicit answer explains it. */
export const MISSING_CAUSES = [
  'filled',
  'canceled',
  'expired',
  'rejected',
  'liquidated',
  'triggered',
  'replaced',
  'never_seen',
  'unknown',
] as const;
export type MissingCause = (typeof MISSING_CAUSES)[number];

/** What the exchange says became of a missing order. */
export interface MissingOrderExplanation {
  cause: MissingCause;
  /** Base units filled, where the exchange reported. */
  filled: string | null;
  averagePrice: string | null;
  /** The exchange's own time at which the order ended, milliseconds; null where it is not reported. */
  at: number | null;
  /** The answer that explains it ("order query", "closed orders", "own trades"), or why none does. */
  source: string;
  /** Set if the order triggered and lives on as an order with this id. */
  becameOpen?: string;
  /** Set if the exchange says that the order is open although its open orders do not list it. Nothing is explained then. */
  stillOpen?: true;
}

export const HINT_KINDS = [
  'contracts',
  'value',
  'coins',
  'scale',
  'remaining',
  'own_order',
  'lives_on',
  'unread_rows',
] as const;
export type HintKind = (typeof HINT_KINDS)[number];

/** What a difference looks like, besides the two values. */
export interface Hint {
  /**
   * - `contracts`, `value`, `coins`, `scale`: one side seems to count in another unit. No trade can fix that.
   * - `remaining`: the bot gives what remains of an order instead of its whole amount.
   * - `own_order`: by its client order id, an order that the bot does not know is its own.
   * - `lives_on`: an order that the bot does not know is what became of a missing one (it triggered, or was replaced).
   * - `unread_rows`: the bot has rows of the same list that could not be compared; what it seems to lack may be among them.
   */
  kind: HintKind;
  /** One clause: "exactly the contract size 0.01 apart: the bot's state seems to count contracts". */
  text: string;
}

/** A term of an order in which both sides differ. */
export type OrderTerm = 'id' | 'side' | 'price' | 'trigger price' | 'amount';

interface DifferenceBase {
  symbol: string;
  /** The position side that is part of the key in hedge mode; null in one-way mode, for orders and balances. */
  side: PositionSide | null;
  orderId: string | null;
  clientOrderId: string | null;
  hint?: Hint;
}

/** A difference in one key of one observation. `exchange` and `internal` hold the row of each side. */
export type Difference =
  | (DifferenceBase & { type: 'POSITION_OPENED_EXTERNALLY'; exchange: Position; internal: null })
  | (DifferenceBase & { type: 'POSITION_SIZE_CHANGED'; exchange: Position; internal: Position })
  | (DifferenceBase & { type: 'POSITION_CLOSED_EXTERNALLY'; exchange: null; internal: Position })
  | (DifferenceBase & { type: 'ORDER_PLACED_EXTERNALLY'; exchange: OpenOrder; internal: null })
  | (DifferenceBase & {
      type: 'ORDER_MISSING_ON_EXCHANGE';
      exchange: null;
      internal: OpenOrder;
      explanation: MissingOrderExplanation | null;
    })
  | (DifferenceBase & {
      type: 'ORDER_AMENDED_EXTERNALLY';
      exchange: OpenOrder;
      internal: OpenOrder;
      /** The terms that differ by more than the tolerance; absent in discrepancies from before this was recorded. */
      terms?: OrderTerm[];
    })
  | (DifferenceBase & { type: 'ORDER_FILL_MISSED'; exchange: OpenOrder; internal: OpenOrder })
  | (DifferenceBase & { type: 'BALANCE_CHANGED_EXTERNALLY'; exchange: Balance; internal: Balance });
