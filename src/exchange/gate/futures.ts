import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, signOf, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { OpenOrder, OrderSide, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, type Endpoint } from '../transport/endpoint.js';
import { otherContractSize } from '../profile/contract-value.js';
import type { Market } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, holdsNothing, NO_ACCOUNT, timeText } from './common.js';
import { readAllByOffset } from '../profile/paging.js';
import { priceOf } from '../profile/rows.js';
import { rowsOf, type RowIn } from '../profile/unread.js';
import { contractOf, DELIVERY_USDT, PRODUCTS } from './products.js';
import { productEndpoint, settleParam, type Product } from './products.js';

/*
 * Accounts, positions and orders of Gate's futures products. Source: www.gate.com/docs/developers/apiv4/en, "Get futures account",
 * "Get user position list", "Query futures order list", and the same of "Delivery"; models Contract, FuturesOrder, Position.
 * Price orders are in price-orders.ts, trailing orders in trails.ts.
 *
 * - Sizes are contracts, of quanto_multiplier base units each; where that is 0 (BTC_USD) a contract is 1 USD. Positive
 *   is long or buy, negative short or sell. A contract with `enable_decimal` has fractional sizes: without the header
 *   `X-Gate-Size-Decimal: 1` they are cut toward zero, so 0.4 held reads as flat.
 * - Lists are paged by offset, up to 100 rows a page; positions of delivery contracts come in one answer.
 * - `value` is size x quanto_multiplier x `mark_price` (divided by it where a contract is 1 USD): a row that says
 *   otherwise is of a contract whose multiplier has changed.
 * - Positions have mode single, or dual_long and dual_short; the account says which mode it is in. Sub-positions of one
 *   contract ("split", "dual_plus") are summed.
 * - An order with size 0 closes a position: auto_size or order_type give its side, else the position does.
 */

const ACCOUNT = z.object({
  currency: word,
  total: decimalText,
  in_dual_mode: z.boolean().nullish(),
  position_mode: z.string().nullish(),
  margin_mode: z.string().nullish(),
  enable_credit: z.boolean().nullish(),
});

