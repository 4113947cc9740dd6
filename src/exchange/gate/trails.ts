import { z } from 'zod';
import { absoluteDecimal, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, timeText } from './common.js';
import { sideOf } from './futures.js';
import { contractOf, productEndpoint, PRODUCTS, settleParam, type Product } from './products.js';
import { readAllPages } from '../profile/paging.js';
import { priceOf } from '../profile/rows.js';
import { rowsOf } from '../profile/unread.js';

/*
 * Gate's trailing orders have a service of their own since February 2026, separate from price orders. Source:
 * www.gate.com/docs/developers/apiv4/en, "Get trail order list", "TrailOrder". Its list is paged by page number, up to
 * 100 rows a page.
 */

const ROW = z.object({
  id: idText,
  contract: word,
  amount: decimalText,
  activation_price: decimalText,
  text: z.string().nullish(),
  created_at: timeText,
  updated_at: timeText,
});
const ROWS = z.array(rowsOf(ROW, { symbol: 'contract' }));

const LIST = z.union([
  z.object({ orders: ROWS }),
  // In an envelope the code reports success, and an empty list may be null or absent.
  z
    .object({ code: z.enum(['0', '200']), data: z.object({ orders: ROWS.nullish() }) })
    .transform(({ data }) => ({ orders: data.orders ?? [] })),
]);

const ENDPOINTS = new Map(
  PRODUCTS.filter(({ kind }) => kind === 'futures').map((product) => [
    product,
    productEndpoint(product, 'autoorder/v1/trail/list', 'AutoorderV1TrailList', 'orders:conditional', LIST),
  ]),
);

const PAGE = 100;

/** Null where the server does not have this service. Delivery contracts have no trailing orders. */
export async function readTrails(session: ReadSession, product: Product): Promise<OpenOrder[] | null> {
  const endpoint = ENDPOINTS.get(product);
  if (endpoint === undefined) return [];
  let there = true;
  const rows = await readAllPages<z.infer<typeof ROWS>[number]>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf: ({ id }) => id,
    ask: async (page) => {
      const number = Number(page ?? 1);
      const list = { is_finished: 'false', page_num: String(number), page_size: String(PAGE) };
      const params = { ...settleParam(product), ...list };
      const reported = number === 1 ? await session.askIfThere(endpoint, params) : await session.ask(endpoint, params);
      there = reported !== null;
      const { orders } = reported ?? { orders: [] };
      return { rows: orders, next: orders.length === 0 ? null : String(number + 1) };
    },
  });
  if (!there) return null;
  return session.convert(endpoint, rows, async ({ id, contract, amount, ...row }): Promise<OpenOrder | null> => {
    const market = await contractOf(session, product, contract, endpoint);
    if (market === null) return null;
    return {
      id,
      clientOrderId: clientOrderIdOf(row.text),
      symbol: market.symbol,
      side: sideOf(session, endpoint, { id, size: amount }, market, []),
      type: 'trailing_stop',
      price: null,
      // `trigger_price` moves with the market. The activation price stands still; 0 is an order that is active at once.
      triggerPrice: priceOf(row.activation_price),
      amount: multiplyDecimals(absoluteDecimal(amount), market.contractSize),
      filled: '0',
      conditional: true,
      changedAt: gateTime(row.updated_at) ?? gateTime(row.created_at),
    };
  });
}
