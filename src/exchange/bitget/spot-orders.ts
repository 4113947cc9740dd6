import { z } from 'zod';
import { normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { envelope, idIn, optionalTime, PAGE, pageParams, readByIds, rowsIn, spotPlans } from './shared/common.js';
import { convertRows, marketOfRow, type RowList } from './shared/convert.js';
import { commonOf, limitPriceOf, OPEN_STATUS, optionalPrice, presetsOf, SIDE } from './shared/rows.js';
import { readAllPages } from '../profile/paging.js';
import { amountOf, priceOf } from '../profile/rows.js';
import type { ReadRow } from '../profile/unread.js';

/*
 * Open orders of a classic Bitget account on spot. Source: bitget.com/api-doc, pages spot/trade/Get-Unfilled-Orders and
 * spot/plan/Get-Current-Plan-Order.
 *
 * - unfilled-orders is asked twice (tpslType), for normal and for TP/SL orders; current-plan-order reports plan orders.
 * - In unfilled-orders `priceAvg` is the order's own price.
 * - Market buys and plans by volume ("total") have a size in the quote coin, so they have no amount.
 * - An unfilled order carries its TP/SL in presetTakeProfitPrice and presetStopLossPrice.
 */

const SPOT_ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  side: SIDE,
  orderType: z.enum(['limit', 'market']),
  size: decimalText,
  cTime: optionalTime,
  uTime: optionalTime,
});

const SPOT_ORDER_ROW = SPOT_ROW.extend({
  status: OPEN_STATUS,
  price: optionalPrice,
  /** In this list the order's own price; `basePrice` is the price of its fills. */
  priceAvg: optionalPrice,
  baseVolume: decimalText,
  tpslType: z.enum(['normal', 'tpsl']).nullish(),
  triggerPrice: optionalPrice,
  presetTakeProfitPrice: optionalPrice,
  executeTakeProfitPrice: optionalPrice,
  presetStopLossPrice: optionalPrice,
  executeStopLossPrice: optionalPrice,
});
type SpotOrderRow = z.infer<typeof SPOT_ORDER_ROW>;

const SPOT_ORDERS = get(
  '/api/v2/spot/trade/unfilled-orders',
  'privateSpotGetV2SpotTradeUnfilledOrders',
  envelope(z.array(rowsIn(SPOT_ORDER_ROW))),
  { scope: 'orders:regular:spot' },
);

/** "amount", or "AMOUNT": the size is in the base coin; "total": in the quote coin. */
const SPOT_PLAN_TYPE = z.string().transform((text) => text.toLowerCase());

const SPOT_PLAN_ROW = SPOT_ROW.extend({
  status: z.enum(['live', 'not_trigger', 'executing']),
  planType: SPOT_PLAN_TYPE.pipe(z.enum(['amount', 'total'])),
  executePrice: optionalPrice,
  triggerPrice: decimalText,
});
type SpotPlanRow = z.infer<typeof SPOT_PLAN_ROW>;

const SPOT_PLANS = get(
  '/api/v2/spot/trade/current-plan-order',
  'privateSpotGetV2SpotTradeCurrentPlanOrder',
  spotPlans(rowsIn(SPOT_PLAN_ROW)),
  { scope: 'orders:conditional:spot' },
);

/** Open orders on spot, those that wait for a trigger first. */
export async function readSpotOrders(session: ReadSession): Promise<OpenOrder[]> {
  const plans: RowList = { session, endpoint: SPOT_PLANS, product: null, scope: 'orders:conditional:spot' };
  const planRows = await readAllPages<ReadRow<SpotPlanRow>>({
    session,
    endpoint: SPOT_PLANS,
    pageSize: PAGE,
    idOf: ({ orderId }) => orderId,
    ask: async (idLessThan) => {
      const { data } = await session.ask(SPOT_PLANS, pageParams(idLessThan));
      const last = data.orderList?.at(-1);
      const next = last === undefined ? null : idIn(last, 'orderId');
      if (data.nextFlag && next === null) {
        throw session.failure('incomplete', SPOT_PLANS, 'reported no row to go on from, but says that more follow');
      }
      return { rows: data.orderList ?? [], next: data.nextFlag ? next : null };
    },
  });
  const orders = await convertRows(plans, planRows, (row) => spotPlanOrder(plans, row));
  for (const tpslType of ['tpsl', 'normal'] as const) {
    const kind = tpslType === 'tpsl' ? 'conditional' : 'regular';
    const list: RowList = { session, endpoint: SPOT_ORDERS, product: null, scope: `orders:${kind}:spot` };
    const rows = await readByIds({
      session,
      endpoint: SPOT_ORDERS,
      idField: 'orderId',
      ask: async (idLessThan) => {
        const { data } = await session.ask(SPOT_ORDERS, { ...pageParams(idLessThan), tpslType });
        return { rows: data, endId: null };
      },
    });
    orders.push(...(await convertRows(list, rows, (row) => spotOrders(list, tpslType, row))).flat());
  }
  return orders;
}

async function spotOrders(list: RowList, asked: 'tpsl' | 'normal', row: SpotOrderRow): Promise<OpenOrder[]> {
  const { session } = list;
  const market = await marketOfRow(list, row.symbol);
  if ((row.tpslType ?? asked) !== asked) {
    const what = `was asked for ${asked} and reported ${row.tpslType} ${row.orderId}`;
    throw session.refuseRow(SPOT_ORDERS, market.symbol, what);
  }
  const triggerPrice = priceOf(row.triggerPrice);
  if (asked === 'tpsl' && triggerPrice === null) {
    throw session.refuseRow(SPOT_ORDERS, market.symbol, `reported TP/SL ${row.orderId} without its trigger price`);
  }
  const quoted = row.orderType === 'market' && row.side === 'buy';
  const amount = amountOf(session, SPOT_ORDERS, row.orderId, row.size, market);
  const order: OpenOrder = {
    ...commonOf(row, market),
    side: row.side,
    price: limitPriceOf(list, market, row, priceOf(row.price) ?? row.priceAvg),
    triggerPrice,
    amount: quoted ? null : amount,
    filled: normalizeDecimal(row.baseVolume),
    conditional: asked === 'tpsl',
  };
  const presets = presetsOf(order, {
    takeProfit: { trigger: row.presetTakeProfitPrice, execute: row.executeTakeProfitPrice },
    stopLoss: { trigger: row.presetStopLossPrice, execute: row.executeStopLossPrice },
  });
  return [order, ...presets];
}

async function spotPlanOrder(list: RowList, row: SpotPlanRow): Promise<OpenOrder> {
  const market = await marketOfRow(list, row.symbol);
  const amount = amountOf(list.session, SPOT_PLANS, row.orderId, row.size, market);
  return {
    ...commonOf(row, market),
    side: row.side,
    price: priceOf(row.executePrice),
    triggerPrice: row.triggerPrice,
    amount: row.planType === 'total' ? null : amount,
    filled: '0',
    conditional: true,
  };
}
