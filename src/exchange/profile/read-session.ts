import { isDecimal, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import { BALANCES, covers, type Scope } from '../../domain/snapshot/scope.js';
import { UnreadParts } from '../../domain/snapshot/unread-parts.js';
import { Turns } from '../../runtime/turns.js';
import type { FailureKind } from '../../domain/failure/failure.js';
import { callContext, type ExchangeCallContext } from '../transport/call-context.js';
import { nameOf, type Endpoint } from '../transport/endpoint.js';
import { ExchangeFailure, kindOfCcxtError } from '../transport/error-kinds.js';
import type { ReadOptions } from '../transport/exchange-call.js';
import type { CcxtExchange } from '../transport/ccxt-exchange.js';
import { kindsIn, type Market, type MarketKind } from './markets.js';
import { EmptyRow, RowRefusal, UnreadRow, type RowIn } from './unread.js';
import { endedBy } from '../transport/until-aborted.js';

/** Made once, because the error that `abort()` makes for each call includes a stack trace. */
const ENDED = new Error('the call has ended');

/** Finds markets for a profile. The reader reloads them once when one is missing. */
export interface MarketLookup {
  byId(id: string, kinds: readonly MarketKind[]): Promise<Market | null>;
  bySymbol(symbol: string): Promise<Market | null>;
  /** The unified symbols of all markets with the exchange's id. */
  namesOf(id: string, kinds: readonly MarketKind[]): string[];
  all(): Market[];
}

/** Numbers only where the exchange refuses texts (whole numbers in JSON bodies). */
export type Params = Record<string, string | number>;

/** What a profile uses in one read of one account: requests, markets and the exchange's clock. */
export class ReadSession {
  /** The `Date` header of the last answer: the exchange's clock to the second, where it reports no better one. */
  answeredAt: number | null = null;
  /** Rows that could not be read, each once, however often their list was read. */
  readonly unread = new UnreadParts();
  /** By unified symbol, a recent price; see `notePrice`. */
  readonly prices = new Map<string, DecimalText>();
  /** By unified symbol, the mark price of a position; empty if nobody asks for prices. */
  readonly marks = new Map<string, DecimalText>();
  /** What kind of account it is, in the exchange's terms, for people: "unified account". Null where that is not asked. */
  accountKind: string | null = null;
  private readonly turns = new Turns();

  constructor(
    readonly exchange: CcxtExchange,
    private readonly markets: MarketLookup,
    private readonly options: ReadOptions,
    private readonly nowMs: () => number,
  ) {}

  /** Whether to read balances also where they are not the positions of the account. */
  get wantsBalances(): boolean {
    return this.options.balances === true;
  }

  /** Sends one request and returns its answer, checked against the endpoint's shape. Throws ExchangeFailure. */
  async ask<T>(endpoint: Endpoint<T>, params: Params = {}): Promise<T> {
    const { answers, answeredAt } = await callGuarded(this.exchange, [endpoint], this.options, async () => {
      const method = endpoint.call === null ? undefined : this.exchange[endpoint.call];
      if (typeof method !== 'function') {
        throw this.failure('bug', endpoint, `ccxt has no method ${endpoint.call ?? 'for it'}`);
      }
      await (method as (params: Params) => Promise<unknown>)(params);
    });
    this.answeredAt = answeredAt;
    // The transport parsed the last answer with this endpoint's shape.
    return answers.at(-1) as T;
  }

  /** Like `ask`, but null where the server has no such address (a 404 without an error code of the exchange). */
  async askIfThere<T>(endpoint: Endpoint<T>, params: Params = {}): Promise<T | null> {
    try {
      return await this.ask(endpoint, params);
    } catch (error) {
      if (error instanceof ExchangeFailure && error.httpStatus === 404 && error.exchangeCode === null) return null;
      throw error;
    }
  }

  /** Like `ask`, but null where the exchange answers with one of the codes, which mean "there is no such order". */
  async askUnless<T>(codes: readonly string[], endpoint: Endpoint<T>, params: Params = {}): Promise<T | null> {
    try {
      return await this.ask(endpoint, params);
    } catch (error) {
      if (error instanceof ExchangeFailure && codes.includes(error.exchangeCode ?? '')) return null;
      throw error;
    }
  }

  /**
   * Calls one of ccxt's own `fetch...` methods, for the generic profile. Trusts ccxt's parser; the answers are guarded. No
   * other method can be called, so none that trades.
   */
  async unified(anything: Endpoint<unknown>, method: `fetch${string}`, args: unknown[] = []): Promise<unknown> {
    let reported: unknown;
    const { answeredAt } = await callGuarded(this.exchange, [anything], this.options, async () => {
      const fetchSomething = this.exchange[method];
      if (typeof fetchSomething !== 'function') throw this.failure('unsupported', anything, `ccxt has no ${method}`);
      reported = await (Reflect.apply(fetchSomething, this.exchange, args) as Promise<unknown>);
    });
    this.answeredAt = answeredAt;
    return reported;
  }

  /** Whether ccxt has a method for this exchange. */
  has(method: string): boolean {
    return this.exchange.has[method] === true;
  }

  /**
   * Converts the rows of a list one by one. A row without the form of its endpoint, or whose conversion throws a
   * `RowRefusal`, is recorded in `unread`: its symbol in the endpoint's scope is not compared, everything else is. Any
   * other error fails the read.
   *
   * @param read null leaves the row out
   * @param scope of the rows, where the endpoint's own is not exact
   * @param kinds of markets that the rows can name: on some exchanges one name means a spot pair and a contract
   */
  async convert<Item, Out>(
    endpoint: Endpoint<unknown>,
    rows: readonly Item[],
    read: (row: RowIn<Item>) => Out | null | Promise<Out | null>,
    scope: Scope | undefined = endpoint.scope,
    kinds: readonly MarketKind[] = kindsIn(scope),
  ): Promise<Out[]> {
    if (scope === undefined) throw this.failure('bug', endpoint, 'has no scope, so its rows cannot be left out');
    const converted: Out[] = [];
    const unread = rows.filter((row) => row instanceof UnreadRow);
    const [nameless] = unread.filter(({ symbol }) => symbol === null);
    // A row without a symbol is not a row of this list. If no row has one, the answer is not what was asked for.
    if (nameless !== undefined && unread.length === rows.length && unread.every(({ symbol }) => symbol === null)) {
      throw this.failure('unreadable', endpoint, `reported a row that cannot be read: ${nameless.problem}`);
    }
    for (const row of rows) {
      if (row instanceof EmptyRow) continue;
      if (row instanceof UnreadRow) {
        await this.leaveOut(endpoint, scope, row, kinds);
        continue;
      }
      try {
        const out = await read(row as RowIn<Item>);
        if (out !== null) converted.push(out);
      } catch (error) {
        if (!(error instanceof RowRefusal)) throw error;
        const { symbol, code, message } = error;
        const names = code === 'SYMBOL_AMBIGUOUS' ? this.markets.namesOf(symbol, kinds) : [symbol];
        for (const name of names) this.unread.add({ scope, symbol: name, code, reason: message });
      }
    }
    return converted;
  }

  /** A name that means several markets makes each of them unread: the row may be of any. */
  private async leaveOut(
    endpoint: Endpoint<unknown>,
    scope: Scope,
    { symbol, problem }: UnreadRow,
    kinds: readonly MarketKind[],
  ): Promise<void> {
    const reason = `${nameOf(endpoint)}: a row of ${symbol ?? 'no symbol'} cannot be read: ${problem}`;
    const isCurrency = covers(BALANCES, scope);
    // Reloads the markets for a name that they do not have.
    if (symbol !== null && !isCurrency) await this.markets.byId(symbol, kinds);
    const markets = symbol === null || isCurrency ? [] : this.markets.namesOf(symbol, kinds);
    const itself = symbol !== null && isCurrency ? this.currency(symbol) : symbol;
    for (const name of markets.length > 0 ? markets : [itself]) {
      this.unread.add({ scope, symbol: name, code: 'ROW_UNREADABLE', reason });
    }
  }

  /** The refusal of one row, for `convert`: `what` says what is wrong with it. */
  refuseRow(endpoint: Endpoint<unknown>, symbol: string, what: string): RowRefusal {
    return new RowRefusal('ROW_UNREADABLE', symbol, nameOf(endpoint), what);
  }

  /**
   * The market of an exchange's own id among the given kinds. Throws `RowRefusal` for a market that is unknown or not
   * unique: `convert` then leaves its row out and says so.
   *
   * Profiles call this for each row, so it also lets other work run during a long list.
   */
  async market(id: string, from: Endpoint<unknown>, kinds: readonly MarketKind[]): Promise<Market> {
    await this.turns.next();
    const market = await this.markets.byId(id, kinds);
    if (market !== null) return market;
    const names = this.markets.namesOf(id, kinds);
    if (names.length > 1) {
      throw new RowRefusal('SYMBOL_AMBIGUOUS', id, nameOf(from), `names "${id}", which means ${names.join(' and ')}`);
    }
    const reason = `names "${id}", which is not one of the exchange's ${kinds.join(' or ')} markets: delisted, renamed or not listed yet`;
    throw new RowRefusal('SYMBOL_UNKNOWN', id, nameOf(from), reason);
  }

  /**
   * Notes the prices of a position, by its unified symbol: the entry price shows which other unit an amount may be in, the
   * mark price shows what a drift is worth.
   */
  notePrice(symbol: string, entry: string | null | undefined, mark?: string | null): void {
    if (isPrice(entry)) this.prices.set(symbol, entry);
    if (this.options.prices === true && isPrice(mark)) this.marks.set(symbol, mark);
  }

  /** The market of a unified symbol; null where there is none. */
  async marketOf(symbol: string): Promise<Market | null> {
    await this.turns.next();
    return this.markets.bySymbol(symbol);
  }

  /** The exchange's own ids of the settlement currencies of one kind of markets, sorted. Each is a scope of its own. */
  settleIds(kind: MarketKind): string[] {
    const ids = this.markets.all().flatMap((market) => (market.kind === kind ? (market.settleId ?? []) : []));
    return [...new Set(ids)].toSorted();
  }

  /** The exchange's own ids of all markets. */
  marketIds(): string[] {
    return this.markets.all().map(({ id }) => id);
  }

  /** Unified symbols of all markets. */
  symbols(): string[] {
    return this.markets.all().map(({ symbol }) => symbol);
  }

  /** ccxt's unified code of an exchange's own currency id. */
  currency(id: string): string {
    return this.exchange.safeCurrencyCode(id);
  }

  /** The exchange's clock now, by its difference to ours in the last read. */
  exchangeTime(): number {
    const difference = this.exchange.options['timeDifference'];
    return this.nowMs() - (typeof difference === 'number' ? difference : 0);
  }

  /** Sets the difference of the exchange's clock to ours in ccxt, so a wrong clock here does not invalidate signatures. */
  setClock(exchangeTimeMs: number): void {
    this.exchange.options['timeDifference'] = this.nowMs() - exchangeTimeMs;
  }

  /** A failure that only the profile can detect. */
  failure(kind: FailureKind, endpoint: Endpoint<unknown>, what: string): ExchangeFailure {
    return new ExchangeFailure({
      kind,
      message: `${this.exchange.id} ${nameOf(endpoint)} ${what}`,
      where: nameOf(endpoint),
      retryAfterMs: null,
    });
  }
}

function isPrice(text: string | null | undefined): text is DecimalText {
  return text !== null && text !== undefined && isDecimal(text) && signOf(text) > 0;
}

/**
 * Runs one of ccxt's calls, which may request only the given endpoints, and returns their answers. A failed request fails the
 * call even where ccxt swallows it. An error that ccxt itself throws is a failure too.
 */
export async function callGuarded(
  exchange: CcxtExchange,
  allowed: readonly Endpoint<unknown>[],
  options: ReadOptions,
  call: () => Promise<unknown>,
): Promise<Pick<ExchangeCallContext, 'answers' | 'answeredAt'>> {
  // Ends the parallel requests of ccxt when the call has ended.
  const ended = new AbortController();
  const context: ExchangeCallContext = {
    exchange,
    allowed,
    signal: options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]),
    onProgress: options.onProgress,
    onCall: options.onCall,
    answers: [],
    answeredAt: null,
    failures: [],
    lanes: [],
    weights: [],
  };
  let thrown: unknown = null;
  try {
    await callContext.run(context, call);
  } catch (error) {
    thrown = error;
  } finally {
    ended.abort(ENDED);
    for (const release of context.lanes) release();
  }
  const failure = context.failures[0] ?? thrown;
  if (failure === null && context.answers.length > 0) return context;
  throw failure instanceof ExchangeFailure ? failure : strangeFailure(allowed, options, failure);
}

/** The failure of a request that a signal ended. */
export function givenUp(where: string, signal: AbortSignal): ExchangeFailure {
  return new ExchangeFailure({ kind: 'timeout', message: `${where} ${endedBy(signal)}`, where, retryAfterMs: null });
}

/** An error of ccxt's own. Its text may contain a signed URL, so only the error's name is reported. */
function strangeFailure(allowed: readonly Endpoint<unknown>[], options: ReadOptions, thrown: unknown): ExchangeFailure {
  const where = allowed.map(nameOf).join(', ');
  const fail = (kind: FailureKind, what: string): ExchangeFailure =>
    new ExchangeFailure({ kind, message: `${where} ${what}`, where, retryAfterMs: null });
  if (thrown === null) return fail('bug', 'was never asked');
  if (options.signal?.aborted === true) return givenUp(where, options.signal);
  const name = typeof thrown === 'object' && 'name' in thrown ? String(thrown.name) : typeof thrown;
  const kind = kindOfCcxtError(thrown) ?? 'unreadable';
  return fail(kind, `could not be asked, or its answer could not be read, by ccxt (${name})`);
}
