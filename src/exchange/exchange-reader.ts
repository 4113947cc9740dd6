import type { Environment } from '../config/environments.js';
import type { MissingOrderExplanation } from '../domain/difference/difference.js';
import type { AnsweredKeyAudit } from '../domain/account/key-audit.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot/snapshot.js';
import type { VenueAction } from '../domain/explain/cause.js';
import type { MarketAnswer } from './market-answer.js';
import type { MarketKind } from './profile/markets.js';
import type { VenueActionQuestion } from './profile/profile.js';
import type { ReadOptions } from './transport/exchange-call.js';

export type { MarketAnswer } from './market-answer.js';
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
   * The market of a unified symbol or of an exchange's own id ("BTCUSDT"). Loads markets once, and again for a name that is
   * not known, at most every 15 minutes for one name. Throws FailureError if the markets cannot be read.
   */
  resolveMarket(symbol: string, options?: ReadOptions): Promise<MarketAnswer>;
  /**
   * What the spot markets say of currencies (`MarketFacts` by code). It decides what counts as dust of a holding that only the
   * bot has. Currencies without markets are left out. Never throws for prices that cannot be read.
   */
  holdingFacts(currencies: readonly string[], options?: ReadOptions): Promise<Record<string, MarketFacts>>;
  close(): Promise<void>;
}

/** A reader that also reports about itself, for `plumbline check` and status. */
export interface ExchangeInspector extends ExchangeReader {
  /** False for the generic profile, whose claims were never verified against the exchange ("unverified profile"). */
  readonly verifiedProfile: boolean;
  /** Absent: live. */
  readonly environment?: Exclude<Environment, 'live'>;
  /** What kind of account the last read found, in the exchange's terms ("unified account"); null where that is not asked. */
  readonly accountKind?: string | null;
  /** Weight per minute for all accounts of this exchange in this process; below the exchange's limit. */
  readonly budgetPerMinute: number;
  /** What the key may do. Never throws: after a failed question every field is null, and `answer` and `note` say so. */
  auditKey(options?: ReadOptions): Promise<AnsweredKeyAudit>;
  /** How many markets of each kind can be read; loads them once. Throws FailureError. */
  countMarkets(options?: ReadOptions): Promise<Record<MarketKind, number>>;
}
