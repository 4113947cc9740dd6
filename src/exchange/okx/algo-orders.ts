import { z } from 'zod';
import { isZero } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { rowsOf } from '../profile/unread.js';
import { attachmentsOf, ATTACHED, type FoundOrder } from './attached-orders.js';
import { envelope, isByValue, okxMarket, textOf, WRONG_PARAMETER } from './common.js';
import { isMarketPrice, limitPriceOf, priceText, readList, timeText, unitText } from './lists.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

/*
 * Algo orders of OKX. Source: www.okx.com/docs-v5/en, "GET / Algo order list", "POST / Place algo order".
 *
 * - The list has to be asked for each ordType on its own; only conditional and oco go together.
 * - The trigger price of a trailing stop (moveTriggerPx) moves with the market: what its owner set is activePx.
 * - An oco has two trigger prices: its stop loss, and its take profit as the second one.
 * - A market buy on spot is by value unless tgtCcy says base_ccy: such an order has no base amount.
 */

const ALGO_ROW = z.object({
  instType: word,
  instId: word,
  algoId: word,
  algoClOrdId: z.string().nullish(),
  side: z.enum(['buy', 'sell']),
  ordType: z.enum(['conditional', 'oco', 'trigger', 'move_order_stop', 'chase', 'iceberg', 'smart_iceberg', 'twap']),
  state: z.enum(['live', 'pause', 'partially_effective']),
  sz: z.union([decimalText, z.literal('')]).nullish(),
  closeFraction: z.string().nullish(),
  tgtCcy: unitText,
  triggerPx: priceText,
  ordPx: priceText,
  slTriggerPx: priceText,
  slOrdPx: priceText,
  tpTriggerPx: priceText,
  tpOrdPx: priceText,
  activePx: priceText,
  pxLimit: priceText,
  attachAlgoOrds: z.array(ATTACHED).nullish(),
  uTime: timeText,
});
type AlgoRow = z.infer<typeof ALGO_ROW>;

const ALGO_PENDING = get(
  '/api/v5/trade/orders-algo-pending',
  'privateGetTradeOrdersAlgoPending',
  envelope(z.array(rowsOf(ALGO_ROW, { symbol: 'instId' }))),
  { scope: 'orders:conditional' },
);

/** Order types that wait for a trigger. */
const CONDITIONAL_TYPES = ['conditional,oco', 'trigger', 'move_order_stop'];
/**
 * Order types that OKX executes in parts, each an order in the order book. OKX replaces them over time (iceberg by
 * smart_iceberg), so it may refuse one as a wrong parameter: then there is no such order, and the run reports the type.
 */
const WORKING_TYPES = ['chase', 'iceberg', 'smart_iceberg', 'twap'];

export interface AlgoOrders {
  found: FoundOrder[];
  /** Order types that OKX says it does not have. */
  refusedTypes: string[];
}

/** All open algo orders, and the order types that OKX refused. Throws ExchangeFailure. */
export async function readAlgoOrders(session: ReadSession): Promise<AlgoOrders> {
  const found: FoundOrder[] = [];
  const refusedTypes: string[] = [];
  for (const ordType of CONDITIONAL_TYPES) found.push(...((await readType(session, ordType, [])) ?? []));
  for (const ordType of WORKING_TYPES) {
    const working = await readType(session, ordType, [WRONG_PARAMETER]);
    if (working === null) refusedTypes.push(ordType);
    found.push(...(working ?? []));
  }
  return { found, refusedTypes };
}

