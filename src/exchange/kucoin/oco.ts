import { z } from 'zod';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { readAllByNumber } from '../profile/paging.js';
import type { ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { rowsOf, type ReadRow } from '../profile/unread.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import { envelope, NO_SUCH_ORDER, pageOf } from './common.js';

/*
 * OCO orders of KuCoin spot. Source: www.kucoin.com/docs-new/rest/spot-trading/orders, Get OCO Order List, Get OCO Order Detail By
 * OrderId.
 *
 * - The list has one row for each OCO, without its terms; the two orders are in its details, each with an id of its own.
 * - Both wait for their `stopPrice`; that of the limit order is its price.
 * - Whether the list of stop orders has them too is not documented, so an order of both lists counts once.
 */

const ENDED = ['DONE', 'CANCELLED', 'CANCELED', 'TRIGGERED'];

const ROW = z.object({ orderId: word, symbol: word, orderTime: timeMs, status: z.literal('NEW') });
type Row = z.infer<typeof ROW>;
const SCOPE = { scope: 'orders:conditional:spot' };
const LIST = get(
  '/api/v3/oco/orders',
  'privateGetOcoOrders',
  pageOf(rowsOf(ROW, { symbol: 'symbol', skip: ({ status }) => ENDED.includes(String(status)) })),
  SCOPE,
);

const LEG = z.object({
  id: word,
  symbol: word,
  side: z.enum(['buy', 'sell']),
  price: decimalText,
  stopPrice: decimalText,
  size: decimalText,
  status: z.literal('NEW'),
});
const LEGS = z.array(rowsOf(LEG, { symbol: 'symbol', skip: ({ status }) => ENDED.includes(String(status)) }));
const DETAILS = get(
  '/api/v3/oco/order/details/{orderId}',
  'privateGetOcoOrderDetailsOrderId',
  envelope(z.object({ orderId: word, orders: LEGS })),
  SCOPE,
);

const PAGE = '50';

/** The orders of all OCO that wait. */
export async function readOcoOrders(session: ReadSession): Promise<OpenOrder[]> {
  const rows = await readAllByNumber<ReadRow<Row>>({
    session,
    endpoint: LIST,
    idOf: ({ orderId }) => orderId,
    ask: async (number) => {
      const { data } = await session.ask(LIST, { currentPage: String(number), pageSize: PAGE });
      if (data.currentPage !== String(number)) {
        throw session.failure('incomplete', LIST, `was asked for page ${number} and answered ${data.currentPage}`);
      }
      return { rows: data.items, total: Number(data.totalNum) };
    },
  });
  const legs = await session.convert(LIST, rows, (row) => readLegs(session, row));
  return legs.flat();
}

async function readLegs(session: ReadSession, { orderId, symbol, orderTime }: Row): Promise<OpenOrder[]> {
  const { symbol: name } = await session.market(symbol, LIST, ['spot']);
  const details = (await session.askUnless([NO_SUCH_ORDER], DETAILS, { orderId }))?.data;
  if (details === undefined) throw session.refuseRow(DETAILS, name, `does not know ${orderId}, which the list has`);
  if (details.orderId !== orderId) {
    throw session.failure('incomplete', DETAILS, `was asked for ${orderId} and answered ${details.orderId}`);
  }
  return session.convert(DETAILS, details.orders, async (leg): Promise<OpenOrder> => {
    const market = await session.market(leg.symbol, DETAILS, ['spot']);
    return {
      id: leg.id,
      clientOrderId: null,
      symbol: market.symbol,
      side: leg.side,
      type: 'limit',
      price: priceOf(leg.price),
      triggerPrice: priceOf(leg.stopPrice),
      amount: amountOf(session, DETAILS, leg.id, leg.size, market),
      filled: '0',
      conditional: true,
      changedAt: timeOf(orderTime),
      parent: orderId,
    };
  });
}

/** Stop orders and OCO orders together; an order of both lists counts once, with its parent. */
export function withOco(stops: readonly OpenOrder[], oco: readonly OpenOrder[]): OpenOrder[] {
  const parents = new Map(oco.map((order) => [order.id, order]));
  const known = new Set(stops.map(({ id }) => id));
  return [
    ...stops.map((order) => {
      const parent = parents.get(order.id)?.parent;
      return parent === undefined ? order : { ...order, parent };
    }),
    ...oco.filter(({ id }) => !known.has(id)),
  ];
}
