import type { DecimalText } from '../decimal/decimal.js';
import type { BotReference } from './bot-reference.js';
import type { Scope } from './scope.js';
import type { SourceClock } from './source-clock.js';

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
  /** In the market's unit (contracts x contract size), unsigned, above zero. */
  amount: DecimalText;
  /** The exchange's own time of the last change, milliseconds since the epoch; null where it is not reported. */
  changedAt: number | null;
  /** As in `MarketFacts`. Set where the row becomes a difference, so that its words name the unit. */
  unit?: 'base';
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
  /** The id of the order, or of the order list (OCO), that this order belongs to; absent if it belongs to none. */
  parent?: string;
  /** The other trigger of an OCO that is one row; absent otherwise. */
  secondTriggerPrice?: DecimalText;
  /** As in `Position`. */
  unit?: 'base';
}

export interface Balance {
  /** ccxt's unified currency code. */
  currency: string;
  /** Free plus used. */
  total: DecimalText;
}

/**
 * What the comparison needs to know about a market, or about a currency (then the key is the currency's code). Amounts are in
 * the market's unit (`unitOf`): base units, or quote value on inverse contracts.
 */
export interface MarketFacts {
  /** The amount step: the smallest amount by which positions, orders or balances can differ. */
  amountStep: DecimalText;
  /** The smallest amount of an order; absent if it is not reported. */
  minAmount?: DecimalText;
  /** The amount of one contract; absent where it is one unit, on spot, and if it is not reported. */
  contractSize?: DecimalText;
  /** Set for an inverse contract whose amounts are coins (of most they are quote value). */
  unit?: 'base';
  /** A recent price, for hints about wrong units; absent if none is known. Nothing is decided by it. */
  price?: DecimalText;
  /**
   * The price at which a drift is valued: of a symbol the mark price that its position's row reports, else the last price of
   * its spot market, in its quote currency; of a currency its last price in dollars. Absent if none is known, and if the
   * policy needs no prices.
   */
  markPrice?: DecimalText;
}

/** Why a row, or all rows of a symbol, could not be compared. */
export const UNREAD_CODES = [
  /** The exchange's list of markets does not have the symbol: renamed, delisted, or not listed yet. */
  'SYMBOL_UNKNOWN',
  /** The symbol means two markets. */
  'SYMBOL_AMBIGUOUS',
  /** The dated contract has expired and was settled. */
  'SYMBOL_EXPIRED',
  /** A row has a word, a number or a field that could not be read. */
  'ROW_UNREADABLE',
] as const;
export type UnreadCode = (typeof UNREAD_CODES)[number];

/** Why something was not compared: an unread row, a comparison that a setting switches off, or an attached order. */
export type NotComparedCode = UnreadCode | 'SWITCHED_OFF' | 'ATTACHED_ORDER';

/** Every reason that a metric counts: the codes, and a scope that a side does not cover. */
export const NOT_COMPARED_REASONS = [...UNREAD_CODES, 'SWITCHED_OFF', 'ATTACHED_ORDER', 'NOT_COVERED'] as const;
export type NotComparedReason = (typeof NOT_COMPARED_REASONS)[number];

/**
 * Rows that a side has and that cannot be compared. Their symbol is not compared in their scope; everything else is.
 */
export interface Unread {
  /** The scope of the rows, such as `orders:regular:linear`. */
  scope: Scope;
  /** The unified symbol (for balances the currency), or the raw name if the market is not known; null: all of the scope. */
  symbol: string | null;
  code: UnreadCode;
  /** One line: what was read, in the side's own words. */
  reason: string;
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
  /** The clocks of several sources of internal state; `asOf` is the oldest. Absent if there is one source. */
  sources?: SourceClock[];
  /** Null if the side does not report it; then the rows decide: two legs of one symbol mean hedge mode. */
  positionMode: PositionMode | null;
  /** The scopes that were answered completely. */
  scopes: Scope[];
  /** The scopes that exist, or may exist, and were not answered completely. */
  gaps: ScopeGap[];
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
  /** By unified symbol: the symbols of this snapshot whose market the side knows. By currency: what is known of balances. */
  markets: Record<string, MarketFacts>;
  /** Rows that could not be read. Absent if there are none. */
  unread?: Unread[];
  /**
   * Symbols (for balances: currencies) whose read was inconsistent: they changed in every attempt to read positions and
   * orders together, so the rows may be of different moments. Absent if there is none.
   */
  movedWhileRead?: string[];
  /**
   * Codes of this side's balances that mean another currency ("LDUSDT": "USDT"). `compare` sums their rows, unless an ignore
   * rule names the code. Absent if there are none.
   */
  currencyCodes?: Record<string, string>;
  /** The bots behind internal state whose own ways are known; remedies name these. Absent if there are none. */
  bots?: BotReference[];
}
