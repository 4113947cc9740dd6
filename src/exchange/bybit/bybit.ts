import { z } from 'zod';
import { isZero, multiplyDecimals, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint, get } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import {
  auditBybitKey,
  BYBIT_CODES,
  bybitCodeOf,
  bybitRetryAfterMs,
  envelope,
  type Envelope,
  BYBIT_LIMITS,
} from './common.js';
import { BYBIT_MISSING_ORDERS } from './missing-orders.js';
import { defineExchange } from '../profile/define-exchange.js';
import { readAllPages } from '../profile/paging.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

/*
 * Bybit, unified trading account. Source: bybit-exchange.github.io/docs/v5 ("Get Position Info", "Get Open & Closed Orders",
 * "Get Wallet Balance", "Rate Limit").
 *
 * - Positions: category linear needs a settleCoin, so each settlement coin is asked separately; category inverse answers for
 *   all coins. Pages of 200. With positionIdx 0 the position is one-way, 1 and 2 are the legs of hedge mode; the mode is set
 *   per symbol or coin, so an account may have both.
 * - Open orders: pages of 50, newest first; linear per settleCoin, inverse and spot whole. Conditional orders are among them
 *   (status Untriggered), as are TP/SL, trailing and OCO orders.
 * - Amounts of linear contracts are in base units, of inverse ones in USD. ccxt uses an inverse market's smallest order as
 *   its contract size, which is right only while that is 1.
 * - Every page with rows has a cursor, also the last one: an empty page is the end.
 * - Options and spread orders are not read. Classic accounts are refused by the wallet question.
 */

const INSTRUMENTS = get(
  '/v5/market/instruments-info',
  null,
  envelope(
    z.object({
      category: word,
      // Empty for a category without pre-launch contracts.
      list: z.array(z.object({ symbol: word, baseCoin: word, quoteCoin: word })),
    }),
  ),
);

const TIME = get('/v5/market/time', 'publicGetV5MarketTime', envelope(z.object({ timeSecond: word })));

const CATEGORY = z.enum(['linear', 'inverse', 'spot']);
type Category = z.infer<typeof CATEGORY>;

const POSITION_ROW = z.object({
  symbol: word,
  positionIdx: z.enum(['0', '1', '2']),
  side: z.enum(['Buy', 'Sell', '']),
  size: decimalText,
  updatedTime: timeMs.nullish(),
});

const ORDER_ROW = z.object({
  symbol: word,
  orderId: word,
  orderLinkId: z.string().nullish(),
  side: z.enum(['Buy', 'Sell']),
  orderType: word,
  orderStatus: z.enum(['New', 'PartiallyFilled', 'Untriggered', 'Triggered', 'Created', 'Active']),
  price: z.union([decimalText, z.literal('')]),
  triggerPrice: z.union([decimalText, z.literal('')]).nullish(),
  qty: decimalText,
  cumExecQty: decimalText,
  closeOnTrigger: z.boolean().nullish(),
  reduceOnly: z.boolean().nullish(),
  updatedTime: timeMs.nullish(),
});

interface List<Row> {
  category: Category;
  nextPageCursor?: string | null | undefined;
  list: Row[];
}

function listOf<Row>(row: z.ZodType<Row>): z.ZodType<Envelope<List<Row>>> {
  return envelope(z.object({ category: CATEGORY, nextPageCursor: z.string().nullish(), list: z.array(row) }));
}

const POSITIONS = get('/v5/position/list', 'privateGetV5PositionList', listOf(POSITION_ROW), { scope: 'positions' });

const OPEN_ORDERS = get('/v5/order/realtime', 'privateGetV5OrderRealtime', listOf(ORDER_ROW), { scope: 'orders' });

const COIN_ROW = z.object({ coin: word, walletBalance: decimalText });

const WALLET = get(
  '/v5/account/wallet-balance',
  'privateGetV5AccountWalletBalance',
  envelope(
    z.object({ list: z.array(z.object({ accountType: z.literal('UNIFIED'), coin: z.array(COIN_ROW) })).length(1) }),
  ),
  { scope: 'balances' },
);

const POSITION_PAGE = 200;
const ORDER_PAGE = 50;
const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const bybit = defineExchange({
  id: 'bybit',
  options: {
    fetchMarkets: { types: ['spot', 'linear', 'inverse'] },
    enableUnifiedAccount: true,
    enableUnifiedMargin: false,
  },
  marketEndpoints: [INSTRUMENTS],
  // Ten requests per second and endpoint are allowed, each 5 of ccxt's costs.
  budget: { perMinute: 1_500, burst: 100 },
  marketKinds: KINDS,
  contractSize: '1',
  codeOf: bybitCodeOf,
  codes: BYBIT_CODES,
  limits: BYBIT_LIMITS,
  retryAfterMs: bybitRetryAfterMs,
  account: {
    clock: async (session) => (await session.ask(TIME)).time,
    setup: async (session) => partsOf(session),
    held: async (session, { contracts }) => {
      const held = await ofEach(contracts, (part) => readPositions(session, part));
      return {
        positions: held.map(({ position }) => position),
        modes: held.map(({ mode }) => mode),
        balances: await readBalances(session),
      };
    },
    orders: async (session, { all }) => ({ orders: await ofEach(all, (part) => readOrders(session, part)) }),
    positionMode: ({ held }) => modeOf(held.modes),
    scopes: ({ setup: { contracts, all } }) => [
      ...contracts.map(({ path }) => `positions:${path}`),
      ...all.flatMap(({ path }) => [`orders:regular:${path}`, `orders:conditional:${path}`]),
    ],
    gaps: ['positions:option', 'orders:regular:option'].map((scope) => ({ scope, reason: 'options are not read' })),
  },
  missingOrders: BYBIT_MISSING_ORDERS,
  auditKey: auditBybitKey,
});

