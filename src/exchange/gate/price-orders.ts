import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, timeText } from './common.js';
import { priceOf } from '../profile/rows.js';
import { rowsOf, type ReadRow } from '../profile/unread.js';
import { readList, sideOf } from './futures.js';
import { contractOf, productEndpoint, PRODUCTS, type Product } from './products.js';

/*
 * Price orders of Gate's futures products: stops, take-profits and entries that wait for a price. Source:
 * www.gate.com/docs/developers/apiv4/en, "Query auto order list", models FuturesPriceTriggeredOrder, FuturesInitialOrder.
 *
 * - `initial.size` is an integer; `initial.amount` is the same with its decimals, and comes first.
 * - Take-profit and stop-loss of an order that is not filled are rows of this list with status "inactive";
 *   `me_order_id` is that order.
 * - A price order can carry a take-profit and a stop-loss of its own (`stop_profit_price`, `stop_loss_price`). They
 *   become rows when it has triggered; until then they have no id, and are a gap.
 */

const INITIAL = z.object({
  contract: word,
  size: decimalText.nullish(),
  amount: z.union([decimalText, z.literal('')]).nullish(),
  price: decimalText,
  auto_size: z.string().nullish(),
  text: z.string().nullish(),
});

const ROW = z.object({
  id: idText,
  status: z.enum(['open', 'inactive']),
  order_type: z.string().nullish(),
  initial: INITIAL,
  trigger: z.object({ price: decimalText }),
  me_order_id: z.string().nullish(),
  stop_profit_price: z.string().nullish(),
  stop_loss_price: z.string().nullish(),
  create_time: timeText,
});
type Row = z.infer<typeof ROW>;

/** The contract is named inside of `initial`. */
const named = (raw: unknown): unknown => {
  const outer = z.object({ initial: z.object({ contract: z.string() }) }).safeParse(raw);
  return outer.success ? { ...(raw as object), contract: outer.data.initial.contract } : raw;
};
const rows: z.ZodType<ReadRow<Row>> = z.preprocess(named, rowsOf(ROW, { symbol: 'contract' }));

const ENDPOINTS = new Map(
  PRODUCTS.map((product) => [
    product,
    productEndpoint(product, 'price_orders', 'PriceOrders', 'orders:conditional', z.array(rows)),
  ]),
);

export interface PriceOrders {
  orders: OpenOrder[];
  /** Ids of those that carry a take-profit or stop-loss which is not a row yet. */
  carrying: string[];
}

/**
 * The price orders of one product. `held` gives the side of an order that closes a position. Throws ExchangeFailure.
 */
export async function readFuturesPriceOrders(
  session: ReadSession,
  product: Product,
  held: readonly Position[],
): Promise<PriceOrders> {
  const endpoint = ENDPOINTS.get(product);
  if (endpoint === undefined) return { orders: [], carrying: [] };
  const carrying: string[] = [];
  const listed = await readList(session, product, endpoint, ({ id }) => id, { status: 'open' });
  const orders = await session.convert(endpoint, listed, async (row): Promise<OpenOrder | null> => {
    const { contract, price, text, auto_size } = row.initial;
    const market = await contractOf(session, product, contract, endpoint);
    if (market === null) return null;
    const size = sizeOf(row);
    const { id, order_type, me_order_id: parent } = row;
    const side = sideOf(session, endpoint, { id, size, auto_size, order_type }, market, held);
    if (priceOf(row.stop_profit_price) !== null || priceOf(row.stop_loss_price) !== null) carrying.push(id);
    return {
      id,
      clientOrderId: clientOrderIdOf(text),
      symbol: market.symbol,
      side,
      type: isZero(price) ? 'market' : 'limit',
      price: priceOf(price),
      triggerPrice: priceOf(row.trigger.price),
      amount: isZero(size) ? null : multiplyDecimals(absoluteDecimal(size), market.contractSize),
      filled: '0',
      conditional: true,
      changedAt: gateTime(row.create_time),
      ...(parent === null || parent === undefined || /^0?$/.test(parent) ? {} : { parent }),
    };
  });
  return { orders, carrying };
}

function sizeOf({ initial: { amount, size } }: Row): string {
  return amount === null || amount === undefined || amount === '' ? (size ?? '0') : amount;
}
