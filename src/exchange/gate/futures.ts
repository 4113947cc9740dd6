import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, signOf, subtractDecimals } from '../../domain/decimal/decimal.js';
import { marketPath } from '../../domain/snapshot/scope.js';
import type { OpenOrder, OrderSide, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, word, type Endpoint } from '../transport/endpoint.js';
import type { Market } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { clientOrderIdOf, gateTime, NO_ACCOUNT, timeText } from './common.js';
import { readAllByOffset } from '../profile/paging.js';
import { priceOf } from '../profile/rows.js';

/*
 * Gate's perpetual futures, one account for each currency they settle in. Source: www.gate.com/docs/developers/apiv4/en, "Get
 * futures account", "Get user position list", "Query futures order list", "Query auto order list"; trailing orders in trails.ts.
 *
 * - Lists are paged by offset, up to 100 rows a page. Sizes are contracts, of quanto_multiplier base units each; where that is 0
 *   (BTC_USD) a contract is 1 USD. Positive is long or buy, negative short or sell.
 * - Positions have mode single, or dual_long and dual_short; the account says which mode it is in. Sub-positions of one
 *   contract ("split") are summed.
 * - An order with size 0 closes a position: auto_size or order_type give its side, else the position does.
 */

const SETTLES = { usdt: 'linear:USDT', btc: 'inverse:BTC' } as const;
export type Settle = keyof typeof SETTLES;
export const SETTLE_IDS = Object.keys(SETTLES) as Settle[];

/** The scope path of what a settle currency's account holds. */
export function pathOf(settle: Settle): string {
  return SETTLES[settle];
}

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
  mode: z.string(),
  pid: z.string().nullish(),
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

const PRICE_ORDER_ROW = z.object({
  id: idText,
  status: z.enum(['open', 'inactive']),
  order_type: z.string().nullish(),
  initial: z.object({
    contract: word,
    size: decimalText.nullish(),
    price: decimalText,
    auto_size: z.string().nullish(),
    text: z.string().nullish(),
  }),
  trigger: z.object({ price: decimalText }),
  create_time: timeText,
});

/** An endpoint of the futures account of one settle currency. */
export function question<T>(
  settle: Settle,
  path: string,
  call: string,
  scope: string | null,
  shape: z.ZodType<T>,
): Endpoint<T> {
  return {
    method: 'GET',
    path: `/futures/${settle}/${path}`,
    call: `privateFuturesGetSettle${call}`,
    ...(scope === null ? {} : { scope: `${scope}:${SETTLES[settle]}` }),
    shape,
  };
}

const endpointsOf = (settle: Settle) => ({
  account: question(settle, 'accounts', 'Accounts', null, ACCOUNT),
  positions: question(settle, 'positions', 'Positions', 'positions', z.array(POSITION_ROW)),
  orders: question(settle, 'orders', 'Orders', 'orders:regular', z.array(ORDER_ROW)),
  priceOrders: question(settle, 'price_orders', 'PriceOrders', 'orders:conditional', z.array(PRICE_ORDER_ROW)),
});
const ENDPOINTS = { usdt: endpointsOf('usdt'), btc: endpointsOf('btc') };

const PAGE = 100;

export interface FuturesAccount {
  settle: Settle;
  /** Null for separate positions ("split"): then rows decide. */
  mode: PositionMode | null;
  unified: boolean;
}

/** Null where the account was never opened, and so is empty. */
export async function readFuturesAccount(session: ReadSession, settle: Settle): Promise<FuturesAccount | null> {
  const { account } = ENDPOINTS[settle];
  const reported = await session.askUnless([NO_ACCOUNT], account, { settle });
  if (reported === null) return null;
  if (reported.currency.toLowerCase() !== settle) {
    throw session.failure('incomplete', account, `answered for the account in ${reported.currency}`);
  }
  const { position_mode: mode, in_dual_mode: dual, margin_mode: margin = '0', enable_credit: credit } = reported;
  const unified = credit === true || (margin !== null && margin !== '0');
  if (mode !== undefined && mode !== null && mode !== '') {
    return { settle, mode: mode === 'single' ? 'one-way' : mode === 'dual' ? 'hedge' : null, unified };
  }
  if (dual === undefined || dual === null) throw session.failure('unreadable', account, 'reported no position mode');
  return { settle, mode: dual ? 'hedge' : 'one-way', unified };
}

async function readList<Row>(
  session: ReadSession,
  settle: Settle,
  endpoint: Endpoint<Row[]>,
  idOf: (row: Row) => string,
  params: Record<string, string>,
): Promise<Row[]> {
  return readAllByOffset({
    session,
    endpoint,
    pageSize: PAGE,
    idOf,
    ask: (offset) => session.ask(endpoint, { settle, ...params, limit: String(PAGE), offset: String(offset) }),
  });
}

