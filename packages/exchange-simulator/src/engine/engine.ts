import { Account, type ApiKey } from './account.js';
import { endAllIn, renameIn } from './closing.js';
import type { EngineEvent } from './events.js';
import { payFunding } from './pay-funding.js';
import { DEFAULT_MARKETS, type Market } from './market.js';
import { Matching } from './matching.js';
import { isConditional, remainingOf, type Actor, type Order, type OrderRequest, type Trade } from './order.js';
import { checkAmountStep, checkPriceStep, makeOrder } from './placing.js';
import { Rejection } from './rejection.js';
import { checkFunds, lockedBalances } from './spot.js';
import { ENGINE_STATE_VERSION, type EngineState, type NextIds } from './state.js';
import { compareDecimals, isZero, signOf, type DecimalText } from '@plumbline/primitives/decimal';

export interface EngineOptions {
  /** The exchange's clock, milliseconds since the epoch. The engine has no other. */
  now: () => number;
  markets?: readonly Market[];
}

const FIRST_IDS: NextIds = { regular: 8_389_765_501, conditional: 2_146_761, trade: 698_760 };

export interface NewAccount {
  id: string;
  keys: ApiKey[];
  positionMode?: 'one-way' | 'hedge' | undefined;
  /** Opening balances by currency. */
  balances?: Record<string, DecimalText> | undefined;
}

/** Identifies one order of an account. */
export interface OrderReference {
  account: string;
  id?: string | undefined;
  clientOrderId?: string | undefined;
}

export interface Amendment {
  price?: DecimalText | undefined;
  amount?: DecimalText | undefined;
  triggerPrice?: DecimalText | undefined;
}

/**
 * An exchange without a wire: markets, accounts, orders, fills, positions and wallets, in exact decimals.
 *
 * Deterministic: the same calls at the same times give the same state and the same ids. There is no order book; each
 * market has one price, which is mark, last and index price. A market order, and a limit order at or beyond the price,
 * fills completely at that price. An open limit order fills completely at its own price when the market reaches it.
 * `fillOrder` fills any part of an open order. There is no margin check: an account is liquidated only by `liquidate`.
 *
 * A method that changes state throws Rejection if it refuses, and has then changed nothing.
 */
export class Engine {
  readonly now: () => number;
  private readonly builtInMarkets: readonly Market[];
  private readonly marketsBySymbol: Map<string, Market>;
  private readonly prices: Map<string, DecimalText>;
  private readonly accountsById = new Map<string, Account>();
  private readonly matching: Matching;
  private readonly closing: Parameters<typeof endAllIn>[1];
  private readonly listeners = new Set<(event: EngineEvent) => void>();
  private nextId: NextIds = { ...FIRST_IDS };

  constructor(options: EngineOptions) {
    this.now = options.now;
    this.builtInMarkets = options.markets ?? DEFAULT_MARKETS;
    this.marketsBySymbol = new Map(this.builtInMarkets.map((market) => [market.symbol, market]));
    this.prices = new Map(this.builtInMarkets.map((market) => [market.symbol, market.initialPrice]));
    this.matching = new Matching({
      now: this.now,
      market: (symbol) => this.market(symbol),
      price: (symbol) => this.price(symbol),
      takeId: (sequence) => String(this.nextId[sequence]++),
      emit: (event) => this.emit(event),
    });
    this.closing = {
      now: this.now,
      accounts: () => this.accounts(),
      matching: this.matching,
      emit: (event) => this.emit(event),
    };
  }

  /** Calls the listener after every change, in order, synchronously. Returns the function that unsubscribes. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The markets that a wire may list: those of all exchanges, and those that only this exchange trades. */
  markets(venue?: string): Market[] {
    return this.allMarkets().filter(
      ({ venues, closed }) =>
        closed !== true && (venues === undefined || (venue !== undefined && venues.includes(venue))),
    );
  }

  /** Includes markets that a single exchange lists, and closed ones, which history still names. */
  allMarkets(): Market[] {
    return [...this.marketsBySymbol.values()];
  }

  market(symbol: string): Market {
    const market = this.marketsBySymbol.get(symbol);
    if (market !== undefined) return market;
    const known = [...this.marketsBySymbol.keys()].slice(0, 10).join(', ');
    throw new Rejection('unknown_symbol', `there is no market ${symbol}; there are ${known}`);
  }

  addMarket(market: Market): void {
    this.marketsBySymbol.set(market.symbol, market);
    this.prices.set(market.symbol, market.initialPrice);
  }

