import type { FailureKind } from '../../domain/failure/failure.js';
import type { Scope } from '../../domain/snapshot/scope.js';

/** One request to the exchange, reported when it ended. */
export interface ExchangeCall {
  /** "GET /fapi/v3/positionRisk (positions:linear)" */
  question: string;
  /** The scope it answers, or a wider one; null for what is no part of the account (clock, mode, markets). */
  scope: Scope | null;
  /** What it costs of the exchange's limit, in the unit of `budgetPerMinute`. */
  weight: number;
  /** Milliseconds of the reader's clock, from the first byte sent to the last byte received. */
  startedAt: number;
  endedAt: number;
  /** Why it failed; null where it was answered. */
  failure: FailureKind | null;
}

export interface ReadOptions {
  /** Ends the read early; the reader's own deadlines hold besides it. */
  signal?: AbortSignal;
  /** Called before every request: long reads report that they live. */
  onProgress?: (step: string) => void;
  /** Called after every request with what it was and cost. */
  onCall?: (call: ExchangeCall) => void;
  /**
   * Also reads balances where they are left out unless asked for: the wallets of derivatives. Spot accounts have them always.
   * Give it the policy's `compareBalances`.
   */
  balances?: boolean;
}
