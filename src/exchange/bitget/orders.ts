import { z } from 'zod';
import { multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, OrderSide } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, type Endpoint, get } from '../transport/endpoint.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import type { ReadRow } from '../profile/unread.js';
import {
  checkMode,
  entrusted,
  optionalTime,
  pageParams,
  PLAN_QUESTIONS,
  PLAN_TYPE,
  POS_MODE,
  readByIds,
  rowsIn,
} from './shared/common.js';
import type { Entrusted, Envelope, Modes, PlanType, Product } from './shared/common.js';
import { convertRows, marketOfRow, type RowList } from './shared/convert.js';
import { commonOf, isNothing, limitPriceOf, OPEN_STATUS, optionalPrice, presetsOf, SIDE } from './shared/rows.js';
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
 * - An unfilled order carries its TP/SL in presetStopSurplusPrice and presetStopLossPrice, a plan in stopSurplusTriggerPrice and
 *   stopLossTriggerPrice; TP/SL orders repeat their own trigger there. They are orders of their own once it fills.
 * - The trigger price of a trailing order (track_plan, moving_plan) is the price from which it trails, which its owner set.
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
  orderType: z.enum(['limit', 'market']),
  price: optionalPrice,
  cTime: optionalTime,
  uTime: optionalTime,
  presetStopSurplusPrice: optionalPrice,
  presetStopSurplusExecutePrice: optionalPrice,
  presetStopLossPrice: optionalPrice,
  presetStopLossExecutePrice: optionalPrice,
});

const ORDER_ROW = ROW.extend({ size: decimalText, baseVolume: decimalText, status: OPEN_STATUS });
type OrderRow = z.infer<typeof ORDER_ROW>;

const PLAN_ROW = ROW.extend({
  planType: PLAN_TYPE,
  planStatus: z.enum(['live', 'not_trigger', 'executing']).nullish(),
  size: optionalPrice,
  executePrice: optionalPrice,
  triggerPrice: optionalPrice,
  stopSurplusTriggerPrice: optionalPrice,
  stopSurplusExecutePrice: optionalPrice,
  stopLossTriggerPrice: optionalPrice,
  stopLossExecutePrice: optionalPrice,
});
type PlanRow = z.infer<typeof PLAN_ROW>;

const PENDING = get(
  '/api/v2/mix/order/orders-pending',
  'privateMixGetV2MixOrderOrdersPending',
  entrusted(rowsIn(ORDER_ROW)),
  { scope: 'orders:regular' },
);

const PLANS = get(
  '/api/v2/mix/order/orders-plan-pending',
  'privateMixGetV2MixOrderOrdersPlanPending',
  entrusted(rowsIn(PLAN_ROW)),
  { scope: 'orders:conditional' },
);

/** Plans that follow the market: the price from which they trail may be none. */
const TRAILING: readonly PlanType[] = ['track_plan', 'moving_plan'];

const WHOLE_POSITION: readonly PlanType[] = ['pos_profit', 'pos_loss'];

/** Open orders of one product type, those that wait for a trigger first. */
export async function readProductOrders(session: ReadSession, product: Product, modes: Modes): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  const plans: RowList = { session, endpoint: PLANS, product, scope: `orders:conditional:${product.path}` };
  for (const planType of Object.keys(PLAN_QUESTIONS)) {
    const rows = await readEntrusted(session, PLANS, product, { planType });
    orders.push(...(await convertRows(plans, rows, (row) => planOrders(plans, modes, planType, row))).flat());
  }
  const rows = new Map<string, ReadRow<OrderRow>>();
  for (const params of [{}, { status: 'partially_filled' }]) {
    for (const row of await readEntrusted(session, PENDING, product, params)) {
      rows.set('orderId' in row ? row.orderId : row.key, row);
    }
  }
  const pending: RowList = { session, endpoint: PENDING, product, scope: `orders:regular:${product.path}` };
  orders.push(...(await convertRows(pending, [...rows.values()], (row) => regularOrders(pending, modes, row))).flat());
  return orders;
}