  /**
   * Settles or delists a market: its orders expire, its positions close at its price, and no wire lists it any more. Holdings
   * of a spot market stay in the wallet.
   */
  closeMarket(symbol: string): void {
    const market = this.tradedMarket(symbol);
    endAllIn(symbol, this.closing);
    this.marketsBySymbol.set(symbol, { ...market, closed: true });
  }

  /** A market and everything open in it get a new name, as after a token swap; the old name is unknown from then on. */
  renameMarket(symbol: string, name: { symbol: string; base: string }): void {
    const market = this.tradedMarket(symbol);
    if (this.marketsBySymbol.has(name.symbol)) {
      throw new Rejection('bad_parameter', `there is a market ${name.symbol} already`);
    }
    const price = this.price(symbol);
    this.addMarket({ ...market, ...name });
    this.prices.set(name.symbol, price);
    for (const account of this.accounts()) {
      renameIn(account, symbol, name.symbol, this.now());
      this.emit({ kind: 'account', account: account.id, at: this.now() });
    }
    this.marketsBySymbol.set(symbol, { ...market, closed: true });
  }

  price(symbol: string): DecimalText {
    return this.prices.get(symbol) ?? this.market(symbol).initialPrice;
  }

  accounts(): Account[] {
    return [...this.accountsById.values()];
  }

  account(id: string): Account {
    const account = this.accountsById.get(id);
    if (account !== undefined) return account;
    throw new Rejection(
      'unknown_account',
      `there is no account ${id}; there are ${[...this.accountsById.keys()].join(', ')}`,
    );
  }

  /** The account and the key that a request was signed with; null if no account has this key. */
  findKey(key: string): { account: Account; key: ApiKey } | null {
    for (const account of this.accountsById.values()) {
      const found = account.keys.find((candidate) => candidate.key === key);
      if (found !== undefined) return { account, key: found };
    }
    return null;
  }

  createAccount({ id, keys, positionMode = 'one-way', balances = {} }: NewAccount): Account {
    if (this.accountsById.has(id)) throw new Rejection('bad_parameter', `there is an account ${id} already`);
    const taken = keys.find(({ key }) => this.findKey(key) !== null);
    if (taken !== undefined) throw new Rejection('bad_parameter', `the API key of ${id} belongs to another account`);
    const wallet = Object.fromEntries(
      Object.entries(balances).map(([currency, balance]) => [currency, { balance, updatedAt: this.now() }]),
    );
    const empty = { positions: [], openOrders: [], endedOrders: [], trades: [], funding: [] };
    const account = new Account({ id, keys, positionMode, wallet, ...empty });
    this.accountsById.set(id, account);
    this.emit({ kind: 'account', account: id, at: this.now() });
    return account;
  }

  setPositionMode(accountId: string, mode: 'one-way' | 'hedge'): void {
    const account = this.account(accountId);
    if (account.positionMode === mode) {
      throw new Rejection('position_mode_unchanged', `account ${accountId} is in ${mode} mode already`);
    }
    const ofPositions = account.open().filter(({ symbol }) => this.market(symbol).kind !== 'spot');
    if (ofPositions.length > 0 || account.positions().some(({ amount }) => !isZero(amount))) {
      throw new Rejection('position_mode_locked', 'cancel all orders and close all positions before changing the mode');
    }
    account.positionMode = mode;
    this.emit({ kind: 'account', account: accountId, at: this.now() });
  }

  /** Places an order and executes what the market allows at once. Returns the order after that. */
  place(accountId: string, actor: Actor, request: OrderRequest): Order {
    const account = this.account(accountId);
    const order = this.makeOrder(account, actor, request);
    checkFunds(account, [order], this);
    this.accept(account, [order], actor);
    return account.findOrder({ id: order.id }) ?? order;
  }

  /** Places orders that cancel each other (OCO): all of them or, on a Rejection, none. */
  placeList(accountId: string, actor: Actor, requests: readonly OrderRequest[]): Order[] {
    const account = this.account(accountId);
    const nextId = { ...this.nextId };
    try {
      const orders = requests.map((request) => this.makeOrder(account, actor, request));
      const listed = orders.map((order) => ({ ...order, listId: orders[0]?.id ?? null }));
      if (new Set(listed.map(({ clientOrderId }) => clientOrderId)).size < listed.length) {
        throw new Rejection('duplicate_client_order_id', 'the orders of a list need client order ids of their own');
      }
      checkFunds(account, listed, this);
      this.accept(account, listed, actor);
      return listed.map((order) => account.findOrder({ id: order.id }) ?? order);
    } catch (error) {
      if (error instanceof Rejection) this.nextId = nextId;
      throw error;
    }
  }

