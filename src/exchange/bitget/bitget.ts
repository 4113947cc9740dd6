import { z } from 'zod';
import {
  addDecimals,
  isZero,
  multiplyDecimals,
  signOf,
  subtractDecimals,
  type DecimalText,
} from '../../domain/decimal/decimal.js';
import { covers, marketPath } from '../../domain/snapshot/scope.js';
import type { Balance, OpenOrder, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, get } from '../transport/endpoint.js';
import type { Market, MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import {
  auditBitgetKey,
  BITGET_CODES,
  bitgetCodeOf,
  bitgetUsageOf,
  changeTimeOf,
  checkMode,
  envelope,
  marketOfProduct,
  NOTHING,
  optionalTime,
  POS_MODE,
  PRODUCTS,
  type Modes,
  type Product,
  BITGET_LIMITS,
} from './common.js';
import { BITGET_MISSING_ORDERS } from './missing-orders.js';
import { readProductOrders } from './orders.js';
import { readSpotOrders } from './spot-orders.js';
import { defineExchange, NOT_ASKED, type NotRead } from '../profile/define-exchange.js';

/*
 * Bitget, classic account (v2): futures of three product types, and spot. Source: bitget.com/api-doc, pages
 * contract/position/get-all-position, contract/account/Get-Single-Account and Get-Account-List, spot/account/Get-Account-Assets,
 * common/public/Get-Server-Time, common/faq; orders in orders.ts and spot-orders.ts.
 *
 * - Positions: all of a product type in one answer, unpaged. `total` is unsigned and in the base coin, also of coin-margined
 *   contracts; `holdSide` is the side in both position modes.
 * - The position mode is set per product type. Rows and the account report it. The account is always asked, because an account
 *   without rows has a mode too, and an account of another kind refuses the question.
 * - Bitget refuses every request of these pages for a unified account (v3) with 40085: a failure, not an empty account.
 * - Balances: the sum of the spot account and the three futures accounts, per coin. The equity of a futures account changes with
 *   prices, so the profit or loss of open positions is subtracted. Where USDT futures use several coins as margin, the pages
 *   do not define the sum: balances are then a gap.
 * - Margin accounts, copy trading and bots of the exchange are not read. ccxt's probe of the account's kind is switched off,
 *   because it reads any failure as "classic".
 */

const SYMBOLS = get(
  '/api/v2/spot/public/symbols',
  null,
  envelope(z.array(z.object({ symbol: word, baseCoin: word, quoteCoin: word, quantityPrecision: word })).min(1)),
);
const CONTRACTS = get(
  '/api/v2/mix/market/contracts',
  null,
  envelope(
    // Empty for the product types of old demo accounts, which ccxt asks for as well.
    z.array(
      z.object({
        symbol: word,
        baseCoin: word,
        quoteCoin: word,
        supportMarginCoins: z.array(word).min(1),
        sizeMultiplier: decimalText,
        symbolType: z.enum(['perpetual', 'delivery']),
      }),
    ),
  ),
);
/** ccxt asks which pairs can be traded on margin. The answer is not used. */
const MARGIN_PAIRS = get('/api/v2/margin/currencies', null, envelope(z.array(z.object({ symbol: word }))));

const TIME = get(
  '/api/v2/public/time',
  'publicCommonGetV2PublicTime',
  envelope(z.object({ serverTime: timeMs.refine((time) => time > 0, 'zero') })),
);

const ACCOUNT = get(
  '/api/v2/mix/account/account',
  'privateMixGetV2MixAccountAccount',
  envelope(z.object({ posMode: POS_MODE })),
);

const POSITION_ROW = z.object({
  symbol: word,
  holdSide: z.enum(['long', 'short']),
  total: decimalText,
  posMode: POS_MODE,
  cTime: optionalTime,
  uTime: optionalTime,
});

const POSITIONS = get(
  '/api/v2/mix/position/all-position',
  'privateMixGetV2MixPositionAllPosition',
  envelope(z.array(POSITION_ROW)),
  { scope: 'positions' },
);

const ASSET_ROW = z.object({ coin: word, available: decimalText, frozen: decimalText, locked: decimalText });

const SPOT_ASSETS = get(
  '/api/v2/spot/account/assets',
  'privateSpotGetV2SpotAccountAssets',
  envelope(z.array(ASSET_ROW)),
  { scope: 'balances' },
);

const profit = z.union([decimalText, NOTHING]);

const ACCOUNT_ROW = z.object({
  marginCoin: word,
  accountEquity: decimalText,
  unrealizedPL: profit,
  crossedUnrealizedPL: profit.nullish(),
  isolatedUnrealizedPL: profit.nullish(),
  assetMode: z.enum(['single', 'union']).nullish(),
});
type AccountRow = z.infer<typeof ACCOUNT_ROW>;

const ACCOUNTS = get(
  '/api/v2/mix/account/accounts',
  'privateMixGetV2MixAccountAccounts',
  envelope(z.array(ACCOUNT_ROW)),
  { scope: 'balances' },
);

const KINDS: MarketKind[] = ['spot', 'linear', 'inverse'];

export const bitget = defineExchange({
  id: 'bitget',
  options: { uta: false, fetchMarkets: { types: ['spot', 'swap'] } },
  marketEndpoints: [SYMBOLS, CONTRACTS, MARGIN_PAIRS],
  // Most endpoints allow ten requests a second and account, each 2 of ccxt's costs: at most 20 in any second.
  budget: { perMinute: 900, burst: 5 },
  marketKinds: KINDS,
  contractSize: '1',
  codeOf: bitgetCodeOf,
  codes: BITGET_CODES,
  limits: BITGET_LIMITS,
  usageOf: bitgetUsageOf,
  account: {
    clock: async (session) => (await session.ask(TIME)).data.serverTime,
    setup: readModes,
    held: async (session, modes) => ({
      positions: await readPositions(session, modes),
      balances: await readSpotBalances(session),
    }),
    orders: async (session, modes) => {
      const orders: OpenOrder[] = [];
      for (const product of PRODUCTS) orders.push(...(await readProductOrders(session, product, modes)));
      return { orders: [...orders, ...(await readSpotOrders(session))] };
    },
    balances: (session, { balances }) => readBalances(session, balances),
    positionMode: ({ setup: modes }) => commonMode(modes),
    scopes: [
      ...PRODUCTS.map(({ path }) => `positions:${path}`),
      ...[...PRODUCTS.map(({ path }) => path), 'spot'].flatMap((path) => [
        `orders:regular:${path}`,
        `orders:conditional:${path}`,
      ]),
    ],
    gaps: [
      { scope: 'orders:regular:margin', reason: 'orders of margin accounts are not read' },
      { scope: 'orders:regular:old', reason: 'Bitget may leave out open orders that are older than three months' },
    ],
  },
  missingOrders: BITGET_MISSING_ORDERS,
  auditKey: auditBitgetKey,
});

/** The account's question needs a market. A product type without markets has neither positions nor a mode. */
async function readModes(session: ReadSession): Promise<Modes> {
  const modes: Modes = {};
  for (const product of PRODUCTS) {
    const market = await anyMarketOf(session, product);
    if (market === null) continue;
    const { productType } = product;
    const params = { symbol: market.id, productType, marginCoin: market.settleId ?? '' };
    const { posMode } = (await session.ask(ACCOUNT, params)).data;
    modes[productType] = posMode === 'hedge_mode' ? 'hedge' : 'one-way';
  }
  return modes;
}

/** Prefers a perpetual market, because a dated one may have been delivered. */
async function anyMarketOf(session: ReadSession, { path }: Product): Promise<Market | null> {
  const symbols = session.symbols().filter((symbol) => covers(path, marketPath(symbol)));
  const symbol = symbols.find((one) => !one.includes('-')) ?? symbols[0];
  return symbol === undefined ? null : session.marketOf(symbol);
}

function commonMode(modes: Modes): PositionMode | null {
  const [first = null, ...others] = Object.values(modes);
  return others.every((mode) => mode === first) ? first : null;
}

async function readPositions(session: ReadSession, modes: Modes): Promise<Position[]> {
  const positions: Position[] = [];
  for (const product of PRODUCTS) {
    const { productType } = product;
    for (const row of (await session.ask(POSITIONS, { productType })).data) {
      if (isZero(row.total)) continue;
      const market = await marketOfProduct(session, POSITIONS, row.symbol, product);
      if (signOf(row.total) < 0) {
        throw session.failure(
          'unreadable',
          POSITIONS,
          `reported a ${row.holdSide} position of ${row.total} in ${row.symbol}`,
        );
      }
      checkMode(session, POSITIONS, row, modes[productType]);
      positions.push({
        symbol: market.symbol,
        side: row.holdSide,
        amount: multiplyDecimals(row.total, market.contractSize),
        changedAt: changeTimeOf(row),
      });
    }
  }
  return positions;
}

async function readSpotBalances(session: ReadSession): Promise<Balance[]> {
  const rows = (await session.ask(SPOT_ASSETS)).data;
  return rows.map(({ coin, available, frozen, locked }) => ({
    currency: session.currency(coin.toUpperCase()),
    total: addDecimals(available, addDecimals(frozen, locked)),
  }));
}

/** The balance of each coin in all accounts. The futures accounts are asked only where balances are compared. */
async function readBalances(session: ReadSession, spot: readonly Balance[]): Promise<Balance[] | NotRead> {
  if (!session.wantsBalances) return NOT_ASKED;
  const totals = new Map<string, DecimalText>();
  const add = (currency: string, amount: DecimalText): void => {
    totals.set(currency, addDecimals(totals.get(currency) ?? '0', amount));
  };
  for (const { currency, total } of spot) add(currency, total);
  for (const { productType } of PRODUCTS) {
    for (const row of (await session.ask(ACCOUNTS, { productType })).data) {
      if (row.assetMode === 'union') {
        return { reason: 'USDT futures use several coins as margin; their sum is not reported' };
      }
      add(session.currency(row.marginCoin.toUpperCase()), subtractDecimals(row.accountEquity, openProfitOf(row)));
    }
  }
  const held = [...totals].filter(([, total]) => !isZero(total));
  return held.map(([currency, total]) => ({ currency, total }));
}

/** The profit of cross and isolated positions, where they are reported separately; "" means that there is none. */
function openProfitOf({ unrealizedPL, crossedUnrealizedPL, isolatedUnrealizedPL }: AccountRow): DecimalText {
  const apart = [crossedUnrealizedPL, isolatedUnrealizedPL];
  const reported = apart.some((part) => part !== undefined && part !== null && part !== '') ? apart : [unrealizedPL];
  return reported.reduce<DecimalText>((sum, part) => addDecimals(sum, part === '' ? '0' : (part ?? '0')), '0');
}
