import { z } from 'zod';
import { addDecimals, isZero, multiplyDecimals, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, Position } from '../../domain/snapshot/snapshot.js';
import { decimalText, word, get } from '../transport/endpoint.js';
import type { MarketKind } from '../profile/markets.js';
import type { ReadSession } from '../profile/read-session.js';
import { askNothing, defineExchange, NOT_ASKED } from '../profile/define-exchange.js';
import { isoTime, krakenCodeOf, KRAKEN_CODES, success, KRAKENFUTURES_LIMITS } from './common.js';
import { KRAKENFUTURES_MISSING_ORDERS } from './missing-orders.js';
import { amountOf, priceOf } from '../profile/rows.js';

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

const POSITION_ROW = z.object({ symbol: word, side: z.enum(['long', 'short']), size: decimalText });

const POSITIONS = get(
  '/derivatives/api/v3/openpositions',
  'privateGetOpenpositions',
  success({ openPositions: z.array(POSITION_ROW) }),
  { scope: 'positions' },
);

const ORDER_ROW = z.object({
  order_id: word,
  cliOrdId: z.string().nullish(),
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
  success({ openOrders: z.array(ORDER_ROW) }),
  { scope: 'orders' },
);

const WALLET = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cashAccount'), balances: z.record(z.string(), decimalText) }),
  z.object({ type: z.literal('marginAccount'), balances: z.record(z.string(), decimalText) }),
  z.object({
    type: z.literal('multiCollateralMarginAccount'),
    currencies: z.record(z.string(), z.object({ quantity: decimalText })),
  }),
]);
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
const CONDITIONAL_TYPES = /^(?:stop|stp|take_profit|trailing_stop)/i;
/** "lmt" and "post" are limit orders; "ioc" and "mkt" do not rest. */
const TYPES: Readonly<Record<string, string>> = { lmt: 'limit', post: 'limit', mkt: 'market', ioc: 'market' };

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
});

interface Held {
  at: number;
  positions: Position[];
}

async function readPositions(session: ReadSession): Promise<Held> {
  const { serverTime, openPositions } = await session.ask(POSITIONS);
  const positions: Position[] = [];
  for (const { symbol, side, size } of openPositions) {
    if (isZero(size)) continue;
    if (signOf(size) < 0) throw session.failure('unreadable', POSITIONS, `reported a ${side} of ${size} in ${symbol}`);
    const market = await session.market(symbol.toUpperCase(), POSITIONS, KINDS);
    const amount = multiplyDecimals(size, market.contractSize);
    positions.push({ symbol: market.symbol, side, amount, changedAt: null });
  }
  const symbols = new Set(positions.map(({ symbol }) => symbol));
  if (symbols.size < positions.length) {
    throw session.failure('incomplete', POSITIONS, 'reported two positions in one symbol, which Kraken does not have');
  }
  return { at: serverTime, positions };
}

async function readOrders(session: ReadSession): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (const row of (await session.ask(OPEN_ORDERS)).openOrders) {
    const market = await session.market(row.symbol.toUpperCase(), OPEN_ORDERS, KINDS);
    const trigger = priceOf(row.stopPrice);
    const conditional = CONDITIONAL_TYPES.test(row.orderType) || trigger !== null;
    // A reduce-only trigger order may have no size.
    const withoutSize = (row.unfilledSize ?? null) === null && conditional && row.reduceOnly === true;
    const size = addDecimals(row.filledSize, row.unfilledSize ?? '0');
    orders.push({
      id: row.order_id,
      clientOrderId: row.cliOrdId === undefined || row.cliOrdId === '' ? null : row.cliOrdId,
      symbol: market.symbol,
      side: row.side,
      type: TYPES[row.orderType.toLowerCase()] ?? row.orderType.toLowerCase(),
      price: priceOf(row.limitPrice),
      triggerPrice: trigger,
      amount: withoutSize ? null : amountOf(session, OPEN_ORDERS, row.order_id, size, market),
      filled: multiplyDecimals(row.filledSize, market.contractSize),
      conditional,
      changedAt: row.lastUpdateTime ?? null,
    });
  }
  return orders;
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const totals = new Map<string, DecimalText>();
  for (const wallet of Object.values((await session.ask(ACCOUNTS)).accounts)) {
    for (const [id, amount] of amountsIn(wallet)) {
      const currency = session.currency(id.toUpperCase());
      totals.set(currency, addDecimals(totals.get(currency) ?? '0', amount));
    }
  }
  const held = [...totals].filter(([, total]) => !isZero(total));
  return held.map(([currency, total]) => ({ currency, total }));
}

function amountsIn(wallet: Wallet): [string, DecimalText][] {
  if (wallet.type === 'multiCollateralMarginAccount') {
    return Object.entries(wallet.currencies).map(([id, { quantity }]) => [id, quantity]);
  }
  return Object.entries(wallet.balances).filter(([id]) => !INSTRUMENT.test(id));
}
