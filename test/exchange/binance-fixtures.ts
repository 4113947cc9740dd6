import type { WireServer } from './wire-server.js';

/* Answers as developers.binance.com documents them for spot ("Exchange information", "Account information", ...). */

export const SERVER_TIME = 1_764_000_000_000;

/** A market of "Exchange Information". */
export function marketRow(id: string, base: string, quote: string, step: string) {
  return {
    symbol: id,
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: true,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000.00000000', stepSize: step },
    ],
    permissions: [],
    permissionSets: [['SPOT', 'MARGIN']],
  };
}

export const EXCHANGE_INFO = {
  timezone: 'UTC',
  serverTime: SERVER_TIME,
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 }],
  exchangeFilters: [],
  symbols: [
    marketRow('BTCUSDT', 'BTC', 'USDT', '0.00001000'),
    marketRow('ETHUSDT', 'ETH', 'USDT', '0.00010000'),
    marketRow('SHIBUSDT', 'SHIB', 'USDT', '1.00'),
  ],
};

export const ACCOUNT = {
  makerCommission: 10,
  takerCommission: 10,
  canTrade: true,
  canWithdraw: true,
  canDeposit: true,
  updateTime: SERVER_TIME - 1000,
  accountType: 'SPOT',
  balances: [
    { asset: 'BTC', free: '0.10000000', locked: '0.20000000' },
    { asset: 'USDT', free: '1000.00000001', locked: '0.00000000' },
    { asset: 'ETH', free: '0.00000000', locked: '0.00000000' },
  ],
  permissions: ['SPOT'],
  uid: 354_937_868,
};

export function orderRow(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    symbol,
    orderId,
    orderListId: -1,
    clientOrderId: `bot-${orderId}`,
    price: '60000.00000000',
    origQty: '0.01000000',
    executedQty: '0.00000000',
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: '0.00000000',
    status: 'NEW',
    timeInForce: 'GTC',
    type: 'LIMIT',
    side: 'BUY',
    stopPrice: '0.00000000',
    icebergQty: '0.00000000',
    time: SERVER_TIME - 7_200_000,
    updateTime: SERVER_TIME - 7_200_000,
    isWorking: true,
    workingTime: SERVER_TIME - 7_200_000,
    selfTradePreventionMode: 'NONE',
    ...fields,
  };
}

/** As "Query User Wallet Balance" shows them. */
export const WALLETS = [
  'Spot',
  'Funding',
  'Cross Margin',
  'Isolated Margin',
  'USDⓈ-M Futures',
  'COIN-M Futures',
  'Earn',
  'Options',
  'Trading Bots',
].map((walletName) => ({ activate: true, balance: walletName === 'Spot' ? '0.31666673' : '0', walletName }));

export const PRICES = [
  { symbol: 'BTCUSDT', price: '60000.00000000' },
  { symbol: 'ETHUSDT', price: '3000.00000000' },
  { symbol: 'SHIBUSDT', price: '0.00001000' },
];

export const PATHS = {
  exchangeInfo: '/api/v3/exchangeInfo',
  time: '/api/v3/time',
  account: '/api/v3/account',
  openOrders: '/api/v3/openOrders',
  order: '/api/v3/order',
  allOrders: '/api/v3/allOrders',
  myTrades: '/api/v3/myTrades',
  apiRestrictions: '/sapi/v1/account/apiRestrictions',
  wallets: '/sapi/v1/asset/wallet/balance',
  algos: '/sapi/v1/algo/spot/openOrders',
  prices: '/api/v3/ticker/price',
} as const;

/** An account with two assets, a limit order and both legs of an OCO. */
export function serveAccount(wire: WireServer): WireServer {
  return wire
    .route(PATHS.exchangeInfo, EXCHANGE_INFO)
    .route(PATHS.time, { serverTime: SERVER_TIME })
    .route(PATHS.account, ACCOUNT)
    .route(PATHS.wallets, WALLETS)
    .route(PATHS.algos, { total: 0, orders: [] })
    .route(PATHS.prices, PRICES)
    .route(PATHS.openOrders, [
      orderRow('BTCUSDT', 28, { status: 'PARTIALLY_FILLED', executedQty: '0.00400000' }),
      orderRow('ETHUSDT', 29, { orderListId: 7, side: 'SELL', type: 'LIMIT_MAKER', price: '4000.00000000' }),
      orderRow('ETHUSDT', 30, {
        orderListId: 7,
        side: 'SELL',
        type: 'STOP_LOSS_LIMIT',
        price: '2990.00000000',
        stopPrice: '3000.00000000',
        isWorking: false,
      }),
    ]);
}
