import { z } from 'zod';
import { decimalText, idText, timeMs, word, get } from '../../transport/endpoint.js';
import { envelope, NOTHING, optionalTime } from '../shared/common.js';
import { SIDE } from '../shared/rows.js';
import { cursorPage } from './categories.js';

/* The endpoints of orders that ended, on unified accounts. missing-orders.ts names their pages and facts. */

const optionalNumber = z.union([decimalText, NOTHING]).nullish();

const ORDER = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  side: SIDE,
  orderStatus: z.enum(['live', 'new', 'init', 'partially_filled', 'filled', 'cancelled', 'canceled']),
  cumExecQty: decimalText,
  avgPrice: optionalNumber,
  timeInForce: z.string().nullish(),
  cancelReason: z.string().nullish(),
  execType: z.string().nullish(),
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
export type UnifiedOrder = z.infer<typeof ORDER>;

const STRATEGY = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  /** Absent on the older page. */
  status: z.enum(['pending', 'submitting', 'success', 'failed', 'cancelled']).nullish(),
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
export type Strategy = z.infer<typeof STRATEGY>;

const SUB_ORDER = z.object({ subOrderId: z.string().nullish(), status: z.string().nullish() });
const subOrders = z.array(SUB_ORDER);

const FILL = z.object({
  symbol: word,
  orderId: idText,
  execId: idText,
  execPrice: decimalText,
  execQty: decimalText,
  tradeSide: z.string().nullish(),
  createdTime: timeMs,
});
export type UnifiedFill = z.infer<typeof FILL>;

export const ORDER_INFO = get('/api/v3/trade/order-info', 'privateUtaGetV3TradeOrderInfo', envelope(ORDER));
export const HISTORY_ORDERS = get(
  '/api/v3/trade/history-orders',
  'privateUtaGetV3TradeHistoryOrders',
  cursorPage(ORDER),
);
export const HISTORY_STRATEGIES = get(
  '/api/v3/trade/history-strategy-orders',
  'privateUtaGetV3TradeHistoryStrategyOrders',
  cursorPage(STRATEGY),
);
export const SUB_ORDERS = get(
  '/api/v3/trade/strategy-sub-orders',
  'privateUtaGetV3TradeStrategySubOrders',
  envelope(z.union([subOrders, z.object({ list: subOrders.nullable() }).transform(({ list }) => list ?? [])])),
);
export const UNIFIED_FILLS = get('/api/v3/trade/fills', 'privateUtaGetV3TradeFills', cursorPage(FILL));
