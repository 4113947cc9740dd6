import { z } from 'zod';
import { multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { readAlgoOrders } from './algo-orders.js';
import { attachmentsOf, ATTACHED, gapsOfOrders, type Attached, type FoundOrder } from './attached-orders.js';
import { envelope, isByValue, okxMarket, textOf } from './common.js';
import { limitPriceOf, priceText, readList, timeText, unitText } from './lists.js';
import { amountOf, timeOf } from '../profile/rows.js';

/*
 * Regular open orders of OKX. Source: www.okx.com/docs-v5/en, "GET / Order List", "POST / Place order", "Pagination".
 *
 * - GET /api/v5/trade/orders-pending without a filter gives the regular orders of all instrument types, newest first, in pages
 *   of 100; `after` is the id of the last order seen.
 * - Sizes are in contracts, on spot and margin in the base currency. A market buy is by value unless tgtCcy says base_ccy.
 * - A row carries the TP/SL that are attached to its order, so a row that cannot be read makes both kinds of its symbol
 *   unread.
 */

const AT_MARKET = ['market', 'optimal_limit_ioc'];

const ORDER_ROW = z.object({
  instType: word,
  instId: word,
  ordId: word,
  clOrdId: z.string().nullish(),
  side: z.enum(['buy', 'sell']),
  ordType: z.enum([
    'market',
    'limit',
    'post_only',
    'fok',
    'ioc',
    'optimal_limit_ioc',
    'mmp',
    'mmp_and_post_only',
    'op_fok',
    'elp',
    'rpi',
  ]),
  state: z.enum(['live', 'partially_filled']),
  px: priceText,
  sz: decimalText,
  accFillSz: decimalText,
  tgtCcy: unitText,
  /** The take profit of an OCO that rests as a limit order. */
  linkedAlgoOrd: z.object({ algoId: z.string().nullish() }).nullish(),
  attachAlgoOrds: z.array(ATTACHED).nullish(),
  // Of orders placed before attachAlgoOrds existed.
  attachAlgoClOrdId: z.string().nullish(),
  slTriggerPx: priceText,
  slOrdPx: priceText,
  tpTriggerPx: priceText,
  tpOrdPx: priceText,
  uTime: timeText,
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const PENDING = get(
  '/api/v5/trade/orders-pending',
  'privateGetTradeOrdersPending',
  envelope(z.array(rowsOf(ORDER_ROW, { symbol: 'instId' }))),
  { scope: 'orders' },
);

export interface OkxOrders {
  orders: OpenOrder[];
  /** What of the orders is not read. */
  gaps: ScopeGap[];
  /** Order types that OKX says it does not have. */
  refusedTypes: string[];
}

/** Orders that wait for a trigger before regular ones: one that triggers in between is then seen twice rather than never. */
export async function readOkxOrders(session: ReadSession): Promise<OkxOrders> {
  const { found, refusedTypes } = await readAlgoOrders(session);
  const all = [...found, ...(await readRegularOrders(session))];
  return { orders: all.flatMap(({ orders }) => orders), gaps: gapsOfOrders(all), refusedTypes };
}

async function readRegularOrders(session: ReadSession): Promise<FoundOrder[]> {
  const rows = await readList<OrderRow>(session, PENDING, 'ordId', (page) => session.ask(PENDING, page));
  return session.convert(PENDING, rows, async (row) => {
    const market = await okxMarket(session, row, PENDING);
    return market === null ? null : regularOrder(session, row, market);
  });
}

function regularOrder(session: ReadSession, row: OrderRow, market: Market): FoundOrder {
  const atMarket = AT_MARKET.includes(row.ordType);
  const price = limitPriceOf(row.px);
  if (!atMarket && price === null) {
    throw session.refuseRow(PENDING, market.symbol, `reported the ${row.ordType} order ${row.ordId} without its price`);
  }
  const byValue = isByValue(row, market, row.ordType === 'market');
  const parent = textOf(row.linkedAlgoOrd?.algoId);
  const order: OpenOrder = {
    id: row.ordId,
    clientOrderId: textOf(row.clOrdId),
    symbol: market.symbol,
    side: row.side,
    type: row.ordType,
    price,
    triggerPrice: null,
    amount: byValue ? null : amountOf(session, PENDING, row.ordId, row.sz, market),
    filled: multiplyDecimals(row.accFillSz, market.contractSize),
    conditional: false,
    changedAt: timeOf(row.uTime),
    ...(parent === null ? {} : { parent }),
  };
  const { children, nameless } = attachmentsOf(order, attachedTo(row), market);
  return { orders: [order, ...children], nameless };
}

function attachedTo(row: OrderRow): readonly Attached[] {
  const { attachAlgoOrds, attachAlgoClOrdId, slTriggerPx, slOrdPx, tpTriggerPx, tpOrdPx } = row;
  if (attachAlgoOrds !== null && attachAlgoOrds !== undefined && attachAlgoOrds.length > 0) return attachAlgoOrds;
  if (textOf(slTriggerPx) === null && textOf(tpTriggerPx) === null) return [];
  return [{ attachAlgoClOrdId, slTriggerPx, slOrdPx, tpTriggerPx, tpOrdPx }];
}
