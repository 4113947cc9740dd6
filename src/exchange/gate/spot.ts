import { z } from 'zod';
import { addDecimals, isDecimal, isZero, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../transport/endpoint.js';
import type { SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, timeText } from './common.js';
import { readAllByOffset } from '../profile/paging.js';
import { amountOf, priceOf } from '../profile/rows.js';
import { isAside, rowsOf, type ReadRow } from '../profile/unread.js';

/*
 * Gate's spot account. Source: www.gate.com/docs/developers/apiv4/en, "List all open orders", "Query running auto order list",
 * "List spot trading accounts".
 *
 * - GET /spot/open_orders gives every pair with open orders, up to 100 orders a pair. The page number counts for all pairs at
 *   once, and `total` is the number of a pair's orders. Includes orders of spot, unified and isolated margin accounts.
 * - GET /spot/price_orders (orders that wait for a price) is paged by offset. The orders of a unified account need a request of
 *   their own, with a parameter.
 * - The amount of a market buy is in the quote currency, so there is no amount to compare.
 */

const SIDE = z.enum(['buy', 'sell']);
/** The amount of a market buy is in the quote currency, so a type that is not known has no readable amount. */
const TYPE = z.enum([
  'limit',
  'market',
  // Of margin accounts. Source: "Order" of the spot websocket.
  'limit_repay',
  'market_repay',
  'limit_borrow',
  'market_borrow',
  'limit_borrow_repay',
]);

const ORDER_ROW = z.object({
  id: word,
  text: z.string().nullish(),
  currency_pair: word,
  status: z.literal('open'),
  type: TYPE,
  side: SIDE,
  amount: decimalText,
  left: decimalText,
  filled_amount: decimalText.nullish(),
  price: decimalText.nullish(),
  create_time_ms: timeText,
  update_time_ms: timeText,
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const ORDER_ROWS = z.array(rowsOf(ORDER_ROW, { symbol: 'currency_pair' }));
type ListedOrder = z.infer<typeof ORDER_ROWS>[number];

const PAIR = z.object({ currency_pair: word, total: idText, orders: ORDER_ROWS });

const PAIRS = z.array(rowsOf(PAIR, { symbol: 'currency_pair' }));
const OPEN_ORDERS = get('/spot/open_orders', 'privateSpotGetOpenOrders', PAIRS, { scope: 'orders:regular:spot' });

const PRICE_ORDER_ROW = z.object({
  id: idText,
  market: word,
  status: z.literal('open'),
  trigger: z.object({ price: decimalText }),
  put: z.object({
    type: TYPE.nullish(),
    side: SIDE,
    price: decimalText,
    amount: decimalText,
    text: z.string().nullish(),
  }),
  ctime: timeText,
});
type PriceOrderRow = z.infer<typeof PRICE_ORDER_ROW>;
type ListedPriceOrder = ReadRow<PriceOrderRow>;

const PRICE_ORDER_ROWS = z.array(rowsOf(PRICE_ORDER_ROW, { symbol: 'market' }));

const PRICE_ORDERS = get('/spot/price_orders', 'privateSpotGetPriceOrders', PRICE_ORDER_ROWS, {
  scope: 'orders:conditional:spot',
});

const COIN_ROW = z.object({ currency: word, available: decimalText, locked: decimalText });

const COIN_ROWS = z.array(rowsOf(COIN_ROW, { symbol: 'currency' }));
const ACCOUNTS = get('/spot/accounts', 'privateSpotGetAccounts', COIN_ROWS, { scope: 'balances' });

const PAGE = 100;
/** More pages than any pair's orders need. */
const MAX_PAGES = 200;

/** The balances of the spot account, free and locked, without zeros. Throws ExchangeFailure. */
export async function readSpotBalances(session: ReadSession): Promise<Balance[]> {
  const rows = await session.ask(ACCOUNTS);
  return session.convert(ACCOUNTS, rows, ({ currency, available, locked }) => {
    const total = addDecimals(available, locked);
    return isZero(total) ? null : { currency: session.currency(currency), total };
  });
}

const TICKERS = get(
  '/spot/tickers',
  'publicSpotGetTickers',
  z.array(z.object({ currency_pair: word, last: z.string().nullish() })),
);

/** Source: "Get currency pair ticker information". */
export async function readSpotPrices(session: ReadSession): Promise<SpotPrices> {
  const tickers = new Map((await session.ask(TICKERS)).map((row) => [row.currency_pair, row.last]));
  const prices = new Map<string, string>();
  for (const symbol of session.symbols()) {
    const market = await session.marketOf(symbol);
    const last = market?.kind === 'spot' ? tickers.get(market.id) : null;
    const price = typeof last === 'string' && isDecimal(last) ? priceOf(last) : null;
    if (price !== null) prices.set(symbol, price);
  }
  return prices;
}

/** Price orders come before regular ones: an order that triggers in between is then seen twice rather than never. */
export async function readSpotOrders(session: ReadSession, unified: boolean): Promise<OpenOrder[]> {
  const waiting = await readPriceOrders(session, unified);
  return [...waiting, ...(await readOpenOrders(session))];
}

interface PairBeingRead {
  total: number;
  rows: Map<string, ListedOrder>;
}

/** Reads until every pair has the number of orders that it reports, which must not change during the read. */
async function readOpenOrders(session: ReadSession): Promise<OpenOrder[]> {
  const pairs = new Map<string, PairBeingRead>();
  for (let page = 1; page === 1 || [...pairs.values()].some(({ total, rows }) => rows.size < total); page++) {
    const fail = (what: string) => session.failure('incomplete', OPEN_ORDERS, what);
    if (page > MAX_PAGES) throw fail(`has more than ${MAX_PAGES} pages`);
    let fresh = 0;
    const answer = await session.ask(OPEN_ORDERS, { page: String(page), limit: String(PAGE) });
    for (const { currency_pair: pair, total, orders } of await session.convert(OPEN_ORDERS, answer, (row) => row)) {
      const stray = orders.find((row) => !isAside(row) && row.currency_pair !== pair);
      if (stray !== undefined && !isAside(stray)) {
        // Which of the two names is wrong is not known, so no pair's orders can be compared.
        const reason = `reported an order of ${stray.currency_pair} among those of ${pair}`;
        session.unread.add({ scope: 'orders:regular:spot', symbol: null, code: 'ROW_UNREADABLE', reason });
      }
      const known = pairs.get(pair) ?? { total: Number(total), rows: new Map<string, ListedOrder>() };
      pairs.set(pair, known);
      if (known.total !== Number(total)) throw fail(`reported ${known.total}, then ${total} orders of ${pair}`);
      for (const row of orders) {
        const id = isAside(row) ? row.key : row.id;
        if (known.rows.has(id)) throw fail(`reported ${id} twice, the second time on page ${page}`);
        known.rows.set(id, row);
        fresh += 1;
      }
      if (known.rows.size > known.total) throw fail(`reported more orders of ${pair} than its total of ${total}`);
    }
    if (fresh === 0 && page > 1) throw fail(`gave an empty page ${page} before all of the orders that it counts`);
  }
  const rows = [...pairs.values()].flatMap(({ rows: ofPair }) => [...ofPair.values()]);
  return session.convert(OPEN_ORDERS, rows, (row) => openOrder(session, row));
}

async function openOrder(session: ReadSession, row: OrderRow): Promise<OpenOrder> {
  const market = await session.market(row.currency_pair, OPEN_ORDERS, ['spot']);
  const byCost = isByCost(row.type, row.side);
  return {
    id: row.id,
    clientOrderId: clientOrderIdOf(row.text),
    symbol: market.symbol,
    side: row.side,
    type: row.type,
    price: priceOf(row.price),
    triggerPrice: null,
    amount: byCost ? null : amountOf(session, OPEN_ORDERS, row.id, row.amount, market),
    filled: row.filled_amount ?? (byCost ? '0' : subtractDecimals(row.amount, row.left)),
    conditional: false,
    changedAt: gateTime(row.update_time_ms) ?? gateTime(row.create_time_ms),
  };
}

async function readPriceOrders(session: ReadSession, unified: boolean): Promise<OpenOrder[]> {
  const rows = new Map<string, ListedPriceOrder>();
  for (const account of unified ? [{}, { account: 'unified' }] : [{}]) {
    const list = await readAllByOffset<ListedPriceOrder>({
      session,
      endpoint: PRICE_ORDERS,
      pageSize: PAGE,
      idOf: ({ id }) => id,
      ask: (offset) =>
        session.ask(PRICE_ORDERS, { status: 'open', limit: String(PAGE), offset: String(offset), ...account }),
    });
    for (const row of list) rows.set(isAside(row) ? row.key : row.id, row);
  }
  return session.convert(PRICE_ORDERS, [...rows.values()], (row) => priceOrder(session, row));
}

async function priceOrder(session: ReadSession, row: PriceOrderRow): Promise<OpenOrder> {
  const market = await session.market(row.market, PRICE_ORDERS, ['spot']);
  const { side, price, amount, text } = row.put;
  const type = row.put.type ?? 'limit';
  return {
    id: row.id,
    clientOrderId: clientOrderIdOf(text),
    symbol: market.symbol,
    side,
    type,
    price: type === 'market' ? null : priceOf(price),
    triggerPrice: priceOf(row.trigger.price),
    amount: isByCost(type, side) ? null : amountOf(session, PRICE_ORDERS, row.id, amount, market),
    filled: '0',
    conditional: true,
    changedAt: gateTime(row.ctime),
  };
}

function isByCost(type: string, side: OpenOrder['side']): boolean {
  return type.startsWith('market') && side === 'buy';
}
