import type { MissingOrderExplanation } from '../domain/difference/difference.js';
import type { Environment } from '../config/environments.js';
import { Turns } from '../runtime/turns.js';
import { FailureError } from '../domain/failure/failure.js';
import { TooLargeError } from '../domain/limits/limits.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot/snapshot.js';
import { requireSnapshotLimits } from '../domain/snapshot/snapshot-limits.js';
import { ExchangeFailure } from './transport/error-kinds.js';
import type { AnsweredKeyAudit } from '../domain/account/key-audit.js';
import type { VenueAction } from '../domain/explain/cause.js';
import type { ExchangeInspector, VenueActionQuestion, ReadOptions } from './exchange-reader.js';
import type { CcxtExchange } from './transport/ccxt-exchange.js';
import { codesOfExchange } from './currency-aliases.js';
import type { MarketAnswer } from './market-answer.js';
import { UnknownNames } from './unknown-names.js';
import { currencyFacts } from './profile/currency-facts.js';
import { MarketIndex, marketFacts, type Market, type MarketKind } from './profile/markets.js';
import { checkDuplicates } from './duplicate-rows.js';
import { explainMissingOrder, unknownCause } from './profile/missing-orders.js';
import { NO_PRICES, publicPriceOf, withDollarPrices, withMarkPrice, type PublicPrices } from './profile/mark-prices.js';
import type { AccountState, Profile, SpotPrices } from './profile/profile.js';
import { RowRefusal } from './profile/unread.js';
import { callGuarded, givenUp, ReadSession, type MarketLookup } from './profile/read-session.js';
import type { MarketLoad, SharedExchange } from './shared-exchange.js';

/** Missing orders explained in one call; each costs up to five requests. */
const MAX_EXPLAINED = 50;

