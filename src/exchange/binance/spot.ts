import { z } from 'zod';
import { addDecimals, normalizeDecimal, signOf } from '../../domain/decimal/decimal.js';
import type { Balance, OpenOrder, ScopeGap } from '../../domain/snapshot/snapshot.js';
import { defineExchange } from '../profile/define-exchange.js';
import type { MarketKind } from '../profile/markets.js';
import type { Profile, SpotPrices } from '../profile/profile.js';
import type { ReadSession } from '../profile/read-session.js';
import { amountOf, priceOf, timeOf } from '../profile/rows.js';
import { rowsOf } from '../profile/unread.js';
import { decimalText, get, idText, timeMs, word } from '../transport/endpoint.js';
import { readAlgoOrders, SPOT_ALGOS } from './algo-orders.js';
import {
  auditBinanceKey,
  BINANCE_CODES,
  BINANCE_LIMITS,
  binanceCodeOf,
  binanceUsageOf,
  isNothing,
  SERVER_TIME,
} from './common.js';
import { BINANCE_MISSING_ORDERS } from './missing-orders.js';
import { otherWallets } from './wallets.js';

/*
 * Spot accounts in Binance's format. Source: developers.binance.com/docs/binance-spot-api-docs/rest-api ("Account
 * endpoints", "Enums") and its pages on trailing stops and pegged orders.
 *
 * - GET /api/v3/openOrders without a symbol gives all open orders, unpaged (weight 80): also stop-loss and take-profit orders
 *   that wait for their trigger, both legs of an OCO, and legs that wait for another (PENDING_NEW). `orderListId` names the
 *   list that an order belongs to; -1 is none.
 * - The stopPrice of a trailing stop (`trailingDelta`) is the price that activates it, and does not move. The price of
 *   a pegged order moves.
 * - A market order by value has `origQuoteOrderQty` and no amount.
 * - GET /api/v3/account gives every asset of the exchange, also assets with a balance of zero, so an empty list is refused.
 *   Balances are the positions of a spot account.
 * - Other wallets are not read; one that holds something is a gap: see `wallets.ts`.
 */

const EXCHANGE_INFO = get(
  '/api/v3/exchangeInfo',
  null,
  z.object({ symbols: z.array(z.object({ symbol: word, baseAsset: word, quoteAsset: word })).min(1) }),
);

const TIME = get('/api/v3/time', 'publicGetTime', SERVER_TIME);

const BALANCE_ROW = z.object({ asset: word, free: decimalText, locked: decimalText });

const ACCOUNT = get(
  '/api/v3/account',
  'privateGetAccount',
  z.object({
    balances: z
      .array(
        rowsOf(BALANCE_ROW, {
          symbol: 'asset',
          skip: (raw) => isNothing(raw['free']) && isNothing(raw['locked']),
        }),
      )
      .min(1),
  }),
  { scope: 'balances' },
);

const ORDER_ROW = z.object({
  symbol: word,
  orderId: idText,
  /** -1: it belongs to no list. */
  orderListId: z
    .string()
    .regex(/^-?\d{1,40}$/, 'not a whole number')
    .nullish(),
  clientOrderId: word,
  side: z.enum(['BUY', 'SELL']),
  type: z.enum(['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']),
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW', 'PENDING_CANCEL']),
  price: decimalText,
  /** "0" where there is none. */
  stopPrice: decimalText,
  origQty: decimalText,
  origQuoteOrderQty: decimalText.nullish(),
  executedQty: decimalText,
  /** True for an order in the book: a triggered stop order keeps its type and its trigger price. */
  isWorking: z.boolean().nullish(),
  /** Only of pegged orders. */
  pegPriceType: z.string().nullish(),
  updateTime: timeMs.nullish(),
});
type OrderRow = z.infer<typeof ORDER_ROW>;

const OPEN_ORDERS = get(
  '/api/v3/openOrders',
  'privateGetOpenOrders',
  z.array(rowsOf(ORDER_ROW, { symbol: 'symbol' })),
  {
    scope: 'orders',
  },
);

const PRICES = get(
  '/api/v3/ticker/price',
  'publicGetTickerPrice',
  z.array(z.object({ symbol: word, price: decimalText })).min(1),
);

