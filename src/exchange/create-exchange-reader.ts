import type { ExchangeConfig } from '../config/config.js';
import type { MissingOrderExplanation } from '../domain/difference.js';
import { FailureError } from '../domain/failure.js';
import type { MarketFacts, OpenOrder, Snapshot } from '../domain/snapshot.js';
import { ExchangeFailure } from './error-kinds.js';
import type { ExchangeReader, ReadOptions } from './exchange-reader.js';
import { guardTransport } from './guarded-transport.js';
import { loadCcxtClass, type CcxtExchange } from './load-ccxt.js';
import { marketBySymbol, marketsById, type Market } from './markets.js';
import { profileOf } from './profiles/index.js';
import type { AccountState, Profile } from './profiles/profile.js';
import { SecretMask, type TextRedactor } from './secret-mask.js';
import { callGuarded, Session, type MarketLookup } from './session.js';
import { sharedExchange, type SharedExchange } from './shared-exchange.js';

export interface ExchangeReaderDeps {
  /** The worker's one redactor: through it every text of a failure goes, and it learns the credentials here. */
  redactor: TextRedactor;
  /** The reader's clock, milliseconds since the epoch. */
  now?: () => number;
  /** Largest answer that is read, in bytes. */
  maxBytes?: number;
}

/** Spot exchanges answer some 20 MB of markets; nothing honest is much larger. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Missing orders explained in one call; each costs up to five questions. */
const MAX_EXPLAINED = 50;

/**
 * Makes the reader of one account: loads ccxt's class, gives it the credentials and puts the guarded transport under it.
 * Nothing is asked of the exchange yet.
 *
 * Throws FailureError: `unsupported` for an id without ccxt class or profile, `configuration` for missing credentials.
 */
export async function createExchangeReader(
  config: ExchangeConfig,
  credentials: Record<string, string>,
  deps: ExchangeReaderDeps,
): Promise<ExchangeReader> {
  for (const secret of Object.values(credentials)) deps.redactor.add(secret);
  const CcxtClass = await loadCcxtClass(config.id);
  const profile = profileOf(config.id);
  const exchange = new CcxtClass({
    ...credentials,
    number: String,
    enableRateLimit: true,
    // Currencies cost signed questions and are not needed.
    has: { fetchCurrencies: false },
    options: profile.options,
  });
  checkCredentials(exchange, credentials);
  if (config.baseUrl !== null) exchange.urls.api = rebased(exchange.urls.api, config.baseUrl);
  const shared = sharedExchange(config.id, config.baseUrl, profile.budget);
  exchange.throttler = shared.throttle;
  const now = deps.now ?? Date.now;
  guardTransport(exchange, {
    deadlineMs: config.deadlineSeconds * 1000,
    maxBytes: deps.maxBytes ?? DEFAULT_MAX_BYTES,
    bans: shared.bans,
    banNames: ['address'],
    codes: profile.codes,
    codeOf: (document) => profile.codeOf(document),
    mask: new SecretMask(deps.redactor),
    nowMs: now,
  });
  return new CcxtReader(exchange, profile, shared, now);
}

