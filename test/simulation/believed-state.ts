import { addDecimals, negateDecimal, subtractDecimals } from '../../src/domain/decimal/decimal.js';
import type { Order, Trade } from '../../packages/exchange-simulator/src/engine/order.js';
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
  balance: string;
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
  private balance = '100000';
  private adopted = new Set<string>();
  /** All messages since the last full read. */
  private heard: Message[] = [];
  private readUpTo = 0;
  private readSubmissions = 0;
  /** A request without an answer yet; a restarted bot no longer knows it. */
  asked: { id: string; price: string } | null = null;

  clone(): BelievedState {
    const copy = new BelievedState();
    copy.rows = new Map(this.rows);
    copy.pending = new Map(this.pending);
    copy.sequences = new Map(this.sequences);
    copy.trades = new Set(this.trades);
    copy.positions = new Map(this.positions);
    copy.balance = this.balance;
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
    this.positions = new Map(read.positions.map((position) => [`${position.symbol}|${position.slot}`, position]));
    this.balance = read.balance;
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
    return {
      positions: [...this.positions.values()].filter(({ amount }) => amount !== '0').map(asLeg),
      orders: [...this.rows.values(), ...this.pending.values()].map((row) =>
        this.asked !== null && row.id === this.asked.id ? { ...row, price: this.asked.price } : row,
      ),
      balance: this.balance,
    };
  }

  private apply({ sequence, order, trade }: Message): void {
    if (!isBots(order) && !this.adopted.has(order.clientOrderId)) return;
    const isPending = this.pending.get(order.clientOrderId);
    if (isPending !== undefined && isPending.type === order.type) this.pending.delete(order.clientOrderId);
    if (trade !== null && !this.trades.has(trade.id)) {
      this.trades.add(trade.id);
      const key = `${trade.symbol}|${trade.slot}`;
      const amount = trade.side === 'buy' ? trade.amount : negateDecimal(trade.amount);
      const sum = addDecimals(this.positions.get(key)?.amount ?? '0', amount);
      this.positions.set(key, { symbol: trade.symbol, slot: trade.slot, amount: sum });
      this.balance = addDecimals(this.balance, subtractDecimals(trade.realizedProfit, trade.fee));
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

export function isBots(order: Pick<Order, 'clientOrderId'>): boolean {
  return order.clientOrderId.startsWith('bot');
}

export function rowOf(order: Order): OrderRow {
  const { id, clientOrderId, symbol, side, type, price, triggerPrice, amount, filled, updatedAt } = order;
  return { id, clientOrderId, symbol, side, type, price, triggerPrice, amount, filled, changedAt: updatedAt };
}