/** Null where OKX refuses the first page with one of the codes. */
async function readType(
  session: ReadSession,
  ordType: string,
  refusals: readonly string[],
): Promise<FoundOrder[] | null> {
  let refused = false;
  const rows = await readList<AlgoRow>(session, ALGO_PENDING, 'algoId', async (page) => {
    const params = { ordType, ...page };
    const reported = await session.askUnless(page['after'] === undefined ? refusals : [], ALGO_PENDING, params);
    refused = reported === null;
    return reported ?? { data: [] };
  });
  if (refused) return null;
  const scope = WORKING_TYPES.includes(ordType) ? 'orders:regular' : 'orders:conditional';
  const read = async (row: AlgoRow): Promise<FoundOrder | null> => {
    if (!ordType.split(',').includes(row.ordType)) {
      throw session.failure('incomplete', ALGO_PENDING, `was asked for ${ordType} and answered ${row.ordType}`);
    }
    const market = await okxMarket(session, row, ALGO_PENDING);
    return market === null ? null : algoOrder(session, row, market);
  };
  return session.convert(ALGO_PENDING, rows, read, scope);
}

function algoOrder(session: ReadSession, row: AlgoRow, market: Market): FoundOrder {
  const { triggerPrice, price } = pricesOf(session, row, market);
  const secondTrigger = row.ordType === 'oco' ? priceOf(row.tpTriggerPx) : null;
  const order: OpenOrder = {
    id: row.algoId,
    clientOrderId: textOf(row.algoClOrdId),
    symbol: market.symbol,
    side: row.side,
    type: row.ordType,
    price,
    triggerPrice,
    amount: algoAmount(session, row, market),
    // A triggered order becomes another order, and a working order places others: the fills are theirs.
    filled: '0',
    conditional: !WORKING_TYPES.includes(row.ordType),
    changedAt: timeOf(row.uTime),
    ...(secondTrigger === null ? {} : { secondTriggerPrice: secondTrigger }),
  };
  const { children, nameless } = attachmentsOf(order, row.attachAlgoOrds, market);
  return { orders: [order, ...children], nameless };
}

function pricesOf(session: ReadSession, row: AlgoRow, market: Market): Pick<OpenOrder, 'price' | 'triggerPrice'> {
  const pair = (name: string, trigger: AlgoRow['triggerPx'], order: AlgoRow['ordPx']) => {
    if (priceOf(trigger) !== null && textOf(order) !== null) {
      return { triggerPrice: priceOf(trigger), price: limitPriceOf(order) };
    }
    const reported = `reported the ${row.ordType} order ${row.algoId} without its ${name} price`;
    throw session.refuseRow(ALGO_PENDING, market.symbol, reported);
  };
  const isSet = (...texts: (string | null | undefined)[]): boolean => texts.some((text) => textOf(text) !== null);
  switch (row.ordType) {
    case 'trigger':
      return pair('trigger or order', row.triggerPx, row.ordPx);
    case 'move_order_stop':
      return { triggerPrice: priceOf(row.activePx), price: null };
    case 'oco':
      pair('take-profit', row.tpTriggerPx, row.tpOrdPx);
      return pair('stop-loss', row.slTriggerPx, row.slOrdPx);
    case 'conditional':
      return isSet(row.slTriggerPx, row.slOrdPx)
        ? pair('stop-loss', row.slTriggerPx, row.slOrdPx)
        : pair('take-profit', row.tpTriggerPx, row.tpOrdPx);
    case 'chase':
    case 'iceberg':
    case 'smart_iceberg':
    case 'twap':
      return { triggerPrice: null, price: limitPriceOf(row.pxLimit) };
  }
}

/** Null for an order of a share of the position, and for one by value. */
function algoAmount(session: ReadSession, row: AlgoRow, market: Market): string | null {
  if (isByValue(row, market, isAtMarket(row))) return null;
  const size = textOf(row.sz);
  if (textOf(row.closeFraction) !== null && (size === null || isZero(size))) return null;
  return amountOf(session, ALGO_PENDING, row.algoId, size, market);
}

/** Whether it, or one leg of it, trades at the market price. */
function isAtMarket(row: AlgoRow): boolean {
  if (row.ordType === 'move_order_stop') return true;
  return [row.ordPx, row.slOrdPx, row.tpOrdPx].some((text) => isMarketPrice(text));
}
