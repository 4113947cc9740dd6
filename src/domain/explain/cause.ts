import type { DecimalText } from '../decimal/decimal.js';
import type { Difference } from '../difference/difference.js';
import type { MarketFacts } from '../snapshot/snapshot.js';

/** The kinds of causes that the exchange's answers can show. */
export const CAUSE_KINDS = [
  /** The exchange closed a position by force. */
  'liquidation',
  /** The exchange closed a position against another account's liquidation (ADL). */
  'deleveraging',
  /** A dated contract expired. */
  'settlement',
  /** Funding was paid or received. */
  'funding',
  /** Currency came in or went out without an order: see `CURRENCY_ACTS`. */
  'deposit',
  'withdrawal',
  'transfer',
  'fee',
  'conversion',
  'interest',
  /** Orders of the bot filled and the bot did not record it. */
  'order_filled',
  /** An order was replaced by another one. */
  'order_replaced',
  /** A conditional order triggered and lives on as another order. */
  'order_triggered',
  /** A position was closed externally, and its orders ended with it. */
  'position_closed',
  /** A position changed from long to short, or from short to long. */
  'flip',
  /** The difference is less than the smallest order of the market. */
  'dust',
  /** No answer of the exchange explains it: somebody other than the bot and the exchange acted. */
  'unexplained',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Differences that have one cause and are reported together. */
export interface Cause {
  kind: CauseKind;
  /** One line for people, symbol first. */
  text: string;
  /** The most important one first: a position before its orders. */
  differences: Difference[];
}

/** What an exchange does to a position. */
export type PositionAct = 'liquidation' | 'deleveraging' | 'settlement';

/**
 * What changes a balance without an order of the bot. A fee belongs to a trade, and is taken from another currency or
 * the bought one.
 */
export const CURRENCY_ACTS = ['funding', 'deposit', 'withdrawal', 'transfer', 'fee', 'conversion', 'interest'] as const;
export type CurrencyAct = (typeof CURRENCY_ACTS)[number];

/** Something that happened to the account besides the bot's orders, according to the exchange's records. */
export interface VenueAction {
  kind: PositionAct | CurrencyAct;
  /** Unified symbol of a position; for acts on a currency, its code. */
  symbol: string;
  /** Change of the position in the market's unit, or of the balance in its currency; below zero for sold or paid. */
  change: DecimalText;
  price: DecimalText | null;
  /** The exchange's own time, milliseconds; null where it is not reported. */
  at: number | null;
}

/** What else is known when the causes of differences are determined. */
export interface Circumstances {
  /** The exchange's clock at the observation, milliseconds; null if it is not known. */
  exchangeClock: number | null;
  /** By unified symbol. */
  markets: Record<string, MarketFacts>;
  venueActions: readonly VenueAction[];
}
