import type { DecimalText } from '../decimal/decimal.js';
import type { NotComparedReason } from '../snapshot/snapshot.js';
import type { Severity } from './severity.js';
import { DISCREPANCY_TYPES, type DiscrepancyType } from '../difference/difference.js';

/** Rules that exclude rows from the comparison. The run counts what they exclude. */
export interface IgnoreRules {
  symbols: string[];
  clientOrderIdPrefixes: string[];
  /** Only orders with one of these prefixes are the bot's. Absent or empty: all are. */
  onlyClientOrderIdPrefixes?: string[];
  /** Whether orders without a client order id are left out, unless internal state has them. Absent: false. */
  ordersWithoutClientId?: boolean;
  types: DiscrepancyType[];
}

/** An amount in the market's unit ("0.001"), a percentage of the smaller of the two amounts ("0.5%"), or both ("0.001+0.5%"). */
export type ToleranceText = DecimalText;

/** What the owner holds on the account beside the bot. It is added to internal state before comparing. */
export interface Baseline {
  /** By unified symbol: above zero long, below zero short. */
  positions: Record<string, DecimalText>;
  /** By currency. */
  balances: Record<string, DecimalText>;
}

export interface CompareRules {
  /** By unified symbol (or currency for balances); "*" for all others. Empty: half of the market's amount step. */
  tolerance: Record<string, ToleranceText>;
  /** Whether balances are compared. `auto`: on spot accounts, where they are the positions; see `comparesBalances`. */
  compareBalances: boolean | 'auto';
  /** The exchange may hold more of these currencies than the bot's state says; "*": all. Absent: none. */
  atLeast?: string[];
  ignore: IgnoreRules;
  /** Absent: the account is the bot's alone. */
  baseline?: Baseline;
  /**
   * What happens with a drift, by type, symbol and size; see `decideDrift`. The first rule that fits decides; if none does,
   * or if it is absent, `interveneOn` decides. Rules with the action `ignore` leave a difference out of the comparison.
   */
  drift?: DriftRule[];
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
  /** Reasons for which a symbol or scope that is not compared requests an intervention, once until it is gone. Absent: none. */
  interveneOnNotCompared?: NotComparedReason[];
  /** Runs in a row that leave the same key unconfirmed before an intervention is requested. */
  unsettledThreshold: number;
  /** Minutes between reminders while an intervention is open; the last value repeats. */
  reminderMinutes: number[];
  /** Age of the last success above which the trading gate closes. */
  gateMaxAgeMinutes: number;
  /**
   * The ladder of a call of severity `page`: each rung's channels are used once its time has passed and nobody has
   * acknowledged. Absent: every channel at once.
   */
  escalation?: Rung[];
  /** Channels of a call of severity `notify`. Absent: those of the first rung. */
  notifyChannels?: string[];
  /** When calls of severity `notify` wait. Absent: never. */
  quietHours?: QuietHours;
  /** How far ahead a snooze may end. Absent: 24. */
  snoozeMaxHours?: number;
}

/** One rung of the ladder. */
export interface Rung {
  /** Minutes after the call was opened. The first rung has 0; each later one has more than the one before. */
  afterMinutes: number;
  /** Names of channels in the configuration. */
  channels: string[];
}

/** A daily span of local time. `from` after `to`: over midnight. */
export interface QuietHours {
  /** HH:MM. */
  from: string;
  to: string;
  /** An IANA time zone, such as Europe/Berlin. */
  timeZone: string;
}

/** What happens with a drift that fits. Absent conditions fit all. */
export interface DriftRule {
  types?: DiscrepancyType[];
  /** Unified symbols, or currencies of balances. */
  symbols?: string[];
  /**
   * Fits if the difference is worth at least this much in the symbol's quote currency. Fits where its value is unknown:
   * see `decideDrift`.
   */
  notionalAtLeast?: DecimalText;
  /** Fits if the difference is worth less than this. Does not fit where its value is unknown. */
  notionalBelow?: DecimalText;
  /** `ignore`: left out of the comparison. `record`: a discrepancy that calls nobody. `notify`, `page`: the severity of the call. */
  action: 'ignore' | 'record' | Severity;
  /** Whether the trading gate is closed while such a discrepancy is open. Absent: true for `page`, false otherwise. */
  closeGate?: boolean;
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
  compareBalances: 'auto',
  atLeast: [],
  ignore: { symbols: [], clientOrderIdPrefixes: [], types: [] },
  interveneOn: [...DISCREPANCY_TYPES],
  interveneOnNotCompared: [],
  unsettledThreshold: 3,
  reminderMinutes: [30, 60, 120, 240],
  gateMaxAgeMinutes: defaultGateMaxAgeMinutes(30),
});

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part as object);
  return Object.freeze(value);
}
