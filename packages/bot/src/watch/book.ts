import { baseFee, isEnd, tradeKey, triggeredId, triggerOf } from './answers.js';
import { fieldsOf, isFields, textOf, wordOf, type Fields } from './fields.js';
import { aboveZero, add, compare, multiply, negate, number, plain, subtract, ZERO, type Decimal } from './numbers.js';
import { isOpen, restoredOrder, savedOf, type Order, type OrderState } from './order.js';
import { Orders } from './orders.js';
import { Positions } from './positions.js';
import type { Leg, Terms } from './terms.js';

/** The most answers that are kept while a create call runs: they may be about its order. */
const MAX_EARLY = 1_000;

/** What changed, as a line of the record's file; or the whole record. */
export type RecordLine = Record<'orders' | 'positions' | 'trades' | 'attached' | 'seen', unknown[]>;

/**
 * The bot's own record: its orders, what it knows of their fills, and the positions that these fills add up to.
 *
 * - An order's terms are what the bot asked, as the answer to that very call confirms them. A later answer only fills in what
 *   is not known, so an amendment by hand stays a difference.
 * - An order's state and fills are what answers said that the bot fetched. Fills only grow; of two sources the larger counts.
 * - A position is its start plus the fills of the record's orders. Orders and trades of others are not counted.
 */
export class Book {
  readonly orders = new Orders();
  /** Symbols whose orders got a stop or take profit of the exchange's own. */
  readonly attached = new Set<string>();
  /** Which kinds of orders each kind of list has shown: only there does absence mean something. */
  readonly seen = new Set<string>();
  readonly positions = new Positions();
  /**
   * Orders whose create call has not returned. Meanwhile answers about ids that nobody knows yet are kept: a websocket may tell of
   * a fill before the call returns.
   */
  readonly #running = new Set<number>();
  #early: (() => unknown)[] = [];
  readonly #changedOrders = new Set<number>();
  #newTrades: unknown[] = [];

  constructor(private readonly sizeOf: (symbol: string) => Decimal | null) {}

  // What the bot asks

  ask(terms: Terms): Order {
    const { symbol, side, type, conditional, leg } = terms;
    const order = restoredOrder({ ref: this.orders.nextRef(), symbol, side, type, state: 'doubt', conditional, leg });
    this.orders.put(order);
    order.amount = terms.amount;
    order.price = terms.price;
    order.triggerPrice = terms.triggerPrice;
    order.secondTriggerPrice = terms.secondTriggerPrice;
    order.doubt = 'create_order has not been answered yet';
    this.#identify(order, null, terms.clientId);
    this.changed(order);
    if (terms.attached) {
      order.attached = true;
      this.attached.add(symbol);
    }
    return order;
  }

  /** The exchange refused the order, so it never existed. */
  refuse(order: Order): void {
    this.#become(order, 'ended');
  }

