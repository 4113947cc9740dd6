import { z } from 'zod';
import { fundingPaymentSchema, type FundingPayment } from './funding.js';
import {
  isConditional,
  orderSchema,
  tradeSchema,
  type Order,
  type OrderType,
  type PositionSlot,
  type Trade,
} from './order.js';
import { positionSchema, type Position } from './position.js';
import { addDecimals, type DecimalText } from '@plumbline/primitives/decimal';

/**
 * Ended orders and trades kept per account: enough to explain missing orders, and bounded while a bot trades for days.
 */
const HISTORY_LIMIT = 2_000;

export const apiKeySchema = z.object({
  key: z.string(),
  secret: z.string(),
  /** For exchanges whose keys have a passphrase; if absent, the demo's passphrase is valid. */
  passphrase: z.string().optional(),
  canTrade: z.boolean(),
  canWithdraw: z.boolean(),
  ipRestricted: z.boolean(),
});
/** Credentials of an account. Every key can read. The simulator's secrets need no protection. */
export type ApiKey = z.infer<typeof apiKeySchema>;

export const accountStateSchema = z.object({
  id: z.string(),
  keys: z.array(apiKeySchema),
  positionMode: z.enum(['one-way', 'hedge']),
  wallet: z.record(z.string(), z.object({ balance: z.string(), updatedAt: z.number() })),
  positions: z.array(positionSchema),
  openOrders: z.array(orderSchema),
  endedOrders: z.array(orderSchema),
  trades: z.array(tradeSchema),
  funding: z.array(fundingPaymentSchema).default([]),
});
export type AccountState = z.infer<typeof accountStateSchema>;

/** One account of the exchange: its holdings and its history. Only the engine changes it. */
export class Account {
  readonly id: string;
  readonly keys: ApiKey[];
  positionMode: 'one-way' | 'hedge';
  readonly wallet: Map<string, { balance: DecimalText; updatedAt: number }>;
  /** In the order of placement. */
  readonly openOrders: Map<string, Order>;
  readonly endedOrders: Map<string, Order>;
  readonly trades: Trade[];
  readonly funding: FundingPayment[];
  private readonly positionsByKey: Map<string, Position>;
  private readonly openClientIds: Set<string>;

  constructor(state: AccountState) {
    this.id = state.id;
    this.keys = [...state.keys];
    this.positionMode = state.positionMode;
    this.wallet = new Map(Object.entries(state.wallet));
    this.openOrders = new Map(state.openOrders.map((order) => [order.id, order]));
    this.openClientIds = new Set(state.openOrders.map(clientKey));
    this.endedOrders = new Map(state.endedOrders.map((order) => [order.id, order]));
    this.trades = [...state.trades];
    this.funding = [...state.funding];
    this.positionsByKey = new Map(state.positions.map((position) => [positionKey(position), position]));
  }

  /** A copy of the currently open orders, oldest first; it does not change while orders end. */
  open(): Order[] {
    return [...this.openOrders.values()];
  }

  /** Includes flat positions, with the time at which they became flat. */
  positions(): Position[] {
    return [...this.positionsByKey.values()];
  }

  position(symbol: string, slot: PositionSlot): Position {
    const known = this.positionsByKey.get(positionKey({ symbol, slot }));
    return known ?? { symbol, slot, amount: '0', entryPrice: '0', updatedAt: 0 };
  }

  setPosition(position: Position): void {
    this.positionsByKey.set(positionKey(position), position);
  }

  /** Adds to the wallet; a currency appears with its first booking. */
  book(currency: string, amount: DecimalText, at: number): void {
    const before = this.wallet.get(currency)?.balance ?? '0';
    this.wallet.set(currency, { balance: addDecimals(before, amount), updatedAt: at });
  }

  addTrade(trade: Trade): void {
    this.trades.push(trade);
    if (this.trades.length > HISTORY_LIMIT) this.trades.shift();
  }

  addFunding(payment: FundingPayment): void {
    this.funding.push(payment);
    if (this.funding.length > HISTORY_LIMIT) this.funding.shift();
  }

  /** Stores the order among the open or the ended ones, by its status. */
  store(order: Order): void {
    const before = this.openOrders.get(order.id);
    // A conditional order that triggered in place is a regular one from now on.
    if (before !== undefined) this.openClientIds.delete(clientKey(before));
    if (order.status === 'open') {
      this.openOrders.set(order.id, order);
      this.openClientIds.add(clientKey(order));
      return;
    }
    this.openOrders.delete(order.id);
    this.endedOrders.set(order.id, order);
    if (this.endedOrders.size > HISTORY_LIMIT) {
      const [oldest] = this.endedOrders.keys();
      if (oldest !== undefined) this.endedOrders.delete(oldest);
    }
  }

  /** Whether an open order of this kind has this client order id. */
  hasOpenClientOrderId(clientOrderId: string, type: OrderType): boolean {
    return this.openClientIds.has(clientKey({ clientOrderId, type }));
  }

  /**
   * Finds an order by id, otherwise by client order id. If several have this client order id, the open one is returned,
   * otherwise the latest.
   */
  findOrder(reference: { id?: string | undefined; clientOrderId?: string | undefined }): Order | null {
    if (reference.id !== undefined) {
      return this.openOrders.get(reference.id) ?? this.endedOrders.get(reference.id) ?? null;
    }
    const hasClientId = (order: Order): boolean => order.clientOrderId === reference.clientOrderId;
    return this.open().find(hasClientId) ?? [...this.endedOrders.values()].findLast(hasClientId) ?? null;
  }

  /** Open and ended orders, oldest first. */
  allOrders(): Order[] {
    return [...this.endedOrders.values(), ...this.openOrders.values()].toSorted(
      (a, b) => a.createdAt - b.createdAt || Number(a.id) - Number(b.id),
    );
  }

  toState(): AccountState {
    return {
      id: this.id,
      keys: this.keys,
      positionMode: this.positionMode,
      wallet: Object.fromEntries(this.wallet),
      positions: this.positions(),
      openOrders: this.open(),
      endedOrders: [...this.endedOrders.values()],
      trades: this.trades,
      funding: this.funding,
    };
  }
}

function positionKey(position: Pick<Position, 'symbol' | 'slot'>): string {
  return `${position.symbol}|${position.slot}`;
}

/** Regular and conditional orders have separate client ids. */
function clientKey({ clientOrderId, type }: Pick<Order, 'clientOrderId' | 'type'>): string {
  return `${isConditional(type) ? 'conditional' : 'regular'}|${clientOrderId}`;
}