  /** The amounts that open spot orders lock, by currency. */
  locked(accountId: string): Map<string, DecimalText> {
    return lockedBalances(this.account(accountId), this);
  }

  cancel(reference: OrderReference, actor: Actor): Order {
    const { account, order } = this.openOrder(reference);
    return this.matching.end(account, order, 'canceled', null, actor);
  }

  /** Expires an open order, as the exchange does at the end of its lifetime. */
  expire(reference: OrderReference, actor: Actor = 'market'): Order {
    const { account, order } = this.openOrder(reference);
    return this.matching.end(account, order, 'expired', 'by_request', actor);
  }

  /** Changes price, amount or trigger. An amount at or below the filled one cancels the order, as on Binance. */
  amend(reference: OrderReference, change: Amendment, actor: Actor): Order {
    const { account, order } = this.openOrder(reference);
    const market = this.market(order.symbol);
    if (change.price !== undefined) {
      if (order.price === null) throw new Rejection('bad_parameter', `a ${order.type} order has no price to amend`);
      checkPriceStep(market, 'price', change.price);
    }
    if (change.triggerPrice !== undefined) {
      if (order.triggerPrice === null)
        throw new Rejection('bad_parameter', `a ${order.type} order has no trigger price`);
      checkPriceStep(market, 'trigger price', change.triggerPrice);
    }
    if (change.amount !== undefined) {
      if (order.amount === null) throw new Rejection('bad_parameter', 'an order that closes a position has no amount');
      checkAmountStep(market, change.amount);
      if (!isZero(order.filled) && compareDecimals(change.amount, order.filled) <= 0) {
        return this.matching.end(account, order, 'canceled', 'amended_below_filled', actor);
      }
    }
    const amended: Order = {
      ...order,
      price: change.price ?? order.price,
      amount: change.amount ?? order.amount,
      triggerPrice: change.triggerPrice ?? order.triggerPrice,
      amendments: order.amendments + 1,
      updatedAt: this.now(),
    };
    checkFunds(account, [amended], this);
    this.matching.record(account, amended, 'amended', actor);
    if (amended.type === 'limit') this.matching.execute(account, amended, actor);
    return account.findOrder({ id: order.id }) ?? amended;
  }

  /** Another trader takes part of an open order, at its own price; by default everything that remains. */
  fillOrder(
    reference: OrderReference,
    part: { amount?: DecimalText | undefined; price?: DecimalText | undefined } = {},
  ): Trade {
    const { account, order } = this.openOrder(reference);
    const remaining = remainingOf(order);
    if (order.type !== 'limit' || remaining === null) {
      throw new Rejection(
        'order_not_open',
        `a ${order.type} order fills only after it triggered; move the price to its trigger`,
      );
    }
    const market = this.market(order.symbol);
    if (part.price !== undefined) checkPriceStep(market, 'price', part.price);
    if (part.amount !== undefined) {
      checkAmountStep(market, part.amount);
      if (compareDecimals(part.amount, remaining) > 0) {
        throw new Rejection('bad_parameter', `only ${remaining} of order ${order.id} remain to be filled`);
      }
    }
    const price = part.price ?? order.price ?? this.price(order.symbol);
    const trade = this.matching.fillPart(account, order, part.amount ?? remaining, price, true, 'market');
    if (trade === null)
      throw new Rejection('reduce_only', `order ${order.id} may only reduce a position, and none is left to reduce`);
    return trade;
  }

  /** Moves the price: conditional orders trigger, and open limit orders that it reaches fill. Oldest order first. */
  setPrice(symbol: string, price: DecimalText): void {
    const market = this.tradedMarket(symbol);
    checkPriceStep(market, 'price', price);
    this.prices.set(symbol, price);
    this.emit({ kind: 'price', symbol, price, at: this.now() });
    for (const account of this.accountsById.values()) {
      for (const { id } of account.open()) {
        // Looked up again: an earlier order may have ended or changed this one.
        const order = account.openOrders.get(id);
        if (order === undefined || order.symbol !== symbol) continue;
        if (order.type === 'limit') this.matching.fillIfReached(account, order, price);
        else if (isConditional(order.type)) this.matching.observe(account, order, price);
      }
    }
  }