async function readEntrusted<Row extends object>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<Entrusted<Row>>>,
  { productType }: Product,
  params: Params,
): Promise<Row[]> {
  return readByIds<Row>({
    session,
    endpoint,
    idField: 'orderId',
    ask: async (idLessThan) => {
      const { data } = await session.ask(endpoint, { productType, ...params, ...pageParams(idLessThan) });
      return { rows: data.entrustedList, endId: data.endId };
    },
  });
}

async function regularOrders(list: RowList, modes: Modes, row: OrderRow): Promise<OpenOrder[]> {
  const { session } = list;
  const market = await marketOfRow(list, row.symbol);
  checkMode(session, PENDING, market.symbol, row.posMode, modeIn(list, modes));
  const order: OpenOrder = {
    ...commonOf(row, market),
    side: sideOf(list, market.symbol, row, false),
    price: limitPriceOf(list, market, row, row.price),
    triggerPrice: null,
    amount: amountOf(session, PENDING, row.orderId, row.size, market),
    filled: multiplyDecimals(row.baseVolume, market.contractSize),
    conditional: false,
  };
  const presets = presetsOf(order, {
    takeProfit: { trigger: row.presetStopSurplusPrice, execute: row.presetStopSurplusExecutePrice },
    stopLoss: { trigger: row.presetStopLossPrice, execute: row.presetStopLossExecutePrice },
  });
  return [order, ...presets];
}

function modeIn({ product }: RowList, modes: Modes) {
  return product === null ? undefined : modes[product.productType];
}

async function planOrders(list: RowList, modes: Modes, asked: string, row: PlanRow): Promise<OpenOrder[]> {
  const { session } = list;
  const market = await marketOfRow(list, row.symbol);
  if (PLAN_QUESTIONS[asked]?.includes(row.planType) !== true) {
    throw session.refuseRow(PLANS, market.symbol, `was asked for ${asked} and reported ${row.planType} ${row.orderId}`);
  }
  checkMode(session, PLANS, market.symbol, row.posMode, modeIn(list, modes));
  const triggerPrice = priceOf(row.triggerPrice);
  if (triggerPrice === null && !TRAILING.includes(row.planType)) {
    throw session.refuseRow(PLANS, market.symbol, `reported plan ${row.orderId} without its trigger price`);
  }
  const whole = WHOLE_POSITION.includes(row.planType);
  const order: OpenOrder = {
    ...commonOf(row, market),
    side: sideOf(list, market.symbol, row, asked === 'profit_loss'),
    price: priceOf(row.price) ?? priceOf(row.executePrice),
    triggerPrice,
    amount: whole ? null : amountOf(session, PLANS, row.orderId, row.size === '' ? null : row.size, market),
    filled: '0',
    conditional: true,
  };
  if (asked === 'profit_loss') return [order];
  const presets = presetsOf(order, {
    takeProfit: isNothing(row.stopSurplusTriggerPrice)
      ? { trigger: row.presetStopSurplusPrice, execute: row.presetStopSurplusExecutePrice }
      : { trigger: row.stopSurplusTriggerPrice, execute: row.stopSurplusExecutePrice },
    stopLoss: isNothing(row.stopLossTriggerPrice)
      ? { trigger: row.presetStopLossPrice, execute: row.presetStopLossExecutePrice }
      : { trigger: row.stopLossTriggerPrice, execute: row.stopLossExecutePrice },
  });
  return [order, ...presets];
}

function sideOf(
  { session, endpoint }: RowList,
  symbol: string,
  row: Pick<OrderRow, 'orderId' | 'side' | 'posSide' | 'posMode' | 'tradeSide'>,
  alwaysCloses: boolean,
): OrderSide {
  if (row.posMode === 'one_way_mode') return row.side;
  const closes = alwaysCloses || /close/.test(row.tradeSide ?? '');
  if (row.posSide === 'net' || (!closes && row.tradeSide !== 'open')) {
    const reported = `posSide ${row.posSide} and tradeSide ${row.tradeSide ?? 'left out'}`;
    throw session.refuseRow(endpoint, symbol, `reported order ${row.orderId} in hedge mode with ${reported}`);
  }
  return (row.posSide === 'long') === closes ? 'sell' : 'buy';
}
