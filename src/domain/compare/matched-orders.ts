import type { OpenOrder } from '../snapshot/snapshot.js';

export type OrderPair = readonly [exchange: OpenOrder, internal: OpenOrder];

export interface MatchedOrders {
  pairs: OrderPair[];
  exchangeOnly: OpenOrder[];
  internalOnly: OpenOrder[];
}
