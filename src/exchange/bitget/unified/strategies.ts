import { z } from 'zod';
import { isZero } from '../../../domain/decimal/decimal.js';
import type { OpenOrder, OrderSide } from '../../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../../transport/endpoint.js';
import type { Market } from '../../profile/markets.js';
import { amountOf, priceOf } from '../../profile/rows.js';
import type { ReadSession } from '../../profile/read-session.js';
import { envelope, NOTHING, optionalTime } from '../shared/common.js';
import { convertRows, marketOfRow, type RowList } from '../shared/convert.js';
import { isNothing, optionalPrice, SIDE } from '../shared/rows.js';
import { named, scopeOf, unifiedCommonOf, type Category } from './categories.js';

/*
 * Strategy orders of a unified account: orders that wait for a trigger, and orders that Bitget executes in parts.
 * Source: bitget.com/api-doc/uta/strategy, pages Place-Strategy-Order and Get-Unfilled-Strategy-Orders; the types after
 * `trigger`, and their parameters, are in SDKs made from the later page (UnipayFI/go-bitget, uta/strategy.go).
 *
 * - One question for each category, without pages. Without `type` it covers all types; the row does not always name its own, so
 *   its parameters tell.
 * - `tpsl`: a take-profit, a stop-loss or both in one row, of the position `posSide`. Without a quantity it is of the whole
 *   position. `trigger`: one trigger price. `oco`: the trigger of a pair, whose other order rests in the book. `trailing_stop`:
 *   the activation price is what its owner set. `iceberg` and `twap` place orders of their own over time.
 * - Limit prices of market orders are ignored by Bitget, and may be there.
 * - Older pages have futures only, later ones SPOT and MARGIN as well. They are asked, and a refused category is a gap.
 * - Coin-margined contracts have no strategy orders.
 */

export const ORDER_TYPE = z.union([z.enum(['limit', 'market']), NOTHING]).nullish();

const OCO = z.object({ ocoTriggerPrice: optionalPrice, ocoOrderType: ORDER_TYPE, ocoOrderPrice: optionalPrice });
const TRAILING = z.object({ activationPrice: optionalPrice, preOrderType: ORDER_TYPE, preOrderPrice: optionalPrice });

const STRATEGY_ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOid: z.string().nullish(),
  qty: z.union([decimalText, NOTHING]).nullish(),
  side: z.union([SIDE, NOTHING]).nullish(),
  posSide: z.union([z.enum(['long', 'short']), NOTHING]).nullish(),
  status: z.enum(['pending', 'submitting']).nullish(),
  takeProfit: optionalPrice,
  tpOrderType: ORDER_TYPE,
  tpLimitPrice: optionalPrice,
  stopLoss: optionalPrice,
  slOrderType: ORDER_TYPE,
  slLimitPrice: optionalPrice,
  triggerPrice: optionalPrice,
  triggerOrderType: ORDER_TYPE,
  triggerOrderPrice: optionalPrice,
  ocoParams: z.array(OCO).nullish(),
  trailingStopParams: z.array(TRAILING).nullish(),
  icebergParams: z.array(z.object({ fixedPrice: optionalPrice })).nullish(),
  twapParams: z.array(z.object({ twapTriggerPrice: optionalPrice })).nullish(),
  createdTime: optionalTime,
  updatedTime: optionalTime,
});
type StrategyRow = z.infer<typeof STRATEGY_ROW>;

const STRATEGIES = get(
  '/api/v3/trade/unfilled-strategy-orders',
  'privateUtaGetV3TradeUnfilledStrategyOrders',
  envelope(z.array(named(STRATEGY_ROW)).nullable()),
  { scope: 'orders:conditional' },
);

/** "This category has no strategy orders": wrong parameters, and "{0} does not support this operation". */
export const NO_STRATEGIES = ['25002', '25200', '25240', '25593', '40017', '40019', '40020', '40034', '400172'];

/** Null where Bitget says that the category has no strategy orders. */
export async function readStrategies(session: ReadSession, category: Category): Promise<OpenOrder[] | null> {
  const { product } = category;
  const list: RowList = { session, endpoint: STRATEGIES, product, scope: scopeOf('conditional', category) };
  const refusals = product === null ? NO_STRATEGIES : [];
  const answer = await session.askUnless(refusals, STRATEGIES, { category: category.category });
  if (answer === null) return null;
  const rows = answer.data ?? [];
  return (
    await convertRows(list, rows, async (row) => ordersOf(list, row, await marketOfRow(list, row.symbol)))
  ).flat();
}

