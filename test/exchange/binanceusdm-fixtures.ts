import type { WireServer } from './wire-server.js';

/*
 * Answers as developers.binance.com documents them for USD-M futures ("Exchange Information", "Position Information V3",
 * "Current All Open Orders", "Current All Algo Open Orders", ...), written from that documentation alone.
 */

export const SERVER_TIME = 1_764_000_000_000;

/** A market of "Exchange Information". */
export function marketRow(id: string, base: string, quote: string, step: string, contractType = 'PERPETUAL') {
  return {
    symbol: id,
    pair: `${base}${quote}`,
    contractType,
    deliveryDate: contractType === 'PERPETUAL' ? 4_133_404_800_000 : 1_774_569_600_000,
    onboardDate: 1_569_398_400_000,
    status: 'TRADING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: base,
    quoteAsset: quote,
    marginAsset: quote,
    pricePrecision: 2,
    quantityPrecision: 3,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: ['PoW'],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10_000,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '4529764', tickSize: '0.10' },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '1000', stepSize: step },
      { filterType: 'MARKET_LOT_SIZE', minQty: step, maxQty: '120', stepSize: step },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
      { filterType: 'MIN_NOTIONAL', notional: '100' },
      { filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  };
}

export const EXCHANGE_INFO = {
  timezone: 'UTC',
  serverTime: SERVER_TIME,
  futuresType: 'U_MARGINED',
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
  exchangeFilters: [],
  assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
  symbols: [
    marketRow('BTCUSDT', 'BTC', 'USDT', '0.001'),
    marketRow('ETHUSDT', 'ETH', 'USDT', '0.001'),
    marketRow('1000PEPEUSDT', '1000PEPE', 'USDT', '1'),
    marketRow('BTCUSDC', 'BTC', 'USDC', '0.001'),
    marketRow('BTCUSDT_260327', 'BTC', 'USDT', '0.001', 'CURRENT_QUARTER'),
  ],
};

export function positionRow(symbol: string, positionAmt: string, fields: Record<string, unknown> = {}) {
  return {
    symbol,
    positionSide: 'BOTH',
    positionAmt,
    entryPrice: '60000.0',
    breakEvenPrice: '60024.0',
    markPrice: '61000.00000000',
    unRealizedProfit: '500.00000000',
    liquidationPrice: '0',
    isolatedMargin: '0',
    notional: positionAmt.startsWith('-') ? '-30500' : '30500',
    marginAsset: 'USDT',
    isolatedWallet: '0',
    initialMargin: '1525',
    maintMargin: '122',
    positionInitialMargin: '1525',
    openOrderInitialMargin: '0',
    adl: 2,
    bidNotional: '0',
    askNotional: '0',
    updateTime: SERVER_TIME - 3_600_000,
    ...fields,
  };
}

export function orderRow(symbol: string, orderId: number | string, fields: Record<string, unknown> = {}) {
  return {
    avgPrice: '0.00000',
    clientOrderId: `bot-${orderId}`,
    cumQuote: '0',
    executedQty: '0',
    orderId,
    origQty: '0.010',
    origType: 'LIMIT',
    price: '60000',
    reduceOnly: false,
    side: 'BUY',
    positionSide: 'BOTH',
    status: 'NEW',
    stopPrice: '0',
    closePosition: false,
    symbol,
    time: SERVER_TIME - 7_200_000,
    timeInForce: 'GTC',
    type: 'LIMIT',
    updateTime: SERVER_TIME - 7_200_000,
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillDate: 0,
    ...fields,
  };
}

export function algoRow(symbol: string, algoId: number | string, fields: Record<string, unknown> = {}) {
  return {
    algoId,
    clientAlgoId: `algo-${algoId}`,
    algoType: 'CONDITIONAL',
    orderType: 'STOP_MARKET',
    symbol,
    side: 'SELL',
    positionSide: 'BOTH',
    timeInForce: 'GTC',
    quantity: '0.500',
    algoStatus: 'NEW',
    actualOrderId: '',
    actualPrice: '0.00000',
    triggerPrice: '55000.00',
    price: '0.00',
    icebergQuantity: null,
    tpTriggerPrice: '0.000',
    tpPrice: '0.000',
    slTriggerPrice: '0.000',
    slPrice: '0.000',
    tpOrderType: '',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    workingType: 'CONTRACT_PRICE',
    priceMatch: 'NONE',
    closePosition: false,
    priceProtect: false,
    reduceOnly: false,
    createTime: SERVER_TIME - 7_200_000,
    updateTime: SERVER_TIME - 7_200_000,
    triggerTime: 0,
    goodTillDate: 0,
    ...fields,
  };
}

/** "Query Current Algo Open Orders" of the algo trading documentation. */
export function twapRow(symbol: string, algoId: number, fields: Record<string, unknown> = {}) {
  return {
    algoId,
    symbol,
    side: 'SELL',
    positionSide: 'BOTH',
    totalQty: '5.000',
    executedQty: '0.000',
    executedAmt: '0.00000000',
    avgPrice: '0.00',
    clientAlgoId: `twap-${algoId}`,
    bookTime: SERVER_TIME - 3_600_000,
    endTime: 0,
    algoStatus: 'WORKING',
    algoType: 'TWAP',
    urgency: 'LOW',
    ...fields,
  };
}

export function balanceRow(asset: string, balance: string) {
  return {
    accountAlias: 'SgsR',
    asset,
    balance,
    crossWalletBalance: balance,
    crossUnPnl: '23.72469206',
    availableBalance: '23.72469206',
    maxWithdrawAmount: '23.72469206',
    marginAvailable: true,
    updateTime: SERVER_TIME - 1000,
  };
}

export const PATHS = {
  exchangeInfo: '/fapi/v1/exchangeInfo',
  time: '/fapi/v1/time',
  positions: '/fapi/v3/positionRisk',
  openOrders: '/fapi/v1/openOrders',
  openAlgoOrders: '/fapi/v1/openAlgoOrders',
  positionMode: '/fapi/v1/positionSide/dual',
  order: '/fapi/v1/order',
  algoOrder: '/fapi/v1/algoOrder',
  allOrders: '/fapi/v1/allOrders',
  userTrades: '/fapi/v1/userTrades',
  balance: '/fapi/v3/balance',
  algos: '/sapi/v1/algo/futures/openOrders',
  accountInfo: '/sapi/v1/account/info',
} as const;

/** An account with a long, a short, two regular orders and a stop. */
export function serveAccount(wire: WireServer): WireServer {
  return wire
    .route(PATHS.exchangeInfo, EXCHANGE_INFO)
    .route(PATHS.time, { serverTime: SERVER_TIME })
    .route(PATHS.positions, [positionRow('BTCUSDT', '0.500'), positionRow('ETHUSDT', '-12.000')])
    .route(PATHS.openOrders, [
      orderRow('BTCUSDT', 8_389_765),
      orderRow('ETHUSDT', 8_389_766, { status: 'PARTIALLY_FILLED', executedQty: '0.004', side: 'SELL' }),
    ])
    .route(PATHS.openAlgoOrders, [algoRow('BTCUSDT', 2_148_627)])
    .route(PATHS.algos, { total: 0, orders: [] })
    .route(PATHS.positionMode, { dualSidePosition: false })
    .route(PATHS.balance, [balanceRow('USDT', '122607.35137903'), balanceRow('BNB', '0.00000000')]);
}

export function serveFlatAccount(wire: WireServer): WireServer {
  return serveAccount(wire).route(PATHS.positions, []).route(PATHS.openOrders, []).route(PATHS.openAlgoOrders, []);
}
