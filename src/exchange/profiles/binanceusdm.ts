import { z } from 'zod';
import { absoluteDecimal, equalDecimals, isZero, multiplyDecimals, signOf } from '../../domain/decimal.js';
import type { OpenOrder, Position, PositionMode } from '../../domain/snapshot.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../endpoint.js';
import type { Market } from '../markets.js';
import type { Session } from '../session.js';
import { BINANCE_CODES, binanceCodeOf } from './binance-codes.js';
import { explainBinanceUsdmOrder } from './binanceusdm-missing.js';
import type { AccountState, Profile } from './profile.js';

/*
 * Binance USD-M futures. Source: developers.binance.com/docs/derivatives/usds-margined-futures
 *
 * - GET /fapi/v3/positionRisk gives a row for each symbol with a position or an open order, in both position modes:
 *   positionSide BOTH with a signed positionAmt, or LONG and SHORT rows. The sign of positionAmt decides; ccxt takes the side
 *   from `notional`.
 * - GET /fapi/v1/openOrders without a symbol gives all regular orders, unpaged (weight 40).
 * - Since December 2025 conditional orders live in the algo service: GET /fapi/v1/openAlgoOrders (weight 40).
 */

const SIDE = z.enum(['BUY', 'SELL']);
const POSITION_SIDE = z.enum(['BOTH', 'LONG', 'SHORT']);
type PositionSideWord = z.infer<typeof POSITION_SIDE>;

const EXCHANGE_INFO: Endpoint<unknown> = {
  method: 'GET',
  path: '/fapi/v1/exchangeInfo',
  call: null,
  shape: z.object({
    symbols: z
      .array(z.object({ symbol: word, baseAsset: word, quoteAsset: word, marginAsset: word, contractType: z.string() }))
      .min(1),
  }),
};

const TIME: Endpoint<{ serverTime: number }> = {
  method: 'GET',
  path: '/fapi/v1/time',
  call: 'fapiPublicGetTime',
  shape: z.object({ serverTime: timeMs.refine((time) => time > 0, 'zero') }),
};

