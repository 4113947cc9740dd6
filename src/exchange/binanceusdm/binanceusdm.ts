import { z } from 'zod';
import { absoluteDecimal, isZero, multiplyDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, timeMs, word, get } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import {
  auditBinanceKey,
  BINANCE_CODES,
  binanceCodeOf,
  binanceUsageOf,
  SERVER_TIME,
  BINANCE_LIMITS,
} from '../binance/common.js';
import { BINANCEUSDM_MISSING_ORDERS } from './missing-orders.js';
import { readBinanceUsdmVenueActions } from './venue-actions.js';
import { askNothing, defineExchange } from '../profile/define-exchange.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

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

const EXCHANGE_INFO = get(
  '/fapi/v1/exchangeInfo',
  null,
  z.object({
    symbols: z
      .array(z.object({ symbol: word, baseAsset: word, quoteAsset: word, marginAsset: word, contractType: z.string() }))
      .min(1),
  }),
);

const TIME = get('/fapi/v1/time', 'fapiPublicGetTime', SERVER_TIME);

/**
 * Fields are `nullish` only where their absence is harmless: there is no such price, or the time is not reported.
 */
const POSITION_ROW = z.object({
  symbol: word,
  positionSide: POSITION_SIDE,
  positionAmt: decimalText,
  updateTime: timeMs.nullish(),
});
type PositionRow = z.infer<typeof POSITION_ROW>;

const POSITIONS = get('/fapi/v3/positionRisk', 'fapiPrivateV3GetPositionRisk', z.array(POSITION_ROW), {
  scope: 'positions:linear',
  weight: 5,
});

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

const OPEN_ORDERS = get('/fapi/v1/openOrders', 'fapiPrivateGetOpenOrders', z.array(ORDER_ROW), {
  scope: 'orders:regular:linear',
});

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

const OPEN_ALGO_ORDERS = get('/fapi/v1/openAlgoOrders', 'fapiPrivateGetOpenAlgoOrders', z.array(ALGO_ROW), {
  scope: 'orders:conditional:linear',
});

const BALANCE_ROW = z.object({ asset: word, balance: decimalText });

const BALANCES = get('/fapi/v3/balance', 'fapiPrivateV3GetBalance', z.array(BALANCE_ROW).min(1), {
  scope: 'balances',
  weight: 5,
});

const POSITION_MODE = get(
  '/fapi/v1/positionSide/dual',
  'fapiPrivateGetPositionSideDual',
  z.object({ dualSidePosition: z.boolean() }),
);

/** Regular order types that wait for a trigger; in openOrders only on servers without the algo service. */
const CONDITIONAL_TYPES = /^(?:STOP|TAKE_PROFIT|TRAILING_STOP)/;

const KINDS: MarketKind[] = ['linear'];
/** Weight a minute and address. Source: rateLimits of exchangeInfo. */
const WEIGHT_LIMIT = 2_400;

export const binanceusdm = defineExchange({
  id: 'binanceusdm',
  options: { fetchMarkets: { types: ['linear'] } },
  marketEndpoints: [EXCHANGE_INFO],
  budget: { perMinute: 1_200, burst: 600 },
  marketKinds: KINDS,
  codeOf: binanceCodeOf,
  codes: BINANCE_CODES,
  limits: BINANCE_LIMITS,
  usageOf: binanceUsageOf(WEIGHT_LIMIT),
  account: {
    // Some servers in Binance's format have no /time. Then the Date header of an answer counts.
    clock: async (session) => (await session.askIfThere(TIME))?.serverTime ?? null,
    setup: askNothing,
    // Positions are asked twice: they weigh 5, each kind of order weighs 40.
    held: async (session) => {
      const rows = await session.ask(POSITIONS);
      const balances = session.wantsBalances ? await readBalances(session) : null;
      return { rows, positions: await readPositions(session, rows), balances };
    },
    orders: async (session) => {
      const conditional = await session.ask(OPEN_ALGO_ORDERS);
      const regular = await session.ask(OPEN_ORDERS);
      const orders = [...(await readOrders(session, regular)), ...(await readAlgoOrders(session, conditional))];
      return { rows: [...conditional, ...regular], orders };
    },
    positionMode: ({ session, held, orders }) => positionMode(session, [...held.rows, ...orders.rows]),
    scopes: ['positions:linear', 'orders:regular:linear', 'orders:conditional:linear'],
    gaps: [],
  },
  missingOrders: BINANCEUSDM_MISSING_ORDERS,
  readVenueActions: readBinanceUsdmVenueActions,
  auditKey: auditBinanceKey,
});

