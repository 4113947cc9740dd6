import type { MissingOrderExplanation } from '../domain/difference/difference.js';
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
import { MarketIndex, type Market, type MarketKind } from './profile/markets.js';
import { explainMissingOrder, unknownCause } from './profile/missing-orders.js';
import type { AccountState, Profile } from './profile/profile.js';
import { callGuarded, givenUp, ReadSession, type MarketLookup } from './profile/read-session.js';
import type { MarketLoad, SharedExchange } from './shared-exchange.js';

/** Missing orders explained in one call; each costs up to five requests. */
const MAX_EXPLAINED = 50;

/** Reads one account with its exchange's profile, and checks what must hold for every exchange. */
export class CcxtReader implements ExchangeInspector {
  readonly exchangeId: string;
  readonly verifiedProfile: boolean;
  /** The exchange's clock in the last read. It must not run backwards. */
  private lastAsOf = 0;
  private readonly markets: MarketIndex;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly profile: Profile,
    private readonly shared: SharedExchange,
    private readonly now: () => number,
  ) {
    this.exchangeId = profile.id;
    this.verifiedProfile = profile.verified;
    this.markets = new MarketIndex(exchange, profile.contractSize, profile.marketNaming);
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
    const state = await this.readWithinLimits(options);
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
      markets: this.factsOf([...state.positions, ...state.orders].map(({ symbol }) => symbol)),
      ...(state.movedWhileRead.length === 0 ? {} : { movedWhileRead: state.movedWhileRead.toSorted() }),
    };
  }

  private async readWithinLimits(options: ReadOptions): Promise<AccountState> {
    try {
      const state = await this.profile.readState(this.session(options));
      requireSnapshotLimits(state);
      return state;
    } catch (error) {
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

  async resolveMarket(
    symbol: string,
    options: ReadOptions = {},
  ): Promise<{ symbol: string; facts: MarketFacts } | null> {
    await this.loadMarkets(options);
    const market = await this.refreshingIfNull(options, () => this.findMarket(symbol));
    return market === null ? null : { symbol: market.symbol, facts: factsOf(market) };
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

  // Nothing to close: connections belong to the process, and markets to all accounts of the exchange.
  async close(): Promise<void> {}

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
      all: () => this.markets.all(),
    };
    return new ReadSession(this.exchange, markets, options, this.now);
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
      // ccxt keeps a failed first load and throws it again on every later call, unless it is asked to reload.
      await callGuarded(template, this.profile.marketEndpoints, { ...options, signal }, () =>
        template.loadMarkets(true),
      );
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
    return this.markets.bySymbol(symbolOrId) ?? this.onlyMarket(symbolOrId, this.profile.marketKinds);
  }

  private onlyMarket(id: string, kinds: readonly MarketKind[]): Market | null {
    const found = this.markets.byId(id, kinds);
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  private factsOf(symbols: readonly string[]): Record<string, MarketFacts> {
    const facts: Record<string, MarketFacts> = {};
    for (const symbol of new Set(symbols)) {
      const market = this.markets.bySymbol(symbol);
      if (market !== null) facts[symbol] = factsOf(market);
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

function factsOf({ amountStep, minAmount }: Market): MarketFacts {
  return minAmount === null ? { amountStep } : { amountStep, minAmount };
}

/** Rejects a row that comes twice: such a list may also miss another row. */
function checkDuplicates(state: AccountState): void {
  const seen = new Set<string>();
  const keys = [
    ...state.positions.map((row) => `position ${row.symbol} ${row.side}`),
    ...state.orders.map((row) => `${row.conditional ? 'conditional order' : 'order'} ${row.symbol} ${row.id}`),
    ...state.balances.map((row) => `balance ${row.currency}`),
  ];
  for (const key of keys) {
    if (seen.has(key)) {
      throw new ExchangeFailure({
        kind: 'incomplete',
        message: `the exchange reported ${key} twice in one read`,
        where: key,
        retryAfterMs: null,
      });
    }
    seen.add(key);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FailureError) return `${error.failure.kind}: ${error.failure.message}`;
  return error instanceof Error ? error.name : 'an unknown reason';
}
