import type { Difference, DiscrepancyType } from '../difference/difference.js';
import type { Scope } from '../snapshot/scope.js';
import type { NotComparedCode, ScopeGap, Unread } from '../snapshot/snapshot.js';

/** A scope, or one symbol in it, that was not compared; the side that did not answer it, and the reason. */
export interface NotCompared extends ScopeGap {
  missing: 'exchange' | 'internal' | 'both';
  /** The symbol (for balances the currency) whose rows were not compared; absent: the whole scope. */
  symbol?: string;
  /** Why, as one word; absent if a side does not cover the scope. */
  code?: NotComparedCode;
}

/** `orders:regular:linear FTM/USDT:USDT`: what was not compared, without the reason. */
export function notComparedName({ scope, symbol }: NotCompared): string {
  return symbol === undefined ? scope : `${scope} ${symbol}`;
}

/** The result of `compare`: the differences, and what was compared. */
export interface Comparison {
  differences: Difference[];
  compared: Scope[];
  notCompared: NotCompared[];
  /** Number of rows (for rules by type: of differences) that each ignore rule excluded ("symbol DOGE/USDT:USDT"). */
  ignored: Record<string, number>;
  /**
   * Identities of the differences that a rule by type, or a drift rule, hid. The observation neither confirms nor resolves
   * these keys.
   */
  hidden: string[];
  /** Those of them that a drift rule hid, with the number of the rule. Absent if there are none. */
  dismissed?: Record<string, number>;
  /** Number of rows of each side outside the compared scopes. */
  uncompared: { exchange: number; internal: number };
  /** What a side could not read. Such a key is neither confirmed nor resolved. */
  unread: Unread[];
  /** Symbols whose read was inconsistent on a side. What the observation shows of them proves nothing. */
  inconsistent: string[];
}

/** One observation as `confirm` needs it: the comparison, and the clock of each side. A clock is compared only with itself. */
export interface Observation {
  number: number;
  /** The exchange's own clock of this observation, milliseconds. */
  exchangeClock: number;
  /** The internal side's own clock of this observation, milliseconds. */
  internalClock: number;
  /** The clocks of several sources of internal state, by name; absent if there is one source. */
  internalClocks?: Readonly<Record<string, number>>;
  /**
   * Upper bound on how long after the bot request the exchange clock was read; milliseconds of the reader's clock.
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

/** A key that differed and was not confirmed. */
export interface UnconfirmedKey {
  identity: string;
  type: DiscrepancyType;
  symbol: string;
  /** Why it was not confirmed, one line. */
  reason: string;
}

export type Confirmation =
  | { kind: 'observe_again'; inSeconds: number; waitingFor: string[] }
  | {
      kind: 'decided';
      confirmed: KeyedDifference[];
      /** Differed in every observation of the run, and was not confirmed. */
      unconfirmed: UnconfirmedKey[];
      /** Differed in the last observation, but not in every one: the account was trading during the run. */
      moving: UnconfirmedKey[];
    };
