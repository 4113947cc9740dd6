import type { z } from 'zod';
import type { Known, MissingOrders, OrderEnd, OrderQuestion } from '../profile/missing-orders.js';
import {
  hasId,
  isConditional,
  namedBy,
  noSuchOrder,
  orderSource,
  tradeSource,
  unfilled,
} from '../profile/order-sources.js';
import type { OrderRow } from '../profile/order-sources.js';
import type { Params } from '../profile/read-session.js';
import { endOfOrder } from './shared/acts.js';
import { eitherSource } from './shared/by-kind.js';
import {
  changeTimeOf,
  idOf,
  pageParams,
  PLAN_QUESTIONS,
  productOf,
  readByIds,
  UNKNOWN_ORDER,
} from './shared/common.js';
import { MIX_FILLS, MIX_HISTORY, MIX_ORDER, MIX_PLANS, type Fill, type Order, type Plan } from './history.js';
import { SPOT_FILLS, SPOT_HISTORY, SPOT_ORDER, SPOT_PLANS, type SPOT_PLAN, type SpotFill } from './history.js';
import { UNIFIED_CLOSED, UNIFIED_QUERY, UNIFIED_STRATEGIES, UNIFIED_TRADES } from './unified/missing-orders.js';

/*
 * What became of a Bitget order that is not open, on classic accounts (on unified ones: unified/missing-orders.ts):
 * plan history where it waited for a trigger, then the order query, the history of orders, and own trades. Source:
 * bitget.com/api-doc, pages contract/trade/Get-Order-Details, Get-Orders-History and Get-Order-Fills,
 * contract/plan/orders-plan-history, spot/trade/Get-Order-Info, Get-History-Orders and Get-Fills,
 * spot/plan/Get-History-Plan-Order.
 *
 * - Histories reach back 90 days.
 * - The order query names the status `state` in its example and `status` in its table; spot says "cancelled", futures "canceled".
 * - A futures plan that triggered names the order it became (executeOrderId), a spot plan does not. TP/SL orders of spot are
 *   in the history of orders.
 * - Amounts are in the base coin, also of coin-margined contracts: the average price weighs by amount, never harmonically.
 * - The lists of fills hold trades only: funding is in the account's bills.
 */

/** Bitget's 90 days, less a day. */
const REMEMBERED_MS = 89 * 24 * 60 * 60 * 1000;

type When = (question: OrderQuestion) => boolean;
const isSpot: When = ({ market }) => market.kind === 'spot';
const isMix: When = ({ market }) => market.kind !== 'spot';
const both =
  (one: When, other: When): When =>
  (question) =>
    one(question) && other(question);

const orderQuery = { name: 'order query', read, only: true, codes: noSuchOrder(...UNKNOWN_ORDER) } as const;
const closedOrders = { name: 'closed orders', read, only: true } as const;
const CLASSIC_QUERIES = [
  orderSource({ ...orderQuery, when: isSpot, endpoint: SPOT_ORDER, params: named, rows: ({ data }) => data }),
  orderSource({
    ...orderQuery,
    when: isMix,
    endpoint: MIX_ORDER,
    params: (question) => ({ ...of(question), ...named(question) }),
    rows: ({ data }) => [data],
  }),
];

const PLANS = [
  orderSource({
    name: 'plan history',
    when: both(isConditional, isMix),
    endpoint: MIX_PLANS,
    params: (question) =>
      Object.keys(PLAN_QUESTIONS).map((planType) => ({ ...of(question), ...named(question), planType })),
    rows: ({ data }) => data.entrustedList ?? [],
    read: readPlan,
    only: true,
  }),
  orderSource({
    name: 'plan history',
    when: both(isConditional, isSpot),
    endpoint: SPOT_PLANS,
    // The history cannot be asked by id, but the page of "ids less than" the next id begins with the order.
    params: ({ order: { id }, market }) => ({
      symbol: market.id,
      ...pageParams(null),
      ...(id !== null && /^\d+$/.test(id) ? { idLessThan: String(BigInt(id) + 1n) } : {}),
    }),
    rows: ({ data }) => data.orderList ?? [],
    read: readSpotPlan,
    full: ({ data }, question) => data.nextFlag && !hasId(question),
  }),
];

