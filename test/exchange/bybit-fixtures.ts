import type { WireRequest, WireServer } from './wire-server.js';

/* Answers as bybit-exchange.github.io/docs/v5 documents them, for a unified trading account. */

export const SERVER_TIME = 1_764_000_000_000;

export function answer(result: unknown) {
  return { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: SERVER_TIME };
}

export function contract(
  symbol: string,
  base: string,
  quote: string,
  settle: string,
  qtyStep: string,
  minOrderQty: string,
) {
  return {
    symbol,
    contractType: settle === base ? 'InversePerpetual' : 'LinearPerpetual',
    status: 'Trading',
    baseCoin: base,
    quoteCoin: quote,
    settleCoin: settle,
    launchTime: '1585526400000',
    deliveryTime: '0',
    priceScale: '2',
    leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' },
    priceFilter: { minPrice: '0.10', maxPrice: '1999999.80', tickSize: '0.10' },
    lotSizeFilter: { maxOrderQty: '1190.000', minOrderQty, qtyStep, minNotionalValue: '5' },
    unifiedMarginTrade: true,
  };
}

export function spotPair(symbol: string, base: string, quote: string) {
  return {
    symbol,
    baseCoin: base,
    quoteCoin: quote,
    status: 'Trading',
    marginTrading: 'utaOnly',
    lotSizeFilter: {
      basePrecision: '0.000001',
      quotePrecision: '0.0000001',
      minOrderQty: '0.000011',
      maxOrderQty: '83',
    },
    priceFilter: { tickSize: '0.01' },
  };
}

const INSTRUMENTS: Record<string, object[]> = {
  linear: [
    contract('BTCUSDT', 'BTC', 'USDT', 'USDT', '0.001', '0.001'),
    contract('ETHUSDT', 'ETH', 'USDT', 'USDT', '0.01', '0.01'),
    contract('BTCPERP', 'BTC', 'USDC', 'USDC', '0.001', '0.001'),
  ],
  // A smallest order that is not one contract: ccxt takes it for the contract size.
  inverse: [contract('BTCUSD', 'BTC', 'USD', 'BTC', '1', '5')],
  spot: [spotPair('BTCUSDT', 'BTC', 'USDT')],
};

export function instruments({ query }: Pick<WireRequest, 'query'>) {
  const category = query.get('category') ?? '';
  const none = query.get('status') === 'PreLaunch' || query.has('cursor');
  return answer({ category, nextPageCursor: '', list: none ? [] : INSTRUMENTS[category] });
}

export function positionRow(symbol: string, side: string, size: string, fields: Record<string, unknown> = {}) {
  return {
    positionIdx: 0,
    riskId: 1,
    symbol,
    side,
    size,
    avgPrice: '60000',
    positionValue: '30000',
    tradeMode: 0,
    positionStatus: 'Normal',
    leverage: '10',
    markPrice: '61000',
    liqPrice: '',
    createdTime: '1676538056258',
    updatedTime: String(SERVER_TIME - 3_600_000),
    seq: 5_723_621_632,
    ...fields,
  };
}

export function orderRow(symbol: string, orderId: string, fields: Record<string, unknown> = {}) {
  return {
    orderId,
    orderLinkId: `bot-${orderId}`,
    symbol,
    price: '60000',
    qty: '0.010',
    side: 'Buy',
    positionIdx: 0,
    orderStatus: 'New',
    createType: 'CreateByUser',
    cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError',
    avgPrice: '',
    leavesQty: '0.010',
    cumExecQty: '0.000',
    cumExecValue: '0',
    timeInForce: 'GTC',
    orderType: 'Limit',
    stopOrderType: '',
    triggerPrice: '',
    triggerDirection: 0,
    reduceOnly: false,
    closeOnTrigger: false,
    createdTime: String(SERVER_TIME - 7_200_000),
    updatedTime: String(SERVER_TIME - 7_200_000),
    ...fields,
  };
}

