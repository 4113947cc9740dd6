import { z } from 'zod';
import type { Account } from '../engine/account.js';
import type { EngineEvent } from '../engine/events.js';
import type { Market } from '../engine/market.js';
import { ORDER_TYPES, POSITION_SLOTS, type Order, type Trade } from '../engine/order.js';
import { walletChangesOf } from '../engine/spot.js';
import {
  absoluteDecimal,
  addDecimals,
  isZero,
  negateDecimal,
  normalizeDecimal,
  signOf,
} from '@plumbline/primitives/decimal';

const believedOrderSchema = z.object({
  /** Null until the exchange's acknowledgement has arrived. */
  id: z.string().nullable(),
  clientOrderId: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(ORDER_TYPES),
  price: z.string().nullable(),
  triggerPrice: z.string().nullable(),
  amount: z.string().nullable(),
  filled: z.string(),
});
type BelievedOrder = z.infer<typeof believedOrderSchema>;

const believedPositionSchema = z.object({ symbol: z.string(), slot: z.enum(POSITION_SLOTS), amount: z.string() });
type BelievedPosition = z.infer<typeof believedPositionSchema>;

export const savedStateSchema = z.object({
  positionMode: z.enum(['one-way', 'hedge']),
  orders: z.array(believedOrderSchema),
  positions: z.array(believedPositionSchema),
  wallet: z.record(z.string(), z.string()),
  adopted: z.array(z.string()),
});
export type SavedState = z.infer<typeof savedStateSchema>;

export type OrderEvent = Extract<EngineEvent, { kind: 'order' }>;

/** The internal state that a bot serves, in the documented format. Amounts are base units. */
export interface StateDocument {
  version: 1;
  as_of: string;
  position_mode: 'one-way' | 'hedge';
  scopes: string[];
  positions: { symbol: string; side: 'long' | 'short'; amount: string }[];
  orders: {
    id: string | null;
    client_order_id: string;
    symbol: string;
    side: 'buy' | 'sell';
    type: string;
    price: string | null;
    trigger_price: string | null;
    amount: string | null;
    filled: string;
  }[];
  balances?: { currency: string; total: string }[];
}

/**
 * The bot's internal state: its open orders, and positions and balances as the sum of the fills that it was notified of.
 *
 * It learns only from its own requests and from the messages that arrive. A lost message leaves the internal state
 * wrong, which is intended.
 */
export class BelievedState {
  private positionMode: 'one-way' | 'hedge' = 'one-way';
  private orders = new Map<string, BelievedOrder>();
  private positions = new Map<string, BelievedPosition>();
  private wallet = new Map<string, string>();
  /** Client ids of other people's orders that a resync took over. */
  private adopted = new Set<string>();

  /** Copies the account from the exchange, including other people's orders and positions. */
  resync(account: Account): void {
    this.positionMode = account.positionMode;
    this.orders = new Map(account.open().map((order) => [order.clientOrderId, believedOrderOf(order)]));
    this.adopted = new Set(
      account
        .open()
        .filter(({ placedBy }) => placedBy !== 'bot')
        .map(({ clientOrderId }) => clientOrderId),
    );
    const held = account.positions().filter(({ amount }) => !isZero(amount));
    this.positions = new Map(held.map(({ symbol, slot, amount }) => [`${symbol}|${slot}`, { symbol, slot, amount }]));
    this.wallet = new Map([...account.wallet].map(([currency, { balance }]) => [currency, balance]));
  }

  owns(order: Order): boolean {
    return order.placedBy === 'bot' || this.adopted.has(order.clientOrderId);
  }

  /** An order was sent to the exchange. */
  submit(order: Omit<BelievedOrder, 'id' | 'filled'>): void {
    this.orders.set(order.clientOrderId, { ...order, id: null, filled: '0' });
  }

  /** The exchange refused the order. */
  withdraw(clientOrderId: string): void {
    this.orders.delete(clientOrderId);
  }

  /** Handles a message from the exchange. */
  apply({ change, order, trade }: OrderEvent, market: Market): void {
    if (trade !== null) {
      if (market.kind !== 'spot') this.movePosition(trade);
      for (const [currency, amount] of walletChangesOf(market, trade)) {
        this.wallet.set(currency, addDecimals(this.wallet.get(currency) ?? '0', amount));
      }
    }
    const isOver = change === 'canceled' || change === 'expired' || change === 'triggered' || order.status === 'filled';
    if (isOver) this.orders.delete(order.clientOrderId);
    else this.orders.set(order.clientOrderId, believedOrderOf(order));
  }

  private movePosition(trade: Trade): void {
    const delta = trade.side === 'buy' ? trade.amount : negateDecimal(trade.amount);
    const key = `${trade.symbol}|${trade.slot}`;
    const before = this.positions.get(key)?.amount ?? '0';
    this.positions.set(key, { symbol: trade.symbol, slot: trade.slot, amount: addDecimals(before, delta) });
  }

  toDocument(asOf: number, options: { withBalances: boolean }): StateDocument {
    const document: StateDocument = {
      version: 1,
      as_of: new Date(asOf).toISOString(),
      position_mode: this.positionMode,
      scopes: ['positions', 'orders', ...(options.withBalances ? ['balances'] : [])],
      positions: [...this.positions.values()]
        .filter(({ amount }) => !isZero(amount))
        .map(({ symbol, amount }) => ({
          symbol,
          side: signOf(amount) > 0 ? 'long' : 'short',
          amount: absoluteDecimal(amount),
        })),
      orders: [...this.orders.values()].map((order) => ({
        id: order.id,
        client_order_id: order.clientOrderId,
        symbol: order.symbol,
        side: order.side,
        type: order.type,
        price: order.price,
        trigger_price: order.triggerPrice,
        amount: order.amount,
        filled: order.filled,
      })),
    };
    if (options.withBalances) {
      document.balances = [...this.wallet].map(([currency, total]) => ({ currency, total: normalizeDecimal(total) }));
    }
    return document;
  }

  toState(): SavedState {
    return {
      positionMode: this.positionMode,
      orders: [...this.orders.values()],
      positions: [...this.positions.values()],
      wallet: Object.fromEntries(this.wallet),
      adopted: [...this.adopted],
    };
  }

  restore(state: SavedState): void {
    this.positionMode = state.positionMode;
    this.orders = new Map(state.orders.map((order) => [order.clientOrderId, order]));
    this.positions = new Map(state.positions.map((position) => [`${position.symbol}|${position.slot}`, position]));
    this.wallet = new Map(Object.entries(state.wallet));
    this.adopted = new Set(state.adopted);
  }
}

function believedOrderOf(order: Order): BelievedOrder {
  return {
    id: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    price: order.price,
    triggerPrice: order.triggerPrice,
    amount: order.amount,
    filled: order.filled,
  };
}
