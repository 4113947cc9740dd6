import type { MissingOrderExplanation } from '../domain/difference.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot.js';

export interface ReadOptions {
  /** Ends the read early; the reader's own deadlines hold besides it. */
  signal?: AbortSignal;
  /** Called before every request: long reads report that they live. */
  onProgress?: (step: string) => void;
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