class CcxtReader implements ExchangeReader {
  readonly exchangeId: string;
  /** The exchange's clock of the last read: it must not run backwards. */
  private lastAsOf = 0;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly profile: Profile,
    private readonly shared: SharedExchange,
    private readonly now: () => number,
  ) {
    this.exchangeId = profile.id;
  }

  async readState(options: ReadOptions = {}): Promise<Snapshot> {
    const readStartedAt = this.now();
    await this.loadMarkets(options);
    const state = await this.profile.readState(this.session(options));
    this.checkClock(state.asOf);
    checkDuplicates(state);
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

  async resolveMarket(
    symbol: string,
    options: ReadOptions = {},
  ): Promise<{ symbol: string; facts: MarketFacts } | null> {
    await this.loadMarkets(options);
    let market = this.findMarket(symbol);
    if (market === null && (await this.refreshMarkets(options))) market = this.findMarket(symbol);
    return market === null ? null : { symbol: market.symbol, facts: { amountStep: market.amountStep } };
  }

  // There is nothing to close: connections belong to the process, markets to all accounts of the exchange.
  async close(): Promise<void> {}

  private async explain(order: OpenOrder, options: ReadOptions): Promise<MissingOrderExplanation> {
    try {
      await this.loadMarkets(options);
      const market = this.findMarket(order.symbol);
      if (market === null) return unknownCause(`the exchange has no market ${order.symbol}`);
      return await this.profile.explainMissingOrder(this.session(options), order, market);
    } catch (error) {
      return unknownCause(
        error instanceof FailureError
          ? `the question failed (${error.failure.kind}): ${error.failure.message}`
          : 'the question failed for an unknown reason',
      );
    }
  }

  private session(options: ReadOptions): Session {
    const markets: MarketLookup = {
      byId: async (id) => {
        const found = this.onlyMarket(id);
        if (found !== null || !(await this.refreshMarkets(options))) return found;
        return this.onlyMarket(id);
      },
    };
    return new Session(this.exchange, markets, options, this.now);
  }

  private async loadMarkets(options: ReadOptions): Promise<void> {
    await this.shared.giveMarkets(this.exchange, (exchange) => this.fetchMarkets(exchange, options));
  }

  private async refreshMarkets(options: ReadOptions): Promise<boolean> {
    return this.shared.refreshMarkets(this.exchange, (exchange) => this.fetchMarkets(exchange, options));
  }

  private async fetchMarkets(exchange: CcxtExchange, { onProgress }: ReadOptions): Promise<void> {
    // Without the caller's signal: other accounts may be waiting for the same markets.
    const options = onProgress === undefined ? {} : { onProgress };
    await callGuarded(this.profile.marketEndpoints, options, () => exchange.loadMarkets(true));
  }

  private findMarket(symbolOrId: string): Market | null {
    return marketBySymbol(this.exchange, symbolOrId) ?? this.onlyMarket(symbolOrId);
  }

  private onlyMarket(id: string): Market | null {
    const found = marketsById(this.exchange, id, this.profile.marketKinds);
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  private factsOf(symbols: readonly string[]): Record<string, MarketFacts> {
    const facts: Record<string, MarketFacts> = {};
    for (const symbol of symbols) {
      const market = facts[symbol] === undefined ? marketBySymbol(this.exchange, symbol) : null;
      if (market !== null) facts[symbol] = { amountStep: market.amountStep };
    }
    return facts;
  }

  private checkClock(asOf: number): void {
    if (asOf < this.lastAsOf) {
      throw new ExchangeFailure({
        kind: 'clock_skew',
        message: `${this.exchangeId}'s clock went back by ${this.lastAsOf - asOf} ms since the read before: an old answer`,
        where: 'server time',
        retryAfterMs: null,
        remedy: 'find what answers with old documents between here and the exchange (a cache, a proxy)',
      });
    }
    this.lastAsOf = asOf;
  }
}

/** No row twice: a list with one may as well have another missing. */
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
        message: `the exchange told ${key} twice in one read`,
        where: key,
        retryAfterMs: null,
      });
    }
    seen.add(key);
  }
}

function unknownCause(source: string): MissingOrderExplanation {
  return { cause: 'unknown', filled: null, averagePrice: null, at: null, source };
}

function checkCredentials(exchange: CcxtExchange, credentials: Record<string, string>): void {
  const missing = Object.entries(exchange.requiredCredentials)
    .filter(([name, required]) => required && (credentials[name] ?? '') === '')
    .map(([name]) => name);
  if (missing.length === 0) return;
  throw new ExchangeFailure({
    kind: 'configuration',
    message: `${exchange.id} needs ${missing.join(' and ')}`,
    where: 'exchange',
    retryAfterMs: null,
    remedy: `name where ${missing.join(' and ')} come from in the account's exchange section (such as api_key_env)`,
  });
}

/** Replaces scheme and host of every address: a base of "http://h:1/x" makes "https://a.b/fapi/v1" "http://h:1/x/fapi/v1". */
function rebased(address: unknown, baseUrl: string): unknown {
  if (typeof address === 'string') {
    return address.replace(/^[a-z]+:\/\/[^/]+/i, baseUrl.replace(/\/+$/, ''));
  }
  if (!(address instanceof Object)) return address;
  return Object.fromEntries(Object.entries(address).map(([name, inner]) => [name, rebased(inner, baseUrl)]));
}
