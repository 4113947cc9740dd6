import { z } from 'zod';
import { normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { envelope, idOf, optionalTime, PAGE, pageParams, readByIds, spotPlans } from './common.js';
import { commonOf, OPEN_STATUS, optionalPrice, SIDE } from './rows.js';
import { readAllPages } from '../profile/paging.js';
import { amountOf, priceOf } from '../profile/rows.js';

/*
 * Open orders of a classic Bitget account on spot. Source: bitget.com/api-doc, pages spot/trade/Get-Unfilled-Orders and
 * spot/plan/Get-Current-Plan-Order.
 *
 * - unfilled-orders is asked twice (tpslType), for normal and for TP/SL orders; current-plan-order reports plan orders.
 * - In unfilled-orders `priceAvg` is the order's own price.
 * - Market buys and plans by volume ("total") have a size in the quote coin, so they have no amount.
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
});
type SpotOrderRow = z.infer<typeof SPOT_ORDER_ROW>;

const SPOT_ORDERS = get(
  '/api/v2/spot/trade/unfilled-orders',
  'privateSpotGetV2SpotTradeUnfilledOrders',
  envelope(z.array(SPOT_ORDER_ROW)),
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
  spotPlans(SPOT_PLAN_ROW),
  { scope: 'orders:conditional:spot' },
);

/** Open orders on spot, those that wait for a trigger first. */
export async function readSpotOrders(session: ReadSession): Promise<OpenOrder[]> {
  const plans = await readAllPages({
    session,
    endpoint: SPOT_PLANS,
    pageSize: PAGE,
    idOf: ({ orderId }: SpotPlanRow) => orderId,
    ask: async (idLessThan) => {
      const { data } = await session.ask(SPOT_PLANS, pageParams(idLessThan));
      const last = data.orderList?.at(-1);
      if (data.nextFlag && last === undefined) {
        throw session.failure('incomplete', SPOT_PLANS, 'reported no rows, but says that more follow');
      }
      return { rows: data.orderList ?? [], next: data.nextFlag ? (last?.orderId ?? null) : null };
    },
  });
  const orders: OpenOrder[] = [];
  for (const row of plans) orders.push(await spotPlanOrder(session, row));
  for (const tpslType of ['tpsl', 'normal'] as const) {
    const rows = await readByIds({
      session,
      endpoint: SPOT_ORDERS,
      idOf: ({ orderId }: SpotOrderRow) => orderId,
      ask: async (idLessThan) => {
        const { data } = await session.ask(SPOT_ORDERS, { ...pageParams(idLessThan), tpslType });
        return { rows: data, endId: null };
      },
    });
    for (const row of rows) orders.push(await spotOrder(session, tpslType, row));
  }
  return orders;
}

async function spotOrder(session: ReadSession, asked: 'tpsl' | 'normal', row: SpotOrderRow): Promise<OpenOrder> {
  if ((row.tpslType ?? asked) !== asked) {
    throw session.failure(
      'incomplete',
      SPOT_ORDERS,
      `was asked for ${asked} and reported ${row.tpslType} ${row.orderId}`,
    );
  }
  const market = await session.market(idOf(row.symbol), SPOT_ORDERS, ['spot']);
  const quoted = row.orderType === 'market' && row.side === 'buy';
  const amount = amountOf(session, SPOT_ORDERS, row.orderId, row.size, market);
  return {
    ...commonOf(row, market),
    side: row.side,
    price: row.orderType === 'market' ? null : (priceOf(row.price) ?? priceOf(row.priceAvg)),
    triggerPrice: priceOf(row.triggerPrice),
    amount: quoted ? null : amount,
    filled: normalizeDecimal(row.baseVolume),
    conditional: asked === 'tpsl',
  };
}

async function spotPlanOrder(session: ReadSession, row: SpotPlanRow): Promise<OpenOrder> {
  const market = await session.market(idOf(row.symbol), SPOT_PLANS, ['spot']);
  const amount = amountOf(session, SPOT_PLANS, row.orderId, row.size, market);
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