/** The documented answer has no time. */
export function accountInfo(unifiedMarginStatus: number) {
  const result = { unifiedMarginStatus, marginMode: 'REGULAR_MARGIN', updatedTime: '1697078946000' };
  return { retCode: 0, retMsg: 'OK', result };
}

export const PATHS = {
  instruments: '/v5/market/instruments-info',
  time: '/v5/market/time',
  positions: '/v5/position/list',
  orders: '/v5/order/realtime',
  history: '/v5/order/history',
  executions: '/v5/execution/list',
  wallet: '/v5/account/wallet-balance',
  accountInfo: '/v5/account/info',
  apiKey: '/v5/user/query-api',
  log: '/v5/account/transaction-log',
  tickers: '/v5/market/tickers',
} as const;

export interface AccountRows {
  /** By category, for linear also by settle coin: "linear USDT". */
  positions: Record<string, object[]>;
  orders: Record<string, object[]>;
  coins: object[];
}

export const NO_ROWS: AccountRows = {
  positions: {
    'linear USDT': [positionRow('BTCUSDT', 'Buy', '0.500'), positionRow('ETHUSDT', 'Sell', '12.00')],
    'linear USDC': [positionRow('BTCPERP', 'Sell', '0.100')],
    inverse: [positionRow('BTCUSD', 'Sell', '1000')],
  },
  orders: {
    'linear USDT': [
      orderRow('BTCUSDT', 'a1', { orderStatus: 'PartiallyFilled', cumExecQty: '0.004' }),
      orderRow('BTCUSDT', 'a2', {
        orderStatus: 'Untriggered',
        orderType: 'Market',
        price: '0',
        triggerPrice: '55000.00',
        stopOrderType: 'Stop',
        side: 'Sell',
      }),
      orderRow('BTCUSDT', 'a3', {
        orderStatus: 'Untriggered',
        orderType: 'Market',
        price: '',
        qty: '0',
        triggerPrice: '70000',
        stopOrderType: 'TakeProfit',
        side: 'Sell',
        closeOnTrigger: true,
        reduceOnly: true,
        orderLinkId: '',
      }),
    ],
    'linear USDC': [orderRow('BTCPERP', 'b1')],
    inverse: [orderRow('BTCUSD', 'c1', { qty: '100' })],
    spot: [orderRow('BTCUSDT', 'd1', { qty: '0.000011', price: '59999.99' })],
  },
  coins: [
    { coin: 'USDT', walletBalance: '1000.10000000' },
    { coin: 'BTC', walletBalance: '0.30000000' },
    { coin: 'ETH', walletBalance: '0' },
  ],
};

/** Serves lists in pages as Bybit does: a cursor, encoded for a query, with every page that has rows. */
export function page(rows: readonly object[], { query }: Pick<WireRequest, 'query'>) {
  const from = Number(query.get('cursor')?.replace('page_token=', '') ?? 0);
  const list = rows.slice(from, from + Number(query.get('limit') ?? 20));
  const nextPageCursor = list.length === 0 ? '' : `page_token%3D${from + list.length}`;
  return answer({ category: query.get('category'), nextPageCursor, list });
}

export function keyOf({ query }: Pick<WireRequest, 'query'>): string {
  return [query.get('category'), query.get('settleCoin')].filter(Boolean).join(' ');
}

export function serveAccount(wire: WireServer, rows: AccountRows = NO_ROWS): WireServer {
  return wire
    .route(PATHS.instruments, instruments)
    .route(PATHS.time, answer({ timeSecond: '1764000000', timeNano: '1764000000000000000' }))
    .route(PATHS.accountInfo, accountInfo(5))
    .route(PATHS.tickers, answer({ category: 'spot', list: [{ symbol: 'BTCUSDT', lastPrice: '61000' }] }))
    .route(PATHS.positions, (request: WireRequest) => page(rows.positions[keyOf(request)] ?? [], request))
    .route(PATHS.orders, (request: WireRequest) => page(rows.orders[keyOf(request)] ?? [], request))
    .route(PATHS.wallet, answer({ list: [{ accountType: 'UNIFIED', totalEquity: '1', coin: rows.coins }] }));
}
