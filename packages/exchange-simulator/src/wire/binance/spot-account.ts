import { BinanceError } from './errors.js';
import { newest } from './history.js';
import { marketOf, signed, type Route, type SignedCall } from './route.js';
import { eight, orderRow, tradeRow } from './spot-rows.js';
import { isZero, subtractDecimals } from '@plumbline/primitives/decimal';

const DAY_MS = 86_400_000;

/**
 * Account information and history of Binance spot:
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints.
 */
export const SPOT_ACCOUNT: Route[] = [
  signed('GET', '/api/v3/account', 'USER_DATA', 20, accountInformation),
  signed('GET', '/api/v3/allOrders', 'USER_DATA', 20, allOrders),
  signed('GET', '/api/v3/myTrades', 'USER_DATA', 20, myTrades),
  signed('GET', '/api/v3/rateLimit/order', 'USER_DATA', 40, () => [
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100, count: 0 },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000, count: 0 },
  ]),
];

/** Every asset of the exchange, held or not, unless the request omits zeros. */
function accountInformation({ account, engine, key, markets, parameters }: SignedCall): unknown {
  const locked = engine.locked(account.id);
  const listed = markets.all(engine).flatMap(({ base, quote }) => [base, quote]);
  const balances = [...new Set([...listed, ...account.wallet.keys()])].toSorted().map((asset) => {
    const total = account.wallet.get(asset)?.balance ?? '0';
    const held = locked.get(asset) ?? '0';
    return { asset, free: eight(subtractDecimals(total, held)), locked: eight(held) };
  });
  const withoutZeros = parameters.flag('omitZeroBalances');
  return {
    makerCommission: 2,
    takerCommission: 4,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: eight('0.0002'), taker: eight('0.0004'), buyer: eight('0'), seller: eight('0') },
    canTrade: key.canTrade,
    canWithdraw: key.canWithdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: Math.max(0, ...[...account.wallet.values()].map(({ updatedAt }) => updatedAt)),
    accountType: 'SPOT',
    balances: balances.filter(({ free, locked: held }) => !withoutZeros || !isZero(free) || !isZero(held)),
    permissions: ['SPOT'],
    uid: 354_937_868,
  };
}

/** From an order id on, oldest first, or the newest of the requested time. */
function allOrders(call: SignedCall): unknown {
  const market = marketOf(call);
  const orders = call.account.allOrders().filter(({ symbol }) => symbol === market.symbol);
  const from = call.parameters.integer('orderId');
  const chosen =
    from === undefined
      ? newest(
          withinDay(orders, call, ({ createdAt }) => createdAt),
          call,
        )
      : firstOf(
          orders.filter(({ id }) => Number(id) >= from),
          call,
        );
  return chosen.map((order) => orderRow(order, market));
}

function myTrades(call: SignedCall): unknown {
  const market = marketOf(call);
  const orderId = call.parameters.integer('orderId');
  const trades = call.account.trades
    .filter(({ symbol }) => symbol === market.symbol)
    .filter((trade) => orderId === undefined || Number(trade.orderId) === orderId);
  const from = call.parameters.integer('fromId');
  const chosen =
    from === undefined
      ? newest(
          withinDay(trades, call, ({ at }) => at),
          call,
        )
      : firstOf(
          trades.filter(({ id }) => Number(id) >= from),
          call,
        );
  return chosen.map((trade) => tradeRow(trade, market, call.account.findOrder({ id: trade.orderId })?.listId ?? null));
}

function firstOf<T>(rows: readonly T[], call: SignedCall): T[] {
  return rows.slice(0, Math.min(call.parameters.integer('limit') ?? 500, 1_000));
}

/** Rows of the requested time, which may span at most a day; all rows if no time was requested. */
function withinDay<T>(rows: readonly T[], { parameters }: SignedCall, timeOf: (row: T) => number): T[] {
  const start = parameters.integer('startTime') ?? 0;
  const end = parameters.integer('endTime') ?? Number.MAX_SAFE_INTEGER;
  if (parameters.has('startTime') && parameters.has('endTime') && end - start > DAY_MS) {
    throw new BinanceError(400, -1127, 'More than 24 hours between startTime and endTime.');
  }
  return rows.filter((row) => timeOf(row) >= start && timeOf(row) <= end);
}
