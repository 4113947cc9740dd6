import type { MissingOrderExplanation } from '../domain/difference/difference.js';
import type { AnsweredKeyAudit } from '../domain/account/key-audit.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot/snapshot.js';
import type { VenueAction } from '../domain/explain/cause.js';
import type { MarketKind } from './profile/markets.js';
import type { VenueActionQuestion } from './profile/profile.js';
import type { ReadOptions } from './transport/exchange-call.js';

export type { VenueActionQuestion } from './profile/profile.js';
export type { ExchangeCall, ReadOptions } from './transport/exchange-call.js';

/** Reads one account on one exchange. A read is complete and exact, or it throws FailureError. */
export interface ExchangeReader {
  /** ccxt's exchange id. */
  readonly exchangeId: string;
  /** Reads all scopes. Throws FailureError; never returns a partial answer without saying so in `gaps`. */
  readState(options?: ReadOptions): Promise<Snapshot>;
  /** What became of orders that are not open, in the order asked. An error leaves the cause `unknown`. Never throws. */
  explainMissingOrders(orders: readonly OpenOrder[], options?: ReadOptions): Promise<MissingOrderExplanation[]>;
  /**
   * What the exchange itself did to the account since then (liquidations, deleveraging, settlements, funding), for the
   * symbols and currencies asked. Never throws: returns an empty list where the exchange does not report them or the question
   * failed, because venue actions only explain.
   */
  readVenueActions(question: VenueActionQuestion, options?: ReadOptions): Promise<VenueAction[]>;
  /**
   * Unified symbol and facts for a unified symbol or an exchange's own id ("BTCUSDT") where that is unambiguous;
   * null where the exchange knows no such market. Loads markets once.
   */
  resolveMarket(symbol: string, options?: ReadOptions): Promise<{ symbol: string; facts: MarketFacts } | null>;
  close(): Promise<void>;
}

/** A reader that also reports about itself, for `plumbline check` and status. */
export interface ExchangeInspector extends ExchangeReader {
  /** False for the generic profile, whose claims were never verified against the exchange ("unverified profile"). */
  readonly verifiedProfile: boolean;
  /** Weight per minute for all accounts of this exchange in this process; below the exchange's limit. */
  readonly budgetPerMinute: number;
  /** What the key may do. Never throws: after a failed question every field is null, and `answer` and `note` say so. */
  auditKey(options?: ReadOptions): Promise<AnsweredKeyAudit>;
  /** How many markets of each kind can be read; loads them once. Throws FailureError. */
  countMarkets(options?: ReadOptions): Promise<Record<MarketKind, number>>;
}
