import { z } from 'zod';
import { isZero, normalizeDecimal, signOf, subtractDecimals } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import { decimalText, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { defineExchange } from '../profile/define-exchange.js';
import {
  accountOf,
  auditHyperliquidKey,
  filledOf,
  hyperliquidCodeOf,
  info,
  ORDER_ROW,
  UNKNOWN_ORDER,
  type OrderRow,
  HYPERLIQUID_LIMITS,
} from './common.js';
import { HYPERLIQUID_MISSING_ORDERS } from './missing-orders.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';

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
 *   ("#5160"; "Asset IDs"). ccxt has no outcome markets: their orders are a gap.
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

const STATE = info(
  'clearinghouseState',
  z.object({
    assetPositions: z.array(
      z.object({ type: z.literal('oneWay'), position: z.object({ coin: word, szi: decimalText }) }),
    ),
    time: timeMs.refine((time) => time > 0, 'zero'),
  }),
  { scope: 'positions:linear' },
);

const SPOT_STATE = info(
  'spotClearinghouseState',
  z.object({ balances: z.array(z.object({ coin: word, token: word, total: decimalText })) }),
  { scope: 'balances' },
);

const OPEN_ORDERS = info('frontendOpenOrders', z.array(ORDER_ROW.extend({ children: z.array(ORDER_ROW).nullish() })), {
  scope: 'orders',
});

const OUTCOME = /^#\d+$/;
const KINDS: MarketKind[] = ['spot', 'linear'];

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
    setup: async (session) => ({ user: await accountOf(session), dexes: await readDexes(session) }),
    held: (session, { user, dexes }) => readHeld(session, user, dexes),
    orders: async (session, { user, dexes }) => {
      const orders: OpenOrder[] = [];
      for (const dex of dexes) orders.push(...(await readOrders(session, user, dex)));
      return { orders };
    },
    positionMode: 'one-way',
    scopes: ['positions:linear', ...KINDS.flatMap((kind) => [`orders:regular:${kind}`, `orders:conditional:${kind}`])],
    gaps: [
      { scope: 'orders:regular:outcome', reason: 'orders of outcome markets (coins such as "#5160") are not read' },
      { scope: 'orders:twap', reason: 'running TWAPs are not reported; their slices are seen as fills' },
      { scope: 'balances:perpetuals', reason: 'collateral on a perpetuals dex moves with every price; spot is read' },
    ],
  },
  missingOrders: HYPERLIQUID_MISSING_ORDERS,
  auditKey: auditHyperliquidKey,
});

/** A dex by its name; the first has none. */
type Dex = string | null;

interface Held {
  at: number;
  positions: Position[];
  balances: Balance[];
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

/** "xyz:XYZ100" trades on the dex "xyz"; null is the first dex, or spot. */
function dexOf(coin: string): Dex {
  const end = coin.indexOf(':');
  return end === -1 ? null : coin.slice(0, end);
}

async function readHeld(session: ReadSession, user: string, dexes: readonly Dex[]): Promise<Held> {
  const positions: Position[] = [];
  let time: number | null = null;
  for (const dex of dexes) {
    const state = await session.ask(STATE, paramsOf(STATE, user, dex));
    time ??= state.time;
    for (const { position } of state.assetPositions) {
      checkDex(session, STATE, position.coin, dex);
      if (isZero(position.szi)) continue;
      const market = await session.market(position.coin, STATE, ['linear']);
      positions.push({
        symbol: market.symbol,
        side: signOf(position.szi) > 0 ? 'long' : 'short',
        amount: normalizeDecimal(position.szi.replace(/^-/, '')),
        changedAt: null,
      });
    }
  }
  return { at: time ?? 0, positions, balances: await readBalances(session, user) };
}

async function readOrders(session: ReadSession, user: string, dex: Dex): Promise<OpenOrder[]> {
  const reported = await session.ask(OPEN_ORDERS, paramsOf(OPEN_ORDERS, user, dex));
  const rows = reported.filter(({ coin }) => !OUTCOME.test(coin));
  const listed = new Set(rows.map(({ oid }) => oid));
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    orders.push(await orderOf(session, row, dex));
    // Orders that wait for this one to fill. Some are also listed separately.
    for (const child of row.children ?? []) if (!listed.has(child.oid)) orders.push(await orderOf(session, child, dex));
  }
  return orders;
}

async function orderOf(session: ReadSession, row: OrderRow, dex: Dex): Promise<OpenOrder> {
  checkDex(session, OPEN_ORDERS, row.coin, dex);
  const market = await session.market(row.coin, OPEN_ORDERS, dex === null ? KINDS : ['linear']);
  const sizes = filledOf(row);
  if (sizes === null) {
    throw session.failure(
      'unreadable',
      OPEN_ORDERS,
      `reported order ${row.oid} that ${row.sz} of ${row.origSz} remain`,
    );
  }
  const wholePosition = row.isPositionTpsl && isZero(row.origSz);
  const type = row.orderType.toLowerCase().replaceAll(' ', '_');
  const filled = subtractDecimals(sizes.whole, sizes.remaining);
  return {
    id: row.oid,
    clientOrderId: row.cloid ?? null,
    symbol: market.symbol,
    side: row.side === 'B' ? 'buy' : 'sell',
    type,
    // The limit price of a market order is the worst price that it may get.
    price: type.endsWith('market') ? null : priceOf(row.limitPx),
    triggerPrice: row.isTrigger ? priceOf(row.triggerPx) : null,
    amount: wholePosition ? null : amountOf(session, OPEN_ORDERS, row.oid, row.origSz, market),
    filled,
    conditional: row.isTrigger && row.triggerCondition !== 'Triggered',
    changedAt: isZero(filled) ? timeOf(row.timestamp) : null,
  };
}

async function readBalances(session: ReadSession, user: string): Promise<Balance[]> {
  const { balances } = await session.ask(SPOT_STATE, { type: 'spotClearinghouseState', user });
  const held = balances.filter(({ total }) => !isZero(total));
  const codes = held.map(({ coin }) => currencyOf(session, coin));
  return held.map(({ coin, token, total }, index) => {
    const code = codes[index] ?? coin;
    // Token names are not unique, and anybody may send a token: where two share a code, each gets its token id.
    const shared = codes.filter((other) => other === code).length > 1;
    return { currency: shared ? `${coin}#${token}` : code, total: normalizeDecimal(total) };
  });
}

/** ccxt's code of a token: its markets call UBTC, which represents BTC, BTC. */
function currencyOf(session: ReadSession, coin: string): string {
  const names = z.record(z.string(), z.string()).safeParse(session.exchange.options['spotCurrencyMapping']);
  const mapped = names.success && Object.hasOwn(names.data, coin) ? names.data[coin] : undefined;
  return session.currency(mapped ?? coin);
}

function paramsOf({ question = '' }: Endpoint<unknown>, user: string, dex: Dex): Params {
  return { type: question, user, ...(dex === null ? {} : { dex }) };
}

/** Throws for an answer of another dex, because this one would not be read. */
function checkDex(session: ReadSession, endpoint: Endpoint<unknown>, coin: string, dex: Dex): void {
  if (dexOf(coin) === dex) return;
  throw session.failure('incomplete', endpoint, `was asked for ${dex ?? 'the first dex'} and reported ${coin}`);
}
