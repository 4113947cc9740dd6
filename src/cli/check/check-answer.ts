import type { AccountConfig } from '../../config/config.js';
import type { AnsweredKeyAudit } from '../../domain/account/key-audit.js';
import type { NotCompared } from '../../domain/compare/observation.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ClockDifference, Latency, ReadCost } from './check-cost.js';

/** What is proven of an account, in the order in which it is reported. */
export const CHECKS = [
  'configuration',
  'profile',
  'exchange',
  'clock',
  'key',
  'position mode',
  'markets',
  'scopes',
  'internal state',
  'symbols',
  'coverage',
] as const;
export type CheckName = (typeof CHECKS)[number];

/**
 * `failed`: a run would fail for it. `warning`: a run would succeed, and a person should do something. `note`: worth
 * knowing. `skipped`: could not be asked, since something before it failed.
 */
export const CHECK_STATES = ['ok', 'note', 'warning', 'failed', 'skipped'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** One thing that was looked at, and how it is. */
export interface Check {
  check: CheckName;
  state: CheckState;
  text: string;
  /** What a person does about it; null where nothing is to be done. */
  remedy: string | null;
}

export interface Found {
  positions: number;
  orders: number;
  balances: number;
}

/** All that `check` learned of one account. What could not be asked is null. */
export interface AccountCheck {
  account: AccountConfig;
  /** No check failed: a run would succeed. */
  ready: boolean;
  checks: Check[];
  verifiedProfile: boolean | null;
  clock: ClockDifference | null;
  latency: Latency | null;
  key: AnsweredKeyAudit | null;
  positionMode: PositionMode | null;
  markets: { spot: number; linear: number; inverse: number } | null;
  cost: ReadCost | null;
  gaps: ScopeGap[];
  internal: { ageSeconds: number; scopes: Scope[]; found: Found; unknownSymbols: string[] } | null;
  compared: Scope[];
  notCompared: NotCompared[];
  /** Differences that this one observation saw; null where nothing could be compared. */
  differences: number | null;
}
