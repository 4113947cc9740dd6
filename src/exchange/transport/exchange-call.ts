import type { FailureKind } from '../../domain/failure/failure.js';
import type { Scope } from '../../domain/snapshot/scope.js';

/** One request to the exchange, reported when it has ended. */
export interface ExchangeCall {
  /** "GET /fapi/v3/positionRisk (positions:linear)" */
  question: string;
  /** The scope that it reads, or a wider one; null for requests that are not about the account's rows (clock, mode, markets). */
  scope: Scope | null;
  /** Its weight, in the unit of `budgetPerMinute`. */
  weight: number;
  /** Milliseconds of the reader's clock, from the first byte sent to the last byte received. */
  startedAt: number;
  endedAt: number;
  /** Why it failed; null where it was answered. */
  failure: FailureKind | null;
}

export interface ReadOptions {
  /** Ends the read early. The reader's own deadlines also apply. */
  signal?: AbortSignal;
  /** Called before every request, so a long read can report that it makes progress. */
  onProgress?: (step: string) => void;
  /** Called after every request. */
  onCall?: (call: ExchangeCall) => void;
  /**
   * Also reads the wallets of derivatives accounts; balances of spot accounts are always read. Pass the policy's
   * `compareBalances`; `auto` reads them where the exchange has spot markets.
   */
  balances?: boolean | 'auto';
  /**
   * Also gives the prices at which drifts are valued (`MarketFacts.markPrice`). Only on request, because a price differs in
   * every read, and snapshots of an unchanged account are stored once.
   */
  prices?: boolean;
}
