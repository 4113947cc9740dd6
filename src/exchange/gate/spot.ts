import { z } from 'zod';
import { addDecimals, isZero, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, get } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, timeText } from './common.js';
import { readAllByOffset } from '../profile/paging.js';
import { amountOf, priceOf } from '../profile/rows.js';

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

const ORDER_ROW = z.object({
  id: word,
  text: z.string().nullish(),
  currency_pair: word,
  status: z.literal('open'),
  type: word,
  side: SIDE,
  amount: decimalText,
  left: decimalText,
  filled_amount: decimalText.nullish(),
  price: decimalText.nullish(),
  create_time_ms: timeText,
  update_time_ms: timeText,
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const PAIR = z.object({ currency_pair: word, total: idText, orders: z.array(ORDER_ROW) });

const OPEN_ORDERS = get('/spot/open_orders', 'privateSpotGetOpenOrders', z.array(PAIR), {
  scope: 'orders:regular:spot',
});

const PRICE_ORDER_ROW = z.object({
  id: idText,
  market: word,
  status: z.literal('open'),
  trigger: z.object({ price: decimalText }),
  put: z.object({
    type: word.nullish(),
    side: SIDE,
    price: decimalText,
    amount: decimalText,
    text: z.string().nullish(),
  }),
  ctime: timeText,
});
type PriceOrderRow = z.infer<typeof PRICE_ORDER_ROW>;

const PRICE_ORDERS = get('/spot/price_orders', 'privateSpotGetPriceOrders', z.array(PRICE_ORDER_ROW), {
  scope: 'orders:conditional:spot',
});

const COIN_ROW = z.object({ currency: word, available: decimalText, locked: decimalText });

const ACCOUNTS = get('/spot/accounts', 'privateSpotGetAccounts', z.array(COIN_ROW), { scope: 'balances' });

const PAGE = 100;
/** More pages than any pair's orders need. */
const MAX_PAGES = 200;

export async function readSpotBalances(session: ReadSession): Promise<Balance[]> {
  const rows = await session.ask(ACCOUNTS);
  return rows
    .map(({ currency, available, locked }) => ({
      currency: session.currency(currency),
      total: addDecimals(available, locked),
    }))
    .filter(({ total }) => !isZero(total));
}

/** Price orders come before regular ones: an order that triggers in between is then seen twice rather than never. */
export async function readSpotOrders(session: ReadSession, unified: boolean): Promise<OpenOrder[]> {
  const waiting = await readPriceOrders(session, unified);
  return [...waiting, ...(await readOpenOrders(session))];
}

interface PairBeingRead {
  total: number;
  rows: Map<string, OrderRow>;
}

/** Reads until every pair has the number of orders that it reports, which must not change during the read. */
async function readOpenOrders(session: ReadSession): Promise<OpenOrder[]> {
  const pairs = new Map<string, PairBeingRead>();
  for (let page = 1; page === 1 || [...pairs.values()].some(({ total, rows }) => rows.size < total); page++) {
    const fail = (what: string) => session.failure('incomplete', OPEN_ORDERS, what);
    if (page > MAX_PAGES) throw fail(`has more than ${MAX_PAGES} pages`);
    let fresh = 0;
    for (const { currency_pair: pair, total, orders } of await session.ask(OPEN_ORDERS, {
      page: String(page),
      limit: String(PAGE),
    })) {
      const known = pairs.get(pair) ?? { total: Number(total), rows: new Map<string, OrderRow>() };
      pairs.set(pair, known);
      if (known.total !== Number(total)) throw fail(`reported ${known.total}, then ${total} orders of ${pair}`);
      for (const row of orders) {
        if (row.currency_pair !== pair) throw fail(`reported an order of ${row.currency_pair} among those of ${pair}`);
        if (known.rows.has(row.id)) throw fail(`reported ${row.id} twice, the second time on page ${page}`);
        known.rows.set(row.id, row);
        fresh += 1;
      }
      if (known.rows.size > known.total) throw fail(`reported more orders of ${pair} than its total of ${total}`);
    }
    if (fresh === 0 && page > 1) throw fail(`gave an empty page ${page} before all of the orders that it counts`);
  }
  const rows = [...pairs.values()].flatMap(({ rows: ofPair }) => [...ofPair.values()]);
  return Promise.all(rows.map((row) => openOrder(session, row)));
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
  const rows = new Map<string, PriceOrderRow>();
  for (const account of unified ? [{}, { account: 'unified' }] : [{}]) {
    const list = await readAllByOffset<PriceOrderRow>({
      session,
      endpoint: PRICE_ORDERS,
      pageSize: PAGE,
      idOf: ({ id }) => id,
      ask: (offset) =>
        session.ask(PRICE_ORDERS, { status: 'open', limit: String(PAGE), offset: String(offset), ...account }),
    });
    for (const row of list) rows.set(row.id, row);
  }
  return Promise.all([...rows.values()].map((row) => priceOrder(session, row)));
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
  return type === 'market' && side === 'buy';
}
