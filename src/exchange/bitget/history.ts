import { z } from 'zod';
import { decimalText, idText, timeMs, word, get } from '../transport/endpoint.js';
import { entrusted, envelope, NOTHING, optionalTime, spotPlans } from './shared/common.js';

/* The endpoints of orders that ended. missing-orders.ts names their pages and facts. */

const STATUS = z.enum(['live', 'new', 'init', 'partially_filled', 'filled', 'canceled', 'cancelled']);
const optionalNumber = z.union([decimalText, NOTHING]).nullish();

const REPORTED = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  status: STATUS.nullish(),
  state: STATUS.nullish(),
  baseVolume: decimalText,
  priceAvg: optionalNumber,
  force: z.string().nullish(),
  tradeSide: z.string().nullish(),
  orderSource: z.string().nullish(),
  cancelReason: z.string().nullish(),
  cTime: optionalTime,
  uTime: optionalTime,
});
export const ORDER = REPORTED.refine(
  ({ status, state }) => (status ?? state ?? null) !== null,
  'neither status nor state',
);
export type Order = z.infer<typeof ORDER>;

const PLAN = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  planStatus: z.enum(['live', 'not_trigger', 'executing', 'executed', 'fail_execute', 'cancelled']),
  executeOrderId: z.string().nullish(),
  cTime: optionalTime,
  uTime: optionalTime,
});
export type Plan = z.infer<typeof PLAN>;

export const SPOT_PLAN = PLAN.omit({ planStatus: true, executeOrderId: true }).extend({
  status: PLAN.shape.planStatus,
});

const FILL = z.object({
  symbol: word,
  orderId: idText,
  tradeId: idText,
  price: decimalText,
  baseVolume: decimalText,
  cTime: timeMs,
});
export type Fill = z.infer<typeof FILL>;

const SPOT_FILL = z.object({
  symbol: word,
  orderId: idText,
  tradeId: idText,
  priceAvg: decimalText,
  size: decimalText,
  cTime: timeMs,
});
export type SpotFill = z.infer<typeof SPOT_FILL>;

export const MIX_ORDER = get('/api/v2/mix/order/detail', 'privateMixGetV2MixOrderDetail', envelope(ORDER));
export const MIX_HISTORY = get(
  '/api/v2/mix/order/orders-history',
  'privateMixGetV2MixOrderOrdersHistory',
  entrusted(ORDER),
);
export const MIX_PLANS = get(
  '/api/v2/mix/order/orders-plan-history',
  'privateMixGetV2MixOrderOrdersPlanHistory',
  entrusted(PLAN),
);
export const MIX_FILLS = get(
  '/api/v2/mix/order/fills',
  'privateMixGetV2MixOrderFills',
  envelope(z.object({ fillList: z.array(FILL).nullable(), endId: z.string().nullish() })),
);
export const SPOT_ORDER = get(
  '/api/v2/spot/trade/orderInfo',
  'privateSpotGetV2SpotTradeOrderInfo',
  envelope(z.array(ORDER)),
);
export const SPOT_HISTORY = get(
  '/api/v2/spot/trade/history-orders',
  'privateSpotGetV2SpotTradeHistoryOrders',
  envelope(z.array(ORDER)),
);
export const SPOT_PLANS = get(
  '/api/v2/spot/trade/history-plan-order',
  'privateSpotGetV2SpotTradeHistoryPlanOrder',
  spotPlans(SPOT_PLAN),
);
export const SPOT_FILLS = get(
  '/api/v2/spot/trade/fills',
  'privateSpotGetV2SpotTradeFills',
  envelope(z.array(SPOT_FILL)),
);
