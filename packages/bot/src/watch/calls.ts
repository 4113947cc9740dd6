import { rowsFor } from './answers.js';
import type { Book } from './book.js';
import { classesOf, isRefusal } from './errors.js';
import { fieldsOf, isFields, isGiven, isTrue, type Fields } from './fields.js';
import { isCreate, isPlacing, isWriting, snakeCase, type Kind } from './methods.js';
import type { Decimal } from './numbers.js';
import type { Order } from './order.js';
import { asksConditional, clientIdIn, eachRequest, termsOf, type Terms } from './terms.js';

/** One call while it runs. */
export class Frame {
  /** Whether a nested call is recorded instead. */
  delegated = false;
  /** The orders that it creates or changes, with what it asks of each. */
  orders: { order: Order; terms: Terms }[] = [];
  /** The orders that were open when it began. */
  openBefore: Order[] = [];
  sent = false;
  /** The HTTP status of the last answer. */
  status: number | null = null;
  /** A task that ccxt starts in a call, such as a websocket's, outlives it. */
  ended = false;

  constructor(
    readonly name: string,
    readonly kind: Kind,
    public asked: Fields,
    readonly outer: Frame | null,
  ) {}

  get params(): Fields {
    return fieldsOf(this.asked['params']);
  }
}

export interface CallOptions {
  hedge: boolean;
  /** Whether `sent` is called for each request. */
  signs: boolean;
  /** The number that ccxt sends. */
  rounded: (symbol: string, what: 'amount' | 'price', value: Decimal) => Decimal;
  /** The unified symbol of what a bot names its market: "BTCUSDT". */
  unified: (symbol: string) => string;
  /** Whether a list of conditional orders has some of their kinds only, as on OKX and Bitget. */
  listsStopsByKind: boolean;
  /** The options of the ccxt object. */
  settings: () => Fields;
}

/**
 * What each call of a ccxt object means for the bot's record.
 *
 * ccxt's methods call each other (createMarketOrder calls createOrder), so of calls that write only the innermost counts. `sent` tells
 * that a request is about to be sent, and which client order id ccxt gave it.
 */
export class Calls {
  /** Orders that a list of conditional orders has shown, where such lists have one kind only. */
  readonly #listed = new Set<Order>();

  constructor(
    private readonly book: Book,
    private readonly options: CallOptions,
  ) {}

  begin(frame: Frame): void {
    if (isWriting(frame.kind)) {
      for (const outer of around(frame)) outer.delegated ||= isWriting(outer.kind);
    }
    if (frame.kind === 'open' || frame.kind === 'cancelAll') {
      frame.openBefore = this.book.orders.open().filter((order) => !this.book.isRunning(order));
    }
    if (isPlacing(frame.kind) && (!this.options.signs || frame.name.endsWith('Ws'))) this.#send(frame, {});
  }

  /** A request of the call is about to be sent. */
  sent(frame: Frame, request: unknown): void {
    if (frame.delegated || frame.ended) return;
    if (isPlacing(frame.kind)) this.#send(frame, request);
    else if (frame.kind === 'untold') frame.sent = true;
  }

  #send(frame: Frame, request: unknown): void {
    if (frame.sent || isTrue(frame.params['test'])) return;
    frame.sent = true;
    const eachAsked = (frame.kind.endsWith('All') ? listIn(frame) : [frame.asked]).map((asked) => this.#unified(asked));
    const wires = eachRequest(request, eachAsked.length);
    const byValue = around(frame).some(({ kind }) => kind === 'byValue');
    for (const [index, asked] of eachAsked.entries()) {
      const terms = this.#termsOf(asked, wires[index] ?? {}, byValue || this.#isByCost(asked));
      if (isCreate(frame.kind)) {
        const order = this.book.ask(terms);
        this.book.begin(order);
        frame.orders.push({ order, terms });
      } else {
        const order = this.book.orders.find(asked['id'], clientIdIn(fieldsOf(asked['params'])), asked['symbol']);
        if (order !== null) frame.orders.push({ order, terms });
      }
    }
  }

