import { z } from 'zod';
import { absoluteDecimal, addDecimals, isZero, multiplyDecimals, signOf } from '../../domain/decimal/decimal.js';
import type { DecimalText } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position, PositionMode } from '../../domain/snapshot/snapshot.js';
import { defineExchange } from '../profile/define-exchange.js';
import type { Market, MarketKind } from '../profile/markets.js';
import { readAllByNumber } from '../profile/paging.js';
import type { Params, ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { decimalText, get, timeMs, word, type Endpoint } from '../transport/endpoint.js';
import { auditKucoinKey, envelope, KUCOIN_CODES, KUCOIN_LIMITS, kucoinCodeOf, kucoinRetryAfterMs } from './common.js';
import { kucoinUsageOf, pageOf, textOf } from './common.js';
import { KUCOIN_MISSING_ORDERS } from './missing-orders.js';

/*
 * KuCoin, classic account: spot and futures. Source: www.kucoin.com/docs-new/rest, pages spot-trading/orders (Get Open Orders
 * By Page, Get Symbols With Open Order, Get Stop Orders List), futures-trading/orders (Get Order List, Get Stop Order List),
 * futures-trading/positions (Get Position List, Get Position Mode), account-info/account-funding (Get Account List - Spot,
 * Get Apikey Info), ua/get-account-mode, "Rate Limit" and the change log.
 *
 * - A unified account has addresses of its own, and what these answer for it is not documented: it is refused by its mode.
 * - Positions of all contracts come in one answer, unpaged. `currentQty` counts contracts, negative for short ones. The mode is
 *   of the whole account: positionSide BOTH in one-way mode, LONG and SHORT in hedge mode. No time of the last change is reported.
 * - Spot orders are listed for each symbol; the symbols that have some are a question of their own. ccxt has no method for the
 *   pages of a symbol (/active/page replaces /active since March 2025), so its method for one order is used, with the id
 *   "active/page".
 * - Orders that wait for a trigger are listed apart, without a symbol. Without `tradeType` the list of spot has none of the margin
 *   accounts. Its filter `stop` tells stop orders from OCO orders; what it lists without that filter is not documented.
 * - All lists have numbered pages and say how many rows they have.
 * - Balances are those of the spot trading account (`trade`, and `trade_hf` of old). The funding account, the margin accounts
 *   and the futures wallets are other accounts of the same currencies: a sum would match no bot's state.
 */

const PAIR = z.object({ symbol: word, baseIncrement: decimalText });
const CONTRACT = z.object({ symbol: word, settleCurrency: word, multiplier: decimalText, lotSize: decimalText });
const SYMBOLS = get('/api/v2/symbols', null, envelope(z.array(PAIR).min(1)));
const CONTRACTS = get('/api/v1/contracts/active', null, envelope(z.array(CONTRACT).min(1)));

const TIME = get('/api/v1/timestamp', 'publicGetTimestamp', envelope(timeMs.refine((time) => time > 0, 'zero')));
const ACCOUNT_MODE = get(
  '/api/ua/v1/account/mode',
  'utaPrivateGetAccountMode',
  envelope(z.object({ selfAccountMode: z.enum(['CLASSIC', 'UNIFIED']) })),
);
const POSITION_MODE = get(
  '/api/v2/position/getPositionMode',
  'futuresPrivateGetPositionGetPositionMode',
  envelope(z.object({ positionMode: z.enum(['0', '1']) })),
);

const POSITION_SIDE = z.enum(['BOTH', 'LONG', 'SHORT']);
const POSITION_ROW = z.object({ symbol: word, currentQty: decimalText, positionSide: POSITION_SIDE });
const POSITIONS = get('/api/v1/positions', 'futuresPrivateGetPositions', envelope(z.array(POSITION_ROW)), {
  scope: 'positions',
});

const ACCOUNT_ROW = z.object({ currency: word, type: word, balance: decimalText });
const ACCOUNTS = get('/api/v1/accounts', 'privateGetAccounts', envelope(z.array(ACCOUNT_ROW)), { scope: 'balances' });

const amount = decimalText.nullish();
const price = z.union([decimalText, z.literal('')]).nullish();

const ROW = z.object({
  id: word,
  clientOid: z.string().nullish(),
  symbol: word,
  side: z.enum(['buy', 'sell']),
  type: word,
  price,
  stopPrice: price,
  size: amount,
  /** The amount of a spot market order in the quote currency, where it has that instead of a size. */
  funds: amount,
  dealSize: amount,
  closeOrder: z.boolean().nullish(),
  createdAt: timeMs,
  updatedAt: timeMs.nullish(),
  lastUpdatedAt: timeMs.nullish(),
});
type Row = z.infer<typeof ROW>;

const SPOT_ROW = ROW.extend({ dealSize: decimalText, active: z.literal(true) });
const SPOT_STOP_ROW = ROW.extend({ stopPrice: decimalText, status: z.literal('NEW') });
const FUTURES_ROW = ROW.extend({ dealSize: decimalText, status: z.literal('open') });

const SPOT_ACTIVE_SYMBOLS = get(
  '/api/v1/hf/orders/active/symbols',
  'privateGetHfOrdersActiveSymbols',
  envelope(z.object({ symbols: z.array(word) })),
  { scope: 'orders:regular:spot' },
);
const SPOT_ORDERS = get('/api/v1/hf/orders/active/page', 'privateGetHfOrdersOrderId', pageOf(SPOT_ROW), {
  scope: 'orders:regular:spot',
});
const SPOT_STOPS = get('/api/v1/stop-order', 'privateGetStopOrder', pageOf(SPOT_STOP_ROW), {
  scope: 'orders:conditional:spot',
});
const FUTURES_ORDERS = get('/api/v1/orders', 'futuresPrivateGetOrders', pageOf(FUTURES_ROW), {
  scope: 'orders:regular',
});
const FUTURES_STOPS = get('/api/v1/stopOrders', 'futuresPrivateGetStopOrders', pageOf(FUTURES_ROW), {
  scope: 'orders:conditional',
});

/** The largest pages that are documented for every list. */
const PAGE = '50';
const CONTRACT_KINDS: MarketKind[] = ['linear', 'inverse'];
const KINDS: MarketKind[] = ['spot', ...CONTRACT_KINDS];

export const kucoin = defineExchange({
  id: 'kucoin',
  options: { uta: false, fetchMarkets: { types: ['spot', 'swap', 'future'], fetchTickersFees: false } },
  marketEndpoints: [SYMBOLS, CONTRACTS],
  marketKinds: KINDS,
  // A third of the smallest pool (futures: 2,000 in 30 seconds, each 2 of ccxt's weights), as the account's bot shares it.
  budget: { perMinute: 2_400, burst: 200 },
  codeOf: kucoinCodeOf,
  codes: KUCOIN_CODES,
  limits: KUCOIN_LIMITS,
  retryAfterMs: kucoinRetryAfterMs,
  usageOf: kucoinUsageOf,
  account: {
    clock: async (session) => (await session.ask(TIME)).data,
    setup: readPositionMode,
    held: async (session, mode) => ({
      positions: await readPositions(session, mode),
      balances: await readBalances(session),
    }),
    orders: async (session) => ({ orders: await readOrders(session) }),
    positionMode: ({ setup: mode }) => mode,
    scopes: [
      ...CONTRACT_KINDS.map((kind) => `positions:${kind}`),
      ...KINDS.flatMap((kind) => [`orders:regular:${kind}`, `orders:conditional:${kind}`]),
    ],
    gaps: [
      { scope: 'positions:spot', reason: 'margin loans are not read' },
      { scope: 'orders:regular:margin', reason: 'orders of the margin accounts are not read' },
      { scope: 'orders:conditional:margin', reason: 'orders of the margin accounts are not read' },
      { scope: 'orders:conditional:oco', reason: 'KuCoin does not say whether its stop orders include OCO orders' },
      { scope: 'balances:margin', reason: 'the margin accounts are not read' },
      { scope: 'balances:main', reason: 'the funding account is not read' },
      { scope: 'balances:futures', reason: 'futures wallets move with every price; the spot account is read' },
    ],
  },
  missingOrders: KUCOIN_MISSING_ORDERS,
  auditKey: auditKucoinKey,
});

async function readPositionMode(session: ReadSession): Promise<PositionMode> {
  const { selfAccountMode } = (await session.ask(ACCOUNT_MODE)).data;
  if (selfAccountMode !== 'CLASSIC') {
    throw session.failure(
      'unsupported',
      ACCOUNT_MODE,
      'says that this is a unified account; only classic accounts are read',
    );
  }
  return (await session.ask(POSITION_MODE)).data.positionMode === '0' ? 'one-way' : 'hedge';
}

async function readPositions(session: ReadSession, mode: PositionMode): Promise<Position[]> {
  const positions: Position[] = [];
  for (const { symbol, currentQty, positionSide } of (await session.ask(POSITIONS)).data) {
    const sign = signOf(currentQty);
    if (sign === 0) continue;
    if ((positionSide === 'BOTH') !== (mode === 'one-way')) {
      const reported = `reported a ${positionSide} position in ${symbol}, but the account is in ${mode} mode`;
      throw session.failure('incomplete', POSITIONS, `${reported}: the mode was just changed`);
    }
    const side = sign > 0 ? 'long' : 'short';
    if (positionSide !== 'BOTH' && positionSide.toLowerCase() !== side) {
      throw session.failure(
        'unreadable',
        POSITIONS,
        `reported a ${positionSide} position of ${currentQty} in ${symbol}`,
      );
    }
    const market = await session.market(symbol, POSITIONS, CONTRACT_KINDS);
    const size = multiplyDecimals(absoluteDecimal(currentQty), market.contractSize);
    positions.push({ symbol: market.symbol, side, amount: size, changedAt: null });
  }
  return positions;
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const totals = new Map<string, DecimalText>();
  for (const { currency, type, balance } of (await session.ask(ACCOUNTS)).data) {
    if (type !== 'trade' && type !== 'trade_hf') continue;
    const code = session.currency(currency);
    totals.set(code, addDecimals(totals.get(code) ?? '0', balance));
  }
  return [...totals].flatMap(([currency, total]) => (isZero(total) ? [] : [{ currency, total }]));
}

/** A list of open orders. */
interface List {
  endpoint: Endpoint<{ data: { currentPage: string; totalNum: string; items: Row[] } }>;
  kinds: readonly MarketKind[];
  conditional: boolean;
  params?: Params;
  /** The parameter of the page number. */
  numberParam?: string;
}

const LISTS: readonly List[] = [
  { endpoint: FUTURES_STOPS, kinds: CONTRACT_KINDS, conditional: true },
  { endpoint: SPOT_STOPS, kinds: ['spot'], conditional: true },
  { endpoint: FUTURES_ORDERS, kinds: CONTRACT_KINDS, conditional: false, params: { status: 'active' } },
];

async function readOrders(session: ReadSession): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const list of LISTS) orders.push(...(await readList(session, list)));
  for (const symbol of (await session.ask(SPOT_ACTIVE_SYMBOLS)).data.symbols) {
    const params = { orderId: 'active/page', symbol };
    const list: List = { endpoint: SPOT_ORDERS, kinds: ['spot'], conditional: false, params, numberParam: 'pageNum' };
    orders.push(...(await readList(session, list)));
  }
  return orders;
}

