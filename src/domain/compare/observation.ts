import type { Difference, DiscrepancyType } from '../difference/difference.js';
import type { Scope } from '../snapshot/scope.js';
import type { ScopeGap } from '../snapshot/snapshot.js';

/** A scope that was not compared, which side left it out, and why. */
export interface NotCompared extends ScopeGap {
  missing: 'exchange' | 'internal' | 'both';
}

/** The answer of `compare`: what differs, and what was compared to say so. */
export interface Comparison {
  differences: Difference[];
  compared: Scope[];
  notCompared: NotCompared[];
  /** Rows (for rules by type: differences) left out by an ignore rule, by rule ("symbol DOGE/USDT:USDT"). */
  ignored: Record<string, number>;
  /** Identities of the differences that a rule by type left out: of these keys the observation says nothing. */
  hidden: string[];
  /** Rows of either side that lie in no compared scope. */
  uncompared: { exchange: number; internal: number };
  /** Symbols whose rows of one side may be of different moments: what is seen in them proves nothing. */
  inconsistent: string[];
}

/** One observation as `confirm` needs it: the comparison and the clocks, each compared only with itself. */
export interface Observation {
  number: number;
  /** The exchange's own clock of this observation, milliseconds. */
  exchangeClock: number;
  /** The internal side's own clock of this observation, milliseconds. */
  internalClock: number;
  /**
   * By how much later than the bot was asked the exchange may have reported its clock; by the reader's clock,
   * milliseconds.
   */
  exchangeLateMs: number;
  comparison: Comparison;
}

/** A difference with its identity over observations and runs. */
export interface KeyedDifference {
  /** Family and key, see `identityOf`. */
  identity: string;
  difference: Difference;
}

/** A key of which a run can say nothing, because it did not stand still. */
export interface UnconfirmedKey {
  identity: string;
  type: DiscrepancyType;
  symbol: string;
  /** One line: what moved. */
  reason: string;
}

export type Confirmation =
  | { kind: 'observe_again'; inSeconds: number; waitingFor: string[] }
  | {
      kind: 'decided';
      confirmed: KeyedDifference[];
      /** Differed in every observation, and did not stand still for long enough. */
      unconfirmed: UnconfirmedKey[];
      /**
       * Differed in the last observation, but not in every one: bot and exchange were seen in the middle of trading.
       */
      moving: UnconfirmedKey[];
    };
