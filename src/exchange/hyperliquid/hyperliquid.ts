import { z } from 'zod';
import { isZero, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word } from '../transport/endpoint.js';
import type { ReadSession } from '../profile/read-session.js';
import { defineExchange } from '../profile/define-exchange.js';
import {
  accountOf,
  auditHyperliquidKey,
  currencyOf,
  hyperliquidCodeOf,
  info,
  own,
  UNKNOWN_ORDER,
  HYPERLIQUID_LIMITS,
} from './common.js';
import { checkDex, dexOf, KINDS, paramsOf, refuseOtherDex, type Dex } from './dexes.js';
import { HYPERLIQUID_MISSING_ORDERS } from './missing-orders.js';
import { readOrders } from './orders.js';
import { priceByValue } from '../profile/mark-prices.js';
import type { SpotPrices } from '../profile/profile.js';
import { isAside, rowsOf } from '../profile/unread.js';
import { readHyperliquidVenueActions } from './venue-actions.js';
import { isMap } from '../../domain/text/is-map.js';

/*
 * Hyperliquid. Source: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api ("Info endpoint" with its pages "Perpetuals"
 * and "Spot", "Asset IDs", "Rate limits and user limits").
 *
 * - Everything is public: an address is enough to read its account. No key is needed, and none should be configured. An agent's
 *   address answers with empty lists, so its role is asked first.
 * - Perpetuals trade on several dexes: the first one, and those that builders deploy (HIP-3), which perpDexs lists. Each dex has
 *   its own positions and orders and is asked separately; the first dex also reports spot orders.
 * - Lists are complete, without pages. The user's limit (1,000 to 5,000) bounds open orders; the answer does not.
 *   Trigger orders and TP/SL are among them; those that wait for their parent to fill are its `children`. An order of the
 *   position's whole size (isPositionTpsl) has the size zero.
 * - Sizes are base units. A position is one-way, its side the sign of `szi`; no time of its last change is reported. An
 *   order's `timestamp` is when it was placed: changing it gives it a new id, a fill leaves the time as it was.
 * - A coin is the name of a perpetual ("BTC", "xyz:XYZ100"), of a spot pair ("PURR/USDC", "@107") or of one side of an outcome
 *   ("#5160"; "Asset IDs"). ccxt has no outcome markets: their orders and tokens are gaps.
 * - userAbstraction tells whether spot and perpetuals share one wallet ("unifiedAccount", "portfolioMargin"; "Query a user's
 *   abstraction state").
 * - The clock is `time` of clearinghouseState.
 */

/** Requests of ccxt itself, when it loads markets. */
const UNIVERSE = z.object({ name: word, szDecimals: word });
const META = info(
  'metaAndAssetCtxs',
  z.tuple([z.object({ universe: z.array(UNIVERSE).min(1) }), z.array(z.object({}))]),
  {
    call: null,
    when: ({ dex }) => dex === undefined,
  },
);
const DEX_META = info(
  'metaAndAssetCtxs',
  z.tuple([z.object({ universe: z.array(UNIVERSE), collateralToken: word }), z.array(z.object({}))]),
  {
    call: null,
    when: ({ dex }) => dex !== undefined,
  },
);
const SPOT_TABLES = z.object({
  tokens: z.array(z.object({ name: word, index: word, szDecimals: word })).min(1),
  universe: z.array(z.object({ name: word, index: word, tokens: z.tuple([word, word]) })),
});
const SPOT_META = info('spotMeta', SPOT_TABLES, { call: null });
const SPOT_CONTEXTS = info('spotMetaAndAssetCtxs', z.tuple([SPOT_TABLES, z.array(z.object({}))]), { call: null });

/** The first dex has no name and is null; an unused entry may be null too. */
const DEXES = info('perpDexs', z.tuple([z.null()], z.object({ name: word }).nullable()));

/** A position with the type of its row; another type would not be one with a sign. */
const POSITION_ROW = z.object({
  type: z.literal('oneWay'),
  coin: word,
  szi: decimalText,
  entryPx: decimalText.nullish().catch(null),
  positionValue: decimalText.nullish().catch(null),
});
const isFlat = (amount: unknown): boolean => {
  const parsed = decimalText.safeParse(amount);
  return parsed.success && isZero(parsed.data);
};

const STATE = info(
  'clearinghouseState',
  z.object({
    assetPositions: z.array(
      z.preprocess(
        (raw) => (isMap(raw) && isMap(raw['position']) ? { type: raw['type'], ...raw['position'] } : raw),
        rowsOf(POSITION_ROW, { symbol: 'coin', skip: ({ szi }) => isFlat(szi) }),
      ),
    ),
    time: timeMs.refine((time) => time > 0, 'zero'),
  }),
  { scope: 'positions:linear' },
);

/** Tokens of outcome markets: "+10" of an active one, "o10" of a settled one. They have no token id. */
const OUTCOME_TOKEN = /^[+o]\d+$/;
const BALANCE_ROW = z.object({ coin: word, token: word, total: decimalText });
const SPOT_STATE = info(
  'spotClearinghouseState',
  z.object({
    balances: z.array(
      rowsOf(BALANCE_ROW, {
        symbol: 'coin',
        skip: ({ coin, total }) => isFlat(total) || (typeof coin === 'string' && OUTCOME_TOKEN.test(coin)),
      }),
    ),
    /** Locked on the way to HyperEVM. */
    evmEscrows: z.array(z.unknown()).nullish(),
  }),
  { scope: 'balances' },
);

const ALL_MIDS = info('allMids', z.record(z.string(), z.unknown()));

