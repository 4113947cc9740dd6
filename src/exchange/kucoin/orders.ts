import { z } from 'zod';
import { isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import type { Market, MarketKind } from '../profile/markets.js';
import { readAllByNumber } from '../profile/paging.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { isAside, rowsOf, type ReadRow, type RowForm } from '../profile/unread.js';
import { decimalText, get, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { CONTRACT_KINDS, envelope, marketOfRow, pageOf, textOf } from './common.js';

/*
 * KuCoin's lists of open orders. Source: www.kucoin.com/docs-new/rest, pages spot-trading/orders (Get Open Orders By
 * Page, Get Symbols With Open Order, Get Stop Orders List, Get Orders List - Old), futures-trading/orders (Get Order
 * List, Get Stop Order List).
 *
 * - Spot orders are listed for each symbol; the symbols that have some are a question of their own. ccxt has no method for the
 *   pages of a symbol (/active/page replaces /active since March 2025), so its method for one order is used, with the id
 *   "active/page".
 * - A low-frequency user (hf/accounts/opened is false) has spot orders in the old list, which has all symbols.
 * - Orders that wait for a trigger are listed apart, without a symbol. Without `tradeType` the list of spot has none of the margin
 *   accounts. A triggered one may stay in the list for a moment; it lives on as a regular order.
 * - All lists have numbered pages and say how many rows they have.
 */

const amount = decimalText.nullish();
const price = z.union([decimalText, z.literal('')]).nullish();

const ROW = z.object({
  id: word,
  clientOid: z.string().nullish(),
  symbol: word,
  side: z.enum(['buy', 'sell']),
  /** The amount of a market order may be in either currency, so a type that is not known has no readable amount. */
  type: z.enum(['limit', 'market']),
  price,
  stopPrice: price,
  size: amount,
  /** The amount of a spot market order in the quote currency, where it has that instead of a size. */
  funds: amount,
  dealSize: amount,
  closeOrder: z.boolean().nullish(),
  createdAt: timeMs,
  updatedAt: timeMs.nullish(),
  lastUpdatedAt: timeMs.nullish(),
});
type Row = z.infer<typeof ROW>;

const SPOT_ROW = ROW.extend({ dealSize: decimalText, active: z.literal(true) });
const OLD_SPOT_ROW = ROW.extend({ dealSize: decimalText, isActive: z.literal(true) });
const SPOT_STOP_ROW = ROW.extend({ stopPrice: decimalText, status: z.literal('NEW') });
const FUTURES_ROW = ROW.extend({ dealSize: decimalText, status: z.literal('open') });

const FORM: RowForm = { symbol: 'symbol' };
const WAITING: RowForm = { symbol: 'symbol', skip: ({ status }) => status === 'TRIGGERED' };

const SPOT = { scope: 'orders:regular:spot' };
const ACTIVE_SYMBOLS = get(
  '/api/v1/hf/orders/active/symbols',
  'privateGetHfOrdersActiveSymbols',
  envelope(z.object({ symbols: z.array(word) })),
  SPOT,
);
const SPOT_ORDERS = get(
  '/api/v1/hf/orders/active/page',
  'privateGetHfOrdersOrderId',
  pageOf(rowsOf<Row>(SPOT_ROW, FORM)),
  SPOT,
);
const OLD_SPOT_ORDERS = get('/api/v1/orders', 'privateGetOrders', pageOf(rowsOf<Row>(OLD_SPOT_ROW, FORM)), SPOT);
const SPOT_STOPS = get('/api/v1/stop-order', 'privateGetStopOrder', pageOf(rowsOf<Row>(SPOT_STOP_ROW, WAITING)), {
  scope: 'orders:conditional:spot',
});
const FUTURES_ORDERS = get('/api/v1/orders', 'futuresPrivateGetOrders', pageOf(rowsOf<Row>(FUTURES_ROW, FORM)), {
  scope: 'orders:regular',
});
const FUTURES_STOPS = get(
  '/api/v1/stopOrders',
  'futuresPrivateGetStopOrders',
  pageOf(rowsOf<Row>(FUTURES_ROW, WAITING)),
  { scope: 'orders:conditional' },
);

/** The largest pages that are documented for every list. */
const PAGE = '50';

/** A list of open orders. */
interface List {
  endpoint: Endpoint<{ data: { currentPage: string; totalNum: string; items: ReadRow<Row>[] } }>;
  kinds: readonly MarketKind[];
  conditional: boolean;
  params?: Params;
  /** The only symbol that was asked for. */
  symbol?: string;
  /** The parameter of the page number. */
  numberParam?: string;
}

/** The futures orders that wait for a trigger. Throws ExchangeFailure. */
export async function readFuturesStops(session: ReadSession): Promise<OpenOrder[]> {
  return readList(session, { endpoint: FUTURES_STOPS, kinds: CONTRACT_KINDS, conditional: true });
}

/** The list of spot orders that wait for a trigger. Throws ExchangeFailure. */
export async function readSpotStops(session: ReadSession): Promise<OpenOrder[]> {
  return readList(session, { endpoint: SPOT_STOPS, kinds: ['spot'], conditional: true });
}

/** The regular futures orders. Throws ExchangeFailure. */
export async function readFuturesOrders(session: ReadSession): Promise<OpenOrder[]> {
  const params = { status: 'active' };
  return readList(session, { endpoint: FUTURES_ORDERS, kinds: CONTRACT_KINDS, conditional: false, params });
}

/** The orders of a low-frequency user are in both lists or in one, so both are read and each order counts once. */
export async function readSpotOrders(session: ReadSession, highFrequency: boolean): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  if (!highFrequency) {
    const params = { status: 'active', tradeType: 'TRADE' };
    orders.push(
      ...(await readList(session, { endpoint: OLD_SPOT_ORDERS, kinds: ['spot'], conditional: false, params })),
    );
  }
  const known = new Set(orders.map(({ id }) => id));
  for (const symbol of (await session.ask(ACTIVE_SYMBOLS)).data.symbols) {
    const params = { orderId: 'active/page', symbol };
    const list: List = { endpoint: SPOT_ORDERS, kinds: ['spot'], conditional: false, params, symbol };
    const listed = await readList(session, { ...list, numberParam: 'pageNum' });
    orders.push(...listed.filter(({ id }) => !known.has(id)));
  }
  return orders;
}

async function readList(session: ReadSession, list: List): Promise<OpenOrder[]> {
  const { endpoint, params = {}, numberParam = 'currentPage', symbol } = list;
  const rows = await readAllByNumber<ReadRow<Row>>({
    session,
    endpoint,
    idOf: ({ id }) => id,
    ask: async (number) => {
      const { data } = await session.ask(endpoint, { ...params, [numberParam]: String(number), pageSize: PAGE });
      if (data.currentPage !== String(number)) {
        throw session.failure('incomplete', endpoint, `was asked for page ${number} and answered ${data.currentPage}`);
      }
      return { rows: data.items, total: Number(data.totalNum) };
    },
  });
  const strays = rows.flatMap((row) => (isAside(row) || row.symbol === (symbol ?? row.symbol) ? [] : [row.symbol]));
  const [stray] = strays;
  if (stray !== undefined) {
    const reported = `was asked for ${symbol} and reported ${stray}`;
    if (strays.length === rows.length) throw session.failure('incomplete', endpoint, reported);
    // Which of the two names is wrong is not known, so no symbol's orders can be compared.
    session.unread.add({ scope: SPOT.scope, symbol: null, code: 'ROW_UNREADABLE', reason: reported });
  }
  return session.convert(endpoint, rows, async (row) =>
    orderOf(session, row, await marketOfRow(session, row.symbol, endpoint, list.kinds), list),
  );
}

function orderOf(session: ReadSession, row: Row, market: Market, { endpoint, conditional }: List): OpenOrder {
  const { id, type } = row;
  const refuse = (what: string): Error => session.refuseRow(endpoint, market.symbol, `reported order ${id} ${what}`);
  const limit = type === 'limit' ? priceOf(row.price) : null;
  if (type === 'limit' && limit === null) throw refuse('as a limit order without a price');
  const triggerPrice = priceOf(row.stopPrice);
  if (conditional && triggerPrice === null) throw refuse('among those that wait for a price, without that price');
  const byCost = type === 'market' && !isZero(row.funds ?? '0');
  const withoutSize = isZero(row.size ?? '0') && (row.closeOrder === true || byCost);
  return {
    id,
    clientOrderId: textOf(row.clientOid),
    symbol: market.symbol,
    side: row.side,
    type,
    price: limit,
    triggerPrice,
    amount: withoutSize ? null : amountOf(session, endpoint, id, row.size, market),
    // Only orders that wait for their trigger are listed without it.
    filled: multiplyDecimals(row.dealSize ?? '0', market.contractSize),
    conditional,
    changedAt: timeOf(row.updatedAt) ?? timeOf(row.lastUpdatedAt) ?? timeOf(row.createdAt),
  };
}