  /** The exchange closes a position by force and cancels the symbol's open orders. Returns the liquidation order. */
  liquidate(accountId: string, symbol: string, side?: 'long' | 'short'): Order {
    const account = this.account(accountId);
    const position = account.positions().find((candidate) => {
      const isSide = side === undefined || signOf(candidate.amount) === (side === 'long' ? 1 : -1);
      return candidate.symbol === symbol && !isZero(candidate.amount) && isSide;
    });
    if (position === undefined) {
      throw new Rejection(
        'bad_parameter',
        `account ${accountId} has no ${side ?? ''} position in ${symbol} to liquidate`,
      );
    }
    for (const order of account.open()) {
      if (order.symbol === symbol) this.matching.end(account, order, 'expired', 'liquidation', 'liquidation');
    }
    return this.matching.closeByForce(account, position);
  }

  /**
   * A funding time: every position in the market pays or receives. `rate` is per unit of value; "0.0001" is one basis
   * point.
   */
  settleFunding(symbol: string, rate: DecimalText): void {
    const market = this.market(symbol);
    const [price, at] = [this.price(symbol), this.now()];
    for (const account of this.accountsById.values()) {
      payFunding(account, market, { price, rate, at, takeId: () => String(this.nextId.trade++) });
      this.emit({ kind: 'account', account: account.id, at });
    }
  }

  /** Ends expired orders, and settles dated contracts. Must be called before the state is read. */
  expireDue(): void {
    const now = this.now();
    for (const { symbol, expiresAt, closed } of this.allMarkets()) {
      if (expiresAt !== undefined && expiresAt <= now && closed !== true) this.closeMarket(symbol);
    }
    for (const account of this.accountsById.values()) {
      for (const order of account.open()) {
        if (order.goodTillDate !== null && order.goodTillDate <= now) {
          this.matching.end(account, order, 'expired', 'good_till_date', 'market');
        }
      }
    }
  }

  toState(): EngineState {
    return {
      version: ENGINE_STATE_VERSION,
      nextId: { ...this.nextId },
      markets: this.allMarkets(),
      prices: Object.fromEntries(this.prices),
      accounts: this.accounts().map((account) => account.toState()),
    };
  }

  /** Ids continue at the given ones, or at the present ones where these are higher. */
  raiseIds(ids: NextIds): void {
    for (const sequence of ['regular', 'conditional', 'trade'] as const) {
      this.nextId[sequence] = Math.max(this.nextId[sequence], ids[sequence]);
    }
  }

  /** Replaces the state by one from `toState`. Markets that a later version added are kept. Listeners stay. */
  restore(state: EngineState): void {
    this.nextId = { ...state.nextId };
    this.marketsBySymbol.clear();
    this.prices.clear();
    this.accountsById.clear();
    for (const market of this.builtInMarkets) this.addMarket(market);
    for (const market of state.markets) this.addMarket(market);
    for (const [symbol, price] of Object.entries(state.prices)) this.prices.set(symbol, price);
    for (const account of state.accounts) this.accountsById.set(account.id, new Account(account));
    this.emit({ kind: 'restored', at: this.now() });
  }

  /** Throws Rejection if the market is closed. */
  private tradedMarket(symbol: string): Market {
    const market = this.market(symbol);
    if (market.closed !== true) return market;
    throw new Rejection('unknown_symbol', `${symbol} was settled, delisted or renamed; nobody can trade it`);
  }

  private makeOrder(account: Account, actor: Actor, request: OrderRequest): Order {
    const market = this.tradedMarket(request.symbol);
    const sequence = isConditional(request.type) ? 'conditional' : 'regular';
    const id = String(this.nextId[sequence]);
    const order = makeOrder(request, { account, market, price: this.price(market.symbol), actor, id, now: this.now() });
    this.nextId[sequence] += 1;
    return order;
  }

  private accept(account: Account, orders: readonly Order[], actor: Actor): void {
    for (const order of orders) this.matching.record(account, order, 'new', actor);
    for (const { id } of orders) {
      // Looked up again: an earlier order may have ended this one.
      const order = account.openOrders.get(id);
      if (order !== undefined && !isConditional(order.type)) this.matching.execute(account, order, actor);
    }
  }

  private openOrder(reference: OrderReference): { account: Account; order: Order } {
    const account = this.account(reference.account);
    const order = account.findOrder(reference);
    const name = reference.id ?? reference.clientOrderId ?? '(none given)';
    if (order === null) throw new Rejection('unknown_order', `account ${account.id} has no order ${name}`);
    if (order.status !== 'open')
      throw new Rejection('order_not_open', `order ${name} is ${order.status}, no longer open`);
    return { account, order };
  }

  private emit(event: EngineEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
