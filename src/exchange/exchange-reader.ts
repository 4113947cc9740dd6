import type { MissingOrderExplanation } from '../domain/difference/difference.js';
import type { AnsweredKeyAudit } from '../domain/account/key-audit.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot/snapshot.js';
import type { VenueAction } from '../domain/explain/cause.js';
import type { MarketKind } from './profile/markets.js';
import type { VenueActionQuestion } from './profile/profile.js';
import type { ReadOptions } from './transport/exchange-call.js';

export type { VenueActionQuestion } from './profile/profile.js';
export type { ExchangeCall, ReadOptions } from './transport/exchange-call.js';

/** One account's credentials on one exchange, made safe: a read is complete, exact and honest, or a FailureError. */
export interface ExchangeReader {
  /** ccxt's exchange id. */
  readonly exchangeId: string;
  /** Reads all scopes. Throws FailureError; never returns a partial answer without saying so in `gaps`. */
  readState(options?: ReadOptions): Promise<Snapshot>;
  /** What became of orders that are not open, in the order asked. An error leaves the cause `unknown`. Never throws. */
  explainMissingOrders(orders: readonly OpenOrder[], options?: ReadOptions): Promise<MissingOrderExplanation[]>;
  /**
   * What the exchange did to the account by itself since then (liquidations, deleveraging, settlements, funding), for the
   * symbols and currencies asked. Never throws: empty also where the exchange does not report, or could not be asked,
   * for venue actions only ever explain.
   */
  readVenueActions(question: VenueActionQuestion, options?: ReadOptions): Promise<VenueAction[]>;
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
  /** Weight that Plumbline allows itself in a minute for all accounts of this exchange and process; below the exchange's limit. */
  readonly budgetPerMinute: number;
  /** What the key may do. Never throws: a failed question leaves everything null and says so in answer and note. */
  auditKey(options?: ReadOptions): Promise<AnsweredKeyAudit>;
  /** How many markets of each kind can be read; loads them once. Throws FailureError. */
  countMarkets(options?: ReadOptions): Promise<Record<MarketKind, number>>;
}
