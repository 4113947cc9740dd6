import type { MissingOrderExplanation } from '../domain/difference.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot.js';

export interface ReadOptions {
  /** Ends the read early; the reader's own deadlines hold besides it. */
  signal?: AbortSignal;
  /** Called before every request: long reads report that they live. */
  onProgress?: (step: string) => void;
  /**
   * Also reads balances where they are left out unless asked for: the wallets of derivatives. Spot accounts have them always.
   * Give it the policy's `compareBalances`.
   */
  balances?: boolean;
}

/** What a key may do, as far as the exchange tells; null where it does not. */
export interface KeyAudit {
  canTrade: boolean | null;
  canWithdraw: boolean | null;
  ipRestricted: boolean | null;
  /** One line: what the exchange said, or why it could not be asked. */
  note: string;
}

/** One account's credentials on one exchange, made safe: a read is complete, exact and honest, or a FailureError. */
export interface ExchangeReader {
  /** ccxt's exchange id. */
  readonly exchangeId: string;
  /** Reads all scopes. Throws FailureError; never returns a partial answer without saying so in `gaps`. */
  readState(options?: ReadOptions): Promise<Snapshot>;
  /** What became of orders that are not open, in the order asked. An error leaves the cause `unknown`. Never throws. */
  explainMissingOrders(orders: readonly OpenOrder[], options?: ReadOptions): Promise<MissingOrderExplanation[]>;
  /**
   * Unified symbol and facts for a unified symbol or an exchange's own id ("BTCUSDT") where that is unambiguous;
   * null where the exchange knows no such market. Loads markets once.
   */
  resolveMarket(symbol: string, options?: ReadOptions): Promise<{ symbol: string; facts: MarketFacts } | null>;
  close(): Promise<void>;
}

/** A reader that can also be asked about itself, for `plumbline check` and status. */
export interface ExchangeInspector extends ExchangeReader {
  /** False for the generic profile: what it claims was never verified against the exchange ("unverified profile"). */
  readonly verifiedProfile: boolean;
  /** What the key may do. Never throws: a failed question leaves everything null and says so in the note. */
  auditKey(options?: ReadOptions): Promise<KeyAudit>;
}