/** What an order of a strategy does. */
interface Leg {
  type: 'stop_loss' | 'take_profit' | 'trigger' | 'oco' | 'trailing_stop' | 'iceberg' | 'twap';
  trigger: string | null | undefined;
  /** The limit price of the order that it places, and whether it has one. */
  limit: string | null | undefined;
  orderType?: z.infer<typeof ORDER_TYPE>;
}

/** Orders that Bitget executes in parts, from the time of the order. */
const WORKING = ['iceberg', 'twap'];

/** One order for each row. The second trigger of a row with both is an order of its own, whose parent is the row. */
function ordersOf(list: RowList, row: StrategyRow, market: Market): OpenOrder[] {
  const { session } = list;
  const legs = legsOf(row);
  if (legs.length === 0) {
    throw session.refuseRow(
      STRATEGIES,
      market.symbol,
      `reported strategy order ${row.orderId} without a trigger price`,
    );
  }
  const isTpsl = legs.every(({ type }) => type === 'stop_loss' || type === 'take_profit');
  const side = sideOf(list, market.symbol, row, isTpsl);
  const amount =
    isTpsl && (isNothing(row.qty) || isZero(row.qty ?? ''))
      ? null
      : amountOf(session, STRATEGIES, row.orderId, row.qty === '' ? null : row.qty, market);
  return legs.map(({ type, trigger, limit, orderType }, at): OpenOrder => {
    const order: OpenOrder = {
      ...unifiedCommonOf(row, market.symbol, type),
      side,
      price: orderType === 'market' ? null : priceOf(limit),
      triggerPrice: priceOf(trigger),
      amount,
      filled: '0',
      conditional: !WORKING.includes(type),
    };
    return at === 0 ? order : { ...order, id: `${row.orderId}:takeProfit`, clientOrderId: null, parent: row.orderId };
  });
}

function legsOf(row: StrategyRow): Leg[] {
  const [oco] = row.ocoParams ?? [];
  if (oco !== undefined) {
    return [{ type: 'oco', trigger: oco.ocoTriggerPrice, orderType: oco.ocoOrderType, limit: oco.ocoOrderPrice }];
  }
  const [trailing] = row.trailingStopParams ?? [];
  if (trailing !== undefined) {
    const { activationPrice, preOrderType, preOrderPrice } = trailing;
    return [{ type: 'trailing_stop', trigger: activationPrice, orderType: preOrderType, limit: preOrderPrice }];
  }
  const [iceberg] = row.icebergParams ?? [];
  if (iceberg !== undefined) return [{ type: 'iceberg', trigger: null, limit: iceberg.fixedPrice }];
  const [twap] = row.twapParams ?? [];
  if (twap !== undefined) return [{ type: 'twap', trigger: twap.twapTriggerPrice, limit: null }];
  const legs: Leg[] = [
    { type: 'stop_loss', trigger: row.stopLoss, orderType: row.slOrderType, limit: row.slLimitPrice },
    { type: 'take_profit', trigger: row.takeProfit, orderType: row.tpOrderType, limit: row.tpLimitPrice },
  ];
  const tpsl = legs.filter(({ trigger }) => !isNothing(trigger));
  if (tpsl.length > 0 || isNothing(row.triggerPrice)) return tpsl;
  const { triggerPrice, triggerOrderType, triggerOrderPrice } = row;
  return [{ type: 'trigger', trigger: triggerPrice, orderType: triggerOrderType, limit: triggerOrderPrice }];
}

/** A TP/SL closes the position of `posSide`. Any other order says its side, or cannot be read. */
function sideOf({ session }: RowList, symbol: string, row: StrategyRow, isTpsl: boolean): OrderSide {
  if (row.side === 'buy' || row.side === 'sell') return row.side;
  if (isTpsl && row.posSide === 'long') return 'sell';
  if (isTpsl && row.posSide === 'short') return 'buy';
  throw session.refuseRow(STRATEGIES, symbol, `reported strategy order ${row.orderId} without its side`);
}
