import { z } from 'zod';
import { isDecimal, isZero, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Balance, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, get, timeMs, word } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { spotPricesOf } from '../profile/known-market.js';
import { defineExchange } from '../profile/define-exchange.js';
import { auditOkxKey, envelope, LEFT_OUT, OKX_CODES, okxAccountKind, okxCodeOf, only, OKX_LIMITS } from './common.js';
import { OKX_MISSING_ORDERS } from './missing-orders.js';
import { readOkxOrders } from './orders.js';
import { readOkxPositions } from './positions.js';
import { readOkxVenueActions } from './venue-actions.js';
import { hasBothSides } from '../profile/position-sides.js';
import { isAside, rowsOf } from '../profile/unread.js';

/*
 * OKX, the trading account (API v5). Source: www.okx.com/docs-v5/en ("Get instruments", "Get system time", "Get
 * balance", "Get account configuration", "Get tickers"); positions, orders and venue actions have their own files.
 *
 * - Balances are the cash (`cashBal`), because equity changes with every price. A debt is a negative `cashBal`: `liab` is
 *   derived from it, and is not subtracted again. Source: okx.com/help, "Multi-currency margin mode: cross margin trading"
 *   (equity = balance + floating PnL + options value - accrued interest; liability = negative equity).
 * - The funding account is a separate account, which is not read.
 * - Options, event contracts, spread orders and orders inside OKX's own trading bots are not read.
 * - Regional sites (eea.okx.com, us.okx.com) have the same API.
 */

/** Instruments before their listing have few fields besides these. Some regions have no futures, so a list may be empty. */
const INSTRUMENTS = get(
  '/api/v5/public/instruments',
  null,
  envelope(z.array(z.object({ instType: word, instId: z.string() }))),
);

const TIME = get(
  '/api/v5/public/time',
  'publicGetPublicTime',
  envelope(z.array(z.object({ ts: timeMs.refine((time) => time > 0, 'zero') })).length(1)),
);

const COIN_ROW = z.object({ ccy: word, cashBal: decimalText });

const COINS = z.array(rowsOf(COIN_ROW, { symbol: 'ccy', skip: ({ cashBal }) => isNothing(cashBal) }));

const BALANCE = get(
  '/api/v5/account/balance',
  'privateGetAccountBalance',
  envelope(z.array(z.object({ details: COINS })).length(1)),
  { scope: 'balances' },
);

const TICKER_ROW = z.object({ instId: word, last: z.union([decimalText, z.literal('')]) });

const TICKERS = get(
  '/api/v5/market/tickers',
  'publicGetMarketTickers',
  envelope(z.array(rowsOf(TICKER_ROW, { symbol: 'instId' }))),
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const okx = defineExchange({
  id: 'okx',
  options: { fetchMarkets: { types: ['spot', 'swap', 'future'] } },
  marketEndpoints: [INSTRUMENTS],
  // The lowest limits are 5 and 10 requests in two seconds (config, positions, balance): 600 of ccxt's costs a minute.
  budget: { perMinute: 480, burst: 60 },
  // By account; each endpoint's documentation names its "Rate Limit".
  endpointLimits: {
    windowMs: 2_000,
    requests: 10,
    byPath: {
      '/api/v5/account/config': 5,
      '/api/v5/public/instruments': 20,
      '/api/v5/market/tickers': 20,
      '/api/v5/trade/orders-pending': 60,
      '/api/v5/trade/orders-algo-pending': 20,
      '/api/v5/trade/order': 60,
      '/api/v5/trade/order-algo': 20,
      '/api/v5/trade/orders-history': 40,
      '/api/v5/trade/orders-history-archive': 20,
    },
  },
  marketKinds: KINDS,
  codeOf: okxCodeOf,
  codes: OKX_CODES,
  limits: OKX_LIMITS,
  account: {
    clock: async (session) => (await only(session, TIME)).ts,
    setup: okxAccountKind,
    held: async (session, { positionMode }) => ({
      ...(await readOkxPositions(session, positionMode)),
      balances: await readBalances(session),
    }),
    orders: (session) => readOkxOrders(session),
    // A cross and an isolated position of opposite sides are two legs, although the account is in one-way mode.
    positionMode: ({ setup: { positionMode: mode }, held }) =>
      mode === 'one-way' && hasBothSides(held.positions) ? null : mode,
    scopes: KINDS.flatMap((kind) => [`positions:${kind}`, `orders:regular:${kind}`, `orders:conditional:${kind}`]),
    gaps: ({ setup, held, orders }) => [...gapsOf(held.leftOut, orders.refusedTypes), ...setup.gaps, ...orders.gaps],
  },
  missingOrders: OKX_MISSING_ORDERS,
  readVenueActions: readOkxVenueActions,
  readPrices,
  auditKey: auditOkxKey,
});

function gapsOf(leftOut: ReadonlyMap<string, number>, refusedTypes: readonly string[]): ScopeGap[] {
  const gaps = Object.entries(LEFT_OUT).flatMap(([instType, name]) => {
    const count = leftOut.get(instType) ?? 0;
    const seen = count === 0 ? '' : `; the account holds ${count}`;
    return [
      { scope: `positions:${name}`, reason: `${name} contracts are not compared${seen}` },
      { scope: `orders:regular:${name}`, reason: `${name} contracts are not compared` },
    ];
  });
  gaps.push(
    { scope: 'orders:regular:spread', reason: 'spread orders are not read' },
    { scope: 'balances:funding', reason: 'the funding account and earn products are not read' },
    { scope: 'orders:regular:bot', reason: "orders inside OKX's trading bots (grid, DCA, signal) are not read" },
  );
  const refused = refusedTypes.map((type) => ({
    scope: `orders:regular:${type}`,
    reason: `OKX has no ${type} orders`,
  }));
  return [...gaps, ...refused];
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const coins = (await session.ask(BALANCE)).data.flatMap(({ details }) => details);
  return session.convert(BALANCE, coins, ({ ccy, cashBal }) => ({
    currency: session.currency(ccy),
    total: normalizeDecimal(cashBal),
  }));
}

function isNothing(cash: unknown): boolean {
  return typeof cash === 'string' && isDecimal(cash) && isZero(cash);
}

async function readPrices(session: ReadSession): Promise<SpotPrices> {
  const { data } = await session.ask(TICKERS, { instType: 'SPOT' });
  const tickers = data.flatMap((row) => (isAside(row) ? [] : { id: row.instId, last: row.last }));
  return spotPricesOf(session, TICKERS, tickers);
}
