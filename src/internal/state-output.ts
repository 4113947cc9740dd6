import type { Balance, OpenOrder, Position, Snapshot } from '../domain/snapshot/snapshot.js';

/** The rows of an internal-state document, as `diff -o json` and `compare -o json` print them. */
export interface PositionRow {
  symbol: string;
  side: 'long' | 'short';
  amount: string;
  changed_at: string | null;
}
export interface OrderRow {
  id: string | null;
  client_order_id: string | null;
  symbol: string;
  side: 'buy' | 'sell';
  type: string;
  price: string | null;
  trigger_price: string | null;
  amount: string | null;
  filled: string;
  conditional: boolean;
  changed_at: string | null;
}

export interface StateOutput {
  version: 1;
  as_of: string;
  position_mode: 'one-way' | 'hedge' | null;
  scopes: string[];
  gaps: { scope: string; reason: string }[];
  positions: PositionRow[];
  orders: OrderRow[];
  balances: Balance[];
  markets: Record<string, string>;
}

/** Converts a snapshot to a document that `parseStateDocument` reads back. */
export function toStateDocument(snapshot: Snapshot): StateOutput {
  return {
    version: 1,
    as_of: new Date(snapshot.asOf).toISOString(),
    position_mode: snapshot.positionMode,
    scopes: [...snapshot.scopes],
    gaps: snapshot.gaps.map(({ scope, reason }) => ({ scope, reason })),
    positions: snapshot.positions.map(positionRow),
    orders: snapshot.orders.map(orderRow),
    balances: snapshot.balances.map(({ currency, total }) => ({ currency, total })),
    markets: Object.fromEntries(
      Object.entries(snapshot.markets).map(([symbol, { amountStep }]) => [symbol, amountStep]),
    ),
  };
}

export function positionRow(position: Position): PositionRow {
  const { symbol, side, amount, changedAt } = position;
  return { symbol, side, amount, changed_at: isoTime(changedAt) };
}

export function orderRow(order: OpenOrder): OrderRow {
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    price: order.price,
    trigger_price: order.triggerPrice,
    amount: order.amount,
    filled: order.filled,
    conditional: order.conditional,
    changed_at: isoTime(order.changedAt),
  };
}

function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