  /** The answer to the call that created the order. */
  accept(order: Order, answer: unknown): void {
    const row = fieldsOf(answer);
    const hasId = textOf(row['id']) !== null;
    if (!hasId && row['status'] === 'rejected') return this.refuse(order);
    this.changed(order);
    this.#confirmTerms(order, row);
    order.doubt = hasId ? null : 'the answer to create_order has no id';
    // Another answer may already have reported its end.
    if (hasId && order.state === 'doubt') this.#become(order, 'open');
    for (const other of this.orders.withClientId(order.clientId)) {
      // The exchange accepts a client order id once, so an earlier call with it did not arrive, or its order has ended.
      if (other !== order && other.state === 'doubt') this.#become(other, 'gone');
    }
    this.learn(row, order);
    for (const learnAgain of this.#early.splice(0)) learnAgain();
  }

  /** The call that creates the order has begun. */
  begin(order: Order): void {
    this.#running.add(order.ref);
  }

  isRunning(order: Order): boolean {
    return this.#running.has(order.ref);
  }

  /** The call that creates the order has returned. */
  end(order: Order): void {
    this.#running.delete(order.ref);
    if (this.#running.size === 0) this.#early = [];
  }

  #keepEarly(learnAgain: () => unknown): void {
    if (this.#running.size > 0 && this.#early.length < MAX_EARLY) this.#early.push(learnAgain);
  }

  /** The answer to the call that changed the order. */
  edit(order: Order, terms: Terms, answer: unknown): void {
    const row = fieldsOf(answer);
    const newId = textOf(row['id']);
    if (newId !== null && order.id !== null && newId !== order.id && newId !== order.former) {
      return this.#replace(order, terms, row);
    }
    order.amount = terms.amount ?? order.amount;
    if (!order.type.endsWith('market')) order.price = terms.price ?? order.price;
    order.triggerPrice = terms.triggerPrice ?? order.triggerPrice;
    order.doubt = null;
    this.changed(order);
    this.#confirmTerms(order, row);
    this.learn(row, order);
  }

  /** Some exchanges replace an order by another one. */
  #replace(replaced: Order, terms: Terms, row: Fields): void {
    const order = this.ask({
      ...terms,
      clientId: textOf(row['clientOrderId']),
      leg: replaced.leg,
      conditional: replaced.conditional,
      type: replaced.type,
      amount: terms.amount ?? replaced.amount,
      price: terms.price ?? replaced.price,
      triggerPrice: terms.triggerPrice ?? replaced.triggerPrice,
    });
    this.gone([replaced]);
    this.accept(order, row);
  }

  /** The edit was not answered: the terms that it was to change are unknown until an answer has them. */
  doubtEdit(order: Order, terms: Terms, why: string): void {
    const isChanged = (asked: Decimal | null, before: Decimal | null): boolean =>
      asked !== null && (before === null || compare(asked, before) !== 0);
    if (isChanged(terms.amount, order.amount)) order.amount = null;
    if (isChanged(terms.price, order.price)) order.price = null;
    if (isChanged(terms.triggerPrice, order.triggerPrice)) order.triggerPrice = null;
    order.doubt = why;
    this.changed(order);
  }

  /** The bot knows that these are not open. */
  gone(orders: readonly Order[]): void {
    for (const order of orders) if (isOpen(order)) this.#become(order, 'gone');
  }

  // What the exchange answers the bot

  /** One order as an answer shows it. Returns the record's order that it is; null if it is not the bot's. */
  learn(row: unknown, known: Order | null = null): Order | null {
    if (!isFields(row)) return null;
    const id = textOf(row['id']);
    const clientId = textOf(row['clientOrderId']);
    const order = known ?? this.orders.find(id, clientId, row['symbol']);
    if (order === null) {
      this.#keepEarly(() => this.learn(row));
      return null;
    }
    const before = JSON.stringify(savedOf(order));
    this.#take(order, row, id, clientId);
    if (JSON.stringify(savedOf(order)) !== before) this.changed(order);
    return order;
  }

  #take(order: Order, row: Fields, id: string | null, clientId: string | null): void {
    const isFormer = id !== null && id === order.former;
    if (id !== null && !isFormer && order.id !== null && order.id !== id) this.#continueAs(order, id, row);
    this.#identify(order, isFormer ? null : id, clientId);
    this.#fillIn(order, row);
    this.#takeFills(order, number(row['filled']), baseFee(order.symbol, row));
    const child = isFormer ? null : triggeredId(row, order);
    if (child !== null) {
      this.#continueAs(order, child, {});
      this.#become(order, 'open');
    } else if (!isFormer && order.state !== 'ended' && (row['status'] === 'open' || isEnd(row['status']))) {
      order.doubt = null;
      this.#become(order, row['status'] === 'open' ? 'open' : 'ended');
    }
  }

  learnTrade(trade: unknown): void {
    if (!isFields(trade)) return;
    const order = this.orders.find(trade['order'], trade['clientOrderId'], trade['symbol']);
    const amount = number(trade['amount']);
    if (order === null) return this.#keepEarly(() => this.learnTrade(trade));
    if (amount === null) return;
    const fee = baseFee(order.symbol, trade);
    const key = tradeKey(trade);
    const [knownAmount = null, knownFee = ZERO] = order.trades.get(key) ?? [];
    if (knownAmount !== null && compare(knownAmount, amount) === 0 && compare(knownFee, fee) === 0) return;
    order.trades.set(key, [amount, fee]);
    let [filled, fees] = [ZERO, ZERO];
    for (const [each, eachFee] of order.trades.values()) [filled, fees] = [add(filled, each), add(fees, eachFee)];
    if (order.amount !== null && compare(filled, order.amount) > 0) filled = order.amount;
    this.#takeFills(order, filled, fees);
    this.#newTrades.push([order.ref, key, plain(amount), plain(fee)]);
  }