async function readList(session: ReadSession, list: List): Promise<OpenOrder[]> {
  const { endpoint, params = {}, numberParam = 'currentPage' } = list;
  const rows = await readAllByNumber<Row>({
    session,
    endpoint,
    idOf: ({ id }) => id,
    ask: async (number) => {
      const { data } = await session.ask(endpoint, { ...params, [numberParam]: String(number), pageSize: PAGE });
      if (data.currentPage !== String(number)) {
        throw session.failure('incomplete', endpoint, `was asked for page ${number} and answered ${data.currentPage}`);
      }
      return { rows: data.items, total: Number(data.totalNum) };
    },
  });
  const orders: OpenOrder[] = [];
  for (const row of rows) {
    if (row.symbol !== (params['symbol'] ?? row.symbol)) {
      throw session.failure('incomplete', endpoint, `was asked for ${params['symbol']} and reported ${row.symbol}`);
    }
    orders.push(orderOf(session, row, await session.market(row.symbol, endpoint, list.kinds), list));
  }
  return orders;
}

function orderOf(session: ReadSession, row: Row, market: Market, { endpoint, conditional }: List): OpenOrder {
  const byCost = row.type === 'market' && !isZero(row.funds ?? '0');
  const withoutSize = isZero(row.size ?? '0') && (row.closeOrder === true || byCost);
  return {
    id: row.id,
    clientOrderId: textOf(row.clientOid),
    symbol: market.symbol,
    side: row.side,
    type: row.type,
    price: row.type === 'market' ? null : priceOf(row.price),
    triggerPrice: priceOf(row.stopPrice),
    amount: withoutSize ? null : amountOf(session, endpoint, row.id, row.size, market),
    // Only orders that wait for their trigger are listed without it.
    filled: multiplyDecimals(row.dealSize ?? '0', market.contractSize),
    conditional,
    changedAt: timeOf(row.updatedAt) ?? timeOf(row.lastUpdatedAt) ?? timeOf(row.createdAt),
  };
}
