import { z } from 'zod';
import { isDecimal, isZero, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { Balance, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { auditBybitKey, BYBIT_CODES, bybitCodeOf, bybitRetryAfterMs, envelope, BYBIT_LIMITS } from './common.js';
import { gapsOfKind } from './account-kind.js';
import { ofEach, partsOf } from './lists.js';
import { BYBIT_MISSING_ORDERS } from './missing-orders.js';
import { gapsOfOrders, readOrders } from './orders.js';
import { readPositions } from './positions.js';
import { readBybitVenueActions } from './venue-actions.js';
import { spotPricesOf } from '../profile/known-market.js';
import { defineExchange } from '../profile/define-exchange.js';
import { priceOf } from '../profile/rows.js';
import { isAside, rowsOf } from '../profile/unread.js';

/*
 * Bybit, unified trading account. Source: bybit-exchange.github.io/docs/v5 ("Get Wallet Balance", "Get Tickers", "Rate
 * Limit"); positions, orders, the kind of the account and venue actions have their own files.
 *
 * - Amounts of linear contracts are in base units, of inverse ones in USD. ccxt uses an inverse market's smallest order as
 *   its contract size, which is right only while that is 1.
 * - `walletBalance` includes what was borrowed by spot margin or by hand (`spotBorrow`), so a debt is subtracted.
 * - Every page with rows has a cursor, also the last one: an empty page is the end.
 * - Options, spread orders, the funding account, earn, and copy-trading accounts are not read. Bybit EU has the same API.
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

/** What is borrowed is absent for accounts and servers that know no borrowing. */
const COIN_ROW = z.object({
  coin: word,
  walletBalance: decimalText,
  spotBorrow: z.union([decimalText, z.literal('')]).nullish(),
});

const COINS = z.array(rowsOf(COIN_ROW, { symbol: 'coin', skip: isNothing }));

const WALLET = get(
  '/v5/account/wallet-balance',
  'privateGetV5AccountWalletBalance',
  envelope(z.object({ list: z.array(z.object({ accountType: z.literal('UNIFIED'), coin: COINS })).length(1) })),
  { scope: 'balances' },
);

const TICKER_ROW = z.object({ symbol: word, lastPrice: z.union([decimalText, z.literal('')]) });

const TICKERS = get(
  '/v5/market/tickers',
  'publicGetV5MarketTickers',
  envelope(z.object({ list: z.array(rowsOf(TICKER_ROW, { symbol: 'symbol' })) })),
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

const NOT_READ = [
  ...['positions:option', 'orders:regular:option'].map((scope) => ({ scope, reason: 'options are not read' })),
  { scope: 'orders:regular:spread', reason: 'spread orders are not read' },
  { scope: 'balances:funding', reason: 'the funding account and earn products are not read' },
];

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
    setup: async (session) => ({ kindGaps: await gapsOfKind(session), ...partsOf(session) }),
    held: async (session, { contracts }) => {
      const held = await ofEach(contracts, (part) => readPositions(session, part));
      return {
        positions: held.map(({ position }) => position),
        modes: held.map(({ mode }) => mode),
        balances: await readBalances(session),
      };
    },
    orders: async (session, { all }) => {
      const found = await ofEach(all, (part) => readOrders(session, part));
      return { orders: found.map(({ order }) => order), gaps: gapsOfOrders(found) };
    },
    positionMode: ({ held }) => modeOf(held.modes),
    scopes: ({ setup: { contracts, all } }) => [
      ...contracts.map(({ path }) => `positions:${path}`),
      ...all.flatMap(({ path }) => [`orders:regular:${path}`, `orders:conditional:${path}`]),
    ],
    gaps: ({ setup, orders }) => [...NOT_READ, ...setup.kindGaps, ...orders.gaps],
  },
  missingOrders: BYBIT_MISSING_ORDERS,
  readVenueActions: readBybitVenueActions,
  readPrices,
  auditKey: auditBybitKey,
});

/** Null where symbols differ, and without positions. */
function modeOf(modes: readonly PositionMode[]): PositionMode | null {
  const [first = null] = modes;
  return modes.every((mode) => mode === first) ? first : null;
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const { result } = await session.ask(WALLET, { accountType: 'UNIFIED' });
  const coins = result.list.flatMap(({ coin }) => coin);
  return session.convert(WALLET, coins, ({ coin, walletBalance, spotBorrow }) => {
    const total = subtractDecimals(walletBalance, priceOf(spotBorrow) ?? '0');
    return isZero(total) ? null : { currency: session.currency(coin), total };
  });
}

function isNothing({ walletBalance, spotBorrow = '0' }: Readonly<Record<string, unknown>>): boolean {
  return [walletBalance, spotBorrow === '' ? '0' : spotBorrow].every(
    (text) => typeof text === 'string' && isDecimal(text) && isZero(text),
  );
}

async function readPrices(session: ReadSession): Promise<SpotPrices> {
  const { list } = (await session.ask(TICKERS, { category: 'spot' })).result;
  const tickers = list.flatMap((row) => (isAside(row) ? [] : { id: row.symbol, last: row.lastPrice }));
  return spotPricesOf(session, TICKERS, tickers);
}