/** One request for a part of the account, and the scope path of its answer. */
interface Part {
  category: Category;
  path: string;
  params: Params;
}

/** Each settlement coin of linear markets is asked separately. */
function partsOf(session: ReadSession): { contracts: Part[]; all: Part[] } {
  const contracts: Part[] = session.settleIds('linear').map((settleCoin) => ({
    category: 'linear',
    path: `linear:${session.currency(settleCoin)}`,
    params: { category: 'linear', settleCoin },
  }));
  contracts.push({ category: 'inverse', path: 'inverse', params: { category: 'inverse' } });
  return { contracts, all: [...contracts, { category: 'spot', path: 'spot', params: { category: 'spot' } }] };
}

async function ofEach<T>(parts: readonly Part[], read: (part: Part) => Promise<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for (const part of parts) rows.push(...(await read(part)));
  return rows;
}

/** Null where symbols differ, and without positions. */
function modeOf(modes: readonly PositionMode[]): PositionMode | null {
  const [first = null] = modes;
  return modes.every((mode) => mode === first) ? first : null;
}

async function readList<Row>(
  session: ReadSession,
  endpoint: Endpoint<Envelope<List<Row>>>,
  part: Part,
  pageSize: number,
  idOf: (row: Row) => string,
): Promise<Row[]> {
  return readAllPages({
    session,
    endpoint,
    pageSize,
    idOf,
    ask: async (cursor) => {
      const limit = String(pageSize);
      const { result } = await session.ask(endpoint, { ...part.params, limit, ...(cursor === null ? {} : { cursor }) });
      if (result.category !== part.category) {
        throw session.failure('incomplete', endpoint, `was asked for ${part.category} and answered ${result.category}`);
      }
      const next = result.nextPageCursor ?? '';
      return { rows: result.list, next: next === '' ? null : next };
    },
  });
}

interface HeldPosition {
  position: Position;
  mode: PositionMode;
}

async function readPositions(session: ReadSession, part: Part): Promise<HeldPosition[]> {
  const rows = await readList(session, POSITIONS, part, POSITION_PAGE, (row) => `${row.symbol} ${row.positionIdx}`);
  const positions: HeldPosition[] = [];
  for (const row of rows.filter(({ size }) => !isZero(size))) {
    const side = row.positionIdx === '0' ? row.side : row.positionIdx === '1' ? 'Buy' : 'Sell';
    if (side === '' || side !== row.side || row.size.startsWith('-')) {
      const reported = `${row.side} ${row.size} with positionIdx ${row.positionIdx}`;
      throw session.failure('unreadable', POSITIONS, `reported a position ${reported} in ${row.symbol}`);
    }
    const market = await session.market(row.symbol, POSITIONS, [part.category]);
    positions.push({
      mode: row.positionIdx === '0' ? 'one-way' : 'hedge',
      position: {
        symbol: market.symbol,
        side: side === 'Buy' ? 'long' : 'short',
        amount: multiplyDecimals(row.size, market.contractSize),
        changedAt: timeOf(row.updatedTime),
      },
    });
  }
  return positions;
}

async function readOrders(session: ReadSession, part: Part): Promise<OpenOrder[]> {
  const rows = await readList(session, OPEN_ORDERS, part, ORDER_PAGE, ({ orderId }) => orderId);
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await session.market(row.symbol, OPEN_ORDERS, [part.category]);
    // A TP/SL of the whole position has no amount of its own.
    const wholePosition = isZero(row.qty) && (row.closeOnTrigger === true || row.reduceOnly === true);
    orders.push({
      id: row.orderId,
      clientOrderId: textOf(row.orderLinkId),
      symbol: market.symbol,
      side: row.side === 'Buy' ? 'buy' : 'sell',
      type: row.orderType.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.triggerPrice),
      amount: wholePosition ? null : amountOf(session, OPEN_ORDERS, row.orderId, row.qty, market),
      filled: multiplyDecimals(row.cumExecQty, market.contractSize),
      conditional: row.orderStatus === 'Untriggered',
      changedAt: timeOf(row.updatedTime),
    });
  }
  return orders;
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const { result } = await session.ask(WALLET, { accountType: 'UNIFIED' });
  const coins = result.list.flatMap(({ coin }) => coin).filter(({ walletBalance }) => !isZero(walletBalance));
  return coins.map(({ coin, walletBalance }) => ({
    currency: session.currency(coin),
    total: normalizeDecimal(walletBalance),
  }));
}

/** "" means that there is none. */
function textOf(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
