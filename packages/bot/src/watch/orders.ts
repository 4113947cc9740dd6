import { textOf } from './fields.js';
import { isOpen, type Order } from './order.js';

/** Orders that are not open are kept for late answers. */
const MAX_CLOSED = 2_000;

/** The orders of a record, by reference, id and client order id. Those that are not open are bounded in number. */
export class Orders {
  readonly #orders = new Map<number, Order>();
  readonly #byId = new Map<string, number[]>();
  readonly #byClient = new Map<string, number[]>();
  /** Orders that are not open, the first that ended first. */
  readonly #closed = new Set<number>();
  #lastRef = 0;

  nextRef(): number {
    return this.#lastRef + 1;
  }

  all(): Order[] {
    return [...this.#orders.values()];
  }

  open(): Order[] {
    return this.all().filter(isOpen);
  }

  get(ref: number): Order | undefined {
    return this.#orders.get(ref);
  }

  withClientId(clientId: string | null): Order[] {
    return this.#those(this.#byClient, clientId);
  }

  find(id: unknown, clientId: unknown, symbol: unknown): Order | null {
    for (const found of [this.#those(this.#byId, textOf(id)), this.#those(this.#byClient, textOf(clientId))]) {
      // Ids are unique for one symbol only.
      const meant = found.filter((order) => typeof symbol !== 'string' || order.symbol === symbol);
      const order = meant.findLast(isOpen) ?? meant.at(-1);
      if (order !== undefined) return order;
    }
    return null;
  }

  /** Adds an order, or replaces what is known of it. */
  put(order: Order): void {
    const before = this.#orders.get(order.ref);
    if (before !== undefined) order.trades = before.trades;
    this.#orders.set(order.ref, order);
    this.#lastRef = Math.max(this.#lastRef, order.ref);
    this.index(order);
    this.settle(order);
  }

  /** Call it when an id becomes known. */
  index(order: Order): void {
    for (const id of [order.id, order.former]) addTo(this.#byId, id, order.ref);
    addTo(this.#byClient, order.clientId, order.ref);
  }

  /** Call it when the state changes. Forgets the orders that ended first above the bound. */
  settle(order: Order): void {
    this.#closed.delete(order.ref);
    if (isOpen(order)) return;
    this.#closed.add(order.ref);
    for (const oldest of this.#closed) {
      if (this.#closed.size <= MAX_CLOSED) break;
      this.#forget(oldest);
    }
  }

  #forget(ref: number): void {
    const order = this.#orders.get(ref);
    this.#closed.delete(ref);
    this.#orders.delete(ref);
    if (order === undefined) return;
    for (const id of [order.id, order.former]) removeFrom(this.#byId, id, ref);
    removeFrom(this.#byClient, order.clientId, ref);
  }

  #those(index: ReadonlyMap<string, readonly number[]>, key: string | null): Order[] {
    const refs = key === null ? [] : (index.get(key) ?? []);
    return refs.map((ref) => this.#orders.get(ref)).filter((order) => order !== undefined);
  }
}

function addTo(index: Map<string, number[]>, key: string | null, ref: number): void {
  if (key === null) return;
  const refs = index.get(key) ?? [];
  if (!refs.includes(ref)) index.set(key, [...refs, ref]);
}

function removeFrom(index: Map<string, number[]>, key: string | null, ref: number): void {
  if (key === null) return;
  const left = (index.get(key) ?? []).filter((each) => each !== ref);
  if (left.length === 0) index.delete(key);
  else index.set(key, left);
}