  /** Where ccxt needs no price for a market buy on spot, its amount is what it may cost. */
  #isByCost({ symbol, type, side, params }: Fields): boolean {
    const name = 'createMarketBuyOrderRequiresPrice';
    const needsPrice = fieldsOf(params)[name] ?? this.options.settings()[name];
    return needsPrice === false && type === 'market' && side === 'buy' && !String(symbol).includes(':');
  }

  #unified(asked: Fields): Fields {
    const { symbol } = asked;
    return typeof symbol === 'string' ? { ...asked, symbol: this.options.unified(symbol) } : asked;
  }

  #termsOf(asked: Fields, wire: Fields, byValue: boolean): Terms {
    const terms = termsOf(asked, this.options.hedge, byValue);
    const rounded = (what: 'amount' | 'price', value: Decimal | null): Decimal | null =>
      value === null ? null : this.options.rounded(terms.symbol, what, value);
    return {
      ...terms,
      amount: rounded('amount', terms.amount),
      price: rounded('price', terms.price),
      triggerPrice: rounded('price', terms.triggerPrice),
      // ccxt replaces or extends the bot's id on some exchanges.
      clientId: clientIdIn(wire) ?? terms.clientId,
    };
  }

  answered(frame: Frame, answer: unknown): void {
    frame.asked = this.#unified(frame.asked);
    const { kind, asked, openBefore } = frame;
    if (isWriting(kind) && frame.delegated) return;
    if (kind === 'untold') throw new Error(UNTOLD);
    const rows: unknown[] = Array.isArray(answer) ? answer : [answer];
    if (isPlacing(kind)) this.#placed(frame, rows);
    else if (kind === 'trades') for (const row of rows) this.book.learnTrade(row);
    else if (kind !== 'byValue') {
      const found = rows.map((row) => this.book.learn(row)).filter((order) => order !== null);
      if (kind === 'open') this.#absent(frame, rows, found);
      if (kind === 'cancel') this.book.gone(this.#named(frame));
      if (kind === 'cancelAll') {
        this.book.gone(found);
        if (isGiven(asked['symbol'])) this.book.gone(openBefore.filter((order) => this.#isMeant(frame, order)));
      }
    }
  }

  #placed(frame: Frame, rows: readonly unknown[]): void {
    this.#send(frame, {});
    const orders = frame.orders.map(({ order }) => order);
    const own = rowsFor(rows, orders);
    for (const [index, { order, terms }] of frame.orders.entries()) {
      if (isCreate(frame.kind)) {
        this.book.accept(order, own[index]);
        this.book.end(order);
      } else this.book.edit(order, terms, own[index]);
    }
  }

  failed(frame: Frame, error: unknown): void {
    frame.asked = this.#unified(frame.asked);
    const { kind } = frame;
    if (isWriting(kind) && frame.delegated) return;
    if (kind === 'untold' && frame.sent && !isRefusal(error, frame.status)) throw new Error(UNTOLD);
    const classes = classesOf(error);
    if (classes.includes('OrderNotFound') && (kind === 'cancel' || kind === 'one' || kind === 'edit')) {
      // Conditional orders may have an endpoint of their own: only an answer about this kind says that the order is gone.
      const asksFor = asksConditional(frame.params);
      this.book.gone(this.#named(frame).filter(({ conditional }) => conditional === asksFor));
    }
    const why = `${snakeCase(frame.name)} was not answered: ${classes[0] ?? typeof error}`;
    for (const { order, terms } of frame.orders) {
      this.book.end(order);
      if (isRefusal(error, frame.status)) {
        if (isCreate(kind)) this.book.refuse(order);
      } else if (isCreate(kind)) {
        order.doubt = order.state === 'doubt' ? why : null;
        this.book.changed(order);
      } else this.book.doubtEdit(order, terms, why);
    }
  }

  /** The record's orders that a call names by id or client order id. */
  #named(frame: Frame): Order[] {
    const { asked, params } = frame;
    const { ids, symbol } = asked;
    const { orders } = this.book;
    const clientId = clientIdIn(params);
    if (Array.isArray(asked['orders'])) {
      return listIn(frame).flatMap((each) => {
        const { id, symbol: of } = this.#unified(each);
        return orders.find(id, clientIdIn(each), of) ?? [];
      });
    }
    // If both are given, the client order id decides.
    const found = Array.isArray(ids)
      ? [
          ...ids.map((id) => orders.find(id, null, symbol)),
          ...CLIENT_ID_LISTS.flatMap((name) => params[name] ?? []).map((each) => orders.find(null, each, symbol)),
        ]
      : [orders.find(clientId === null ? asked['id'] : null, clientId, symbol)];
    return found.filter((order) => order !== null);
  }

  /** Orders that a list of open orders does not have are not open, if the list is whole and shows orders of their kind. */
  #absent(frame: Frame, rows: readonly unknown[], found: readonly Order[]): void {
    const { params, asked, openBefore } = frame;
    const { symbol, since, limit } = asked;
    const ofList = `${isGiven(symbol) ? 'symbol' : 'all'} ${asksConditional(params) ? 'conditional' : 'plain'}`;
    const isByKind = this.options.listsStopsByKind && asksConditional(params);
    for (const order of found) this.book.seen.add(`${ofList} ${kindOf(order)}`);
    if (isByKind) for (const order of found) this.#listed.add(order);
    const others = Object.keys(params).filter((name) => !LIST_PARAMETERS.has(name));
    // Pages have 10, 20, 50 or 100 rows: a list of that length may be one.
    const isPage = rows.length > 0 && rows.length % 10 === 0;
    if (others.length > 0 || isGiven(since) || isPage || (typeof limit === 'number' && rows.length >= limit)) return;
    const missing = openBefore.filter((order) => {
      const isShown = !isGiven(symbol) || symbol === order.symbol;
      if (isByKind) return isShown && this.#listed.has(order);
      return this.#isMeant(frame, order) || (isShown && this.book.seen.has(`${ofList} ${kindOf(order)}`));
    });
    const gone = missing.filter((order) => !found.includes(order));
    this.book.gone(gone);
    for (const order of gone) this.#listed.delete(order);
  }

  #isMeant({ asked, params }: Frame, order: Order): boolean {
    const asksFor = asksConditional(params);
    if (asksFor && this.options.listsStopsByKind) return false;
    return order.symbol === asked['symbol'] && order.conditional === asksFor;
  }
}

const UNTOLD = 'the exchange made the order itself';
/** Parameters of a cancel with the client order ids of many orders. */
const CLIENT_ID_LISTS = ['clientOrderIds', 'clientOrderId', 'clOrdId'];

/** Parameters that choose a kind of order and do not filter within it. */
const LIST_PARAMETERS = new Set(['trigger', 'stop', 'type', 'subType', 'settle', 'marginMode']);

function listIn({ asked }: Frame): Fields[] {
  const list: unknown = asked['orders'];
  return Array.isArray(list) ? list.filter(isFields) : [];
}

function around(frame: Frame): Frame[] {
  return frame.outer === null ? [] : [frame.outer, ...around(frame.outer)];
}

/** Orders of one kind are in the same lists: "conditional USDT", "regular spot". */
function kindOf({ symbol, conditional }: Order): string {
  return `${conditional ? 'conditional' : 'regular'} ${symbol.split(':')[1] ?? 'spot'}`;
}
