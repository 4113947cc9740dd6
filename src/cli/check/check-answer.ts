import type { AccountConfig } from '../../config/config.js';
import type { Environment } from '../../config/environments.js';
import type { AnsweredKeyAudit } from '../../domain/account/key-audit.js';
import type { NotCompared } from '../../domain/compare/observation.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { ClockDifference, Latency, ReadCost } from './check-cost.js';

/** What is checked for an account, in the order of the report. */
export const CHECKS = [
  'configuration',
  'profile',
  'exchange',
  'clock',
  'key',
  'account',
  'position mode',
  'markets',
  'scopes',
  'internal state',
  'proof',
  'symbols',
  'coverage',
] as const;
export type CheckName = (typeof CHECKS)[number];

/**
 * `failed`: a run would fail because of it. `warning`: a run would succeed, but a person should act. `note`: for
 * information. `skipped`: not checked, because an earlier check failed.
 */
export const CHECK_STATES = ['ok', 'note', 'warning', 'failed', 'skipped'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** One check and its result. */
export interface Check {
  check: CheckName;
  state: CheckState;
  text: string;
  /** What a person should do; null if nothing is to be done. */
  remedy: string | null;
}

export interface Found {
  positions: number;
  orders: number;
  balances: number;
}

/** The result of `check` for one account. Null means that it could not be determined. */
export interface AccountCheck {
  account: AccountConfig;
  /** No check failed: a run would succeed. */
  ready: boolean;
  checks: Check[];
  verifiedProfile: boolean | null;
  environment: Environment;
  clock: ClockDifference | null;
  latency: Latency | null;
  key: AnsweredKeyAudit | null;
  /** What kind of account it is, in the exchange's terms; null where the profile does not ask. */
  accountKind: string | null;
  positionMode: PositionMode | null;
  markets: { spot: number; linear: number; inverse: number } | null;
  cost: ReadCost | null;
  gaps: ScopeGap[];
  internal: { ageSeconds: number; scopes: Scope[]; found: Found; unknownSymbols: string[] } | null;
  compared: Scope[];
  notCompared: NotCompared[];
  /** Number of differences in this one observation; null if nothing could be compared. */
  differences: number | null;
}