const CLOSED_ORDERS = [
  orderSource({
    ...closedOrders,
    // Spot's history has no parameter for the client order id.
    when: both(isSpot, hasId),
    endpoint: SPOT_HISTORY,
    params: (question) => ({
      ...of(question),
      ...named(question),
      ...(question.order.conditional ? { tpslType: 'tpsl' } : {}),
    }),
    rows: ({ data }) => data,
  }),
  orderSource({
    ...closedOrders,
    when: isMix,
    endpoint: MIX_HISTORY,
    params: (question) => ({ ...of(question), ...named(question) }),
    rows: ({ data }) => data.entrustedList ?? [],
  }),
];

const OWN_TRADES = tradeSource({ name: 'own trades', rows: tradesOf, read: (trade) => trade, inBase: true });

const ORDER_QUERIES = CLASSIC_QUERIES.map((query) => eitherSource(query, UNIFIED_QUERY));

export const BITGET_MISSING_ORDERS: MissingOrders = {
  sources: [
    ...PLANS.map((plans) => eitherSource(plans, UNIFIED_STRATEGIES)),
    ...ORDER_QUERIES,
    ...CLOSED_ORDERS.map((closed) => eitherSource(closed, UNIFIED_CLOSED)),
    eitherSource(OWN_TRADES, UNIFIED_TRADES),
  ],
  afterTrigger: ORDER_QUERIES,
  memory: { ms: REMEMBERED_MS, says: 'Bitget reports the last 90 days' },
};

/** Names the order. */
function named({ order }: OrderQuestion): Params {
  return namedBy(order, 'orderId', 'clientOid');
}

/** Names the market. Futures requests also need the product type. */
function of({ market }: OrderQuestion): Params {
  return { symbol: market.id, ...(market.kind === 'spot' ? {} : { productType: productOf(market).productType }) };
}

async function tradesOf(question: OrderQuestion, orderId: string) {
  const { session } = question;
  const params = { ...of(question), orderId };
  if (question.market.kind === 'spot') {
    const rows = await readByIds<SpotFill>({
      session,
      endpoint: SPOT_FILLS,
      idField: 'tradeId',
      ask: async (idLessThan) => ({
        rows: (await session.ask(SPOT_FILLS, { ...params, ...pageParams(idLessThan) })).data,
        endId: null,
      }),
    });
    return rows.map((row) => ({ ...tradeOf(row), price: row.priceAvg, amount: row.size }));
  }
  const rows = await readByIds<Fill>({
    session,
    endpoint: MIX_FILLS,
    idField: 'tradeId',
    ask: async (idLessThan) => {
      const { data } = await session.ask(MIX_FILLS, { ...params, ...pageParams(idLessThan) });
      return { rows: data.fillList, endId: data.endId };
    },
  });
  return rows.map((row) => ({ ...tradeOf(row), price: row.price, amount: row.baseVolume }));
}

function tradeOf({ orderId, symbol, cTime }: { orderId: string; symbol: string; cTime: number }) {
  return { orderId, market: idOf(symbol), at: cTime };
}

function namesOf(row: { orderId: string; clientOid?: string | null | undefined; symbol: string }) {
  return { id: row.orderId, clientOrderId: row.clientOid, market: idOf(row.symbol) };
}

function readPlan(plan: Plan): OrderRow {
  const { planStatus, executeOrderId } = plan;
  const became = executeOrderId ?? '';
  return {
    ...namesOf(plan),
    says:
      planStatus === 'executed' ? { became: /^[1-9]\d*$/.test(became) ? became : null } : endOfPlan(planStatus, plan),
  };
}

function readSpotPlan(plan: z.infer<typeof SPOT_PLAN>): OrderRow {
  return { ...namesOf(plan), says: plan.status === 'executed' ? { became: null } : endOfPlan(plan.status, plan) };
}

function endOfPlan(status: Exclude<Plan['planStatus'], 'executed'>, plan: Pick<Plan, 'cTime' | 'uTime'>): Known {
  const end: OrderEnd = status === 'cancelled' ? 'canceled' : status === 'fail_execute' ? 'rejected' : 'open';
  const reason = status === 'fail_execute' ? 'the order could not be placed when it triggered' : null;
  return unfilled(end, changeTimeOf(plan), reason);
}

function read(order: Order): OrderRow {
  const { cancelReason, priceAvg } = order;
  return {
    ...namesOf(order),
    says: {
      end: endOfOrder({ ...order, status: order.status ?? order.state, cause: order.orderSource }),
      filled: order.baseVolume,
      averagePrice: priceAvg === undefined || priceAvg === '' ? null : priceAvg,
      at: changeTimeOf(order),
      reason: cancelReason === '' || cancelReason === 'normal_cancel' ? null : (cancelReason ?? null),
    },
  };
}
