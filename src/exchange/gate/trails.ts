import { z } from 'zod';
import { absoluteDecimal, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, timeText } from './common.js';
import { futuresMarket, question, sideOf, type Settle } from './futures.js';
import { readAllPages } from '../profile/paging.js';
import { priceOf } from '../profile/rows.js';

/*
 * Gate's trailing orders have a service of their own since February 2026, separate from price orders. Source:
 * www.gate.com/docs/developers/apiv4/en, "Get trail order list", "TrailOrder". Its list is paged by page number, up to 100 rows a page.
 */

const ROW = z.object({
  id: idText,
  contract: word,
  amount: decimalText,
  activation_price: decimalText.nullish(),
  text: z.string().nullish(),
  created_at: timeText,
  updated_at: timeText,
});
const ROWS = z.array(ROW);

const LIST = z.union([
  z.object({ orders: ROWS }),
  // In an envelope the code reports success, and an empty list may be null or absent.
  z
    .object({ code: z.enum(['0', '200']), data: z.object({ orders: ROWS.nullish() }) })
    .transform(({ data }) => ({ orders: data.orders ?? [] })),
]);

const trailsOf = (settle: Settle) =>
  question(settle, 'autoorder/v1/trail/list', 'AutoorderV1TrailList', 'orders:conditional', LIST);
const TRAILS = { usdt: trailsOf('usdt'), btc: trailsOf('btc') };

const PAGE = 100;

/** Null where the server does not have this service. */
export async function readTrails(session: ReadSession, settle: Settle): Promise<OpenOrder[] | null> {
  const endpoint = TRAILS[settle];
  let there = true;
  const rows = await readAllPages<z.infer<typeof ROW>>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf: ({ id }) => id,
    ask: async (page) => {
      const number = Number(page ?? 1);
      const params = { settle, is_finished: 'false', page_num: String(number), page_size: String(PAGE) };
      const reported = number === 1 ? await session.askIfThere(endpoint, params) : await session.ask(endpoint, params);
      there = reported !== null;
      const { orders } = reported ?? { orders: [] };
      return { rows: orders, next: orders.length === 0 ? null : String(number + 1) };
    },
  });
  if (!there) return null;
  const orders: OpenOrder[] = [];
  for (const { id, contract, amount, ...row } of rows) {
    const market = await futuresMarket(session, settle, contract, endpoint);
    if (market === null) continue;
    orders.push({
      id,
      clientOrderId: clientOrderIdOf(row.text),
      symbol: market.symbol,
      side: sideOf(session, endpoint, { id, size: amount }, market, []),
      type: 'trailing_stop',
      price: null,
      triggerPrice: priceOf(row.activation_price),
      amount: multiplyDecimals(absoluteDecimal(amount), market.contractSize),
      filled: '0',
      conditional: true,
      changedAt: gateTime(row.updated_at) ?? gateTime(row.created_at),
    });
  }
  return orders;
}
