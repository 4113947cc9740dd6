import { fieldsOf, textOf, type Fields } from './fields.js';
import { multiply, number, plain, ZERO, type Decimal } from './numbers.js';
import type { Leg } from './terms.js';

/**
 * - `doubt`: the create call was not answered, so nobody knows whether the exchange has the order.
 * - `gone`: the bot knows that the order is not open. An answer may still say how much was filled, or that it is open after all.
 */
export type OrderState = 'doubt' | 'open' | 'gone' | 'ended';

/** One order of the bot, as its record keeps it. Amounts are in the exchange's unit. */
export interface Order {
  ref: number;
  symbol: string;
  side: string;
  type: string;
  state: OrderState;
  conditional: boolean;
  id: string | null;
  clientId: string | null;
  amount: Decimal | null;
  price: Decimal | null;
  triggerPrice: Decimal | null;
  secondTriggerPrice: Decimal | null;
  filled: Decimal;
  /** The contract size; null while it is not known. */
  size: Decimal | null;
  leg: Leg;
  /** The earlier id of an order that continued under another one. */
  former: string | null;
  /** Why the order or its terms are in doubt. */
  doubt: string | null;
  attached: boolean;
  /** The fee in the base currency of a spot market, which makes the holding smaller. */
  fee: Decimal;
  /** Amount and base fee of each reported trade, by its identity. */
  trades: Map<string, readonly [Decimal, Decimal]>;
}

/** An order's row in the internal-state document. */
export interface OrderRow {
  id: string | null;
  client_order_id: string | null;
  symbol: string;
  side: string;
  type: string;
  price: string | null;
  trigger_price: string | null;
  amount: string | null;
  filled: string | null;
  conditional: boolean;
  second_trigger_price?: string;
  in_doubt?: string;
}

export function isOpen({ state }: Order): boolean {
  return state === 'open' || state === 'doubt';
}

export function rowOf(order: Order): OrderRow {
  const base = (amount: Decimal | null): string | null =>
    amount === null || order.size === null ? null : plain(multiply(amount, order.size));
  return {
    id: order.id,
    client_order_id: order.clientId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    price: shown(order.price),
    trigger_price: shown(order.triggerPrice),
    amount: base(order.amount),
    filled: base(order.filled),
    conditional: order.conditional,
    ...(order.secondTriggerPrice !== null && { second_trigger_price: plain(order.secondTriggerPrice) }),
    ...(order.doubt !== null && { in_doubt: order.doubt }),
  };
}

/** The form in the record's file, which is the same in each language. */
export function savedOf(order: Order): Fields {
  const all: Record<string, unknown> = {
    ref: order.ref,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    state: order.state,
    conditional: order.conditional,
    id: order.id,
    client_id: order.clientId,
    amount: shown(order.amount),
    price: shown(order.price),
    trigger_price: shown(order.triggerPrice),
    second_trigger_price: shown(order.secondTriggerPrice),
    filled: plain(order.filled),
    size: shown(order.size),
    leg: order.leg,
    former: order.former,
    doubt: order.doubt,
    attached: order.attached,
    fee: plain(order.fee),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== false));
}

export function restoredOrder(value: unknown): Order {
  const saved = fieldsOf(value);
  return {
    ref: Number(saved['ref']),
    symbol: String(saved['symbol']),
    side: String(saved['side']),
    type: String(saved['type']),
    state: saved['state'] as OrderState,
    conditional: saved['conditional'] === true,
    id: textOf(saved['id']),
    clientId: textOf(saved['client_id']),
    amount: number(saved['amount']),
    price: number(saved['price']),
    triggerPrice: number(saved['trigger_price']),
    secondTriggerPrice: number(saved['second_trigger_price']),
    filled: number(saved['filled']) ?? ZERO,
    size: number(saved['size']),
    leg: (saved['leg'] ?? null) as Leg,
    former: textOf(saved['former']),
    doubt: textOf(saved['doubt']),
    attached: saved['attached'] === true,
    fee: number(saved['fee']) ?? ZERO,
    trades: new Map(),
  };
}

function shown(value: Decimal | null): string | null {
  return value === null ? null : plain(value);
}