/** Rows report the mode. Only an account without rows is asked for it. */
async function positionMode(
  session: ReadSession,
  rows: readonly { positionSide?: PositionSideWord | null | undefined }[],
): Promise<PositionMode | null> {
  const oneWay = rows.some((row) => row.positionSide === 'BOTH');
  const hedge = rows.some((row) => row.positionSide === 'LONG' || row.positionSide === 'SHORT');
  if (oneWay && hedge) {
    throw session.failure(
      'incomplete',
      POSITIONS,
      'reported both position modes in one read: the mode was just changed',
    );
  }
  if (oneWay) return 'one-way';
  if (hedge) return 'hedge';
  const mode = await session.askIfThere(POSITION_MODE);
  return mode === null ? null : mode.dualSidePosition ? 'hedge' : 'one-way';
}

async function readPositions(session: ReadSession, rows: readonly PositionRow[]): Promise<Position[]> {
  const positions: Position[] = [];
  for (const row of rows) {
    const sign = signOf(row.positionAmt);
    if (sign === 0) continue;
    if (row.positionSide === 'LONG' && sign < 0) {
      throw session.failure('unreadable', POSITIONS, `reported a LONG position of ${row.positionAmt} in ${row.symbol}`);
    }
    const market = await session.market(row.symbol, POSITIONS, KINDS);
    const short = row.positionSide === 'BOTH' ? sign < 0 : row.positionSide === 'SHORT';
    positions.push({
      symbol: market.symbol,
      side: short ? 'short' : 'long',
      amount: multiplyDecimals(absoluteDecimal(row.positionAmt), market.contractSize),
      changedAt: timeOf(row.updateTime),
    });
  }
  return positions;
}

/** The wallet without the profit or loss of open positions. It changes with fills, fees and funding, not with prices. */
async function readBalances(session: ReadSession): Promise<Balance[]> {
  const rows = (await session.ask(BALANCES)).filter(({ balance }) => !isZero(balance));
  return rows.map(({ asset, balance }) => ({ currency: session.currency(asset), total: normalizeDecimal(balance) }));
}

async function readOrders(session: ReadSession, rows: readonly OrderRow[]): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await session.market(row.symbol, OPEN_ORDERS, KINDS);
    orders.push({
      id: row.orderId,
      clientOrderId: row.clientOrderId ?? null,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.type.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.stopPrice),
      amount: row.closePosition === true ? null : amountOf(session, OPEN_ORDERS, row.orderId, row.origQty, market),
      filled: multiplyDecimals(row.executedQty, market.contractSize),
      conditional: CONDITIONAL_TYPES.test(row.type),
      changedAt: timeOf(row.updateTime),
    });
  }
  return orders;
}

async function readAlgoOrders(session: ReadSession, rows: readonly AlgoRow[]): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    const market = await session.market(row.symbol, OPEN_ALGO_ORDERS, KINDS);
    orders.push({
      id: row.algoId,
      clientOrderId: row.clientAlgoId ?? null,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.orderType.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.triggerPrice),
      amount: row.closePosition === true ? null : amountOf(session, OPEN_ALGO_ORDERS, row.algoId, row.quantity, market),
      filled: '0',
      conditional: true,
      changedAt: timeOf(row.updateTime),
    });
  }
  return orders;
}
