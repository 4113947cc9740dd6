import {
  addDecimals,
  compareDecimals,
  multiplyDecimals,
  negateDecimal,
  signOf,
  subtractDecimals,
} from '../../src/domain/decimal/decimal.js';
import type { Order, Trade } from '../../packages/exchange-simulator/src/engine/order.js';
import { LEAST_HOLDING, type AccountKind, type Bookkeeping } from './account-kind.js';
import type { OrderRow, Rows } from './rows.js';

/** What the exchange reports about one order. The sequence number counts over the whole account. */
export interface Message {
  sequence: number;
  order: Order;
  trade: Trade | null;
}

/** An answer to a full read: the account as it was at one moment. */
export interface FullRead {
  sequence: number;
  /** Number of orders that the bots had sent by then. */
  submissions: number;
  orders: readonly Order[];
  positions: readonly { symbol: string; slot: string; amount: string }[];
  balances: Readonly<Record<string, string>>;
}

interface Pending extends OrderRow {
  submission: number;
}

/**
 * What the bots believe: their open orders, and a position and a balance that are the sum of the fills they were
 * notified of.
 *
 * They handle what a careful bot handles: messages out of order (the highest sequence of an order wins, fills add up in
 * any order), duplicates (a trade counts once), and messages older than a full read that already contains them. A lost
 * message leaves the internal state wrong.
 */
export class BelievedState {
  private rows = new Map<string, OrderRow>();
  private pending = new Map<string, Pending>();
  private sequences = new Map<string, number>();
  private trades = new Set<string>();
  private positions = new Map<string, { symbol: string; slot: string; amount: string }>();
  private balances: Record<string, string>;
  private adopted = new Set<string>();
  /** All messages since the last full read. */
  private heard: Message[] = [];
  private readUpTo = 0;
  private readSubmissions = 0;
  /** A request without an answer yet; a restarted bot no longer knows it. */
  asked: { id: string; price: string } | null = null;

  constructor(
    private readonly kind: AccountKind,
    private readonly books: Bookkeeping,
  ) {
    this.balances = { ...kind.opening };
  }

  clone(): BelievedState {
    const copy = new BelievedState(this.kind, this.books);
    copy.rows = new Map(this.rows);
    copy.pending = new Map(this.pending);
    copy.sequences = new Map(this.sequences);
    copy.trades = new Set(this.trades);
    copy.positions = new Map(this.positions);
    copy.balances = { ...this.balances };
    copy.adopted = new Set(this.adopted);
    copy.readSubmissions = this.readSubmissions;
    copy.heard = [...this.heard];
    copy.readUpTo = this.readUpTo;
    return copy;
  }

  /** An order was sent to the exchange, which assigns an id later. */
  submit(row: OrderRow, submission: number): void {
    if (row.clientOrderId === null || submission <= this.readSubmissions) return;
    this.pending.set(row.clientOrderId, { ...row, submission });
  }

  awaits(clientOrderId: string): boolean {
    return this.pending.has(clientOrderId);
  }

  /** The exchange refused the order. */
  withdraw(clientOrderId: string): void {
    this.pending.delete(clientOrderId);
  }

  hear(message: Message): void {
    if (message.sequence <= this.readUpTo) return;
    this.heard.push(message);
    this.apply(message);
  }

  takeOver(read: FullRead): void {
    if (read.sequence < this.readUpTo) return;
    this.readUpTo = read.sequence;
    this.readSubmissions = read.submissions;
    this.rows = new Map(read.orders.map((order) => [order.id, rowOf(order)]));
    for (const [clientId, { submission }] of this.pending) {
      if (submission <= read.submissions) this.pending.delete(clientId);
    }
    this.positions = new Map(
      read.positions.map((position) => [`${position.symbol}|${position.slot}`, this.withoutOwners(position)]),
    );
    const owners = (currency: string): string => this.books.ownersCoins[currency] ?? '0';
    this.balances = Object.fromEntries(
      Object.entries(read.balances).map(([currency, total]) => [currency, subtractDecimals(total, owners(currency))]),
    );
    this.adopted = new Set(read.orders.map(({ clientOrderId }) => clientOrderId));
    this.sequences.clear();
    this.trades.clear();
    this.heard = this.heard.filter(({ sequence }) => sequence > read.sequence);
    for (const message of this.heard) this.apply(message);
  }