const POSITION_ROW = z.object({
  contract: word,
  size: decimalText,
  mode: z.enum(['single', 'dual_long', 'dual_short']),
  pid: z.string().nullish(),
  entry_price: z.string().nullish(),
  mark_price: z.string().nullish(),
  value: z.string().nullish(),
  update_time: timeText,
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const ORDER_ROW = z.object({
  id: idText,
  contract: word,
  size: decimalText,
  left: decimalText,
  price: decimalText,
  status: z.literal('open'),
  text: z.string().nullish(),
  auto_size: z.string().nullish(),
  create_time: timeText,
  update_time: timeText,
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const positionRows = z.array(rowsOf(POSITION_ROW, { symbol: 'contract', skip: ({ size }) => holdsNothing(size) }));
const orderRows = z.array(rowsOf(ORDER_ROW, { symbol: 'contract' }));

const endpointsOf = (product: Product) => ({
  account: productEndpoint(product, 'accounts', 'Accounts', null, ACCOUNT),
  positions: productEndpoint(product, 'positions', 'Positions', 'positions', positionRows),
  orders: productEndpoint(product, 'orders', 'Orders', 'orders:regular', orderRows),
});
const ENDPOINTS = new Map(PRODUCTS.map((product) => [product, endpointsOf(product)]));

function endpointsFor(product: Product): ReturnType<typeof endpointsOf> {
  return ENDPOINTS.get(product) ?? endpointsOf(product);
}

const PAGE = 100;

export interface FuturesAccount {
  product: Product;
  /** Null for separate positions ("split"): then rows decide. */
  mode: PositionMode | null;
  unified: boolean;
}

/** Null where the account was never opened, and so is empty. */
export async function readFuturesAccount(session: ReadSession, product: Product): Promise<FuturesAccount | null> {
  const { account } = endpointsFor(product);
  const reported = await session.askUnless([NO_ACCOUNT], account, settleParam(product));
  if (reported === null) return null;
  if (reported.currency.toLowerCase() !== product.settle) {
    throw session.failure('incomplete', account, `answered for the account in ${reported.currency}`);
  }
  const { position_mode: mode, in_dual_mode: dual, margin_mode: margin = '0', enable_credit: credit } = reported;
  const unified = credit === true || (margin !== null && margin !== '0');
  if (mode !== undefined && mode !== null && mode !== '') {
    return { product, mode: mode === 'single' ? 'one-way' : mode === 'dual' ? 'hedge' : null, unified };
  }
  if (dual === undefined || dual === null) throw session.failure('unreadable', account, 'reported no position mode');
  return { product, mode: dual ? 'hedge' : 'one-way', unified };
}

/** A list that is paged by offset. */
export async function readList<Item>(
  session: ReadSession,
  product: Product,
  endpoint: Endpoint<Item[]>,
  idOf: (row: RowIn<Item>) => string,
  params: Params,
): Promise<Item[]> {
  return readAllByOffset<Item>({
    session,
    endpoint,
    pageSize: PAGE,
    idOf,
    ask: (offset) =>
      session.ask(endpoint, { ...settleParam(product), ...params, limit: String(PAGE), offset: String(offset) }),
  });
}

/** The positions of one product. Throws ExchangeFailure. */
export async function readFuturesPositions(
  session: ReadSession,
  { product, mode }: Pick<FuturesAccount, 'product' | 'mode'>,
): Promise<Position[]> {
  const { positions: endpoint } = endpointsFor(product);
  const idOf = (row: PositionRow): string => `${row.contract} ${row.mode} ${row.pid ?? ''}`;
  const rows =
    product === DELIVERY_USDT
      ? await session.ask(endpoint, settleParam(product))
      : await readList(session, product, endpoint, idOf, { holding: 'true' });
  return session.convert(endpoint, rows, async (row) => {
    const market = await contractOf(session, product, row.contract, endpoint);
    if (market === null) return null;
    const long = signOf(row.size) > 0;
    if (row.mode === (long ? 'dual_short' : 'dual_long')) {
      const reported = `reported a ${row.mode} position of ${row.size} in ${row.contract}`;
      throw session.refuseRow(endpoint, market.symbol, reported);
    }
    if (mode !== null && row.mode.startsWith('dual') !== (mode === 'hedge')) {
      const reported = `reported a ${row.mode} position in ${row.contract}, but the account is in ${mode} mode`;
      throw session.failure('incomplete', endpoint, `${reported}: the mode was just changed`);
    }
    const contracts = absoluteDecimal(row.size);
    const other = otherContractSize({ contracts, value: row.value, price: row.mark_price }, market);
    if (other !== null) {
      const known = `the list of contracts says ${market.contractSize}: the contract has changed`;
      throw session.refuseRow(endpoint, market.symbol, `reported a value of ${other} a contract, where ${known}`);
    }
    session.notePrice(market.symbol, row.entry_price, row.mark_price);
    return {
      symbol: market.symbol,
      side: long ? 'long' : 'short',
      amount: multiplyDecimals(contracts, market.contractSize),
      changedAt: gateTime(row.update_time),
    };
  });
}

/**
 * The regular open orders of one product. `held` gives the side of an order that closes a position. Throws
 * ExchangeFailure.
 */
export async function readFuturesOrders(
  session: ReadSession,
  product: Product,
  held: readonly Position[],
): Promise<OpenOrder[]> {
  const { orders: endpoint } = endpointsFor(product);
  const rows = await readList(session, product, endpoint, ({ id }: OrderRow) => id, { status: 'open' });
  return session.convert(endpoint, rows, async (row) => {
    const market = await contractOf(session, product, row.contract, endpoint);
    if (market === null) return null;
    const size = absoluteDecimal(row.size);
    const contracts = isZero(size) ? '0' : subtractDecimals(size, absoluteDecimal(row.left));
    if (signOf(contracts) < 0) {
      throw session.refuseRow(endpoint, market.symbol, `reported order ${row.id} with more left than its size`);
    }
    return {
      id: row.id,
      clientOrderId: clientOrderIdOf(row.text),
      symbol: market.symbol,
      side: sideOf(session, endpoint, row, market, held),
      type: isZero(row.price) ? 'market' : 'limit',
      price: priceOf(row.price),
      triggerPrice: null,
      amount: isZero(size) ? null : multiplyDecimals(size, market.contractSize),
      filled: multiplyDecimals(contracts, market.contractSize),
      conditional: false,
      changedAt: gateTime(row.update_time) ?? gateTime(row.create_time),
    };
  });
}

interface Sized {
  id: string;
  size: string;
  auto_size?: string | null | undefined;
  order_type?: string | null | undefined;
}

/** By the sign of the size; for an order that closes a position, by the position's side. Throws `RowRefusal` if none tells. */
export function sideOf(
  session: ReadSession,
  endpoint: Endpoint<unknown>,
  row: Sized,
  market: Market,
  held: readonly Position[],
): OrderSide {
  const sign = signOf(row.size);
  if (sign !== 0) return sign > 0 ? 'buy' : 'sell';
  const closes = `${row.auto_size ?? ''} ${row.order_type ?? ''}`;
  if (/close[_-]long/.test(closes)) return 'sell';
  if (/close[_-]short/.test(closes)) return 'buy';
  const [position, another] = held.filter(({ symbol }) => symbol === market.symbol);
  if (position !== undefined && another === undefined) return position.side === 'long' ? 'sell' : 'buy';
  throw session.refuseRow(endpoint, market.symbol, `reported order ${row.id} with size 0 and not which side it closes`);
}
