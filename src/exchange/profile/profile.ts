/**
 * How to add an exchange: a folder `src/exchange/<id>/`, a line in `exchanges.ts`, a fixture file, and an entry in
 * `test/exchange/exchanges.ts`, which runs the contract that holds for all exchanges. Another site of an exchange that has a
 * profile is one line in `exchanges.ts`: `withId`.
 *
 * A profile says how one exchange is read completely. It does not use ccxt's parsers: they read what is missing as empty, leave
 * rows out and take sides from the wrong field. ccxt signs, keeps the pace, knows every address and the markets; the rows of
 * an answer are read here, exactly.
 *
 * 1. Read the exchange's own documentation (not ccxt's parser). Name its pages in the head comment, with the facts that decide:
 *    which lists have pages, what a question without a symbol covers, where each kind of order is listed, what is forgotten when.
 * 2. Declare an `Endpoint` for each question with `get`: the documented path, ccxt's implicit method, the scope of its rows, and
 *    the *shape of the answer*, with only the fields that are read. Numbers arrive as text. A field whose absence would mean
 *    "none" is required; envelopes (`{code, data}`) are part of the shape, so that `{}` and `[]` are refused. The transport
 *    refuses every other address, which is what makes Plumbline read-only. `marketEndpoints` lists what ccxt requests to load
 *    markets; `options` keep that small. `headers` are those that change what the exchange answers.
 * 3. `defineExchange` takes the tables: error codes, limits, budget, and `account` (clock, setup, what is held, orders, scopes,
 *    gaps). It asks in the order in which all answers describe one moment. Read lists that page with `readAllPages`,
 *    `readAllByOffset` or `readAllByNumber`. Declare the rows of a list with `rowsOf` and convert them with `session.convert`
 *    (see unread.ts): a row that cannot be read, or of an unknown market, makes only its own symbol unread. Rows that hold nothing
 *    (`skip`) are left out. `changedAt` is the exchange's time of the last change, null where it does not report one.
 * 4. Amounts are contracts x contract size, unsigned: base units, quote value of inverse contracts. `contractSize`,
 *    `contractStep` and `countsCoins` correct ccxt where the exchange counts differently. A position's side comes from the
 *    exchange's own sign or side field. `session.notePrice` keeps a price for hints about units; `otherContractSize` finds a
 *    row whose contract size has changed, which is refused. An order that belongs to another one names it as its parent.
 * 5. Ask for the kind of the account if the exchange has several. Set `session.accountKind` for people, and name what this kind
 *    leaves unread.
 * 6. Claim in `scopes` only what was read to its end. Name in `gaps` what exists, or may exist, and was not read, such as other
 *    wallets. Never catch a failure to claim less: one scope that fails is a failed read. (`askIfThere` is for addresses that
 *    may not exist.)
 * 7. `codeOf` finds the exchange's error code, also in a 200; `codes` names the kinds that ccxt gets wrong or too coarse;
 *    `limits` says whom a refusal for too many requests stops.
 * 8. `missingOrders` lists the sources that are asked about a missing order, in their order, and how long the exchange
 *    remembers an order. `order-sources.ts` makes a source of a table, and checks that an answer is about this very order.
 *    `readVenueActions` reads the exchange's own records, which explain differences: what is asked for, with which limits, is in
 *    docs/venue-actions.md. `readPrices` lets dust be told from a holding on spot. `auditKey` reads what the key may do.
 * 9. Test it in the generated fault tables (test/exchange/fault-table.ts: every fault x every endpoint; row-faults.ts: every fault
 *    x every field of a row) and with answers that others have published (test/exchange/foreign). Add paging (700 orders,
 *    300 positions; a page that fails, repeats or is short), both position modes, and the traps of this exchange. Add the id to
 *    the README.
 */
import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { FailureKind } from '../../domain/failure/failure.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { ExactJson } from '../../domain/text/exact-json.js';
import type { VenueAction } from '../../domain/explain/cause.js';
import type { KeyAudit } from '../../domain/account/key-audit.js';
import type { ContractStep, MarketKind, MarketNaming } from './markets.js';
import type { CcxtExchange } from '../transport/ccxt-exchange.js';
import type { EndpointLimits } from '../budget/endpoint-windows.js';
import type { Budget, Usage } from '../budget/request-budget.js';
import type { RequestLimits } from '../transport/request-limits.js';
import type { MissingOrders } from './missing-orders.js';
import type { ReadSession } from './read-session.js';

/** Which of the exchange's own actions are asked for. */
export interface VenueActionQuestion {
  /** The exchange's own time, milliseconds. */
  since: number;
  /** Unified symbols of positions. */
  symbols: readonly string[];
  /** Currencies of balances: whose funding is asked for. */
  currencies: readonly string[];
}

