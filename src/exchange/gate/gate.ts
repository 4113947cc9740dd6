import { z } from 'zod';
import { isDecimal, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import type { OpenOrder, Position, PositionMode, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { decimalText, get, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { Profile } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { defineExchange } from '../profile/define-exchange.js';
import { auditGateKey, GATE_CODES, gateCodeOf, gateRetryAfterMs, gateUsageOf, GATE_LIMITS } from './common.js';
import { readFuturesAccount, readFuturesOrders, readFuturesPositions, type FuturesAccount } from './futures.js';
import { readFuturesPriceOrders } from './price-orders.js';
import { PRODUCTS, type Product } from './products.js';
import { GATE_MISSING_ORDERS } from './missing-orders.js';
import { readSpotBalances, readSpotOrders, readSpotPrices } from './spot.js';
import { readTrails } from './trails.js';
import { readGateVenueActions } from './venue-actions.js';
import { isUnified, readOtherWallets } from './wallets.js';
import { hasBothSides, summedBySide } from '../profile/position-sides.js';

/*
 * Gate: spot, perpetual futures and delivery contracts (API v4). Source: www.gate.com/docs/developers/apiv4/en; the facts are in
 * spot.ts, futures.ts, price-orders.ts and trails.ts, what became of orders in missing-orders.ts, other accounts in wallets.ts.
 *
 * - Each futures product is a separate account with its own position mode. An account that was never opened answers
 *   USER_NOT_FOUND: it is empty.
 * - ccxt asks account/detail whether an account is unified, and reads a failure as "no". Here the futures accounts report it; an
 *   account without any is asked.
 * - Balances are those of the spot account, free and locked. The wallets of futures, isolated margin and Earn are
 *   separate wallets of the same currencies: a sum would match no bot's state. Each of them that holds something is a
 *   gap.
 * - Options, chase and POV orders are not read.
 */

const CONTRACTS = z.array(z.object({ name: word, quanto_multiplier: decimalText }));

function contractsOf({ kind, settle }: Product): Endpoint<unknown> {
  // There may be a day without a delivery contract.
  const shape = kind === 'futures' ? CONTRACTS.min(1) : CONTRACTS;
  return { method: 'GET', path: `/${kind}/${settle}/contracts`, call: null, shape };
}

const PAIRS = z.array(z.object({ id: word }));
const SPOT_MARKETS: Endpoint<unknown>[] = [
  { method: 'GET', path: '/spot/currency_pairs', call: null, shape: PAIRS.min(1) },
  // Lists only the pairs with margin trading, so it may be empty.
  { method: 'GET', path: '/margin/currency_pairs', call: null, shape: PAIRS },
];

const TIME = get(
  '/spot/time',
  'publicSpotGetTime',
  z.object({ server_time: timeMs.refine((time) => time > 0, 'zero') }),
);

const QUANTO = 'quanto contracts cannot be expressed in base units';

const SPOT_GAP: ScopeGap = { scope: 'positions:spot', reason: 'margin loans are not read' };
const FUTURES_GAPS: readonly ScopeGap[] = [
  { scope: 'positions:option', reason: 'options are not read' },
  { scope: 'orders:regular:option', reason: 'options are not read' },
  { scope: 'positions:linear:BTC', reason: QUANTO },
  { scope: 'orders:regular:linear:BTC', reason: QUANTO },
  { scope: 'orders:conditional:linear:BTC', reason: QUANTO },
  { scope: 'orders:regular:chase', reason: 'chase orders are not read, only what they have in the book' },
  { scope: 'orders:regular:pov', reason: 'POV orders are not read, only what they have in the book' },
];

export const gate = gateProfile('gate', {
  products: PRODUCTS,
  kinds: ['spot', 'linear', 'inverse'],
  types: ['spot', 'swap', 'future'],
  gaps: [SPOT_GAP, ...FUTURES_GAPS],
});

/** The site of the European Union: spot at its own address. Source: ccxt's gateeu. */
export const gateeu = gateProfile('gateeu', { products: [], kinds: ['spot'], types: ['spot'], gaps: [SPOT_GAP] });

interface Site {
  products: readonly Product[];
  kinds: readonly MarketKind[];
  /** ccxt's names of the markets to load. */
  types: readonly string[];
  gaps: readonly ScopeGap[];
}

function gateProfile(id: string, { products, kinds, types, gaps }: Site): Profile {
  const paths = [...new Set(products.map(({ path }) => path))];
  return defineExchange({
    id,
    options: { fetchMarkets: { types } },
    headers: { 'X-Gate-Size-Decimal': '1' },
    contractStep: stepOf,
    marketEndpoints: [...SPOT_MARKETS, ...products.map(contractsOf)],
    // 200 requests in ten seconds per endpoint; account endpoints weigh more.
    budget: { perMinute: 900, burst: 120 },
    marketKinds: kinds,
    codeOf: gateCodeOf,
    codes: GATE_CODES,
    limits: GATE_LIMITS,
    retryAfterMs: gateRetryAfterMs,
    usageOf: gateUsageOf,
    account: {
      clock: async (session) => (await session.ask(TIME)).server_time,
      setup: (session) => readAccounts(session, products),
      held: async (session, { accounts }) => {
        const positions: Position[] = [];
        for (const account of accounts) positions.push(...(await readFuturesPositions(session, account)));
        return { positions: summedBySide(positions), balances: await readSpotBalances(session) };
      },
      orders: (session, { accounts, unified }, { positions }) => readOrders(session, accounts, unified, positions),
      balances: async (_, { balances }, { unified }) =>
        unified ? { reason: "a unified account's wallet is not read" } : balances,
      positionMode: ({ setup: { accounts }, held }) => modeOf(accounts, held.positions),
      scopes: [
        'orders:regular:spot',
        'orders:conditional:spot',
        ...paths.flatMap((path) => [`positions:${path}`, `orders:regular:${path}`, `orders:conditional:${path}`]),
      ],
      gaps: ({ setup, orders }) => [...gaps, ...setup.wallets, ...gapsOf(orders)],
    },
    missingOrders: GATE_MISSING_ORDERS,
    readVenueActions: readGateVenueActions,
    readPrices: readSpotPrices,
    auditKey: auditGateKey,
  });
}

/** The step of a contract: of one with decimal sizes its least order, else one contract. ccxt always says one contract. */
function stepOf(raw: Readonly<Record<string, unknown>>): DecimalText | null {
  if (raw['enable_decimal'] !== true) return null;
  const least = raw['order_size_min'];
  const isStep = typeof least === 'string' && isDecimal(least) && signOf(least) > 0;
  return isStep ? least : SMALL_STEP;
}

/** Hides no difference where the least order is not reported. */
const SMALL_STEP = '0.0001';

interface Orders {
  orders: OpenOrder[];
  /** Settle currencies for which the server has no list of trailing orders. */
  withoutTrails: string[];
  /** Ids of price orders that carry a take-profit or stop-loss of their own. */
  carrying: string[];
}

interface Accounts {
  accounts: FuturesAccount[];
  unified: boolean;
  /** Other wallets that hold something. */
  wallets: ScopeGap[];
}

async function readAccounts(session: ReadSession, products: readonly Product[]): Promise<Accounts> {
  const accounts: FuturesAccount[] = [];
  for (const product of products) {
    const account = await readFuturesAccount(session, product);
    if (account !== null) accounts.push(account);
  }
  const unified = accounts.length === 0 ? await isUnified(session) : accounts.some((account) => account.unified);
  session.accountKind = unified ? 'unified account' : 'classic account';
  return { accounts, unified, wallets: await readOtherWallets(session) };
}

async function readOrders(
  session: ReadSession,
  accounts: readonly FuturesAccount[],
  unified: boolean,
  held: readonly Position[],
): Promise<Orders> {
  // Orders that wait for a trigger come before regular ones: an order that triggers in between is seen twice rather than never.
  const orders = await readSpotOrders(session, unified);
  const withoutTrails: string[] = [];
  const carrying: string[] = [];
  for (const { product } of accounts) {
    const priceOrders = await readFuturesPriceOrders(session, product, held);
    const trails = await readTrails(session, product);
    if (trails === null) withoutTrails.push(product.settle);
    carrying.push(...priceOrders.carrying);
    orders.push(...priceOrders.orders, ...(trails ?? []), ...(await readFuturesOrders(session, product, held)));
  }
  return { orders, withoutTrails, carrying };
}

/**
 * Null where accounts differ, keep separate positions, or hold both sides of a contract in one-way mode. Delivery
 * contracts have no hedge mode, so their account does not show the mode of the others.
 */
function modeOf(accounts: readonly FuturesAccount[], positions: readonly Position[]): PositionMode | null {
  const perpetual = accounts.filter(({ product }) => product.kind === 'futures');
  const [first = null, ...others] = (perpetual.length === 0 ? accounts : perpetual).map(({ mode }) => mode);
  if (others.some((mode) => mode !== first)) return null;
  return first === 'one-way' && hasBothSides(positions) ? null : first;
}

function gapsOf({ withoutTrails, carrying }: Orders): ScopeGap[] {
  const [first, ...more] = carrying;
  const attached = `price order ${first} carries a take-profit or stop-loss, which has no id before it triggers`;
  return [
    ...withoutTrails.map((settle) => ({
      scope: `orders:conditional:trail:${settle.toUpperCase()}`,
      reason: 'this server does not have the list of trailing orders',
    })),
    ...(first === undefined
      ? []
      : [
          {
            scope: 'orders:conditional:attached',
            reason: `${attached}${more.length === 0 ? '' : `; so do ${more.length} more`}`,
          },
        ]),
  ];
}
