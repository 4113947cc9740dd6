import { z } from 'zod';
import { addDecimals, isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder } from '../../domain/snapshot/snapshot.js';
import { decimalText, idText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { auditBinanceKey, BINANCE_CODES, binanceCodeOf, binanceUsageOf, SERVER_TIME } from './common.js';
import { explainBinanceOrder } from './missing-orders.js';
import { readTogether, statesOfBalances } from '../profile/consistency.js';
import { REQUEST_LIMITS } from '../profile/limits.js';
import type { AccountState, Profile } from '../profile/profile.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

/*
 * Binance spot. Source: developers.binance.com/docs/binance-spot-api-docs/rest-api ("Account endpoints", "Enums").
 *
 * - GET /api/v3/openOrders without a symbol gives all open orders, unpaged (weight 80): also stop-loss and take-profit orders
 *   that wait for their trigger, both legs of an OCO, and legs that wait for another (PENDING_NEW).
 * - GET /api/v3/account gives every asset of the exchange, also those of which there is nothing. So an empty list is no
 *   answer. Balances are the positions of a spot account.
 * - Margin accounts are other accounts with addresses of their own, and not read.
 */

const EXCHANGE_INFO: Endpoint<unknown> = {
  method: 'GET',
  path: '/api/v3/exchangeInfo',
  call: null,
  shape: z.object({ symbols: z.array(z.object({ symbol: word, baseAsset: word, quoteAsset: word })).min(1) }),
};

const TIME: Endpoint<{ serverTime: number }> = {
  method: 'GET',
  path: '/api/v3/time',
  call: 'publicGetTime',
  shape: SERVER_TIME,
};

const BALANCE_ROW = z.object({ asset: word, free: decimalText, locked: decimalText });
type BalanceRow = z.infer<typeof BALANCE_ROW>;

const ACCOUNT: Endpoint<{ balances: BalanceRow[] }> = {
  method: 'GET',
  path: '/api/v3/account',
  call: 'privateGetAccount',
  scope: 'balances',
  shape: z.object({ balances: z.array(BALANCE_ROW).min(1) }),
};

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
  /** On the book: a stop that went off keeps its type and its trigger price. */
  isWorking: z.boolean().nullish(),
  updateTime: timeMs.nullish(),
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const OPEN_ORDERS: Endpoint<OrderRow[]> = {
  method: 'GET',
  path: '/api/v3/openOrders',
  call: 'privateGetOpenOrders',
  scope: 'orders',
  shape: z.array(ORDER_ROW),
};

const CONDITIONAL_TYPES = /^(?:STOP_LOSS|TAKE_PROFIT)/;
const KINDS: MarketKind[] = ['spot'];
/** Weight a minute and address. Source: rateLimits of exchangeInfo. */
const WEIGHT_LIMIT = 6_000;

export const binance: Profile = {
  id: 'binance',
  verified: true,
  options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false },
  marketEndpoints: [EXCHANGE_INFO],
  // ccxt counts five of Binance's weights as one: the limit is 1,200 of them.
  budget: { perMinute: 600, burst: 300 },
  marketKinds: KINDS,
  codeOf: binanceCodeOf,
  codes: BINANCE_CODES,
  limits: REQUEST_LIMITS.binance,
  usageOf: binanceUsageOf(WEIGHT_LIMIT),
  readState,
  explainMissingOrder: explainBinanceOrder,
  auditKey: auditBinanceKey,
};

async function readState(session: ReadSession): Promise<AccountState> {
  const { serverTime } = await session.ask(TIME);
  session.setClock(serverTime);
  const { held, orders, moved } = await readTogether({
    held: async () => (await session.ask(ACCOUNT)).balances.map((row) => readBalance(session, row)),
    orders: () => session.ask(OPEN_ORDERS),
    statesOf: statesOfBalances,
  });
  return {
    asOf: serverTime,
    positionMode: null,
    scopes: ['balances', 'orders:regular:spot', 'orders:conditional:spot'],
    gaps: [],
    positions: [],
    orders: await readOrders(session, orders),
    balances: held.filter(({ total }) => !isZero(total)),
    movedWhileRead: moved,
  };
}

function readBalance(session: ReadSession, row: BalanceRow): Balance {
  return { currency: session.currency(row.asset), total: addDecimals(row.free, row.locked) };
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
      amount: amountOf(session, OPEN_ORDERS, row.orderId, row.origQty, market),
      filled: normalizeDecimal(row.executedQty),
      conditional: CONDITIONAL_TYPES.test(row.type) && row.isWorking !== true,
      changedAt: timeOf(row.updateTime),
    });
  }
  return orders;
}
