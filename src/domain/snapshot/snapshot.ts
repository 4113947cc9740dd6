import type { DecimalText } from '../decimal/decimal.js';
import type { Scope } from './scope.js';

/** One of the two sides that are compared. */
export type Side = 'exchange' | 'internal';

export type PositionSide = 'long' | 'short';
export type PositionMode = 'one-way' | 'hedge';
export type OrderSide = 'buy' | 'sell';

/** An open position. The amount is never zero: a side without a position has no row. */
export interface Position {
  /** ccxt's unified symbol, such as "BTC/USDT:USDT". */
  symbol: string;
  side: PositionSide;
  /** Base units (contracts x contract size), unsigned, above zero. */
  amount: DecimalText;
  /** The exchange's own time of the last change, milliseconds since the epoch; null where it is not reported. */
  changedAt: number | null;
}

/** An open order. It has at least one of its two ids, because an order without an id cannot be matched. */
export interface OpenOrder {
  /** The exchange's id; null on the internal side until the bot has received it. */
  id: string | null;
  clientOrderId: string | null;
  symbol: string;
  side: OrderSide;
  /** ccxt's order type in lower case ("limit", "stop_market", ...). */
  type: string;
  price: DecimalText | null;
  triggerPrice: DecimalText | null;
  /** Base units of the whole order, not of the remaining part; null if the order closes the whole position. */
  amount: DecimalText | null;
  /** Base units filled so far. */
  filled: DecimalText;
  /** True for orders that wait for a trigger (stop, take-profit, trailing). Decides the scope of the order. */
  conditional: boolean;
  /** The exchange's own time of the last change, milliseconds since the epoch; null where it is not reported. */
  changedAt: number | null;
}

export interface Balance {
  /** ccxt's unified currency code. */
  currency: string;
  /** Free plus used. */
  total: DecimalText;
}

/** What the comparison needs to know about a market. */
export interface MarketFacts {
  /** The market's amount step, base units: the smallest amount by which positions or orders can differ. */
  amountStep: DecimalText;
  /** The smallest amount of an order, base units; absent if it is not reported. */
  minAmount?: DecimalText;
}

/** A scope that a side did not answer, and why. */
export interface ScopeGap {
  scope: Scope;
  reason: string;
}

/** What one side reported about the whole account at one moment. */
export interface Snapshot {
  side: Side;
  /** When the read began and ended: milliseconds of the reader's clock. Never compared with `asOf`. */
  readStartedAt: number;
  readEndedAt: number;
  /** The side's own clock, milliseconds since the epoch: the exchange's server time, the bot's `as_of`. */
  asOf: number;
  /** Null if the side does not report it; then the rows decide: two legs of one symbol mean hedge mode. */
  positionMode: PositionMode | null;
  /** The scopes that were answered completely. */
  scopes: Scope[];
  /** The scopes that exist, or may exist, and were not answered completely. */
  gaps: ScopeGap[];
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
  /** By unified symbol: the symbols of this snapshot whose market the side knows. */
  markets: Record<string, MarketFacts>;
  /**
   * Symbols (for balances: currencies) whose read was inconsistent: they changed in every attempt to read positions and
   * orders together, so the rows may be of different moments. Absent if there is none.
   */
  movedWhileRead?: string[];
}
