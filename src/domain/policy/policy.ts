import type { DecimalText } from '../decimal/decimal.js';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../difference/difference.js';

/** Rules that leave rows out of the comparison. What they left out is counted in the run. */
export interface IgnoreRules {
  symbols: string[];
  clientOrderIdPrefixes: string[];
  types: DiscrepancyType[];
}

/** Base units ("0.001"), or a fraction of the smaller of the two amounts: a decimal and a percent sign ("0.5%"). */
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
  /** Age of its own state at which a bot is not believed any more; the read of older ones fails. */
  maxInternalAgeSeconds: number;
}

/** All that the workflow of one account knows about how to judge it: numbers and rules, never a credential. */
export interface Policy extends CompareRules, ConfirmRules {
  intervalMinutes: number;
  failureThreshold: number;
  /** How long a failed read is tried again, by kind, before the run is failed; 0 tries once. YAML: retry_seconds. */
  retrySeconds: number;
  /** Discrepancy types that call a human when they open. */
  interveneOn: DiscrepancyType[];
  /** Runs in a row that leave the same key unconfirmed before a human is called. */
  unsettledThreshold: number;
  /** Minutes between reminders while an intervention is open, the last one repeating. */
  reminderMinutes: number[];
  /** Age of the last success above which the trading gate closes. */
  gateMaxAgeMinutes: number;
}

/**
 * The trading gate's default: three intervals without a success, at least an hour. Two runs may fail and the third
 * succeed before a bot is stopped for it.
 */
export function defaultGateMaxAgeMinutes(intervalMinutes: number): number {
  return Math.max(3 * intervalMinutes, 60);
}

/** What holds for an account whose configuration says nothing else. Frozen: copy its lists before changing them. */
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