const CONDITIONAL_TYPES = /^(?:STOP_LOSS|TAKE_PROFIT)/;
const KINDS: MarketKind[] = ['spot'];

/** What differs between the exchanges that speak Binance's spot API. */
export interface SpotExchange extends Pick<Profile, 'id' | 'options' | 'budget'> {
  /** Weight a minute and address. Source: rateLimits of exchangeInfo. */
  weightLimit: number;
  /** Whether it has wallets besides spot, and TWAP orders. */
  hasWallets: boolean;
  readVenueActions: NonNullable<Profile['readVenueActions']>;
  auditsKey: boolean;
}

/** The profile of an exchange that has Binance's spot API. */
export function spotExchange(exchange: SpotExchange): Profile {
  const { id, options, budget, weightLimit, hasWallets, readVenueActions, auditsKey } = exchange;
  return defineExchange({
    id,
    options,
    marketEndpoints: [EXCHANGE_INFO],
    budget,
    marketKinds: KINDS,
    codeOf: binanceCodeOf,
    codes: BINANCE_CODES,
    limits: BINANCE_LIMITS,
    usageOf: binanceUsageOf(weightLimit),
    account: {
      clock: async (session) => (await session.ask(TIME)).serverTime,
      setup: async (session): Promise<ScopeGap[]> => (hasWallets ? otherWallets(session) : []),
      held: async (session) => ({ positions: [], balances: await readBalances(session) }),
      orders: async (session) => {
        const algos = hasWallets ? await readAlgoOrders(session, SPOT_ALGOS, 'spot') : { orders: [], gaps: [] };
        return { orders: [...(await readOrders(session)), ...algos.orders], gaps: algos.gaps };
      },
      positionMode: null,
      scopes: ['orders:regular:spot', 'orders:conditional:spot'],
      gaps: ({ setup, orders }) => [...setup, ...orders.gaps],
    },
    missingOrders: BINANCE_MISSING_ORDERS,
    readPrices,
    readVenueActions,
    ...(auditsKey ? { auditKey: auditBinanceKey } : {}),
  });
}

async function readBalances(session: ReadSession): Promise<Balance[]> {
  const { balances } = await session.ask(ACCOUNT);
  return session.convert(ACCOUNT, balances, ({ asset, free, locked }) => ({
    currency: session.currency(asset),
    total: addDecimals(free, locked),
  }));
}

async function readOrders(session: ReadSession): Promise<OpenOrder[]> {
  const rows = await session.ask(OPEN_ORDERS);
  return session.convert(OPEN_ORDERS, rows, async (row) => {
    const market = await session.market(row.symbol, OPEN_ORDERS, KINDS);
    const isByValue = signOf(row.origQuoteOrderQty ?? '0') > 0;
    const order: OpenOrder = {
      id: row.orderId,
      clientOrderId: row.clientOrderId,
      symbol: market.symbol,
      side: row.side === 'BUY' ? 'buy' : 'sell',
      type: row.type.toLowerCase(),
      price: isPegged(row) ? null : priceOf(row.price),
      triggerPrice: priceOf(row.stopPrice),
      amount: isByValue ? null : amountOf(session, OPEN_ORDERS, row.orderId, row.origQty, market),
      filled: normalizeDecimal(row.executedQty),
      conditional: CONDITIONAL_TYPES.test(row.type) && row.isWorking !== true,
      changedAt: timeOf(row.updateTime),
    };
    const list = row.orderListId ?? '-1';
    return list.startsWith('-') ? order : { ...order, parent: list };
  });
}

function isPegged({ pegPriceType }: OrderRow): boolean {
  return pegPriceType !== undefined && pegPriceType !== null && pegPriceType !== '' && pegPriceType !== 'NONE';
}

async function readPrices(session: ReadSession): Promise<SpotPrices> {
  const names = session.symbols();
  const symbols = new Map(session.marketIds().map((id, index) => [id, names[index]]));
  const prices = new Map<string, string>();
  for (const { symbol: id, price } of await session.ask(PRICES)) {
    const symbol = symbols.get(id);
    if (symbol !== undefined && signOf(price) > 0) prices.set(symbol, price);
  }
  return prices;
}
