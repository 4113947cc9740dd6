import type { DecimalText } from '../decimal/decimal.js';
import type { Scope } from './scope.js';

/** Which of the two sides said something. */
export type Side = 'exchange' | 'internal';

export type PositionSide = 'long' | 'short';
export type PositionMode = 'one-way' | 'hedge';
export type OrderSide = 'buy' | 'sell';

/** An open position. A side without one has no row: amount is never zero. */
export interface Position {
  /** ccxt's unified symbol, such as "BTC/USDT:USDT". */
  symbol: string;
  side: PositionSide;
  /** Base units (contracts x contract size), unsigned, above zero. */
  amount: DecimalText;
  /** The exchange's own time of the last change, milliseconds since the epoch; null where it is not reported. */
  changedAt: number | null;
}

/** An open order. At least one of its two ids is reported: an order without any could never be found again. */
export interface OpenOrder {
  /** The exchange's id. Null on the internal side while the bot has not learned it. */
  id: string | null;
  clientOrderId: string | null;
  symbol: string;
  side: OrderSide;
  /** ccxt's order type in lower case ("limit", "stop_market", ...). */
  type: string;
  price: DecimalText | null;
  triggerPrice: DecimalText | null;
  /** Base units of the whole order, not of what remains. Null where the order closes a whole position. */
  amount: DecimalText | null;
  /** Base units filled so far. */
  filled: DecimalText;
  /** True for orders that wait for a trigger (stop, take-profit, trailing). Decides the scope the order belongs to. */
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

/** What comparing needs to know of a market. */
export interface MarketFacts {
  /** Smallest amount by which a position or order may differ, base units. */
  amountStep: DecimalText;
  /** The least amount that an order may have, base units; absent where it is not reported. */
  minAmount?: DecimalText;
}

/** A scope that a side did not answer, and why. */
export interface ScopeGap {
  scope: Scope;
  reason: string;
}

/** What one side said about the whole account at one moment. */
export interface Snapshot {
  side: Side;
  /** When the read began and ended: milliseconds of the reader's clock. Never compared with `asOf`. */
  readStartedAt: number;
  readEndedAt: number;
  /** The side's own clock, milliseconds since the epoch: the exchange's server time, the bot's `as_of`. */
  asOf: number;
  /** Null where the side does not report; then rows decide (two legs of one symbol can only be hedge mode). */
  positionMode: PositionMode | null;
  /** The scopes that were answered completely. */
  scopes: Scope[];
  /** The scopes that exist, or may exist, and were not answered. */
  gaps: ScopeGap[];
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
  /** By unified symbol, for the symbols of this snapshot where the side knows them. */
  markets: Record<string, MarketFacts>;
  /**
   * Symbols (of balances: currencies) that moved in every attempt to read them together with the orders, so that the two may
   * be of different moments. Absent where none did.
   */
  movedWhileRead?: string[];
}
