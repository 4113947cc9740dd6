import { z } from 'zod';
import { multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, OrderSide } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, type Endpoint, get } from '../transport/endpoint.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import {
  checkMode,
  entrusted,
  marketOfProduct,
  optionalTime,
  pageParams,
  PLAN_QUESTIONS,
  PLAN_TYPE,
  POS_MODE,
  readByIds,
} from './common.js';
import type { Entrusted, Envelope, Modes, PlanType, Product } from './common.js';
import { commonOf, OPEN_STATUS, optionalPrice, SIDE } from './rows.js';
import { amountOf, priceOf } from '../profile/rows.js';

/*
 * Open orders of a classic Bitget account's futures. Source: bitget.com/api-doc, pages contract/trade/Get-Orders-Pending and
 * Place-Order, contract/plan/get-orders-plan-pending and Place-Pos-Tpsl-Order.
 *
 * - Regular orders are in orders-pending, those that wait for a trigger in orders-plan-pending, in three questions:
 *   normal_plan, track_plan (trailing) and profit_loss (the TP/SL orders, also of a whole position: pos_profit, pos_loss).
 *   Pages of 100, newest first, older ones by `idLessThan` = endId. A list without rows is null.
 * - The pages contradict each other on whether orders-pending without a status includes partly filled orders. So those are
 *   requested too, after the others. An order that is in both answers counts once.
 * - In hedge mode `side` is the side of the position, not of the order: closing a long position is "buy" with tradeSide
 *   "close". The order's side is derived from posSide and tradeSide.
 * - Orders older than three months may be missing, because a request covers at most that span: a gap in every read.
 */

const ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  side: SIDE,
  posSide: z.enum(['long', 'short', 'net']),
  tradeSide: z.string().nullish(),
  posMode: POS_MODE,
  orderType: word,
  price: optionalPrice,
  cTime: optionalTime,
  uTime: optionalTime,
});

const ORDER_ROW = ROW.extend({ size: decimalText, baseVolume: decimalText, status: OPEN_STATUS });
type OrderRow = z.infer<typeof ORDER_ROW>;

const PLAN_ROW = ROW.extend({
  planType: PLAN_TYPE,
  planStatus: z.enum(['live', 'not_trigger', 'executing']).nullish(),
  size: optionalPrice,
  executePrice: optionalPrice,
  triggerPrice: optionalPrice,
});
type PlanRow = z.infer<typeof PLAN_ROW>;

const PENDING = get('/api/v2/mix/order/orders-pending', 'privateMixGetV2MixOrderOrdersPending', entrusted(ORDER_ROW), {
  scope: 'orders:regular',
});

const PLANS = get(
  '/api/v2/mix/order/orders-plan-pending',
  'privateMixGetV2MixOrderOrdersPlanPending',
  entrusted(PLAN_ROW),
  { scope: 'orders:conditional' },
);

const WHOLE_POSITION: readonly PlanType[] = ['pos_profit', 'pos_loss'];

/** Open orders of one product type, those that wait for a trigger first. */
export async function readProductOrders(session: ReadSession, product: Product, modes: Modes): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const planType of Object.keys(PLAN_QUESTIONS)) {
    for (const row of await readEntrusted(session, PLANS, product, { planType })) {
      orders.push(await planOrder(session, product, modes, planType, row));
    }
  }
  const rows = new Map<string, OrderRow>();
  for (const params of [{}, { status: 'partially_filled' }]) {
    for (const row of await readEntrusted(session, PENDING, product, params)) rows.set(row.orderId, row);
  }
  for (const row of rows.values()) orders.push(await regularOrder(session, product, modes, row));
  return orders;
}

async function readEntrusted<Row extends { orderId: string }>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<Entrusted<Row>>>,
  { productType }: Product,
  params: Params,
): Promise<Row[]> {
  return readByIds({
    session,
    endpoint,
    idOf: ({ orderId }) => orderId,
    ask: async (idLessThan) => {
      const { data } = await session.ask(endpoint, { productType, ...params, ...pageParams(idLessThan) });
      return { rows: data.entrustedList, endId: data.endId };
    },
  });
}

async function regularOrder(session: ReadSession, product: Product, modes: Modes, row: OrderRow): Promise<OpenOrder> {
  const market = await marketOfProduct(session, PENDING, row.symbol, product);
  checkMode(session, PENDING, row, modes[product.productType]);
  return {
    ...commonOf(row, market),
    side: sideOf(session, PENDING, row, false),
    price: priceOf(row.price),
    triggerPrice: null,
    amount: amountOf(session, PENDING, row.orderId, row.size, market),
    filled: multiplyDecimals(row.baseVolume, market.contractSize),
    conditional: false,
  };
}

async function planOrder(
  session: ReadSession,
  product: Product,
  modes: Modes,
  asked: string,
  row: PlanRow,
): Promise<OpenOrder> {
  if (PLAN_QUESTIONS[asked]?.includes(row.planType) !== true) {
    throw session.failure('incomplete', PLANS, `was asked for ${asked} and reported ${row.planType} ${row.orderId}`);
  }
  const market = await marketOfProduct(session, PLANS, row.symbol, product);
  checkMode(session, PLANS, row, modes[product.productType]);
  const whole = WHOLE_POSITION.includes(row.planType);
  return {
    ...commonOf(row, market),
    side: sideOf(session, PLANS, row, asked === 'profit_loss'),
    price: priceOf(row.price) ?? priceOf(row.executePrice),
    triggerPrice: priceOf(row.triggerPrice),
    amount: whole ? null : amountOf(session, PLANS, row.orderId, row.size === '' ? null : row.size, market),
    filled: '0',
    conditional: true,
  };
}

function sideOf(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  row: Pick<OrderRow, 'orderId' | 'side' | 'posSide' | 'posMode' | 'tradeSide'>,
  alwaysCloses: boolean,
): OrderSide {
  if (row.posMode === 'one_way_mode') return row.side;
  const closes = alwaysCloses || /close/.test(row.tradeSide ?? '');
  if (row.posSide === 'net' || (!closes && row.tradeSide !== 'open')) {
    const reported = `posSide ${row.posSide} and tradeSide ${row.tradeSide ?? 'left out'}`;
    throw session.failure('unreadable', endpoint, `reported order ${row.orderId} in hedge mode with ${reported}`);
  }
  return (row.posSide === 'long') === closes ? 'sell' : 'buy';
}
