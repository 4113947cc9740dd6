import type { Actor, Order, Trade } from './order.js';
import type { DecimalText } from '@plumbline/primitives/decimal';

export type OrderChange = 'new' | 'fill' | 'amended' | 'canceled' | 'expired' | 'triggered';

/** What the engine reports after each change. The order is a copy at that moment and never changes. */
export type EngineEvent =
  | { kind: 'order'; change: OrderChange; order: Order; trade: Trade | null; actor: Actor; at: number }
  | { kind: 'price'; symbol: string; price: DecimalText; at: number }
  | { kind: 'account'; account: string; at: number }
  | { kind: 'restored'; at: number };
