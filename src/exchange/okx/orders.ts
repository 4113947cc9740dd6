import { z } from 'zod';
import { isZero, multiplyDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint, get } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { envelope, okxMarket, textOf, WRONG_PARAMETER, type Envelope } from './common.js';
import { readAllPages } from '../profile/paging.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

/*
 * Open orders of OKX. Source: www.okx.com/docs-v5/en, "GET / Order List", "GET / Algo order list", "Pagination".
 *
 * - GET /api/v5/trade/orders-pending without a filter gives the regular orders of all instrument types, newest first, in pages
 *   of 100; `after` is the id of the last order seen.
 * - GET /api/v5/trade/orders-algo-pending has to be asked for each ordType on its own; only conditional and oco go together.
 * - Sizes are in contracts, on spot and margin in the base currency; with tgtCcy quote_ccy (spot orders at the market price) in
 *   the quote currency, and then there is no amount to compare.
 * - -1 as a price stands for the market price. The trigger price of a trailing stop (moveTriggerPx) moves with the market: what
 *   its owner set is activePx.
 * - An oco has two trigger prices. A snapshot has one: the stop loss.
 */

const priceText = z.union([decimalText, z.literal('')]).nullish();

const ORDER_ROW = z.object({
  instType: word,
  instId: word,
  ordId: word,
  clOrdId: z.string().nullish(),
  side: z.enum(['buy', 'sell']),
  ordType: word,
  state: z.enum(['live', 'partially_filled']),
  px: priceText,
  sz: decimalText,
  accFillSz: decimalText,
  tgtCcy: z.string().nullish(),
  uTime: timeMs.nullish(),
});

const PENDING = get('/api/v5/trade/orders-pending', 'privateGetTradeOrdersPending', envelope(z.array(ORDER_ROW)), {
  scope: 'orders:regular',
});

const ALGO_ROW = z.object({
  instType: word,
  instId: word,
  algoId: word,
  algoClOrdId: z.string().nullish(),
  side: z.enum(['buy', 'sell']),
  ordType: word,
  state: z.enum(['live', 'pause', 'partially_effective']),
  sz: z.union([decimalText, z.literal('')]).nullish(),
  closeFraction: z.string().nullish(),
  tgtCcy: z.string().nullish(),
  triggerPx: priceText,
  ordPx: priceText,
  slTriggerPx: priceText,
  slOrdPx: priceText,
  tpTriggerPx: priceText,
  tpOrdPx: priceText,
  activePx: priceText,
  pxLimit: priceText,
  uTime: timeMs.nullish(),
});
type AlgoRow = z.infer<typeof ALGO_ROW>;

const ALGO_PENDING = get(
  '/api/v5/trade/orders-algo-pending',
  'privateGetTradeOrdersAlgoPending',
  envelope(z.array(ALGO_ROW)),
  { scope: 'orders:conditional' },
);

/** Order types that wait for a trigger. */
const CONDITIONAL_TYPES = ['conditional,oco', 'trigger', 'move_order_stop'];
/**
 * Order types that OKX works off in parts, each an order in the book. OKX replaces them over time (iceberg by
 * smart_iceberg), so it may refuse one as a wrong parameter: then there is no such order, and the run says so.
 */
const WORKING_TYPES = ['chase', 'iceberg', 'smart_iceberg', 'twap'];

const PAGE = 100;

export interface OkxOrders {
  orders: OpenOrder[];
  /** Order types that OKX says it does not have. */
  refusedTypes: string[];
}

/** Orders that wait for a trigger before regular ones: one that triggers in between is then seen twice rather than never. */
export async function readOkxOrders(session: ReadSession): Promise<OkxOrders> {
  const orders: OpenOrder[] = [];
  const refusedTypes: string[] = [];
  for (const ordType of CONDITIONAL_TYPES) orders.push(...((await readAlgoOrders(session, ordType, [])) ?? []));
  for (const ordType of WORKING_TYPES) {
    const found = await readAlgoOrders(session, ordType, [WRONG_PARAMETER]);
    if (found === null) refusedTypes.push(ordType);
    orders.push(...(found ?? []));
  }
  orders.push(...(await readRegularOrders(session)));
  return { orders, refusedTypes };
}