/**
 * The market of a row; null for a quanto contract: its worth is a share of the settle currency, so its size cannot be expressed
 * in base units.
 */
export async function futuresMarket(
  session: ReadSession,
  settle: Settle,
  id: string,
  from: Endpoint<unknown>,
): Promise<Market | null> {
  const market = await session.market(id, from, ['linear', 'inverse']);
  return marketPath(market.symbol) === SETTLES[settle] ? market : null;
}

export async function readFuturesPositions(
  session: ReadSession,
  { settle, mode }: Pick<FuturesAccount, 'settle' | 'mode'>,
): Promise<Position[]> {
  const { positions: endpoint } = ENDPOINTS[settle];
  const idOf = (row: PositionRow) => `${row.contract} ${row.mode} ${row.pid ?? ''}`;
  const rows = await readList(session, settle, endpoint, idOf, { holding: 'true' });
  const positions: Position[] = [];
  for (const row of rows.filter(({ size }) => !isZero(size))) {
    const long = signOf(row.size) > 0;
    if (row.mode === (long ? 'dual_short' : 'dual_long')) {
      throw session.failure(
        'unreadable',
        endpoint,
        `reported a ${row.mode} position of ${row.size} in ${row.contract}`,
      );
    }
    if (mode !== null && row.mode.startsWith('dual') !== (mode === 'hedge')) {
      const reported = `reported a ${row.mode} position in ${row.contract}, but the account is in ${mode} mode`;
      throw session.failure('incomplete', endpoint, `${reported}: the mode was just changed`);
    }
    const market = await futuresMarket(session, settle, row.contract, endpoint);
    if (market === null) continue;
    positions.push({
      symbol: market.symbol,
      side: long ? 'long' : 'short',
      amount: multiplyDecimals(absoluteDecimal(row.size), market.contractSize),
      changedAt: gateTime(row.update_time),
    });
  }
  return positions;
}

export async function readFuturesOrders(
  session: ReadSession,
  settle: Settle,
  held: readonly Position[],
): Promise<OpenOrder[]> {
  const { orders: endpoint } = ENDPOINTS[settle];
  const orders: OpenOrder[] = [];
  for (const row of await readList(session, settle, endpoint, ({ id }) => id, { status: 'open' })) {
    const market = await futuresMarket(session, settle, row.contract, endpoint);
    if (market === null) continue;
    const size = absoluteDecimal(row.size);
    const contracts = isZero(size) ? '0' : subtractDecimals(size, absoluteDecimal(row.left));
    if (signOf(contracts) < 0) {
      throw session.failure('unreadable', endpoint, `reported order ${row.id} with more left than its size`);
    }
    orders.push({
      id: row.id,
      clientOrderId: clientOrderIdOf(row.text),
      symbol: market.symbol,
      side: sideOf(session, endpoint, { ...row, order_type: null }, market, held),
      type: isZero(row.price) ? 'market' : 'limit',
      price: priceOf(row.price),
      triggerPrice: null,
      amount: isZero(size) ? null : multiplyDecimals(size, market.contractSize),
      filled: multiplyDecimals(contracts, market.contractSize),
      conditional: false,
      changedAt: gateTime(row.update_time) ?? gateTime(row.create_time),
    });
  }
  return orders;
}

export async function readFuturesPriceOrders(
  session: ReadSession,
  settle: Settle,
  held: readonly Position[],
): Promise<OpenOrder[]> {
  const { priceOrders: endpoint } = ENDPOINTS[settle];
  const orders: OpenOrder[] = [];
  for (const row of await readList(session, settle, endpoint, ({ id }) => id, { status: 'open' })) {
    const { contract, price, text, auto_size } = row.initial;
    const market = await futuresMarket(session, settle, contract, endpoint);
    if (market === null) continue;
    const size = row.initial.size ?? '0';
    const { id, order_type } = row;
    orders.push({
      id,
      clientOrderId: clientOrderIdOf(text),
      symbol: market.symbol,
      side: sideOf(session, endpoint, { id, size, auto_size, order_type }, market, held),
      type: isZero(price) ? 'market' : 'limit',
      price: priceOf(price),
      triggerPrice: priceOf(row.trigger.price),
      amount: isZero(size) ? null : multiplyDecimals(absoluteDecimal(size), market.contractSize),
      filled: '0',
      conditional: true,
      changedAt: gateTime(row.create_time),
    });
  }
  return orders;
}

interface Sized {
  id: string;
  size: string;
  auto_size?: string | null | undefined;
  order_type?: string | null | undefined;
}

/** By the sign of the size; for an order that closes a position, by the position's side. */
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
  throw session.failure('unreadable', endpoint, `reported order ${row.id} with size 0 and not which side it closes`);
}
