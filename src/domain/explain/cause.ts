import type { DecimalText } from '../decimal/decimal.js';
import type { Difference } from '../difference/difference.js';
import type { MarketFacts } from '../snapshot/snapshot.js';

/** What made one group of differences, as far as the exchange's answers show. */
export const CAUSE_KINDS = [
  /** The exchange closed a position by force. */
  'liquidation',
  /** The exchange closed it against another account's liquidation (ADL). */
  'deleveraging',
  /** A dated contract expired. */
  'settlement',
  /** Funding was paid or received. */
  'funding',
  /** Orders of the bot filled without it. */
  'order_filled',
  /** An order gave way to another one in its place. */
  'order_replaced',
  /** A position was closed outside, and its orders went with it. */
  'position_closed',
  /** A position was turned from long to short, or from short to long. */
  'flip',
  /** What differs is less than an order could trade. */
  'dust',
  /** Nothing that the exchange reported explains it: somebody else acted. */
  'unexplained',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Differences that are effects of one cause, reported as one. */
export interface Cause {
  kind: CauseKind;
  /** One line for people, symbol first. */
  text: string;
  /** The one that matters most first: a position before its orders. */
  differences: Difference[];
}

/** Something that the exchange did by itself, by its own records of the account. */
export interface VenueAction {
  kind: 'liquidation' | 'deleveraging' | 'settlement' | 'funding';
  /** Unified symbol; for funding the currency. */
  symbol: string;
  /** Base units (for funding: of the currency) by which position or balance changed; below zero for sold or paid. */
  change: DecimalText;
  price: DecimalText | null;
  /** The exchange's own time, milliseconds; null where it is not reported. */
  at: number | null;
}

/** What is known besides the differences themselves. */
export interface Circumstances {
  /** The exchange's clock of the observation, milliseconds; null where it is not known. */
  exchangeClock: number | null;
  /** By unified symbol. */
  markets: Record<string, MarketFacts>;
  venueActions: readonly VenueAction[];
}