/** By the id of the last row; only an empty page proves the end. */
async function readList<Row>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<Row>>,
  idOf: (row: Row) => string,
  ask: (page: Params) => Promise<Envelope<Row>>,
): Promise<Row[]> {
  return readAllPages({
    session,
    endpoint,
    pageSize: PAGE,
    idOf,
    ask: async (after) => {
      const { data } = await ask({ limit: String(PAGE), ...(after === null ? {} : { after }) });
      const last = data.at(-1);
      return { rows: data, next: last === undefined ? null : idOf(last) };
    },
  });
}

async function readRegularOrders(session: ReadSession): Promise<OpenOrder[]> {
  const rows = await readList(
    session,
    PENDING,
    ({ ordId }) => ordId,
    (page) => session.ask(PENDING, page),
  );
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await okxMarket(session, row, PENDING);
    if (market === null) continue;
    const byCost = row.tgtCcy === 'quote_ccy' && market.kind === 'spot';
    orders.push({
      id: row.ordId,
      clientOrderId: textOf(row.clOrdId),
      symbol: market.symbol,
      side: row.side,
      type: row.ordType,
      price: limitPriceOf(row.px),
      triggerPrice: null,
      amount: byCost ? null : amountOf(session, PENDING, row.ordId, row.sz, market),
      filled: multiplyDecimals(row.accFillSz, market.contractSize),
      conditional: false,
      changedAt: timeOf(row.uTime),
    });
  }
  return orders;
}

/** Null where OKX refuses the first page with one of the codes. */
async function readAlgoOrders(
  session: ReadSession,
  ordType: string,
  refusals: readonly string[],
): Promise<OpenOrder[] | null> {
  let refused = false;
  const rows = await readList(
    session,
    ALGO_PENDING,
    ({ algoId }) => algoId,
    async (page) => {
      const params = { ordType, ...page };
      const reported = await session.askUnless(page['after'] === undefined ? refusals : [], ALGO_PENDING, params);
      refused = reported === null;
      return reported ?? { data: [] };
    },
  );
  if (refused) return null;
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    if (!ordType.split(',').includes(row.ordType)) {
      throw session.failure('incomplete', ALGO_PENDING, `was asked for ${ordType} and answered ${row.ordType}`);
    }
    const market = await okxMarket(session, row, ALGO_PENDING);
    if (market !== null) orders.push(algoOrder(session, row, market));
  }
  return orders;
}

function algoOrder(session: ReadSession, row: AlgoRow, market: Market): OpenOrder {
  const { triggerPrice, price } = pricesOf(row);
  return {
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
  };
}

function pricesOf(row: AlgoRow): Pick<OpenOrder, 'price' | 'triggerPrice'> {
  switch (row.ordType) {
    case 'trigger':
      return { triggerPrice: priceOf(row.triggerPx), price: limitPriceOf(row.ordPx) };
    case 'move_order_stop':
      return { triggerPrice: priceOf(row.activePx), price: null };
    case 'conditional':
    case 'oco': {
      const stopLoss = priceOf(row.slTriggerPx);
      return stopLoss !== null
        ? { triggerPrice: stopLoss, price: limitPriceOf(row.slOrdPx) }
        : { triggerPrice: priceOf(row.tpTriggerPx), price: limitPriceOf(row.tpOrdPx) };
    }
    default:
      return { triggerPrice: null, price: limitPriceOf(row.pxLimit) };
  }
}

/** Null for an order of a share of the position, and for one in the quote currency. */
function algoAmount(session: ReadSession, row: AlgoRow, market: Market): string | null {
  if (row.tgtCcy === 'quote_ccy' && market.kind === 'spot') return null;
  const size = textOf(row.sz);
  if (textOf(row.closeFraction) !== null && (size === null || isZero(size))) return null;
  return amountOf(session, ALGO_PENDING, row.algoId, size, market);
}

function limitPriceOf(text: string | null | undefined): string | null {
  return text === '-1' ? null : priceOf(text);
}
