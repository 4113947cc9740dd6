import type { MissingOrderExplanation } from '../../domain/difference.js';
import type { FailureKind } from '../../domain/failure.js';
import type { Scope } from '../../domain/scope.js';
import type { Balance, OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot.js';
import type { Endpoint } from '../endpoint.js';
import type { ExactJson } from '../exact-json.js';
import type { Market, MarketKind } from '../markets.js';
import type { Budget } from '../request-throttle.js';
import type { Session } from '../session.js';

/** What a profile reads of an account. The reader adds times, market facts and the checks that hold everywhere. */
export interface AccountState {
  /** The exchange's own clock when the read began, milliseconds. */
  asOf: number;
  positionMode: PositionMode | null;
  scopes: Scope[];
  gaps: ScopeGap[];
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
  /** Symbols whose positions moved in every attempt to read them together with the orders. */
  movedWhileRead: string[];
}

/** How one exchange is read completely. One file each. */
export interface Profile {
  /** ccxt's exchange id. */
  readonly id: string;
  /** ccxt's settings that keep it from asking more than needed (its `options`). */
  readonly options: Record<string, unknown>;
  /** What ccxt asks for to load markets. Nothing else is let through while it does. */
  readonly marketEndpoints: readonly Endpoint<unknown>[];
  readonly budget: Budget;
  /** The exchange's own error code in a document; null where it holds none. */
  codeOf(document: ExactJson): string | null;
  /** Kinds of those codes, where ccxt's reading is missing or too coarse. */
  readonly codes: Readonly<Record<string, FailureKind>>;
  /** Market kinds of this account; decides what an exchange's own id means where spot and swap share it. */
  readonly marketKinds: readonly MarketKind[];
  readState(session: Session): Promise<AccountState>;
  /** What became of one order that is not open. May throw FailureError; the reader makes `unknown` of it. */
  explainMissingOrder(session: Session, order: OpenOrder, market: Market): Promise<MissingOrderExplanation>;
}