export const hyperliquid = defineExchange({
  id: 'hyperliquid',
  // ccxt would load the first ten dexes only.
  options: { fetchMarkets: { types: ['spot', 'swap', 'hip3'], hip3: { limit: 1_000, dexes: [] } } },
  // Without currencies ccxt assumes that every dex settles in USDC.
  loadsCurrencies: true,
  marketEndpoints: [META, DEX_META, SPOT_META, SPOT_CONTEXTS, { ...DEXES, call: null }],
  credentials: ['walletAddress'],
  marketNaming: ({ id, baseName, contract }) => (contract ? (baseName ?? id) : id),
  // 1,200 a minute and address. userRole weighs 60, and a history's weight depends on its answer; ccxt counts 20 for each.
  budget: { perMinute: 700, burst: 100 },
  marketKinds: KINDS,
  codeOf: hyperliquidCodeOf,
  codes: { [UNKNOWN_ORDER]: 'unsupported' },
  limits: HYPERLIQUID_LIMITS,
  account: {
    setup: async (session) => ({ ...(await accountOf(session)), dexes: await readDexes(session) }),
    held: (session, { user, dexes }) => readHeld(session, user, dexes),
    orders: async (session, { user, dexes }) => {
      const orders: OpenOrder[] = [];
      for (const dex of dexes) orders.push(...(await readOrders(session, user, dex)));
      return { orders };
    },
    positionMode: 'one-way',
    scopes: ['positions:linear', ...KINDS.flatMap((kind) => [`orders:regular:${kind}`, `orders:conditional:${kind}`])],
    gaps: ({ setup, held }) => [
      { scope: 'orders:regular:outcome', reason: 'orders of outcome markets (coins such as "#5160") are not read' },
      { scope: 'orders:twap', reason: 'running TWAPs are not reported; their slices are seen as fills' },
      { scope: 'balances:outcome', reason: 'tokens of outcome markets are not read' },
      { scope: 'balances:staking', reason: 'staked HYPE and shares of vaults are not read' },
      ...(setup.unified
        ? []
        : [
            {
              scope: 'balances:perpetuals',
              reason: 'collateral on a perpetuals dex moves with every price; spot is read',
            },
          ]),
      ...(held.escrows > 0
        ? [
            {
              scope: 'balances:escrow',
              reason: `${held.escrows} tokens are locked on the way to HyperEVM, and not read`,
            },
          ]
        : []),
    ],
  },
  missingOrders: HYPERLIQUID_MISSING_ORDERS,
  auditKey: auditHyperliquidKey,
  readVenueActions: readHyperliquidVenueActions,
  readPrices: readSpotPrices,
  anyoneListsSpot: true,
});

interface Held {
  at: number;
  positions: Position[];
  balances: Balance[];
  escrows: number;
}

/** The first dex and those of builders. Throws for a dex that has markets and is not listed, because it would not be read. */
async function readDexes(session: ReadSession): Promise<Dex[]> {
  const [, ...others] = await session.ask(DEXES, { type: 'perpDexs' });
  const names = others.flatMap((dex) => (dex === null ? [] : [dex.name]));
  const known = new Set(session.marketIds().flatMap((id) => dexOf(id) ?? []));
  const missing = [...known].filter((name) => !names.includes(name));
  if (missing.length > 0) throw session.failure('incomplete', DEXES, `does not list ${missing.join(', ')}`);
  return [null, ...names];
}

async function readHeld(session: ReadSession, user: string, dexes: readonly Dex[]): Promise<Held> {
  const positions: Position[] = [];
  let time: number | null = null;
  for (const dex of dexes) {
    const state = await session.ask(STATE, paramsOf(STATE, user, dex));
    time ??= state.time;
    checkDex(session, STATE, state.assetPositions, dex);
    const read = await session.convert(
      STATE,
      state.assetPositions,
      async ({ coin, szi, entryPx, positionValue }): Promise<Position> => {
        refuseOtherDex(session, STATE, coin, dex);
        const { symbol } = await session.market(coin, STATE, ['linear']);
        session.notePrice(symbol, entryPx, priceByValue(positionValue, szi));
        const side = signOf(szi) > 0 ? 'long' : 'short';
        return { symbol, side, amount: normalizeDecimal(szi.replace(/^-/, '')), changedAt: null };
      },
    );
    positions.push(...read);
  }
  return { at: time ?? 0, positions, ...(await readBalances(session, user)) };
}

/**
 * Spot balances, whole: `hold` is a part of `total`. In portfolio margin a debt is a negative total. In the unified modes they are
 * the collateral of the perpetuals, too.
 */
async function readBalances(session: ReadSession, user: string): Promise<Pick<Held, 'balances' | 'escrows'>> {
  const { balances, evmEscrows } = await session.ask(SPOT_STATE, { type: 'spotClearinghouseState', user });
  const codes = balances.flatMap((row) => (isAside(row) ? [] : [currencyOf(session, row.coin)]));
  const read = await session.convert(SPOT_STATE, balances, ({ coin, token, total }): Balance => {
    const code = currencyOf(session, coin);
    // Token names are not unique, and anybody may send a token: where two share a code, each gets its token id.
    const shared = codes.filter((other) => other === code).length > 1;
    return { currency: shared ? `${coin}#${token}` : code, total: normalizeDecimal(total) };
  });
  return { balances: read, escrows: (evmEscrows ?? []).length };
}

/** The middle of each spot market's book. */
async function readSpotPrices(session: ReadSession): Promise<SpotPrices> {
  const mids = await session.ask(ALL_MIDS, { type: 'allMids' });
  const ids = session.marketIds();
  const prices = new Map<string, string>();
  for (const [index, symbol] of session.symbols().entries()) {
    const price = decimalText.safeParse(own(mids, ids[index] ?? ''));
    if (!symbol.includes(':') && price.success && signOf(price.data) > 0) prices.set(symbol, price.data);
  }
  return prices;
}