  #takeFills(order: Order, filled: Decimal | null, fee: Decimal): void {
    const more = filled !== null && compare(filled, order.filled) > 0 ? subtract(filled, order.filled) : ZERO;
    const fees = compare(fee, order.fee) > 0 ? subtract(fee, order.fee) : ZERO;
    if (more === ZERO && fees === ZERO) return;
    const { symbol, leg, size } = order;
    if (size === null) throw new Error(`the contract size of ${symbol} is not known: load the markets first`);
    const amount = multiply(more, size);
    const before = this.positions.amountOf(symbol, leg);
    const signed = order.side === 'buy' ? amount : negate(amount);
    this.positions.set({ symbol, leg, amount: subtract(add(before, signed), fees) });
    order.filled = add(order.filled, more);
    order.fee = add(order.fee, fees);
    this.changed(order);
    if (order.amount !== null && compare(order.filled, order.amount) >= 0) {
      order.doubt = null;
      this.#become(order, 'ended');
    }
  }

  // Changes of one order

  changed(order: Order): void {
    this.#changedOrders.add(order.ref);
  }

  #identify(order: Order, id: string | null, clientId: string | null): void {
    order.id = id ?? order.id;
    order.clientId ??= clientId;
    order.size ??= this.sizeOf(order.symbol);
    this.orders.index(order);
  }

  /** The order continues under another id: its trigger was reached, or it was replaced. */
  #continueAs(order: Order, id: string, row: Fields): void {
    order.former = order.id;
    this.#identify(order, id, null);
    if (!order.conditional || aboveZero(row['triggerPrice']) !== null) return;
    order.conditional = false;
    order.triggerPrice = null;
    order.secondTriggerPrice = null;
    order.type = order.type.endsWith('market') ? 'market' : 'limit';
  }

  #confirmTerms(order: Order, row: Fields): void {
    if (order.amount !== null) order.amount = aboveZero(row['amount']) ?? order.amount;
    if (order.price !== null) order.price = aboveZero(row['price']) ?? order.price;
    if (order.triggerPrice !== null && order.secondTriggerPrice === null) {
      order.triggerPrice = triggerOf(row) ?? order.triggerPrice;
    }
  }

  #fillIn(order: Order, row: Fields): void {
    order.amount ??= aboveZero(row['amount']);
    if (!wordOf(order.type).endsWith('market')) order.price ??= aboveZero(row['price']);
    if (order.conditional) order.triggerPrice ??= triggerOf(row);
  }

  #become(order: Order, state: OrderState): void {
    if (order.state === state) return;
    order.state = state;
    this.orders.settle(order);
    this.changed(order);
  }

  // The file

  /** What changed since the last call; null if nothing did. */
  takeChanges(): RecordLine | null {
    const orders = [...this.#changedOrders].map((ref) => this.orders.get(ref)).filter((order) => order !== undefined);
    const line = this.#line(orders, this.positions.takeChanges(), this.#newTrades);
    this.#changedOrders.clear();
    this.#newTrades = [];
    return line.orders.length + line.positions.length + line.trades.length === 0 ? null : line;
  }

  everything(): RecordLine {
    this.takeChanges();
    const orders = this.orders.all();
    const trades = orders.flatMap(({ ref, trades: of }) =>
      [...of].map(([key, [amount, fee]]) => [ref, key, plain(amount), plain(fee)]),
    );
    return this.#line(orders, this.positions.everything(), trades);
  }

  #line(orders: readonly Order[], positions: unknown[], trades: unknown[]): RecordLine {
    return {
      orders: orders.map(savedOf),
      positions,
      trades,
      attached: [...this.attached].toSorted(),
      seen: [...this.seen].toSorted(),
    };
  }

  restore(line: RecordLine): void {
    for (const saved of line.orders) this.orders.put(restoredOrder(saved));
    for (const [symbol, leg, amount] of line.positions as [string, Leg, string][]) {
      this.positions.set({ symbol, leg, amount: number(amount) ?? ZERO });
    }
    for (const [ref, key, amount, fee] of line.trades as [number, string, string, string][]) {
      this.orders.get(ref)?.trades.set(key, [number(amount) ?? ZERO, number(fee) ?? ZERO]);
    }
    restoreSet(this.attached, line.attached);
    restoreSet(this.seen, line.seen);
  }
}

function restoreSet(set: Set<string>, values: readonly unknown[]): void {
  set.clear();
  for (const value of values) set.add(String(value));
}
