import { z } from 'zod';
import { addDecimals, isZero, multiplyDecimals, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import { decimalText, nameOf, word, get } from '../transport/endpoint.js';
import { visible } from '../../domain/text/shown-text.js';
import { knownPricesOf } from '../profile/known-market.js';
import type { MarketKind } from '../profile/markets.js';
import type { Prices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { askNothing, defineExchange, NOT_ASKED } from '../profile/define-exchange.js';
import { isoTime, krakenCodeOf, KRAKEN_CODES, success, KRAKENFUTURES_LIMITS } from './common.js';
import { KRAKENFUTURES_MISSING_ORDERS } from './missing-orders.js';
import { amountOf, priceOf } from '../profile/rows.js';
import { rowsOf, type RowRefusal } from '../profile/unread.js';
import { readKrakenVenueActions } from './venue-actions.js';
import { isMap } from '../../domain/text/is-map.js';

/*
 * Kraken Futures. Source: docs.kraken.com/api/docs/futures-api/trading, pages get-instruments, get-open-positions,
 * get-open-orders and get-accounts; docs.kraken.com/exchange/guides/futures/ratelimits.
 *
 * - Positions and open orders of all contracts come in one answer, without pages. There is no hedge mode: one row per symbol,
 *   with an unsigned size and a side.
 * - Open orders include those that wait for a trigger (stop, take_profit, trailing_stop). The size of an order is the sum of its
 *   filled and unfilled sizes.
 * - Sizes are in contracts: of inverse ones (PI_, FI_) in USD, of linear ones (PF_, FF_) in base units.
 * - Positions report no time of their last change: `fillTime`, which was the time of the entry, is not sent any more.
 * - Every answer carries the exchange's clock, serverTime. Requests carry no time, so a wrong clock here does no harm.
 * - Balances: the sum of the cash account, each margin account and the multi-collateral ("flex") wallet, per coin. A margin
 *   account lists positions among its balances, by symbol.
 * - Limits: 500 units every ten seconds for /derivatives, where a reading request costs 2 (sending an order 10); a pool of 100 in
 *   ten minutes for /history. /api/auth/v1/api-keys/v3/check reports what a key may do, but ccxt has no method for it.
 */

const INSTRUMENTS = get(
  '/derivatives/api/v3/instruments',
  null,
  success({ instruments: z.array(z.object({ symbol: word, type: word })).min(1) }),
);

const TICKERS = get(
  '/derivatives/api/v3/tickers',
  'publicGetTickers',
  success({ tickers: z.array(z.object({ symbol: word, markPrice: decimalText.nullish().catch(null) })).min(1) }),
);

const POSITION_ROW = z.object({
  symbol: word,
  side: z.enum(['long', 'short']),
  size: decimalText,
  price: decimalText.nullish().catch(null),
});

const POSITIONS = get(
  '/derivatives/api/v3/openpositions',
  'privateGetOpenpositions',
  success({
    openPositions: z.array(rowsOf(POSITION_ROW, { symbol: 'symbol', skip: ({ size }) => isNothing(size) })),
  }),
  { scope: 'positions' },
);

const ORDER_ROW = z.object({
  order_id: word,
  cliOrdId: z.string().nullish(),
  /** As the websocket spells it. */
  cli_ord_id: z.string().nullish(),
  symbol: word,
  side: z.enum(['buy', 'sell']),
  orderType: word,
  limitPrice: decimalText.nullish(),
  stopPrice: decimalText.nullish(),
  unfilledSize: decimalText.nullish(),
  filledSize: decimalText,
  status: z.enum(['untouched', 'partiallyFilled']),
  reduceOnly: z.boolean().nullish(),
  lastUpdateTime: isoTime.nullish(),
});

const OPEN_ORDERS = get(
  '/derivatives/api/v3/openorders',
  'privateGetOpenorders',
  success({ openOrders: z.array(rowsOf(ORDER_ROW, { symbol: 'symbol' })) }),
  { scope: 'orders' },
);

const WALLET = z.record(z.string(), z.unknown());
type Wallet = z.infer<typeof WALLET>;

const ACCOUNTS = get(
  '/derivatives/api/v3/accounts',
  'privateGetAccounts',
  success({
    accounts: z.record(z.string(), WALLET).refine((wallets) => Object.keys(wallets).length > 0, 'no account at all'),
  }),
  { scope: 'balances' },
);

/** "FI_XBTUSD_171215" among the balances of a margin account. */
const INSTRUMENT = /^[A-Z]{2}_/i;
/** Kraken's words, and what they mean here. "lmt" and "post" are limit orders; "ioc", "fok" and "mkt" do not rest. */
const TYPES: Readonly<Record<string, string>> = {
  lmt: 'limit',
  limit: 'limit',
  post: 'limit',
  mkt: 'market',
  market: 'market',
  ioc: 'market',
  fok: 'market',
  stp: 'stop',
  stop: 'stop',
  stop_loss: 'stop_loss',
  take_profit: 'take_profit',
  trailing_stop: 'trailing_stop',
};
/** Types that wait for a trigger. */
const CONDITIONAL: ReadonlySet<string> = new Set(['stop', 'stop_loss', 'take_profit', 'trailing_stop']);

const KINDS: MarketKind[] = ['linear', 'inverse'];

export const krakenfutures = defineExchange({
  id: 'krakenfutures',
  options: {},
  marketEndpoints: [INSTRUMENTS],
  // In requests, each 2 of Kraken's units: a fifth of its limit, because the key's bot shares it.
  budget: { perMinute: 300, burst: 40 },
  marketKinds: KINDS,
  codeOf: krakenCodeOf,
  codes: KRAKEN_CODES,
  limits: KRAKENFUTURES_LIMITS,
  account: {
    setup: askNothing,
    held: readPositions,
    orders: async (session) => ({ orders: await readOrders(session) }),
    balances: async (session) => (session.wantsBalances ? readBalances(session) : NOT_ASKED),
    positionMode: 'one-way',
    scopes: ['positions', 'orders:regular', 'orders:conditional'].flatMap((part) =>
      KINDS.map((kind) => `${part}:${kind}`),
    ),
    gaps: [],
  },
  missingOrders: KRAKENFUTURES_MISSING_ORDERS,
  readVenueActions: readKrakenVenueActions,
  readContractPrices: readMarkPrices,
});

async function readMarkPrices(session: ReadSession): Promise<Prices> {
  const { tickers } = await session.ask(TICKERS);
  return knownPricesOf(session, KINDS, new Map(tickers.map((row) => [row.symbol.toUpperCase(), row.markPrice])));
}

interface Held {
  at: number;
  positions: Position[];
}

async function readPositions(session: ReadSession): Promise<Held> {
  const { serverTime, openPositions } = await session.ask(POSITIONS);
  const positions = await session.convert(POSITIONS, openPositions, async ({ symbol, side, size, price }) => {
    const market = await session.market(symbol.toUpperCase(), POSITIONS, KINDS);
    if (signOf(size) < 0)
      throw session.refuseRow(POSITIONS, market.symbol, `reported a ${side} of ${size} in ${symbol}`);
    session.notePrice(market.symbol, price);
    return { symbol: market.symbol, side, amount: multiplyDecimals(size, market.contractSize), changedAt: null };
  });
  return { at: serverTime, positions: await withoutPairs(session, positions) };
}

/** Kraken has no hedge mode, so a symbol with two positions cannot be read. */
async function withoutPairs(session: ReadSession, positions: readonly Position[]): Promise<Position[]> {
  const count = new Map<string, number>();
  for (const { symbol } of positions) count.set(symbol, (count.get(symbol) ?? 0) + 1);
  return session.convert(POSITIONS, positions, (position) => {
    const { symbol } = position;
    if (count.get(symbol) === 1) return position;
    throw session.refuseRow(POSITIONS, symbol, `reported two positions in ${symbol}, which Kraken does not have`);
  });
}

async function readOrders(session: ReadSession): Promise<OpenOrder[]> {
  const { openOrders } = await session.ask(OPEN_ORDERS);
  return session.convert(OPEN_ORDERS, openOrders, async (row): Promise<OpenOrder> => {
    const market = await session.market(row.symbol.toUpperCase(), OPEN_ORDERS, KINDS);
    const word = row.orderType.toLowerCase();
    const type = Object.hasOwn(TYPES, word) ? (TYPES[word] ?? null) : null;
    if (type === null) {
      throw session.refuseRow(
        OPEN_ORDERS,
        market.symbol,
        `reported order ${row.order_id} of the type "${row.orderType}", which is not known`,
      );
    }
    const trigger = priceOf(row.stopPrice);
    const price = priceOf(row.limitPrice);
    const conditional = CONDITIONAL.has(type) || trigger !== null;
    const lacks = (field: string): RowRefusal =>
      session.refuseRow(
        OPEN_ORDERS,
        market.symbol,
        `reported the ${row.orderType} order ${row.order_id} without ${field}`,
      );
    if (type === 'limit' && price === null) throw lacks('limitPrice');
    if (conditional && trigger === null && type !== 'trailing_stop') throw lacks('stopPrice');
    // A reduce-only trigger order may have no size.
    const withoutSize = (row.unfilledSize ?? null) === null && conditional && row.reduceOnly === true;
    const unfilled = row.unfilledSize ?? null;
    if (unfilled === null && !withoutSize) throw lacks('unfilledSize');
    const size = addDecimals(row.filledSize, unfilled ?? '0');
    return {
      id: row.order_id,
      clientOrderId: clientIdOf(row.cliOrdId) ?? clientIdOf(row.cli_ord_id),
      symbol: market.symbol,
      side: row.side,
      type,
      price,
      // The trigger of a trailing stop moves with the market.
      triggerPrice: type === 'trailing_stop' ? null : trigger,
      amount: withoutSize ? null : amountOf(session, OPEN_ORDERS, row.order_id, size, market),
      filled: multiplyDecimals(row.filledSize, market.contractSize),
      conditional,
      changedAt: row.lastUpdateTime ?? null,
    };
  });
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const totals = new Map<string, DecimalText>();
  for (const [name, wallet] of Object.entries((await session.ask(ACCOUNTS)).accounts)) {
    for (const [id, reported] of amountsIn(session, name, wallet)) {
      const currency = session.currency(id.toUpperCase());
      const amount = decimalText.safeParse(reported);
      if (amount.success) totals.set(currency, addDecimals(totals.get(currency) ?? '0', amount.data));
      else leaveOut(session, currency, `the wallet ${name} has no readable amount of ${id}`);
    }
  }
  const held = [...totals].filter(([, total]) => !isZero(total));
  return held.map(([currency, total]) => ({ currency, total }));
}

/** The raw amounts by the exchange's own currency id. A wallet of another type may hold any currency. */
function amountsIn(session: ReadSession, name: string, wallet: Wallet): [string, unknown][] {
  switch (wallet['type']) {
    case 'cashAccount':
    case 'marginAccount':
      if (isMap(wallet['balances'])) return Object.entries(wallet['balances']).filter(([id]) => !INSTRUMENT.test(id));
      break;
    case 'multiCollateralMarginAccount':
      if (isMap(wallet['currencies'])) {
        return Object.entries(wallet['currencies']).map(([id, held]) => [id, isMap(held) ? held['quantity'] : held]);
      }
  }
  leaveOut(session, null, `the wallet ${name} of the type ${JSON.stringify(wallet['type'] ?? null)} cannot be read`);
  return [];
}

function leaveOut(session: ReadSession, symbol: string | null, what: string): void {
  const reason = `${nameOf(ACCOUNTS)}: ${visible(what)}`;
  session.unread.add({ scope: 'balances', symbol, code: 'ROW_UNREADABLE', reason });
}

function clientIdOf(id: string | null | undefined): string | null {
  return id === undefined || id === '' ? null : id;
}

/** A position of zero, whose other fields may be empty. */
function isNothing(size: unknown): boolean {
  const parsed = decimalText.safeParse(size);
  return parsed.success && isZero(parsed.data);
}
