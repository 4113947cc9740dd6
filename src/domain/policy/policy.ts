import type { DecimalText } from '../decimal/decimal.js';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../difference/difference.js';

/** Rules that exclude rows from the comparison. The run counts what they exclude. */
export interface IgnoreRules {
  symbols: string[];
  clientOrderIdPrefixes: string[];
  types: DiscrepancyType[];
}

/** Base units ("0.001"), or a percentage of the smaller of the two amounts ("0.5%"). */
export type ToleranceText = DecimalText;

export interface CompareRules {
  /** By unified symbol (or currency for balances); "*" for all others. Empty: half of the market's amount step. */
  tolerance: Record<string, ToleranceText>;
  /** Whether balances are compared. */
  compareBalances: boolean;
  ignore: IgnoreRules;
}

export interface ConfirmRules {
  /** Consecutive observations in which a key must show the same two values. */
  confirmations: number;
  settleSeconds: number;
  graceSeconds: number;
  maxLooks: number;
  /** The maximal age of internal state, seconds. A read that gets older state fails. */
  maxInternalAgeSeconds: number;
}

/** The numbers and rules by which the workflow of one account judges it. Never holds a credential. */
export interface Policy extends CompareRules, ConfirmRules {
  intervalMinutes: number;
  failureThreshold: number;
  /** How long a failed read of a retryable kind is retried before the run fails; 0 tries once. YAML: retry_seconds. */
  retrySeconds: number;
  /** Discrepancy types that request an intervention when they open. */
  interveneOn: DiscrepancyType[];
  /** Runs in a row that leave the same key unconfirmed before an intervention is requested. */
  unsettledThreshold: number;
  /** Minutes between reminders while an intervention is open; the last value repeats. */
  reminderMinutes: number[];
  /** Age of the last success above which the trading gate closes. */
  gateMaxAgeMinutes: number;
}

/**
 * The default of `gateMaxAgeMinutes`: three intervals, at least an hour. Two failed runs do not stop a bot if the third
 * succeeds.
 */
export function defaultGateMaxAgeMinutes(intervalMinutes: number): number {
  return Math.max(3 * intervalMinutes, 60);
}

/** The defaults of every policy field. Frozen: copy the lists before changing them. */
export const DEFAULT_POLICY: Policy = frozen({
  intervalMinutes: 30,
  failureThreshold: 3,
  confirmations: 2,
  settleSeconds: 10,
  graceSeconds: 30,
  maxLooks: 6,
  maxInternalAgeSeconds: 300,
  retrySeconds: 120,
  tolerance: {},
  compareBalances: false,
  ignore: { symbols: [], clientOrderIdPrefixes: [], types: [] },
  interveneOn: [...DISCREPANCY_TYPES],
  unsettledThreshold: 3,
  reminderMinutes: [30, 60, 120, 240],
  gateMaxAgeMinutes: defaultGateMaxAgeMinutes(30),
});

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part as object);
  return Object.freeze(value);
}
