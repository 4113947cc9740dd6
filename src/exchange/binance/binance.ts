import { z } from 'zod';
import { addDecimals, isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder } from '../../domain/snapshot/snapshot.js';
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
} from './common.js';
import { BINANCE_MISSING_ORDERS } from './missing-orders.js';
import { askNothing, defineExchange } from '../profile/define-exchange.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

/*
 * Binance spot. Source: developers.binance.com/docs/binance-spot-api-docs/rest-api ("Account endpoints", "Enums").
 *
 * - GET /api/v3/openOrders without a symbol gives all open orders, unpaged (weight 80): also stop-loss and take-profit orders
 *   that wait for their trigger, both legs of an OCO, and legs that wait for another (PENDING_NEW).
 * - GET /api/v3/account gives every asset of the exchange, also assets with a balance of zero, so an empty list is refused.
 *   Balances are the positions of a spot account.
 * - Margin accounts are separate accounts with their own addresses. They are not read.
 */

const EXCHANGE_INFO = get(
  '/api/v3/exchangeInfo',
  null,
  z.object({ symbols: z.array(z.object({ symbol: word, baseAsset: word, quoteAsset: word })).min(1) }),
);

const TIME = get('/api/v3/time', 'publicGetTime', SERVER_TIME);

const BALANCE_ROW = z.object({ asset: word, free: decimalText, locked: decimalText });

const ACCOUNT = get('/api/v3/account', 'privateGetAccount', z.object({ balances: z.array(BALANCE_ROW).min(1) }), {
  scope: 'balances',
});

const ORDER_ROW = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: word.nullish(),
  side: z.enum(['BUY', 'SELL']),
  type: word,
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW', 'PENDING_CANCEL']),
  price: decimalText,
  stopPrice: decimalText.nullish(),
  origQty: decimalText,
  executedQty: decimalText,
  /** True for an order in the book: a triggered stop order keeps its type and its trigger price. */
  isWorking: z.boolean().nullish(),
  updateTime: timeMs.nullish(),
});

const OPEN_ORDERS = get('/api/v3/openOrders', 'privateGetOpenOrders', z.array(ORDER_ROW), { scope: 'orders' });

const CONDITIONAL_TYPES = /^(?:STOP_LOSS|TAKE_PROFIT)/;
const KINDS: MarketKind[] = ['spot'];
/** Weight a minute and address. Source: rateLimits of exchangeInfo. */
const WEIGHT_LIMIT = 6_000;

export const binance = defineExchange({
  id: 'binance',
  options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false },
  marketEndpoints: [EXCHANGE_INFO],
  // One of ccxt's costs is five of Binance's weights, so the limit is 1,200 costs.
  budget: { perMinute: 600, burst: 300 },
  marketKinds: KINDS,
  codeOf: binanceCodeOf,
  codes: BINANCE_CODES,
  limits: BINANCE_LIMITS,
  usageOf: binanceUsageOf(WEIGHT_LIMIT),
  account: {
    clock: async (session) => (await session.ask(TIME)).serverTime,
    setup: askNothing,
    held: async (session) => ({ positions: [], balances: await readBalances(session) }),
    orders: async (session) => ({ orders: await readOrders(session) }),
    positionMode: null,
    scopes: ['orders:regular:spot', 'orders:conditional:spot'],
    gaps: [],
  },
  missingOrders: BINANCE_MISSING_ORDERS,
  auditKey: auditBinanceKey,
});

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const { balances } = await session.ask(ACCOUNT);
  const rows = balances.map(({ asset, free, locked }) => ({
    currency: session.currency(asset),
    total: addDecimals(free, locked),
  }));
  return rows.filter(({ total }) => !isZero(total));
}

async function readOrders(session: ReadSession): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of await session.ask(OPEN_ORDERS)) {
    const market = await session.market(row.symbol, OPEN_ORDERS, KINDS);
    orders.push({
      id: row.orderId,
      clientOrderId: row.clientOrderId ?? null,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.type.toLowerCase(),
      price: priceOf(row.price),
      triggerPrice: priceOf(row.stopPrice),
      amount: amountOf(session, OPEN_ORDERS, row.orderId, row.origQty, market),
      filled: normalizeDecimal(row.executedQty),
      conditional: CONDITIONAL_TYPES.test(row.type) && row.isWorking !== true,
      changedAt: timeOf(row.updateTime),
    });
  }
  return orders;
}