/** Fields that may be absent are `nullish` where their absence says something harmless: no such price, time not told. */
const POSITION_ROW = z.object({
  symbol: word,
  positionSide: POSITION_SIDE,
  positionAmt: decimalText,
  updateTime: timeMs.nullish(),
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const POSITIONS: Endpoint<PositionRow[]> = {
  method: 'GET',
  path: '/fapi/v3/positionRisk',
  call: 'fapiPrivateV3GetPositionRisk',
  scope: 'positions:linear',
  shape: z.array(POSITION_ROW),
};

const ORDER_ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: word.nullish(),
  side: SIDE,
  positionSide: POSITION_SIDE.nullish(),
  type: word,
  status: z.enum(['NEW', 'PARTIALLY_FILLED']),
  price: decimalText,
  stopPrice: decimalText.nullish(),
  origQty: decimalText,
  executedQty: decimalText,
  closePosition: z.boolean().nullish(),
  updateTime: timeMs.nullish(),
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const OPEN_ORDERS: Endpoint<OrderRow[]> = {
  method: 'GET',
  path: '/fapi/v1/openOrders',
  call: 'fapiPrivateGetOpenOrders',
  scope: 'orders:regular:linear',
  shape: z.array(ORDER_ROW),
};

const ALGO_ROW = z.object({
  symbol: word,
  algoId: idText,
  clientAlgoId: word.nullish(),
  side: SIDE,
  positionSide: POSITION_SIDE.nullish(),
  orderType: word,
  algoStatus: z.enum(['NEW', 'TRIGGERING']).nullish(),
  price: decimalText.nullish(),
  triggerPrice: decimalText.nullish(),
  quantity: decimalText.nullish(),
  closePosition: z.boolean().nullish(),
  updateTime: timeMs.nullish(),
});
type AlgoRow = z.infer<typeof ALGO_ROW>;

const OPEN_ALGO_ORDERS: Endpoint<AlgoRow[]> = {
  method: 'GET',
  path: '/fapi/v1/openAlgoOrders',
  call: 'fapiPrivateGetOpenAlgoOrders',
  scope: 'orders:conditional:linear',
  shape: z.array(ALGO_ROW),
};

const POSITION_MODE: Endpoint<{ dualSidePosition: boolean }> = {
  method: 'GET',
  path: '/fapi/v1/positionSide/dual',
  call: 'fapiPrivateGetPositionSideDual',
  shape: z.object({ dualSidePosition: z.boolean() }),
};

/** Regular order types that wait for a trigger; in openOrders only on servers without the algo service. */
const CONDITIONAL_TYPES = /^(?:STOP|TAKE_PROFIT|TRAILING_STOP)/;

/** How often orders are read again because a position moved while they were read. */
const MAX_ROUNDS = 3;

export const binanceusdm: Profile = {
  id: 'binanceusdm',
  options: { fetchMarkets: { types: ['linear'] }, fetchCurrencies: false, adjustForTimeDifference: false },
  marketEndpoints: [EXCHANGE_INFO],
  // The limit is 2,400 a minute and address; the rest is left to the bot.
  budget: { perMinute: 1_200, burst: 600 },
  codes: BINANCE_CODES,
  codeOf: binanceCodeOf,
  marketKinds: ['linear'],
  readState,
  explainMissingOrder: explainBinanceUsdmOrder,
};

/**
 * Positions, conditional orders, regular orders, positions again: equal positions at both ends show that nothing was
 * filled between, so that the orders and the positions are of one moment. Asked twice are the positions, since they cost 5
 * where the orders cost 40. Conditional orders come before regular ones, so that one that triggers in between is seen
 * twice rather than never.
 */
async function readState(session: Session): Promise<AccountState> {
  const time = await session.askIfThere(TIME);
  if (time !== null) session.setClock(time.serverTime);
  let before = await session.ask(POSITIONS);
  // Servers in Binance's format that leave out /time still date their answers.
  const asOf = time?.serverTime ?? session.answeredAt;
  if (asOf === null) throw session.failure('unsupported', TIME, 'is not there, and the answers carry no Date either');
  for (let round = 1; ; round++) {
    const conditional = await session.ask(OPEN_ALGO_ORDERS);
    const regular = await session.ask(OPEN_ORDERS);
    const after = await session.ask(POSITIONS);
    const moved = movedSymbols(before, after);
    if (moved.length > 0 && round < MAX_ROUNDS) {
      before = after;
      continue;
    }
    const movedWhileRead = await Promise.all(moved.map(async (id) => (await session.market(id, POSITIONS)).symbol));
    return {
      asOf,
      positionMode: await positionMode(session, [...after, ...conditional, ...regular]),
      scopes: ['positions:linear', 'orders:regular:linear', 'orders:conditional:linear'],
      gaps: [{ scope: 'balances', reason: 'not read: margin balances move with every price' }],
      positions: await readPositions(session, after),
      orders: [...(await readOrders(session, regular)), ...(await readAlgoOrders(session, conditional))],
      balances: [],
      movedWhileRead,
    };
  }
}

function movedSymbols(before: readonly PositionRow[], after: readonly PositionRow[]): string[] {
  const held = (rows: readonly PositionRow[]): Map<string, PositionRow> =>
    new Map(rows.filter((row) => !isZero(row.positionAmt)).map((row) => [`${row.symbol} ${row.positionSide}`, row]));
  const [old, fresh] = [held(before), held(after)];
  const moved = new Set<string>();
  for (const [key, row] of [...old, ...fresh]) {
    const [a, b] = [old.get(key), fresh.get(key)];
    const same = a !== undefined && b !== undefined && equalDecimals(a.positionAmt, b.positionAmt);
    if (!same || a.updateTime !== b.updateTime) moved.add(row.symbol);
  }
  return [...moved];
}

/** Rows tell the mode; only an account without any has to be asked. */
async function positionMode(
  session: Session,
  rows: readonly { positionSide?: PositionSideWord | null | undefined }[],
): Promise<PositionMode | null> {
  const oneWay = rows.some((row) => row.positionSide === 'BOTH');
  const hedge = rows.some((row) => row.positionSide === 'LONG' || row.positionSide === 'SHORT');
  if (oneWay && hedge) {
    throw session.failure(
      'incomplete',
      POSITIONS,
      'told of both position modes in one read: the mode was just changed',
    );
  }
  if (oneWay) return 'one-way';
  if (hedge) return 'hedge';
  const mode = await session.askIfThere(POSITION_MODE);
  return mode === null ? null : mode.dualSidePosition ? 'hedge' : 'one-way';
}

async function readPositions(session: Session, rows: readonly PositionRow[]): Promise<Position[]> {
  const positions: Position[] = [];
  for (const row of rows) {
    const sign = signOf(row.positionAmt);
    if (sign === 0) continue;
    if (row.positionSide === 'LONG' && sign < 0) {
      throw session.failure('unreadable', POSITIONS, `told of a LONG position of ${row.positionAmt} in ${row.symbol}`);
    }
    const market = await session.market(row.symbol, POSITIONS);
    const short = row.positionSide === 'BOTH' ? sign < 0 : row.positionSide === 'SHORT';
    positions.push({
      symbol: market.symbol,
      side: short ? 'short' : 'long',
      amount: multiplyDecimals(absoluteDecimal(row.positionAmt), market.contractSize),
      changedAt: changedAt(row.updateTime),
    });
  }
  return positions;
}

async function readOrders(session: Session, rows: readonly OrderRow[]): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await session.market(row.symbol, OPEN_ORDERS);
    orders.push({
      id: row.orderId,
      clientOrderId: row.clientOrderId ?? null,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.type.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.stopPrice),
      amount: amountOf(session, OPEN_ORDERS, row.orderId, row.origQty, row.closePosition, market),
      filled: multiplyDecimals(row.executedQty, market.contractSize),
      conditional: CONDITIONAL_TYPES.test(row.type),
      changedAt: changedAt(row.updateTime),
    });
  }
  return orders;
}

async function readAlgoOrders(session: Session, rows: readonly AlgoRow[]): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await session.market(row.symbol, OPEN_ALGO_ORDERS);
    orders.push({
      id: row.algoId,
      clientOrderId: row.clientAlgoId ?? null,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.orderType.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.triggerPrice),
      amount: amountOf(session, OPEN_ALGO_ORDERS, row.algoId, row.quantity, row.closePosition, market),
      filled: '0',
      conditional: true,
      changedAt: changedAt(row.updateTime),
    });
  }
  return orders;
}

/** Base units; null for an order that closes whatever the position is. */
function amountOf(
  session: Session,
  endpoint: Endpoint<unknown>,
  id: string,
  contracts: string | null | undefined,
  closePosition: boolean | null | undefined,
  market: Market,
): string | null {
  if (closePosition === true) return null;
  if (contracts === null || contracts === undefined || signOf(contracts) <= 0) {
    throw session.failure('unreadable', endpoint, `told of order ${id} with the amount ${contracts ?? 'left out'}`);
  }
  return multiplyDecimals(contracts, market.contractSize);
}

/** Binance writes "0" for a price that an order does not have. */
function priceOf(text: string | null | undefined): string | null {
  return text === null || text === undefined || isZero(text) ? null : text;
}

function changedAt(time: number | null | undefined): number | null {
  return time === null || time === undefined || time === 0 ? null : time;
}
