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
  /** Orders of the bot filled and the bot did not record it. */
  'order_filled',
  /** An order was replaced by another one. */
  'order_replaced',
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

/** Something that the exchange did on its own, according to its records of the account. */
export interface VenueAction {
  kind: 'liquidation' | 'deleveraging' | 'settlement' | 'funding';
  /** Unified symbol; for funding, the currency. */
  symbol: string;
  /** Change of the position in base units (for funding: of the balance in its currency); below zero for sold or paid. */
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
