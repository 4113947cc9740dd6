import type { Balance, OpenOrder, Position, ScopeGap } from '../../domain/snapshot/snapshot.js';
import type { Scope } from '../../domain/snapshot/scope.js';
import { get, timeMs } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { defineExchange, NOT_ASKED } from '../profile/define-exchange.js';
import { z } from 'zod';
import { commonMode, readAccountKind, UNIFIED_SUFFIX, type AccountKind } from './shared/account-kind.js';
import { readBalances, readPositions, readSpotBalances, readWalletGaps } from './account.js';
import { BITGET_CODES, BITGET_LIMITS, bitgetCodeOf, bitgetUsageOf, envelope, PRODUCTS } from './shared/common.js';
import { auditBitgetKey } from './key-audit.js';
import { loadBitgetMarkets, MARKET_ENDPOINTS, readBitgetPrices } from './markets.js';
import { BITGET_MISSING_ORDERS } from './missing-orders.js';
import { readProductOrders } from './orders.js';
import { readSpotOrders } from './spot-orders.js';
import { readUnifiedBalances, readUnifiedHeld } from './unified/account.js';
import { readUnifiedOrders } from './unified/orders.js';
import { readBitgetVenueActions } from './venue-actions.js';

/*
 * Bitget: classic accounts (API v2) and unified accounts (API v3), futures of three product types and spot. The kind of account is
 * asked in every read (account-kind.ts). Sources are named where they are used: account.ts, orders.ts and spot-orders.ts for
 * classic accounts, unified/ for unified ones; bitget.com/api-doc/common/public/Get-Server-Time.
 *
 * Copy trading and bots of the exchange are not read. ccxt's probe of the account's kind is switched off, because it reads any
 * failure as "classic".
 */

const TIME = get(
  '/api/v2/public/time',
  'publicCommonGetV2PublicTime',
  envelope(z.object({ serverTime: timeMs.refine((time) => time > 0, 'zero') })),
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

/** The kind of account, and which of its parts are not read. */
interface Setup {
  account: AccountKind;
  walletGaps: readonly ScopeGap[];
}

interface Held {
  positions: Position[];
  balances: Balance[];
}

interface Orders {
  orders: OpenOrder[];
  /** Scopes that Bitget says it has no list for. */
  refused: readonly Scope[];
}

export const bitget = defineExchange<Setup, Held, Orders>({
  id: 'bitget',
  options: { uta: false, fetchMarkets: { types: ['spot', 'swap'] } },
  marketEndpoints: MARKET_ENDPOINTS,
  loadMarkets: loadBitgetMarkets,
  // Most endpoints allow ten requests a second and account, each 2 of ccxt's costs: at most 20 in any second.
  budget: { perMinute: 900, burst: 5 },
  marketKinds: KINDS,
  contractSize: '1',
  countsCoins: (id) => !id.endsWith(UNIFIED_SUFFIX),
  codeOf: bitgetCodeOf,
  codes: BITGET_CODES,
  limits: BITGET_LIMITS,
  usageOf: bitgetUsageOf,
  account: {
    clock: async (session) => (await session.ask(TIME)).data.serverTime,
    setup: readSetup,
    held: readHeld,
    orders: readOrders,
    balances: async (session, { balances }, { account }) => {
      if (!session.wantsBalances) return NOT_ASKED;
      return account.kind === 'unified' ? readUnifiedBalances(session, balances) : readBalances(session, balances);
    },
    positionMode: ({ setup: { account } }) => (account.kind === 'unified' ? account.mode : commonMode(account.modes)),
    scopes: ({ orders: { refused } }) => SCOPES.filter((scope) => !refused.includes(scope)),
    gaps: ({ setup, orders }) => [
      ...(setup.account.kind === 'unified' ? UNIFIED_GAPS : CLASSIC_GAPS),
      ...setup.walletGaps,
      ...orders.refused.map((scope) => ({ scope, reason: 'Bitget says that these markets have no strategy orders' })),
    ],
  },
  missingOrders: BITGET_MISSING_ORDERS,
  readVenueActions: readBitgetVenueActions,
  readPrices: readBitgetPrices,
  auditKey: auditBitgetKey,
});

const SCOPES: readonly Scope[] = [
  ...PRODUCTS.map(({ path }) => `positions:${path}`),
  ...[...PRODUCTS.map(({ path }) => path), 'spot'].flatMap((path) => [
    `orders:regular:${path}`,
    `orders:conditional:${path}`,
  ]),
];

const CLASSIC_GAPS: readonly ScopeGap[] = [
  { scope: 'orders:regular:margin', reason: 'orders of margin accounts are not read' },
  { scope: 'orders:regular:old', reason: 'Bitget may leave out open orders that are older than three months' },
];

const UNIFIED_GAPS: readonly ScopeGap[] = [
  { scope: 'orders:regular:bots', reason: "orders of copy trading and of Bitget's own bots may be missing" },
  { scope: 'balances:earn', reason: 'earn products are not read' },
];

async function readSetup(session: ReadSession): Promise<Setup> {
  const account = await readAccountKind(session);
  session.accountKind = `${account.kind} account`;
  return { account, walletGaps: account.kind === 'unified' ? [] : await readWalletGaps(session) };
}

async function readHeld(session: ReadSession, { account }: Setup): Promise<Held> {
  if (account.kind === 'unified') return readUnifiedHeld(session, account.mode);
  return { positions: await readPositions(session, account.modes), balances: await readSpotBalances(session) };
}

async function readOrders(session: ReadSession, { account }: Setup): Promise<Orders> {
  if (account.kind === 'unified') {
    const { orders, hasSpotStrategies } = await readUnifiedOrders(session, account.mode);
    return { orders, refused: hasSpotStrategies ? [] : ['orders:conditional:spot'] };
  }
  const orders: OpenOrder[] = [];
  for (const product of PRODUCTS) orders.push(...(await readProductOrders(session, product, account.modes)));
  return { orders: [...orders, ...(await readSpotOrders(session))], refused: [] };
}