  /** Ids of the orders that the bots could amend or cancel. */
  openIds(): string[] {
    return [...this.rows.keys()];
  }

  toRows(): Rows {
    const counted = this.books.countsContracts ? inContracts : (amount: string): string => amount;
    return {
      positions: [...this.positions.values()]
        .filter(({ amount }) => amount !== '0')
        .map(asLeg)
        .map((row) => ({ ...row, amount: counted(row.amount) })),
      orders: [...this.rows.values(), ...this.pending.values()].map((row) => {
        const { amount, filled } = row;
        const inUnit = { ...row, amount: amount === null ? null : counted(amount), filled: counted(filled) };
        return this.asked !== null && row.id === this.asked.id ? { ...inUnit, price: this.asked.price } : inUnit;
      }),
      balances: this.shownBalances(),
    };
  }

  private withoutOwners(position: FullRead['positions'][number]): FullRead['positions'][number] {
    const owners = position.slot === 'short' ? undefined : this.books.ownersPositions[position.symbol];
    return owners === undefined ? position : { ...position, amount: subtractDecimals(position.amount, owners) };
  }

  private shownBalances(): Record<string, string> {
    const isDust = (amount: string): boolean => signOf(amount) > 0 && compareDecimals(amount, LEAST_HOLDING) < 0;
    return Object.fromEntries(
      Object.entries(this.balances).map(([currency, amount]) => [
        currency,
        this.books.forgetsDust && isDust(amount) ? '0' : amount,
      ]),
    );
  }

  private book(currency: string, change: string): void {
    this.balances[currency] = addDecimals(this.balances[currency] ?? '0', change);
  }

  private bookTrade(trade: Trade): void {
    const amount = trade.side === 'buy' ? trade.amount : negateDecimal(trade.amount);
    const market = this.kind.markets.find(({ symbol }) => symbol === trade.symbol);
    if (market?.kind === 'spot') {
      this.book(market.base, amount);
      this.book(market.quote, negateDecimal(multiplyDecimals(amount, trade.price)));
      if (!this.books.isFeeBlind || trade.feeCurrency !== market.base) {
        this.book(trade.feeCurrency, negateDecimal(trade.fee));
      }
      return;
    }
    const key = `${trade.symbol}|${trade.slot}`;
    const sum = addDecimals(this.positions.get(key)?.amount ?? '0', amount);
    this.positions.set(key, { symbol: trade.symbol, slot: trade.slot, amount: sum });
    this.book(trade.feeCurrency, subtractDecimals(trade.realizedProfit, trade.fee));
  }

  private apply({ sequence, order, trade }: Message): void {
    const isSettlement = this.books.knowsSettlement && order.clientOrderId.startsWith('settlement_');
    if (!isBots(order) && !isSettlement && !this.adopted.has(order.clientOrderId)) return;
    const isPending = this.pending.get(order.clientOrderId);
    if (isPending !== undefined && isPending.type === order.type) this.pending.delete(order.clientOrderId);
    if (trade !== null && !this.trades.has(trade.id)) {
      this.trades.add(trade.id);
      this.bookTrade(trade);
    }
    if (sequence < (this.sequences.get(order.id) ?? 0)) return;
    this.sequences.set(order.id, sequence);
    if (order.status === 'open') this.rows.set(order.id, rowOf(order));
    else this.rows.delete(order.id);
  }
}

/** A wrong state may hold a negative amount in a leg, but a leg's row has no sign. */
function asLeg<Row extends { slot: string; amount: string }>(row: Row): Row {
  if (row.slot === 'net' || row.amount.startsWith('-') === (row.slot === 'short')) return row;
  return { ...row, amount: negateDecimal(row.amount) };
}

/** Contracts of 100: what a bot gives that does not multiply. */
function inContracts(amount: string): string {
  return multiplyDecimals(amount, '0.01');
}

export function isBots(order: Pick<Order, 'clientOrderId'>): boolean {
  return order.clientOrderId.startsWith('bot');
}

export function rowOf(order: Order): OrderRow {
  const { id, clientOrderId, symbol, side, type, price, triggerPrice, amount, filled, updatedAt } = order;
  return { id, clientOrderId, symbol, side, type, price, triggerPrice, amount, filled, changedAt: updatedAt };
}
