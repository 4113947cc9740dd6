import { z } from 'zod';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { entrusted, envelope, NOTHING, optionalTime, spotPlans } from './common.js';
import type { Entrusted, Envelope, SpotPlans } from './common.js';

/* The questions about orders that ended; which pages they are on, and what those say, stands in bitget-missing.ts. */

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

const SPOT_PLAN = PLAN.omit({ planStatus: true, executeOrderId: true }).extend({ status: PLAN.shape.planStatus });
type SpotPlan = z.infer<typeof SPOT_PLAN>;

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

export const MIX_ORDER: Endpoint<Envelope<Order>> = {
  method: 'GET',
  path: '/api/v2/mix/order/detail',
  call: 'privateMixGetV2MixOrderDetail',
  shape: envelope(ORDER),
};
export const MIX_HISTORY: Endpoint<Envelope<Entrusted<Order>>> = {
  method: 'GET',
  path: '/api/v2/mix/order/orders-history',
  call: 'privateMixGetV2MixOrderOrdersHistory',
  shape: entrusted(ORDER),
};
export const MIX_PLANS: Endpoint<Envelope<Entrusted<Plan>>> = {
  method: 'GET',
  path: '/api/v2/mix/order/orders-plan-history',
  call: 'privateMixGetV2MixOrderOrdersPlanHistory',
  shape: entrusted(PLAN),
};
export const MIX_FILLS: Endpoint<Envelope<{ fillList: Fill[] | null; endId?: string | null | undefined }>> = {
  method: 'GET',
  path: '/api/v2/mix/order/fills',
  call: 'privateMixGetV2MixOrderFills',
  shape: envelope(z.object({ fillList: z.array(FILL).nullable(), endId: z.string().nullish() })),
};
export const SPOT_ORDER: Endpoint<Envelope<Order[]>> = {
  method: 'GET',
  path: '/api/v2/spot/trade/orderInfo',
  call: 'privateSpotGetV2SpotTradeOrderInfo',
  shape: envelope(z.array(ORDER)),
};
export const SPOT_HISTORY: Endpoint<Envelope<Order[]>> = {
  method: 'GET',
  path: '/api/v2/spot/trade/history-orders',
  call: 'privateSpotGetV2SpotTradeHistoryOrders',
  shape: envelope(z.array(ORDER)),
};
export const SPOT_PLANS: Endpoint<Envelope<SpotPlans<SpotPlan>>> = {
  method: 'GET',
  path: '/api/v2/spot/trade/history-plan-order',
  call: 'privateSpotGetV2SpotTradeHistoryPlanOrder',
  shape: spotPlans(SPOT_PLAN),
};
export const SPOT_FILLS: Endpoint<Envelope<SpotFill[]>> = {
  method: 'GET',
  path: '/api/v2/spot/trade/fills',
  call: 'privateSpotGetV2SpotTradeFills',
  shape: envelope(z.array(SPOT_FILL)),
};