/** What a profile reads of an account. The reader adds times, market facts and the checks that hold for every exchange. */
export interface AccountState {
  /** The exchange's own clock when the read began, milliseconds. */
  asOf: number;
  /** Null where symbols differ in it or it is not reported; then rows decide. */
  positionMode: PositionMode | null;
  scopes: Scope[];
  gaps: ScopeGap[];
  positions: Position[];
  orders: OpenOrder[];
  balances: Balance[];
  /** Symbols (or currencies) that moved in every attempt to read them together with the orders. */
  movedWhileRead: string[];
}

/** Prices by unified symbol. */
export type Prices = ReadonlyMap<string, DecimalText>;
/** Last prices of all spot markets. */
export type SpotPrices = Prices;

/** How one exchange is read completely. */
export interface Profile {
  /** ccxt's exchange id. */
  readonly id: string;
  /** False only for the generic profile. */
  readonly verified: boolean;
  /** ccxt's `options`, set so that it requests no more than needed. */
  readonly options: Record<string, unknown>;
  /** Headers of every request that change what the exchange answers. Never a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What ccxt requests to load markets. During the load every other request is refused. */
  readonly marketEndpoints: readonly Endpoint<unknown>[];
  /** In ccxt's costs for this exchange; burst and rate together stay below the exchange's limit a minute. */
  readonly budget: Budget;
  /** Absent if the exchange limits no single endpoint, or reports in headers how much of each limit is left. */
  readonly endpointLimits?: EndpointLimits;
  /** ccxt's names of the credentials that reading needs, where ccxt asks for more than that (a private key). */
  readonly credentials?: readonly string[];
  /** Whether ccxt needs the (public) currencies to name markets; their question belongs to `marketEndpoints` then. */
  readonly loadsCurrencies?: boolean;
  /** Loads the markets into a ccxt instance, where ccxt's own `loadMarkets` leaves some out. */
  readonly loadMarkets?: (exchange: CcxtExchange) => Promise<unknown>;
  /** What the exchange's rows call a market, where that is not ccxt's `id`. */
  readonly marketNaming?: MarketNaming;
  /** Market kinds of this account: decides what an exchange's own id means in the bot's state. */
  readonly marketKinds: readonly MarketKind[];
  /** Where the exchange's amounts are in base units (of inverse contracts: in quote units) already, whatever ccxt says: "1". */
  readonly contractSize?: DecimalText;
  /** The amount step of a contract in contracts, where ccxt's is wrong. */
  readonly contractStep?: ContractStep;
  /** Whether amounts of an inverse contract are coins, by the exchange's own id. Absent: all are quote value. */
  readonly countsCoins?: (id: string) => boolean;
  /** The exchange's own error code in a document; null where it holds none. Given to `codes` and to `askUnless`. */
  codeOf(document: ExactJson): string | null;
  /** Kinds of those codes, where ccxt's reading is missing or too coarse. */
  readonly codes: Readonly<Record<string, FailureKind>>;
  /** A wait that the exchange asks for in a header of its own, milliseconds; besides Retry-After and "banned until". */
  retryAfterMs?(headers: Headers): number | null;
  /** What the headers of an answer say of our use of the limit; null where nothing. */
  usageOf?(headers: Headers): Usage | null;
  /** Whom a refusal for too many requests stops. What is not listed stops the address. */
  readonly limits: RequestLimits;
  /** May throw FailureError. */
  readState(session: ReadSession): Promise<AccountState>;
  /** How the exchange is asked what became of an order that is not open. */
  readonly missingOrders: MissingOrders;
  /** What the exchange itself did to the account; absent where it keeps no record that can be asked. May throw FailureError. */
  readVenueActions?(session: ReadSession, question: VenueActionQuestion): Promise<VenueAction[]>;
  /**
   * Last prices of all spot markets, in one public request. They turn the least value of an order into a least amount of a
   * currency, so that what is left below it counts as dust. Asked once an hour for all accounts. May throw FailureError.
   */
  readPrices?(session: ReadSession): Promise<SpotPrices>;
  /**
   * Mark prices of all contracts, in one public request, where the exchange has no spot prices that could value a contract
   * without a position. Asked every five minutes for all accounts whose policy values drifts. May throw FailureError.
   */
  readContractPrices?(session: ReadSession): Promise<Prices>;
  /**
   * Set where anyone may list a spot token, so that a token may have the name of another contract's coin: contracts are not
   * valued by spot prices then.
   */
  readonly anyoneListsSpot?: true;
  /** What the key may do; absent where the exchange does not report. May throw FailureError. */
  auditKey?(session: ReadSession): Promise<KeyAudit>;
}
