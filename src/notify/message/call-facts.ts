import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { Difference } from '../../domain/difference/difference.js';
import type { Failure } from '../../domain/failure/failure.js';
import type { TradingGate } from '../../domain/gate/trading-gate.js';

/** What the ledger knows about an account at the moment of a message. */
export interface CallFacts {
  account: string;
  exchange: string;
  /** Open discrepancies with their newest values, in any order. There may be more, see `openDiscrepancies`. */
  discrepancies: readonly StandingDiscrepancy[];
  /** How many are open, also those that are not listed. */
  openDiscrepancies: number;
  gate: TradingGate;
  /** The failure of the last run; null if it succeeded, or if there was none. */
  failure: Failure | null;
  /** When the last run with a verdict ended; null if there was none. */
  lastSuccessAt: Date | null;
  /** Who silenced the reminders; null if nobody has. */
  snoozed: { by: string | null; until: Date; note: string | null } | null;
}

export interface StandingDiscrepancy {
  symbol: string;
  difference: Difference;
  description: string;
  remedy: string;
  openedAt: Date;
  /** The acceptance in force; null if there is none. */
  accepted: { by: string; note: string; until: Date } | null;
  /** Whether the policy calls a human for it. Otherwise it is only recorded. */
  calls: boolean;
  /** What it is worth in the quote currency; null if no price is known. */
  value: DecimalText | null;
}