/** Reads one account with its exchange's profile, and checks what must hold for every exchange. */
export class CcxtReader implements ExchangeInspector {
  readonly exchangeId: string;
  readonly verifiedProfile: boolean;
  accountKind: string | null = null;
  readonly environment?: Exclude<Environment, 'live'>;
  /** The exchange's clock in the last read. It must not run backwards. */
  private lastAsOf = 0;
  private readonly markets: MarketIndex;
  private readonly unknownNames = new UnknownNames();
  private readonly turns = new Turns();

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly profile: Profile,
    private readonly shared: SharedExchange,
    private readonly now: () => number,
    environment?: Exclude<Environment, 'live'>,
  ) {
    this.exchangeId = profile.id;
    this.verifiedProfile = profile.verified;
    if (environment !== undefined) this.environment = environment;
    this.markets = new MarketIndex(exchange, profile, profile.marketNaming);
  }

  get budgetPerMinute(): number {
    const { perMinute, burst } = this.shared.budget;
    return perMinute + burst;
  }

  async readState(options: ReadOptions = {}): Promise<Snapshot> {
    const readStartedAt = this.now();
    const clockBefore = this.lastAsOf;
    await this.loadMarkets(options);
    const turns = new Turns();
    const session = this.session(options);
    const state = await this.readWithinLimits(session);
    this.accountKind = session.accountKind;
    const unread = session.unread.list();
    const facts = this.factsOf(state, session, await this.publicPrices(options));
    await turns.next();
    this.checkClock(clockBefore, state.asOf);
    checkDuplicates(state);
    await turns.next();
    return {
      side: 'exchange',
      readStartedAt,
      readEndedAt: this.now(),
      asOf: state.asOf,
      positionMode: state.positionMode,
      scopes: state.scopes.toSorted(),
      gaps: state.gaps,
      positions: state.positions,
      orders: state.orders,
      balances: state.balances,
      markets: {
        ...facts,
        ...(await this.holdingFacts(
          state.balances.map(({ currency }) => currency),
          options,
        )),
      },
      ...codesOfExchange(this.exchangeId, state.balances),
      ...(unread.length === 0 ? {} : { unread }),
      ...(state.movedWhileRead.length === 0 ? {} : { movedWhileRead: state.movedWhileRead.toSorted() }),
    };
  }

  private async readWithinLimits(session: ReadSession): Promise<AccountState> {
    try {
      const state = await this.profile.readState(session);
      requireSnapshotLimits(state);
      return state;
    } catch (error) {
      if (error instanceof RowRefusal) throw this.unexpectedRow(error);
      if (!(error instanceof TooLargeError)) throw error;
      throw new ExchangeFailure({
        kind: 'too_large',
        message: `${this.exchangeId} reported more than is read: ${error.message}`,
        where: error.where ?? 'account',
        retryAfterMs: null,
        remedy: error.remedy,
      });
    }
  }

  /** A row outside of a list that can leave rows out. */
  private unexpectedRow({ code, message, where }: RowRefusal): ExchangeFailure {
    return new ExchangeFailure({
      kind: code === 'ROW_UNREADABLE' ? 'unreadable' : 'incomplete',
      message: `${this.exchangeId} ${message}`,
      where,
      retryAfterMs: null,
    });
  }

  async explainMissingOrders(
    orders: readonly OpenOrder[],
    options: ReadOptions = {},
  ): Promise<MissingOrderExplanation[]> {
    const explanations: MissingOrderExplanation[] = [];
    for (const [index, order] of orders.entries()) {
      explanations.push(
        index < MAX_EXPLAINED
          ? await this.explain(order, options)
          : unknownCause(`not asked: only ${MAX_EXPLAINED} missing orders are looked up in one run`),
      );
    }
    return explanations;
  }

  async readVenueActions(question: VenueActionQuestion, options: ReadOptions = {}): Promise<VenueAction[]> {
    if (this.profile.readVenueActions === undefined) return [];
    try {
      await this.loadMarkets(options);
      return await this.profile.readVenueActions(this.session(options), question);
    } catch {
      return [];
    }
  }

  async resolveMarket(symbol: string, options: ReadOptions = {}): Promise<MarketAnswer> {
    await this.loadMarkets(options);
    const find = (): Market[] => this.findMarkets(symbol);
    let found = find();
    // Markets are large, and a symbol that was delisted stays unknown.
    if (found.length === 0 && this.unknownNames.mayAskAgain(symbol, performance.now())) {
      await this.refreshingIfNull(options, () => (found = find())[0] ?? null);
    }
    const [market, ...others] = found;
    if (market === undefined) return { kind: 'unknown', near: await this.near(symbol) };
    if (others.length > 0) return { kind: 'ambiguous', candidates: found.map((each) => each.symbol).toSorted() };
    const price = publicPriceOf(market.symbol, await this.publicPrices(options), this.profile);
    return { kind: 'found', symbol: market.symbol, facts: withMarkPrice(marketFacts(market), price) };
  }

  async auditKey(options: ReadOptions = {}): Promise<AnsweredKeyAudit> {
    const nothing = { canTrade: null, canWithdraw: null, ipRestricted: null };
    if (this.profile.auditKey === undefined) {
      return { answer: 'not_told', ...nothing, note: `${this.exchangeId} does not report what a key may do` };
    }
    try {
      return { answer: 'told', ...(await this.profile.auditKey(this.session(options))) };
    } catch (error) {
      return { answer: 'failed', ...nothing, note: `what the key may do is not known: ${reasonOf(error)}` };
    }
  }

  async countMarkets(options: ReadOptions = {}): Promise<Record<MarketKind, number>> {
    await this.loadMarkets(options);
    const counts: Record<MarketKind, number> = { spot: 0, linear: 0, inverse: 0 };
    for (const { kind } of this.markets.all()) counts[kind] += 1;
    return counts;
  }

  /** Prices only narrow what counts as dust, so a failure leaves them out. */
  async holdingFacts(currencies: readonly string[], options: ReadOptions = {}): Promise<Record<string, MarketFacts>> {
    if (currencies.length === 0) return {};
    await this.loadMarkets(options);
    const prices = await this.spotPrices(options);
    const facts = currencyFacts(currencies, this.markets, prices);
    return options.prices === true ? withDollarPrices(facts, prices) : facts;
  }

  // Nothing to close: connections belong to the process, and markets to all accounts of the exchange.
  async close(): Promise<void> {}

  /** Prices at which drifts are valued; empty if nobody asks for them. */
  private async publicPrices(options: ReadOptions): Promise<PublicPrices> {
    if (options.prices !== true) return NO_PRICES;
    const { profile, shared } = this;
    const contracts = await shared.contractPrices.now(() => profile.readContractPrices?.(this.session(options)));
    return { spot: await this.spotPrices(options), contracts };
  }

  private async spotPrices(options: ReadOptions): Promise<SpotPrices> {
    const { profile, shared } = this;
    return shared.spotPrices.now(() => profile.readPrices?.(this.session(options)));
  }

  private async explain(order: OpenOrder, options: ReadOptions): Promise<MissingOrderExplanation> {
    try {
      await this.loadMarkets(options);
      const market = this.findMarket(order.symbol);
      if (market === null) return unknownCause(`the exchange has no market ${order.symbol}`);
      return await explainMissingOrder(this.profile.missingOrders, { session: this.session(options), order, market });
    } catch (error) {
      return unknownCause(`the question failed: ${reasonOf(error)}`);
    }
  }

  private session(options: ReadOptions): ReadSession {
    const markets: MarketLookup = {
      byId: (id, kinds) => this.refreshingIfNull(options, () => this.onlyMarket(id, kinds)),
      bySymbol: (symbol) => this.refreshingIfNull(options, () => this.markets.bySymbol(symbol)),
      namesOf: (id, kinds) => this.markets.byId(id, kinds).map(({ symbol }) => symbol),
      all: () => this.markets.all(),
    };
    const { balances } = options;
    const wanted = balances === 'auto' ? this.profile.marketKinds.includes('spot') : (balances ?? false);
    return new ReadSession(this.exchange, markets, { ...options, balances: wanted }, this.now);
  }

  private async loadMarkets(options: ReadOptions): Promise<void> {
    await this.sharing(options, () => this.shared.loadMarkets(this.marketLoad(options), options.signal));
  }

  private async refreshingIfNull(options: ReadOptions, find: () => Market | null): Promise<Market | null> {
    const found = find();
    if (found !== null) return found;
    const refreshed = await this.sharing(options, () =>
      this.shared.refreshMarkets(this.marketLoad(options), options.signal),
    );
    return refreshed ? find() : null;
  }

  /** The load has its own signal, because other accounts may wait for the same markets. */
  private marketLoad(options: ReadOptions): MarketLoad {
    return async (template, signal) => {
      const { loadMarkets, marketEndpoints } = this.profile;
      // ccxt keeps a failed first load and throws it again on every later call, unless it is asked to reload.
      await callGuarded(template, marketEndpoints, { ...options, signal }, async () => {
        await (loadMarkets === undefined ? template.loadMarkets(true) : loadMarkets(template));
      });
    };
  }

  /** An account that waits for another account's load of the markets stops waiting when its own signal aborts. */
  private async sharing<T>({ signal }: ReadOptions, load: () => Promise<T>): Promise<T> {
    try {
      return await load();
    } catch (error) {
      if (error instanceof FailureError || signal?.aborted !== true) throw error;
      throw givenUp('markets', signal);
    }
  }

  private findMarket(symbolOrId: string): Market | null {
    const [market, ...others] = this.findMarkets(symbolOrId);
    return others.length === 0 ? (market ?? null) : null;
  }

  private findMarkets(symbolOrId: string): Market[] {
    const market = this.markets.bySymbol(symbolOrId);
    return market === null ? this.markets.byId(symbolOrId, this.profile.marketKinds) : [market];
  }

  private async near(name: string): Promise<string[]> {
    await this.turns.next();
    return this.unknownNames.near(name, this.exchange.markets, () =>
      this.markets.all().filter(({ kind }) => this.profile.marketKinds.includes(kind)),
    );
  }

  private onlyMarket(id: string, kinds: readonly MarketKind[]): Market | null {
    const found = this.markets.byId(id, kinds);
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  private factsOf(
    { positions, orders }: Pick<AccountState, 'positions' | 'orders'>,
    { prices, marks }: Pick<ReadSession, 'prices' | 'marks'>,
    known: PublicPrices,
  ): Record<string, MarketFacts> {
    const facts: Record<string, MarketFacts> = {};
    for (const symbol of new Set([...positions, ...orders].map((row) => row.symbol))) {
      const market = this.markets.bySymbol(symbol);
      if (market === null) continue;
      const price = prices.get(symbol);
      const own = { ...marketFacts(market), ...(price === undefined ? {} : { price }) };
      facts[symbol] = withMarkPrice(own, marks.get(symbol) ?? publicPriceOf(symbol, known, this.profile));
    }
    return facts;
  }

  /** Compares with the last read that ended before this one began, because reads may overlap. */
  private checkClock(clockBefore: number, asOf: number): void {
    if (asOf < clockBefore) {
      throw new ExchangeFailure({
        kind: 'clock_skew',
        message: `${this.exchangeId}'s clock went back by ${clockBefore - asOf} ms since the read before: an old answer`,
        where: 'server time',
        retryAfterMs: null,
        remedy: 'find what answers with old documents between here and the exchange (a cache, a proxy)',
      });
    }
    this.lastAsOf = Math.max(this.lastAsOf, asOf);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FailureError) return `${error.failure.kind}: ${error.failure.message}`;
  return error instanceof Error ? error.name : 'an unknown reason';
}
